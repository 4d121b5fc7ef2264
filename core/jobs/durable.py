"""Jobs on DBOS: the application hands them in, workers run them, and a crash of either loses none.

The line in which jobs wait is ours (core.storage.job_line), so that it can be paused, and re-ordered, in one
transaction with what people see. A worker takes from it what it has places for and runs each as a DBOS
workflow, which remembers the steps that are done; a job that comes back to the line goes on as the same one.

The only module that knows DBOS. Traps it answers (dbos 3.4.0): the executor id must be given and never used
by two processes, the application version must be given, a workflow that goes on is started by a queue only,
what a step raises is kept for ever unless it is DBOS' own error, and SQLite needs WAL from us.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID
from dbos._error import (
    DBOSAwaitedWorkflowCancelledError,
    DBOSMaxStepRetriesExceeded,
    DBOSWorkflowCancelledError,
    DBOSWorkflowConflictIDError,
)
from dbos._serialization import Serializer
from sqlalchemy import create_engine, event

from core.errors import WorkbenchError
from core.gateway.roles import Principal
from core.jobs.held import Held
from core.jobs.job import JobCancelled, JobHandedBack, JobKind, JobStopped, JobTaken, JobTimedOut
from core.jobs.line import move, redrive, set_queue
from core.jobs.presence import BEAT_SECONDS, Presence, WorkerWatch, set_aside, take_over
from core.jobs.running import LOST, is_worth_retrying, limits_of, new_record, run_body
from core.priority import Priority
from core.settings import Settings
from core.sqlite_wal import enter_wal
from core.storage import Storage
from core.storage.database import SQLITE_BUSY_SECONDS, normalise_url
from core.storage.job_records import WAITING, JobRecord
from core.storage.queues import OPEN, PAUSED, STOPPED
from core.telemetry.repeating import Repeating

log = logging.getLogger(__name__)

APPLICATION = "blatam"
WORKFLOW = "run_job"
WORKFLOW_VERSION = "jobs-1"
"""Raised only when the order of a body's steps changes: a worker takes jobs of its own version only."""
POLL_SECONDS = 0.05
"""Between two looks at the line; a place that becomes free looks at once."""
GO_ON_SECONDS = 0.1
"""Between two looks for workflows that go on."""
TRY_AGAIN_SECONDS = 5.0
"""Before a job starts again that DBOS could not start."""
LEAVE_SECONDS = 1.0
"""How long a worker that ends waits for its jobs to end or to notice; they are handed back after that."""
_AFTER_ALL_STEPS = 1_000_000
_QUEUE_PREFIX = "worker-"


class JsonSerializer(Serializer):
    """Plain JSON in DBOS' tables instead of its default, pickle, which runs code when it is read."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_plain, ensure_ascii=False)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data, object_hook=_restored)

    def name(self) -> str:
        return "blatam_json"


class DurableJobs:
    """A JobQueue whose jobs separate workers run. Nothing runs in this process, and DBOS is not asked."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._watch = WorkerWatch(storage)

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
        return record

    def cancel(self, job: JobRecord) -> None:
        with self._storage.transaction() as work:
            if not work.jobs.cancel_waiting(job.id):
                work.jobs.request_cancel(job.id)

    def redrive(self, job: JobRecord) -> None:
        redrive(self._storage, job)

    def pause(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, PAUSED, user)

    def stop(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, STOPPED, user)

    def resume(self, workspace: str, user: str) -> None:
        set_queue(self._storage, workspace, OPEN, user)

    def move(self, job: JobRecord, priority: Priority) -> None:
        move(self._storage, job, priority)

    def reconcile(self) -> None:
        self._watch.look()

    def take_over(self, worker: str) -> int:
        """Give the unfinished jobs of a worker that will not come back to the others; how many.

        Only for a worker that is known to be dead; one that is silent is found out by `reconcile`.
        """
        return take_over(self._storage, worker)


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
        self,
        storage: Storage,
        settings: Settings,
        workbench: Any,
        kinds: Mapping[str, JobKind],
        name: str,
        host: str | None = None,
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._workbench = workbench
        self._kinds = kinds
        self._presence = Presence(storage, name, settings.job_concurrency, host)
        self._watch = WorkerWatch(storage)
        self._held = Held(settings.job_concurrency, kinds)
        self._limits = limits_of(settings)
        self._queue = _QUEUE_PREFIX + self._presence.id
        self._wake, self._leaving, self._given_up = Event(), Event(), Event()
        self._has_more = False  # whether the line had more than there were places, at the last look
        self._line = Thread(target=self._watch_line, name="line", daemon=True)
        self._beats = Repeating("presence", self._beat, BEAT_SECONDS)
        self._client = DBOSClient(
            **_connection(settings), serializer=JsonSerializer(), application_name=APPLICATION, lazy=True
        )
        config: DBOSConfig = {
            "name": APPLICATION,
            **_connection(settings),  # type: ignore[typeddict-item]
            "serializer": JsonSerializer(),
            "application_version": WORKFLOW_VERSION,
            "executor_id": self._presence.id,
            "console_log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def run_job(job_id: str) -> str:
            return self._run_job(job_id)

        self._workflow = run_job

    def start(self) -> None:
        """Take up what dead workers held, then take from the line. Raises Conflict for a second on SQLite."""
        self._presence.enter()
        self._sweep_queues()
        self._client.register_queue(self._queue, polling_interval_sec=GO_ON_SECONDS)
        DBOS.listen_queues([self._queue])
        logging.getLogger("dbos").addFilter(_is_a_fault)
        DBOS.launch()
        self._line.start()
        self._beats.start()

    def leave(self) -> None:
        """Take nothing more, let the jobs that run end or come back, and hand back the rest."""
        self._leaving.set()
        self._wake.set()
        self._held.wait_until_empty(LEAVE_SECONDS)
        self._presence.leave()
        self._client.delete_queue(self._queue)

    @property
    def is_given_up(self) -> bool:
        """Whether others took this worker for dead: it must end at once."""
        return self._given_up.is_set()

    def _watch_line(self) -> None:
        while not self._leaving.is_set() and not self._given_up.is_set():
            try:
                self._take()
            except Exception:  # a thread's edge: what the moment broke must not end the worker
                log.exception("Nothing could be taken from the line")
                self._leaving.wait(BEAT_SECONDS)
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _take(self) -> None:
        places, room = self._held.num_free(), self._held.room()
        if not places:
            return
        kinds = [kind for kind, left in room.items() if left > 0]
        if not self._has_more:
            with self._storage.transaction(readonly=True) as work:
                if not work.line.has_next(kinds):
                    return
        with self._storage.transaction() as work:
            if not work.workers.beat(self._presence.id, datetime.now(UTC)):
                self._given_up.set()
                return
            taken = work.line.take(self._presence.id, places, room)
        self._has_more = len(taken) == places
        for job in taken:
            self._held.add(job)
        for job in taken:
            self._begin(job)

    def _begin(self, job: JobRecord) -> None:
        try:
            if job.attempts == 1 or not self._go_on(_workflow_id(job)):
                with SetWorkflowID(_workflow_id(job)):
                    DBOS.start_workflow(self._workflow, job.id)
        except Exception:  # whatever DBOS met: the job is not lost by it
            log.exception("Job %s could not be started", job.id)
            self._held.drop(job)
            with self._storage.transaction() as work:
                later = datetime.now(UTC) + timedelta(seconds=TRY_AGAIN_SECONDS)
                work.line.give_back(job.id, job.claim, not_before=later)

    def _go_on(self, workflow_id: str) -> bool:
        """Have the job's workflow go on after the steps that are done. False when it never began."""
        found = self._client.list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
        if not found:
            return False
        if found[0].status in ("SUCCESS", "ERROR"):
            self._client.rewind_workflow(workflow_id, start_step=_AFTER_ALL_STEPS, queue_name=self._queue)
        else:
            self._client.resume_workflow(workflow_id, queue_name=self._queue)
        return True

    def _run_job(self, job_id: str) -> str:
        job = self._held.begin(job_id)
        if job is None:
            raise DBOSWorkflowCancelledError("This start does not hold the job.")
        kind = self._kinds[job.kind]
        try:
            end = run_body(
                self._storage,
                self._workbench,
                kind,
                job,
                self._step,
                self._limits.of(kind),
                is_leaving=self._leaving.is_set,
                let_go=lambda: self._client.cancel_workflow(_workflow_id(job)),
            )
        finally:
            self._held.drop(job)
            self._wake.set()
        if end in (WAITING, LOST):
            # NOTE: a workflow that returns has ended for DBOS and could not go on.
            raise DBOSWorkflowCancelledError("Another start goes on with the job.")
        return end

    def _step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        stopped: list[JobStopped] = []

        def attempt() -> dict[str, Any]:
            try:
                return act()
            except (JobHandedBack, JobTaken) as stop:
                # NOTE: DBOS keeps what a step raises and would raise it again when the job goes on.
                stopped.append(stop)
                raise DBOSWorkflowCancelledError("The step did not end.") from None

        try:
            return DBOS.run_step(
                {
                    "name": name,
                    "retries_allowed": True,
                    "max_attempts": self._limits.attempts,
                    "interval_seconds": self._limits.backoff_seconds,
                    "backoff_rate": 2.0,
                    "should_retry": is_worth_retrying,
                },
                attempt,
            )
        except (DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError):
            raise (stopped[-1] if stopped else JobTaken()) from None
        except DBOSMaxStepRetriesExceeded as exceeded:
            raise exceeded.errors[-1] from exceeded

    def _beat(self) -> None:
        if not self._presence.beat():
            self._given_up.set()
            return
        self._watch.look()
        with self._storage.transaction(readonly=True) as work:
            stray = self._held.strays(work.line.held_by(self._presence.id))
        for claim in stray:
            log.warning("A job was held and not run; it waits again")
            set_aside(self._storage, self._presence.id, claim)

    def _sweep_queues(self) -> None:
        """Remove the queues of workers that are no more."""
        with self._storage.transaction(readonly=True) as work:
            alive = {_QUEUE_PREFIX + row.id for row in work.workers.all()}
        for queue in self._client.list_queues():
            if queue.name.startswith(_QUEUE_PREFIX) and queue.name not in alive:
                self._client.delete_queue(queue.name)


def _is_a_fault(record: logging.LogRecord) -> bool:
    """DBOS tells of every job that was handed back as of an error, with a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    is_told_so = "was cancelled during execution" in record.getMessage()
    return not isinstance(error, DBOSAwaitedWorkflowCancelledError) and not is_told_so


def _workflow_id(job: JobRecord) -> str:
    return f"{job.id}.{job.run}"


def _plain(value: Any) -> Any:
    if isinstance(value, JobCancelled):
        return {"$cancelled": True}
    if isinstance(value, JobTimedOut):
        return {"$timed_out": value.seconds}
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
    if "$timed_out" in value:
        return JobTimedOut(value["$timed_out"])
    if "$error" in value:
        return WorkbenchError(value["$error"], remedy=value["remedy"], code=value["code"])
    return value
