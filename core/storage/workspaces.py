"""Workspaces: the boundary of rights."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.tables import workspaces


def insert_ignoring(connection: Connection, table: object) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves an existing row alone; both databases write it the same way."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()  # type: ignore[arg-type]


class Workspaces:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ensure(self, workspace: str, name: str) -> None:
        """Make the workspace unless it exists."""
        self._connection.execute(
            insert_ignoring(self._connection, workspaces).values(
                id=workspace, name=name, created_at=datetime.now(UTC)
            )
        )

    def mark_sampled(self, workspace: str) -> bool:
        """Note that the sample library was put in. True for the first caller only."""
        changed = self._connection.execute(
            update(workspaces)
            .where(workspaces.c.id == workspace, workspaces.c.sampled_at.is_(None))
            .values(sampled_at=datetime.now(UTC))
        )
        return changed.rowcount == 1

    def is_sampled(self, workspace: str) -> bool:
        return (
            self._connection.scalar(select(workspaces.c.sampled_at).where(workspaces.c.id == workspace))
            is not None
        )
