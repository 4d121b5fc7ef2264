"""Workspaces: the boundary of rights."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.tables import workspaces


def insert_ignoring(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves an existing row alone; both databases write it the same way."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


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

    def mark_sampled(self, workspace: str) -> None:
        """Note that the sample library was put in."""
        marked = update(workspaces).where(workspaces.c.id == workspace).values(sampled_at=datetime.now(UTC))
        self._connection.execute(marked)

    def is_sampled(self, workspace: str) -> bool:
        return (
            self._connection.scalar(select(workspaces.c.sampled_at).where(workspaces.c.id == workspace))
            is not None
        )

    def first_made_at(self) -> datetime | None:
        """When the oldest workspace was made, and with it the database."""
        moment: datetime | None = self._connection.scalar(select(func.min(workspaces.c.created_at)))
        return moment
