"""Jobs on DBOS: the application hands them in, a worker runs them, and a crash of either loses none.

The only module that knows DBOS. Traps it answers (dbos 3.4.0): the executor id must be given and stable,
the application version must be given, recovered jobs come back through DBOS' internal queue, and SQLite
needs WAL from us.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig
from dbos._error import DBOSMaxStepRetriesExceeded
from dbos._serialization import Serializer
from sqlalchemy import create_engine, event

from core.errors import Conflict, WorkbenchError
from core.gateway.roles import Principal
from core.jobs.job import JobCancelled, JobKind
from core.jobs.running import is_worth_retrying, new_record, run_body
from core.priority import Priority
from core.settings import Settings
from core.sqlite_wal import enter_wal
from core.storage import Storage
from core.storage.database import SQLITE_BUSY_SECONDS, normalise_url
from core.storage.job_records import WAITING, JobRecord

log = logging.getLogger(__name__)

APPLICATION = "blatam"
WORKFLOW = "run_job"
WORKFLOW_VERSION = "jobs-1"
"""Raised only when the order of a body's steps changes: a worker takes jobs of its own version only."""
QUEUE = "jobs"
POLL_SECONDS = 0.05
MAX_RECOVERIES = 5
"""A job that took its worker down this often is set aside."""

_ENDED = {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}


class JsonSerializer(Serializer):
    """Plain JSON in DBOS' tables instead of its default, pickle, which runs code when it is read."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_plain, ensure_ascii=False)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data, object_hook=_restored)

    def name(self) -> str:
        return "blatam_json"


class DurableJobs:
    """A JobQueue whose jobs a separate worker runs. Holds a client only: nothing runs in this process."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._storage = storage
        self._client = DBOSClient(
            **_connection(settings),
            serializer=JsonSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

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
        record, _ = new_record(self._storage, kind, title, request, principal, priority, job_id)
        self._enqueue(record)
        return record

    def cancel(self, job: JobRecord) -> None:
        with self._storage.transaction() as work:
            current = work.jobs.get(job.id)
            if not current.is_open:
                return
            work.jobs.request_cancel(job.id)
            if current.state == WAITING:
                work.jobs.cancel(job.id)
        if current.state == WAITING:
            self._client.cancel_workflow(_workflow_id(current))

    def redrive(self, job: JobRecord) -> None:
        with self._storage.transaction() as work:
            if not work.jobs.redrive(job.id):
                raise Conflict("Only a failed or cancelled job runs again.")
            again = work.jobs.get(job.id)
        self._enqueue(again)

    def reconcile(self) -> None:
        with self._storage.transaction(readonly=True) as work:
            left_open = {_workflow_id(job): job for job in work.jobs.all_open()}
        if not left_open:
            return
        runs = {
            status.workflow_id: status.status
            for status in self._client.list_workflows(
                workflow_ids=list(left_open), load_input=False, load_output=False
            )
        }
        for workflow_id, job in left_open.items():
            if workflow_id not in runs:
                self._enqueue(job)
            elif runs[workflow_id] in _ENDED:
                self._set_aside(job, runs[workflow_id])

    def take_over(self, worker: str) -> int:
        """Give the unfinished runs of a worker that will not come back to the others; how many.

        Only for a worker that is known to be dead: a live one would find its run taken and lose it.
        """
        runs = self._client.list_workflows(
            executor_id=worker, status="PENDING", load_input=False, load_output=False
        )
        for run in runs:
            self._client.cancel_workflow(run.workflow_id)
            self._client.resume_workflow(run.workflow_id, queue_name=QUEUE)
        return len(runs)

    def close(self) -> None:
        self._client.destroy()

    def _enqueue(self, job: JobRecord) -> None:
        self._client.enqueue(
            {
                "queue_name": QUEUE,
                "workflow_name": WORKFLOW,
                "workflow_id": _workflow_id(job),
                "app_version": WORKFLOW_VERSION,
                "priority": job.priority,
            },
            job.id,
        )

    def _set_aside(self, job: JobRecord, status: str) -> None:
        with self._storage.transaction() as work:
            if not work.jobs.get(job.id).is_open:
                return
            if status == "CANCELLED":
                work.jobs.cancel(job.id)
                return
            message = (
                f"The job took its worker down {MAX_RECOVERIES} times."
                if status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
                else "The job ended without an account of how."
            )
            work.jobs.fail(job.id, message, "Run it again; if it fails again, look at the log of the worker.")


def migrate_jobs(settings: Settings) -> None:
    """Make DBOS' tables; a client alone never does."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    DBOS.migrate(jobs_url(settings))


def jobs_url(settings: Settings) -> str:
    """Where DBOS keeps its tables: a schema of our PostgreSQL database, else a file of its own."""
    if settings.database_url is not None:
        address = normalise_url(settings.database_url.get_secret_value())
        if address.get_backend_name() == "postgresql":
            return address.set(drivername="postgresql").render_as_string(hide_password=False)
    return f"sqlite:///{settings.data_dir / 'jobs.sqlite'}"


def _connection(settings: Settings) -> dict[str, Any]:
    """DBOS opens PostgreSQL itself; on SQLite it gets an engine in WAL mode, which it would not choose."""
    url = jobs_url(settings)
    if url.startswith("postgresql"):
        return {"system_database_url": url}
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    return {"system_database_engine": engine}


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in (f"busy_timeout={1000 * SQLITE_BUSY_SECONDS}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
    enter_wal(connection, SQLITE_BUSY_SECONDS)


class Worker:
    """Runs jobs in this process, to its end."""

    def __init__(
        self, storage: Storage, settings: Settings, workbench: Any, kinds: Mapping[str, JobKind], name: str
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._workbench = workbench
        self._kinds = kinds
        config: DBOSConfig = {
            "name": APPLICATION,
            **_connection(settings),  # type: ignore[typeddict-item]
            "serializer": JsonSerializer(),
            "application_version": WORKFLOW_VERSION,
            "executor_id": name,
            "console_log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
        def run_job(job_id: str) -> str:
            return self._run_job(job_id)

    def start(self) -> None:
        """Take over what this worker's name had begun, then listen."""
        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, worker_concurrency=self._settings.job_concurrency, polling_interval_sec=POLL_SECONDS
        )

    def _run_job(self, job_id: str) -> str:
        with self._storage.transaction(readonly=True) as work:
            kind = self._kinds[work.jobs.get(job_id).kind]
        return run_body(self._storage, self._workbench, kind, job_id, self._step)

    def _step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return DBOS.run_step(
                {
                    "name": name,
                    "retries_allowed": True,
                    "max_attempts": self._settings.job_attempts,
                    "interval_seconds": self._settings.job_backoff_seconds,
                    "backoff_rate": 2.0,
                    "should_retry": is_worth_retrying,
                },
                act,
            )
        except DBOSMaxStepRetriesExceeded as exceeded:
            raise exceeded.errors[-1] from exceeded


def _workflow_id(job: JobRecord) -> str:
    return f"{job.id}.{job.run}"


def _plain(value: Any) -> Any:
    if isinstance(value, JobCancelled):
        return {"$cancelled": True}
    if isinstance(value, WorkbenchError):
        return {"$error": value.message, "remedy": value.remedy, "code": value.code}
    if isinstance(value, BaseException):
        return {"$error": f"{type(value).__name__}: {value}", "remedy": "", "code": "unexpected"}
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"A job keeps plain JSON values, not {type(value).__name__}.")


def _restored(value: dict[str, Any]) -> Any:
    if "$cancelled" in value:
        return JobCancelled()
    if "$error" in value:
        return WorkbenchError(value["$error"], remedy=value["remedy"], code=value["code"])
    return value
