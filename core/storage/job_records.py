"""What people see of a job: its state, its progress, its outcome. Who runs it is core.jobs' business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from core.errors import NotFound
from core.storage.tables import jobs

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
OPEN_STATES = (WAITING, RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A failed job is a dead letter: it stays with its error and remedy until somebody redrives it.

    `run` counts the redrives, `attempts` the starts of this run, `done` of `total` is the progress.
    `started_at` is of the present start; a job that waits again has none. Of equal priority the first in
    `arrived_at` goes first, but none before its `not_before`. `retries` counts the starts anew after what the
    moment broke, `cuts` the workers that ended in the middle of it. While it runs, `worker` has it, and
    `claim` is the proof.
    """

    id: str
    workspace: str
    kind: str
    title: str
    request: dict[str, Any]
    priority: int
    author: str
    created_at: datetime
    state: str = WAITING
    run: int = 0
    attempts: int = 0
    done: int = 0
    total: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    remedy: str | None = None
    cancel_requested: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    arrived_at: datetime | None = None
    not_before: datetime | None = None
    retries: int = 0
    cuts: int = 0
    worker: str | None = None
    claim: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


_COLUMNS = [jobs.c[name] for name in JobRecord.__dataclass_fields__]


class JobRecords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: JobRecord) -> None:
        arrived = {"arrived_at": job.arrived_at or job.created_at}
        self._connection.execute(jobs.insert().values(asdict(job) | arrived))

    def get(self, job: str, workspace: str | None = None) -> JobRecord:
        """Raises NotFound; the worker asks without a workspace, people always with theirs."""
        found = self.find(job, workspace)
        if found is None:
            raise NotFound("There is no such job.", remedy="Look at the list of jobs.")
        return found

    def find(self, job: str, workspace: str | None = None) -> JobRecord | None:
        """The same; None for a job that is not there."""
        query = select(*_COLUMNS).where(jobs.c.id == job)
        if workspace is not None:
            query = query.where(jobs.c.workspace == workspace)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else JobRecord(**row)

    def latest(
        self, workspace: str, *, states: Sequence[str] = (), kind: str | None = None, limit: int = 50
    ) -> list[JobRecord]:
        """Newest first."""
        query = select(*_COLUMNS).where(jobs.c.workspace == workspace)
        if states:
            query = query.where(jobs.c.state.in_(states))
        if kind:
            query = query.where(jobs.c.kind == kind)
        ordered = query.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
        return [JobRecord(**row) for row in self._connection.execute(ordered).mappings()]

    def all_open(self) -> list[JobRecord]:
        """The unfinished jobs of all workspaces, oldest first: what a start has to make sure of."""
        query = select(*_COLUMNS).where(jobs.c.state.in_(OPEN_STATES)).order_by(jobs.c.created_at, jobs.c.id)
        return [JobRecord(**row) for row in self._connection.execute(query).mappings()]

    def counts(self) -> dict[str, int]:
        """Jobs by state over all workspaces."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def progress(self, job: str, done: int, total: int, *, claim: str | None = None) -> bool:
        """With a claim: only while the job is held by it; whether it is."""
        return self._update(job, claim, done=done, total=total)

    def finish(self, job: str, result: dict[str, Any], *, claim: str | None = None) -> bool:
        return self._end(job, claim, state=DONE, result=result, error=None, remedy=None)

    def fail(self, job: str, error: str, remedy: str, *, claim: str | None = None) -> bool:
        return self._end(job, claim, state=FAILED, error=error, remedy=remedy)

    def cancel(self, job: str, *, claim: str | None = None) -> bool:
        return self._end(job, claim, state=CANCELLED)

    def cancel_waiting(self, job: str) -> bool:
        """Cancel it unless it has started; whether it was waiting."""
        changed = self._connection.execute(
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state == WAITING)
            .values(state=CANCELLED, cancel_requested=True, finished_at=datetime.now(UTC))
        )
        return changed.rowcount == 1

    def request_cancel(self, job: str) -> None:
        self._update(job, None, cancel_requested=True)

    def move(self, job: str, priority: int) -> bool:
        """Give a waiting job another priority; it keeps its arrival. False when it does not wait."""
        changed = self._connection.execute(
            update(jobs).where(jobs.c.id == job, jobs.c.state == WAITING).values(priority=priority)
        )
        return changed.rowcount == 1

    def redrive(self, job: str) -> bool:
        """Make a failed or cancelled job wait again as a new run. False when it was neither."""
        changed = self._connection.execute(
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state.in_((FAILED, CANCELLED)))
            .values(
                state=WAITING,
                run=jobs.c.run + 1,
                attempts=0,
                done=0,
                error=None,
                remedy=None,
                cancel_requested=False,
                started_at=None,
                finished_at=None,
                arrived_at=datetime.now(UTC),
                not_before=None,
                retries=0,
                cuts=0,
            )
        )
        return changed.rowcount == 1

    def _end(self, job: str, claim: str | None, **values: Any) -> bool:
        return self._update(job, claim, finished_at=datetime.now(UTC), worker=None, claim=None, **values)

    def _update(self, job: str, held_by: str | None, **values: Any) -> bool:
        query = update(jobs).where(jobs.c.id == job)
        if held_by is not None:
            query = query.where(jobs.c.claim == held_by)
        return self._connection.execute(query.values(values)).rowcount == 1
