"""What every runner does with a job: make its record, run its body, and write down how it ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from core.errors import Unavailable, WorkbenchError
from core.gateway.roles import Principal
from core.jobs.job import JobCancelled, JobHandedBack, JobKind, JobStopped, JobTaken, JobTimedOut
from core.priority import Priority
from core.settings import Settings
from core.storage import Storage
from core.storage.job_records import CANCELLED, DONE, FAILED, WAITING, JobRecord

log = logging.getLogger(__name__)

CANCEL_CHECK_SECONDS = 0.2
PROGRESS_SECONDS = 0.2

Step = Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]
End = str
"""A state of a job, or LOST."""
LOST: End = "lost"
"""The start held the job no more, so that it wrote nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a start may take: how long, how many attempts, and the wait before the second, which doubles."""

    timeout_seconds: float
    attempts: int
    backoff_seconds: float

    def of(self, kind: JobKind) -> Limits:
        """Those of the kind, where it has its own."""
        return self if kind.timeout_seconds is None else replace(self, timeout_seconds=kind.timeout_seconds)

    def wait_after(self, retries: int) -> float:
        """Seconds to wait after so many that have failed before."""
        return float(self.backoff_seconds * 2**retries)


def limits_of(settings: Settings) -> Limits:
    return Limits(settings.job_timeout_seconds, settings.job_attempts, settings.job_backoff_seconds)


class Running:
    """The JobContext of one start. `step` is the runner's own way to record a step."""

    def __init__(
        self,
        storage: Storage,
        job: JobRecord,
        step: Step,
        timeout_seconds: float,
        is_leaving: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job = job
        self._storage = storage
        self._step = step
        self._timeout_seconds = timeout_seconds
        self._is_leaving = is_leaving
        self._clock = clock
        self._deadline = clock() + timeout_seconds
        self._checked: float | None = None
        self._told: float | None = None
        self._tried: Exception | None = None

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        def attempt() -> dict[str, Any]:
            self.check_cancelled()
            return act()

        self.check_cancelled()
        try:
            return self._step(name, attempt)
        except JobStopped:
            raise
        except Exception as error:
            self._tried = error
            raise

    def progress(self, done: int, total: int) -> None:
        now = self._clock()
        if done >= total or self._told is None or now - self._told >= PROGRESS_SECONDS:
            self._told = now
            with self._storage.transaction() as work:
                if not work.jobs.progress(self.job.id, done, total, claim=self.job.claim):
                    raise JobTaken
        self.check_cancelled()

    def check_cancelled(self) -> None:
        now = self._clock()
        if now >= self._deadline:
            raise JobTimedOut(self._timeout_seconds)
        if self._is_leaving():
            raise JobHandedBack
        if self._checked is None or now - self._checked >= CANCEL_CHECK_SECONDS:
            self._checked = now
            self._ask()

    def has_tried(self, error: Exception) -> bool:
        """Whether the error is what was left of a step after all its attempts."""
        return error is self._tried

    def _ask(self) -> None:
        with self._storage.transaction(readonly=True) as work:
            word = work.line.word(self.job.id)
        if word.claim != self.job.claim:
            raise JobTaken
        if word.is_cancelled:
            raise JobCancelled
        if word.is_stopped:
            raise JobHandedBack


def new_record(
    storage: Storage,
    kind: str,
    title: str,
    request: dict[str, Any],
    principal: Principal,
    priority: Priority,
    job_id: str | None,
    worker: str | None = None,
) -> tuple[JobRecord, bool]:
    """The record of the job, and whether this call made it.

    A worker takes it from the line at once, before any other could, unless its workspace is paused.
    """
    record = JobRecord(
        id=job_id or uuid4().hex,
        workspace=principal.workspace,
        kind=kind,
        title=title,
        request=request,
        priority=int(priority),
        author=principal.user,
        created_at=datetime.now(UTC),
    )
    try:
        with storage.transaction() as work:
            work.jobs.add(record)
            if worker is not None:
                record = work.line.take_one(record.id, worker) or record
    except IntegrityError:
        with storage.transaction(readonly=True) as work:
            return work.jobs.get(record.id, principal.workspace), False
    return record, True


def run_body(
    storage: Storage,
    workbench: Any,
    kind: JobKind,
    job: JobRecord,
    step: Step,
    limits: Limits,
    *,
    is_leaving: Callable[[], bool] = lambda: False,
    let_go: Callable[[], None] = lambda: None,
) -> End:
    """Run the body of a job that was taken from the line, and write down its end.

    Never raises for what the body did. `let_go` is called before the job waits again, while it is still held.
    """
    running = Running(storage, job, step, limits.timeout_seconds, is_leaving)
    try:
        result = kind.body(workbench, running)
    except JobTaken:
        return _give_back(storage, job)
    except JobHandedBack:
        let_go()
        return _give_back(storage, job)
    except JobCancelled:
        return _cancel(storage, job)
    except JobTimedOut as late:
        return _fail(storage, job, *_too_long(late))
    except WorkbenchError as error:
        if isinstance(error, Unavailable) and not running.has_tried(error) and _may_retry(job, limits):
            log.warning("Job %s (%s) is tried again after: %s", job.id, kind.name, error)
            let_go()
            return _give_back(storage, job, limits.wait_after(job.retries))
        return _fail(storage, job, error.message, error.remedy)
    except Exception as error:  # the worker's edge: one job's fault must not end the worker
        log.exception("Job %s (%s) stopped on an error", job.id, kind.name)
        fault = f"The job stopped on an unexpected error: {type(error).__name__}: {error}"
        return _fail(storage, job, fault[:2000], "Run it again.")
    with storage.transaction() as work:
        return DONE if work.jobs.finish(job.id, result, claim=job.claim) else LOST


def is_worth_retrying(error: BaseException) -> bool:
    """What the moment broke may mend; what the input or a rule refused will be refused again."""
    if isinstance(error, JobStopped):
        return False
    return not isinstance(error, WorkbenchError) or isinstance(error, Unavailable)


def _may_retry(job: JobRecord, limits: Limits) -> bool:
    return job.retries + 1 < limits.attempts


def _too_long(late: JobTimedOut) -> tuple[str, str]:
    return (
        f"The job took longer than the {late.seconds:g} seconds it may.",
        "Give it less to do, or raise job_timeout_seconds, then run it again.",
    )


def _give_back(storage: Storage, job: JobRecord, wait_seconds: float | None = None) -> End:
    not_before = None if wait_seconds is None else datetime.now(UTC) + timedelta(seconds=wait_seconds)
    with storage.transaction() as work:
        is_ours = work.line.give_back(
            job.id, job.claim, not_before=not_before, is_retry=not_before is not None
        )
    return WAITING if is_ours else LOST


def _cancel(storage: Storage, job: JobRecord) -> End:
    with storage.transaction() as work:
        return CANCELLED if work.jobs.cancel(job.id, claim=job.claim) else LOST


def _fail(storage: Storage, job: JobRecord, message: str, remedy: str) -> End:
    with storage.transaction() as work:
        return FAILED if work.jobs.fail(job.id, message, remedy, claim=job.claim) else LOST
