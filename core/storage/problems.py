"""Files that could not be taken in: one row each, with the reason and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, update

from core.storage.tables import problems
from core.storage.workspaces import insert_ignoring


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    id: str
    job: str
    name: str
    code: str
    message: str
    remedy: str
    created_at: datetime


_COLUMNS = [problems.c[name] for name in FileProblem.__dataclass_fields__]


class Problems:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, problem: FileProblem) -> None:
        """Keep the problem; an id that is already there changes nothing."""
        self._connection.execute(
            insert_ignoring(self._connection, problems).values(asdict(problem) | {"workspace": workspace})
        )

    def open(self, workspace: str, *, limit: int = 500) -> list[FileProblem]:
        """Those nobody has dismissed, newest first."""
        query = (
            select(*_COLUMNS)
            .where(problems.c.workspace == workspace, problems.c.dismissed_at.is_(None))
            .order_by(problems.c.created_at.desc(), problems.c.name)
            .limit(limit)
        )
        return [FileProblem(**row) for row in self._connection.execute(query).mappings()]

    def num_open(self, workspace: str) -> int:
        return (
            self._connection.scalar(
                select(func.count())
                .select_from(problems)
                .where(problems.c.workspace == workspace, problems.c.dismissed_at.is_(None))
            )
            or 0
        )

    def of_job(self, job: str) -> int:
        return (
            self._connection.scalar(select(func.count()).select_from(problems).where(problems.c.job == job))
            or 0
        )

    def dismiss(self, workspace: str) -> int:
        """Put all open problems aside; they stay in the table."""
        statement = update(problems).where(
            problems.c.workspace == workspace, problems.c.dismissed_at.is_(None)
        )
        return self._connection.execute(statement.values(dismissed_at=datetime.now(UTC))).rowcount
