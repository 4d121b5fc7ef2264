"""Which processes run jobs, and when each was last seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.storage.tables import workers


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """One life of a worker: a start under the same name is another row.

    `host` names the machine and what of it the process sees, so that `pid` means something to those there.
    """

    id: str
    name: str
    host: str
    pid: int
    places: int
    started_at: datetime
    seen_at: datetime


_COLUMNS = [workers.c[name] for name in WorkerRow.__dataclass_fields__]


class Workers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, worker: WorkerRow) -> None:
        self._connection.execute(workers.insert().values(asdict(worker)))

    def beat(self, worker: str, moment: datetime) -> bool:
        """Say that it lives; False when it was given up, and its jobs with it."""
        seen = update(workers).where(workers.c.id == worker).values(seen_at=moment)
        return self._connection.execute(seen).rowcount == 1

    def remove(self, worker: str, seen_at: datetime | None = None) -> bool:
        """Forget it; with `seen_at` only if it was not seen since. Of several who try, one is told True."""
        query = delete(workers).where(workers.c.id == worker)
        if seen_at is not None:
            query = query.where(workers.c.seen_at == seen_at)
        return self._connection.execute(query).rowcount == 1

    def all(self) -> list[WorkerRow]:
        rows = self._connection.execute(select(*_COLUMNS).order_by(workers.c.started_at)).mappings()
        return [WorkerRow(**row) for row in rows]
