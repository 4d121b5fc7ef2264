"""Work that comes again: what is handed in as a job, and when it is next due."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.storage.tables import schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """`cron` has five fields, read in `time_zone` (an IANA name). `next_at` is None while it is off."""

    id: str
    workspace: str
    name: str
    cron: str
    time_zone: str
    kind: str
    title: str
    priority: int
    author: str
    changed_at: datetime
    request: dict[str, Any] = field(default_factory=dict)
    is_on: bool = True
    next_at: datetime | None = None
    last_job: str | None = None
    last_at: datetime | None = None


_COLUMNS = [schedules.c[name] for name in StoredSchedule.__dataclass_fields__]


class Schedules:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, workspace: str) -> list[StoredSchedule]:
        """By name."""
        query = select(*_COLUMNS).where(schedules.c.workspace == workspace).order_by(schedules.c.name)
        return [StoredSchedule(**row) for row in self._connection.execute(query).mappings()]

    def get(self, workspace: str, schedule: str) -> StoredSchedule:
        """Raises NotFound."""
        query = select(*_COLUMNS).where(schedules.c.workspace == workspace, schedules.c.id == schedule)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such schedule.", remedy="Look at the list of schedules.")
        return StoredSchedule(**row)

    def add(self, schedule: StoredSchedule) -> None:
        """Raises Conflict for a name that the workspace has already."""
        try:
            with self._connection.begin_nested():
                self._connection.execute(schedules.insert().values(asdict(schedule)))
        except IntegrityError as error:
            raise _taken() from error

    def replace(self, schedule: StoredSchedule) -> None:
        """Put it in the place of the one with its id. Raises Conflict for a name that another has."""
        its_row = update(schedules).where(
            schedules.c.workspace == schedule.workspace, schedules.c.id == schedule.id
        )
        try:
            with self._connection.begin_nested():
                self._connection.execute(its_row.values(asdict(schedule)))
        except IntegrityError as error:
            raise _taken() from error

    def remove(self, workspace: str, schedule: str) -> bool:
        query = delete(schedules).where(schedules.c.workspace == workspace, schedules.c.id == schedule)
        return self._connection.execute(query).rowcount == 1

    def due(self, moment: datetime) -> list[StoredSchedule]:
        """Of all workspaces those whose time has come, the oldest first."""
        query = (
            select(*_COLUMNS)
            .where(schedules.c.is_on, schedules.c.next_at <= moment)
            .order_by(schedules.c.next_at, schedules.c.id)
        )
        return [StoredSchedule(**row) for row in self._connection.execute(query).mappings()]

    def mark_run(
        self, schedule: StoredSchedule, job: str | None, moment: datetime | None, next_at: datetime | None
    ) -> bool:
        """Note its run. False when somebody else has, or when it was changed meanwhile."""
        query = update(schedules).where(
            schedules.c.id == schedule.id,
            schedules.c.next_at == schedule.next_at,
            schedules.c.changed_at == schedule.changed_at,
        )
        values = {"last_job": job, "last_at": moment, "next_at": next_at}
        return self._connection.execute(query.values(values)).rowcount == 1

    def note_run(self, schedule: str, job: str, moment: datetime) -> None:
        """Note a run out of turn."""
        query = update(schedules).where(schedules.c.id == schedule)
        self._connection.execute(query.values(last_job=job, last_at=moment))


def _taken() -> Conflict:
    return Conflict("The workspace has a schedule of this name already.", remedy="Choose another name.")
