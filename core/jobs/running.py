"""What every runner does with a job: make its record, run its body, and write down how it ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from core.errors import Unavailable, WorkbenchError
from core.gateway.roles import Principal
from core.jobs.job import JobCancelled, JobKind
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import JobRecord

log = logging.getLogger(__name__)

CANCEL_CHECK_SECONDS = 0.2
PROGRESS_SECONDS = 0.2

Step = Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]


class Running:
    """The JobContext of one run. `step` is the runner's own way to record a step."""

    def __init__(self, storage: Storage, job: JobRecord, step: Step) -> None:
        self.job = job
        self._storage = storage
        self._step = step
        self._checked = self._told = 0.0

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        self.check_cancelled()
        return self._step(name, act)

    def progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - self._told >= PROGRESS_SECONDS:
            self._told = now
            with self._storage.transaction() as work:
                work.jobs.progress(self.job.id, done, total)
        self.check_cancelled()

    def check_cancelled(self) -> None:
        now = time.monotonic()
        if now - self._checked < CANCEL_CHECK_SECONDS:
            return
        self._checked = now
        with self._storage.transaction(readonly=True) as work:
            if work.jobs.is_cancel_requested(self.job.id):
                raise JobCancelled


def new_record(
    storage: Storage,
    kind: str,
    title: str,
    request: dict[str, Any],
    principal: Principal,
    priority: Priority,
    job_id: str | None,
) -> tuple[JobRecord, bool]:
    """The record of the job, and whether this call made it."""
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
    except IntegrityError:
        with storage.transaction(readonly=True) as work:
            return work.jobs.get(record.id, principal.workspace), False
    return record, True


def run_body(storage: Storage, workbench: Any, kind: JobKind, job_id: str, step: Step) -> str:
    """Run the body and write down its end. Never raises for what the body did; returns the final state."""
    with storage.transaction() as work:
        job = work.jobs.get(job_id)
        if not job.is_open:
            return job.state
        work.jobs.start(job_id)
    try:
        result = kind.body(workbench, Running(storage, job, step))
    except JobCancelled:
        return _end(storage, job_id, lambda work: work.jobs.cancel(job_id))
    except WorkbenchError as error:
        message, remedy = error.message, error.remedy
        return _end(storage, job_id, lambda work: work.jobs.fail(job_id, message, remedy))
    except Exception as error:  # the worker's edge: one job's fault must not end the worker
        log.exception("Job %s (%s) stopped on an error", job_id, kind.name)
        fault = f"The job stopped on an unexpected error: {type(error).__name__}: {error}"
        return _end(storage, job_id, lambda work: work.jobs.fail(job_id, fault[:2000], "Run it again."))
    return _end(storage, job_id, lambda work: work.jobs.finish(job_id, result))


def is_worth_retrying(error: BaseException) -> bool:
    """What the moment broke may mend; what the input or a rule refused will be refused again."""
    if isinstance(error, JobCancelled):
        return False
    return not isinstance(error, WorkbenchError) or isinstance(error, Unavailable)


def _end(storage: Storage, job_id: str, write: Callable[[Any], None]) -> str:
    with storage.transaction() as work:
        write(work)
    with storage.transaction(readonly=True) as work:
        return work.jobs.get(job_id).state
