"""What an analysis found beyond pairs of similar texts, one body of bytes for each kind of finding."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.storage.tables import analyses, findings
from core.storage.workspaces import insert_ignoring


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFindings:
    """`body` is opaque here."""

    kind: str
    num_findings: int
    seconds: float
    body: bytes


class Findings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, analysis: str, found: StoredFindings) -> None:
        """Keep them; what is there already under the analysis and kind stays."""
        values = {
            "workspace": workspace,
            "analysis": analysis,
            "kind": found.kind,
            "num_findings": found.num_findings,
            "seconds": found.seconds,
            "body": found.body,
        }
        self._connection.execute(insert_ignoring(self._connection, findings).values(values))

    def find(self, workspace: str, analysis: str, kind: str) -> StoredFindings | None:
        """None where the analysis did not look for this kind."""
        query = select(findings.c.kind, findings.c.num_findings, findings.c.seconds, findings.c.body).where(
            findings.c.workspace == workspace, findings.c.analysis == analysis, findings.c.kind == kind
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else StoredFindings(**row)

    def newest(self, workspace: str, kind: str) -> StoredFindings | None:
        """Those of the newest analysis that looked for this kind."""
        query = (
            select(findings.c.kind, findings.c.num_findings, findings.c.seconds, findings.c.body)
            .join(analyses, analyses.c.id == findings.c.analysis)
            .where(findings.c.workspace == workspace, findings.c.kind == kind)
            .order_by(analyses.c.created_at.desc(), analyses.c.id)
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else StoredFindings(**row)

    def counts(self, workspace: str, analysis: str) -> dict[str, int]:
        """How many there are of each kind that was looked for."""
        query = select(findings.c.kind, findings.c.num_findings).where(
            findings.c.workspace == workspace, findings.c.analysis == analysis
        )
        return {row.kind: row.num_findings for row in self._connection.execute(query)}
