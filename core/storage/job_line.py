"""The line in which jobs wait: which one starts next, who holds it, and how it comes back.

A start holds its job by a claim, a token of its own. What the start writes counts only while the token is the
job's, so a worker that was taken for dead and wakes up changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, func, or_, select, text, update

from core.storage.job_records import DONE, FAILED, RUNNING, WAITING, JobRecord
from core.storage.queues import OPEN, STOPPED
from core.storage.tables import jobs, queues, workers

LINE_LOCK = 0x4C494E45
"""On PostgreSQL whoever takes from the line, or holds it up, does so alone. SQLite has one writer anyway."""
FRONT = 500
"""Of a longer line only so many are looked at when somebody asks what comes next."""

_COLUMNS = [jobs.c[name] for name in JobRecord.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class Word:
    """What a start is told when it asks: who holds the job now, and what people want of it."""

    claim: str | None
    is_cancelled: bool
    is_stopped: bool


class JobLine:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Wait until nobody else takes from the line; theirs and ours are then one after the other."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LINE_LOCK})

    def has_next(self, kinds: Collection[str]) -> bool:
        """Whether a job of these kinds could start. Needs no lock."""
        return self._connection.execute(self._ready(kinds).limit(1)).first() is not None

    def take(self, worker: str | None, places: int, room: Mapping[str, int]) -> list[JobRecord]:
        """Start the next jobs, at most `places`, and of each kind at most `room`; most urgent first.

        Jobs of other kinds stay for a worker that knows them.
        """
        self.lock()
        left = dict(room)
        taken: list[JobRecord] = []
        while len(taken) < places:
            kinds = [kind for kind, num_left in left.items() if num_left > 0]
            found = self._connection.execute(self._ready(kinds).limit(1)).mappings().first()
            if found is None:
                break
            taken.append(self._start(JobRecord(**found), worker))
            left[found["kind"]] -= 1
        return taken

    def take_one(self, job: str, worker: str | None) -> JobRecord | None:
        """Start this job, whatever stands before it. None unless it waits and its workspace is open."""
        self.lock()
        found = self._connection.execute(self._waiting().where(jobs.c.id == job)).mappings().first()
        return None if found is None else self._start(JobRecord(**found), worker)

    def word(self, job: str) -> Word:
        """What is known of the job; nothing and nobody for one that is not there."""
        query = (
            select(jobs.c.claim, jobs.c.cancel_requested, queues.c.state)
            .outerjoin(queues, queues.c.workspace == jobs.c.workspace)
            .where(jobs.c.id == job)
        )
        row = self._connection.execute(query).first()
        return Word(None, False, False) if row is None else Word(row[0], row[1], row[2] == STOPPED)

    def give_back(
        self, job: str, claim: str | None, *, not_before: datetime | None = None, is_retry: bool = False
    ) -> bool:
        """Let it wait again in its old place; False when the claim does not hold it any more."""
        again = _again(not_before=not_before, retries=jobs.c.retries + int(is_retry))
        changed = self._connection.execute(
            update(jobs).where(jobs.c.id == job, jobs.c.claim == claim).values(again)
        )
        return changed.rowcount == 1

    def give_back_all(self, worker: str) -> int:
        """The same for all that a worker holds; how many."""
        held = update(jobs).where(jobs.c.worker == worker, jobs.c.state == RUNNING)
        return self._connection.execute(held.values(_again())).rowcount

    def cut(self, worker: str, most_cuts: int, error: str, remedy: str, claim: str | None = None) -> int:
        """The worker is gone: what it held waits again, or fails when too many workers ended with it.

        With a claim only the job that was held by it. Returns how many.
        """
        held = update(jobs).where(jobs.c.worker == worker, jobs.c.state == RUNNING)
        if claim is not None:
            held = held.where(jobs.c.claim == claim)
        failed = held.where(jobs.c.cuts >= most_cuts).values(
            state=FAILED,
            error=error,
            remedy=remedy,
            finished_at=datetime.now(UTC),
            worker=None,
            claim=None,
            cuts=jobs.c.cuts + 1,
        )
        num_failed = self._connection.execute(failed).rowcount
        return num_failed + self._connection.execute(held.values(_again(cuts=jobs.c.cuts + 1))).rowcount

    def held_by(self, worker: str) -> dict[str, str]:
        """The claims of a worker and their jobs."""
        query = select(jobs.c.claim, jobs.c.id).where(jobs.c.worker == worker, jobs.c.state == RUNNING)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def lost_holders(self) -> list[str]:
        """Those that hold jobs but are no workers any more."""
        query = select(jobs.c.worker).where(
            jobs.c.state == RUNNING, jobs.c.worker.is_not(None), jobs.c.worker.not_in(select(workers.c.id))
        )
        return [row[0] for row in self._connection.execute(query.distinct())]

    def front(self) -> list[JobRecord]:
        """The open jobs of all workspaces: those that run, then those that wait in the order of the line."""
        order = (jobs.c.priority, jobs.c.arrived_at, jobs.c.id)
        query = select(*_COLUMNS).limit(FRONT)
        running = query.where(jobs.c.state == RUNNING).order_by(jobs.c.started_at, jobs.c.id)
        waiting = query.where(jobs.c.state == WAITING).order_by(*order)
        rows = [*self._connection.execute(running).mappings(), *self._connection.execute(waiting).mappings()]
        return [JobRecord(**row) for row in rows]

    def counts(self, workspace: str) -> dict[str, int]:
        """Jobs of the workspace by state."""
        query = select(jobs.c.state, func.count()).where(jobs.c.workspace == workspace).group_by(jobs.c.state)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def num_finished_since(self, workspace: str, moment: datetime) -> int:
        """Jobs of the workspace that were done since then."""
        query = select(func.count()).where(
            jobs.c.workspace == workspace, jobs.c.finished_at >= moment, jobs.c.state == DONE
        )
        return int(self._connection.scalar(query) or 0)

    def last_seconds(self, workspace: str, kind: str, limit: int) -> Sequence[float]:
        """How long the last jobs of the kind ran that were done, the newest first."""
        query = (
            select(jobs.c.started_at, jobs.c.finished_at)
            .where(jobs.c.workspace == workspace, jobs.c.kind == kind, jobs.c.state == DONE)
            .where(jobs.c.started_at.is_not(None))
            .order_by(jobs.c.finished_at.desc())
            .limit(limit)
        )
        return [(row[1] - row[0]).total_seconds() for row in self._connection.execute(query)]

    def _start(self, job: JobRecord, worker: str | None) -> JobRecord:
        changes = {
            "state": RUNNING,
            "attempts": job.attempts + 1,
            "started_at": datetime.now(UTC),
            "worker": worker,
            "claim": uuid4().hex,
        }
        started = update(jobs).where(jobs.c.id == job.id).values(changes).returning(*_COLUMNS)
        return JobRecord(**self._connection.execute(started).mappings().one())

    def _ready(self, kinds: Collection[str]) -> Select[Any]:
        is_due = or_(jobs.c.not_before.is_(None), jobs.c.not_before <= datetime.now(UTC))
        query = self._waiting().where(is_due, jobs.c.kind.in_(kinds))
        return query.order_by(jobs.c.priority, jobs.c.arrived_at, jobs.c.id)

    def _waiting(self) -> Select[Any]:
        held_up = select(queues.c.workspace).where(queues.c.state != OPEN)
        return select(*_COLUMNS).where(jobs.c.state == WAITING, jobs.c.workspace.not_in(held_up))


def _again(**more: Any) -> dict[str, Any]:
    return {"state": WAITING, "worker": None, "claim": None, "started_at": None, **more}
