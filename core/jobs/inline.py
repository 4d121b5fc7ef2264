"""Jobs that run at once, in the caller: for the command line and for tests that need no worker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from core.gateway.roles import Principal
from core.jobs.job import JobKind
from core.jobs.line import move, redrive, set_queue
from core.jobs.presence import BEAT_SECONDS, Presence, WorkerWatch
from core.jobs.running import Limits, is_worth_retrying, new_record, run_body
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import WAITING, JobRecord
from core.storage.queues import OPEN, PAUSED, STOPPED
from core.telemetry.repeating import Repeating

log = logging.getLogger(__name__)

NAME = "inline"


class InlineJobs:
    """A JobQueue without a queue: `submit` returns when the job has ended.

    A job of a workspace that is paused waits; `resume` runs it, and returns when it has ended.
    """

    def __init__(
        self,
        storage: Storage,
        kinds: Mapping[str, JobKind],
        limits: Limits,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._storage = storage
        self._kinds = kinds
        self._limits = limits
        self._wait = wait
        self._watch = WorkerWatch(storage)
        self.workbench: Any = None

    def submit(
        self,
        kind: str,
        title: str,
        request: dict[str, Any],
        principal: Principal,
        *,
        priority: Priority = Priority.NORMAL,
        job_id: str | None = None,
    ) -> JobRecord:
        with self._seen() as worker:
            record, is_new = new_record(
                self._storage, kind, title, request, principal, priority, job_id, worker
            )
            return self._run(record, worker) if is_new else record

    def cancel(self, job: JobRecord) -> None:
        """One that runs stops at its next check, where somebody else asks for it meanwhile."""
        with self._storage.transaction() as work:
            if not work.jobs.cancel_waiting(job.id):
                work.jobs.request_cancel(job.id)

    def redrive(self, job: JobRecord) -> None:
        redrive(self._storage, job)
        self._take_and_run(job.id)

    def pause(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, PAUSED, user)

    def stop(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, STOPPED, user)

    def resume(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, OPEN, user)
        self._run_line()

    def move(self, job: JobRecord, priority: Priority) -> None:
        move(self._storage, job, priority)

    def reconcile(self) -> None:
        self._watch.look()
        self._run_line()

    def _run_line(self) -> None:
        with self._seen() as worker:
            while taken := self._take(worker):
                self._run(taken, worker)

    def _take(self, worker: str) -> JobRecord | None:
        with self._storage.transaction() as work:
            return next(iter(work.line.take(worker, 1, dict.fromkeys(self._kinds, 1))), None)

    def _take_and_run(self, job: str) -> None:
        with self._seen() as worker:
            with self._storage.transaction() as work:
                taken = work.line.take_one(job, worker)
            if taken is not None:
                self._run(taken, worker)

    @contextmanager
    def _seen(self) -> Iterator[str]:
        """Be a worker for a while, so that what a crash cuts here is taken up elsewhere."""
        presence = Presence(self._storage, NAME, places=0)
        presence.enter()
        beats = Repeating("inline-presence", presence.note, BEAT_SECONDS)
        beats.start()
        try:
            yield presence.id
        finally:
            beats.stop()
            presence.leave()

    def _run(self, record: JobRecord, worker: str) -> JobRecord:
        """From its start to its end, with the waits between the attempts."""
        started: JobRecord | None = record
        while started is not None and started.claim is not None:
            kind = self._kinds[started.kind]
            run_body(self._storage, self.workbench, kind, started, self._attempt, self._limits.of(kind))
            record = self._record(record.id)
            started = self._again(record, worker)
        return record

    def _again(self, record: JobRecord, worker: str) -> JobRecord | None:
        if record.state != WAITING or record.not_before is None:
            return None
        self._wait((record.not_before - datetime.now(UTC)).total_seconds())
        with self._storage.transaction() as work:
            return work.line.take_one(record.id, worker)

    def _record(self, job: str) -> JobRecord:
        with self._storage.transaction(readonly=True) as work:
            return work.jobs.get(job)

    def _attempt(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for failures in range(self._limits.attempts - 1):
            try:
                return act()
            except Exception as error:  # the worker's edge: what the moment broke is tried again
                if not is_worth_retrying(error):
                    raise
                log.warning("Step %s is tried again after: %s", name, error)
                self._wait(self._limits.wait_after(failures))
        return act()
