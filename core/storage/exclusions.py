"""Passages that people left out of the findings, each with a reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from core.errors import NotFound
from core.storage.tables import exclusions


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """`digest` names the words of the passage; `excerpt` shows them to people."""

    id: str
    digest: str
    excerpt: str
    reason: str
    note: str
    author: str
    created_at: datetime


_COLUMNS = [exclusions.c[name] for name in Exclusion.__dataclass_fields__]


class Exclusions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, exclusion: Exclusion) -> None:
        self._connection.execute(exclusions.insert().values(asdict(exclusion) | {"workspace": workspace}))

    def current(self, workspace: str) -> list[Exclusion]:
        """Those in force, newest first."""
        query = select(*_COLUMNS).where(
            exclusions.c.workspace == workspace, exclusions.c.revoked_at.is_(None)
        )
        newest_first = query.order_by(exclusions.c.created_at.desc(), exclusions.c.id)
        return [Exclusion(**row) for row in self._connection.execute(newest_first).mappings()]

    def revoke(self, workspace: str, exclusion: str) -> None:
        """Raises NotFound for one that is not in force."""
        statement = update(exclusions).where(
            exclusions.c.workspace == workspace,
            exclusions.c.id == exclusion,
            exclusions.c.revoked_at.is_(None),
        )
        if not self._connection.execute(statement.values(revoked_at=datetime.now(UTC))).rowcount:
            raise NotFound("This passage is not left out.", remedy="Load the page again.")
