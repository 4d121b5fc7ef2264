"""What an analysis found: the pairs at the floor, kept whole so that any threshold above it is free."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.errors import NotFound
from core.storage.tables import analyses
from core.storage.workspaces import insert_ignoring


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSummary:
    """`fingerprint` names the set of documents that was compared."""

    id: str
    floor: float
    fingerprint: str
    num_pairs: int
    seconds: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAnalysis:
    """`documents` are ids in the order in which `pairs` (an encoded PairTable) counts them."""

    summary: AnalysisSummary
    documents: tuple[str, ...]
    pairs: bytes


_SUMMARY = [analyses.c[name] for name in AnalysisSummary.__dataclass_fields__]


class Analyses:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, analysis: StoredAnalysis) -> None:
        """Keep the analysis; an id that is already there changes nothing."""
        self._connection.execute(
            insert_ignoring(self._connection, analyses).values(
                asdict(analysis.summary)
                | {"workspace": workspace, "documents": list(analysis.documents), "pairs": analysis.pairs}
            )
        )

    def latest(self, workspace: str) -> AnalysisSummary | None:
        """The newest analysis without its pairs; None before the first."""
        query = select(*_SUMMARY).where(analyses.c.workspace == workspace)
        newest = query.order_by(analyses.c.created_at.desc(), analyses.c.id).limit(1)
        row = self._connection.execute(newest).mappings().one_or_none()
        return None if row is None else AnalysisSummary(**row)

    def get(self, workspace: str, analysis: str) -> StoredAnalysis:
        """Raises NotFound."""
        query = select(*_SUMMARY, analyses.c.documents, analyses.c.pairs).where(
            analyses.c.workspace == workspace, analyses.c.id == analysis
        )
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such analysis.", remedy="Analyse the library again.")
        values = dict(row)
        documents, pairs = values.pop("documents"), values.pop("pairs")
        return StoredAnalysis(AnalysisSummary(**values), tuple(documents), pairs)
