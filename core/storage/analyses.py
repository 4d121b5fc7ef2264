"""What an analysis found: the pairs at the floor, kept whole so that any threshold above it is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.storage.tables import analyses
from core.storage.workspaces import insert_ignoring


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnalysis:
    """`documents` are ids in the order in which `pairs` counts them; `fingerprint` names that set."""

    id: str
    floor: float
    fingerprint: str
    documents: tuple[str, ...]
    pairs: bytes
    num_pairs: int
    seconds: float
    created_at: datetime


class Analyses:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, analysis: StoredAnalysis) -> None:
        """Keep the analysis; an id that is already there changes nothing."""
        self._connection.execute(
            insert_ignoring(self._connection, analyses).values(
                id=analysis.id,
                workspace=workspace,
                floor=analysis.floor,
                fingerprint=analysis.fingerprint,
                documents=list(analysis.documents),
                pairs=analysis.pairs,
                num_pairs=analysis.num_pairs,
                seconds=analysis.seconds,
                created_at=analysis.created_at,
            )
        )

    def latest_id(self, workspace: str) -> str | None:
        query = select(analyses.c.id).where(analyses.c.workspace == workspace)
        return self._connection.scalar(query.order_by(analyses.c.created_at.desc(), analyses.c.id).limit(1))

    def get(self, workspace: str, analysis: str) -> StoredAnalysis | None:
        columns = [analyses.c[name] for name in StoredAnalysis.__dataclass_fields__]
        row = (
            self._connection.execute(
                select(*columns).where(analyses.c.workspace == workspace, analyses.c.id == analysis)
            )
            .mappings()
            .one_or_none()
        )
        return None if row is None else StoredAnalysis(**{**row, "documents": tuple(row["documents"])})
