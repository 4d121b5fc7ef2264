"""Jobs that run at once, in the caller: for the command line and for tests that need no worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Conflict
from core.gateway.roles import Principal
from core.jobs.job import JobKind
from core.jobs.running import is_worth_retrying, new_record, run_body
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import JobRecord

log = logging.getLogger(__name__)


class InlineJobs:
    """A JobQueue without a queue: `submit` returns when the job has ended."""

    def __init__(self, storage: Storage, kinds: Mapping[str, JobKind], attempts: int = 1) -> None:
        self._storage = storage
        self._kinds = kinds
        self._attempts = attempts
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
        record, is_new = new_record(self._storage, kind, title, request, principal, priority, job_id)
        return self._run(record) if is_new else record

    def cancel(self, job: JobRecord) -> None:
        """A job that runs in its caller has ended before anybody can cancel it."""

    def redrive(self, job: JobRecord) -> None:
        with self._storage.transaction() as work:
            if not work.jobs.redrive(job.id):
                raise Conflict("Only a failed or cancelled job runs again.")
        self._run(job)

    def reconcile(self) -> None:
        with self._storage.transaction(readonly=True) as work:
            left_open = work.jobs.all_open()
        for record in left_open:
            self._run(record)

    def _run(self, record: JobRecord) -> JobRecord:
        run_body(
            self._storage,
            self.workbench,
            self._kinds[record.kind],
            record.id,
            lambda name, act: self._attempt(name, act),
        )
        with self._storage.transaction(readonly=True) as work:
            return work.jobs.get(record.id)

    def _attempt(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for _ in range(self._attempts - 1):
            try:
                return act()
            except Exception as error:  # the worker's edge: what the moment broke is tried again
                if not is_worth_retrying(error):
                    raise
                log.warning("Step %s is tried again after: %s", name, error)
        return act()
