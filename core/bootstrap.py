"""Puts the product together: the only place that chooses concrete classes."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import IO

from pydantic import SecretStr

from core.engine_selection import open_engine, start_loading
from core.errors import Conflict, StorageFull, Unavailable
from core.exports.artefact_store import ArtefactStore
from core.exports.signing import SigningKey, configured_key, kept_key
from core.gateway.door import Gateway
from core.gateway.roles import LOCAL_ADMINISTRATOR, Principal
from core.inference import InferenceEngine, local_engine
from core.inference.embedding import EmbeddingModel, SentenceEmbedder
from core.inference.local import TRACES
from core.ingestion import IngestionLimits, ParserPool
from core.jobs.counting import counted
from core.jobs.inline import InlineJobs
from core.jobs.job import JobQueue
from core.jobs.running import limits_of
from core.jobs.supervisor import Supervisor, WorkerState
from core.jobs.ticker import LOOK_SECONDS as SCHEDULE_SECONDS
from core.jobs.ticker import Ticker
from core.observation import Event, EventKind, History
from core.observation.sampler import Sampler
from core.observation.samples import Sample, take_sample
from core.redundancy.index_file import IndexShelf
from core.settings import ENV_PREFIX, Settings
from core.storage import Storage, open_storage
from core.storage.job_records import DONE
from core.telemetry.alerts.alert import Alert
from core.telemetry.alerts.watch import LOOK_SECONDS as ALERT_SECONDS
from core.telemetry.alerts.watch import AlertWatch
from core.telemetry.counter_files import CounterFile, read_counter_files
from core.telemetry.health import LOOK_SECONDS as HEALTH_SECONDS
from core.telemetry.health import Health, HealthMonitor, summarised
from core.telemetry.metrics import Metrics
from core.telemetry.monitoring import Monitoring
from core.telemetry.repeating import Repeating
from core.telemetry.sources.poller import LOOK_SECONDS as SOURCE_SECONDS
from core.telemetry.sources.poller import SourcePoller
from core.tuning.moded_engine import ModedEngine
from core.tuning.restore import take_up
from core.use_cases import JOB_KINDS, inbox
from core.use_cases.find_redundancy import ANALYSE
from core.use_cases.inbox import IncomingFile
from core.use_cases.ingest_files import IngestFiles, files_below, ingest_files
from core.watching import QUICK_CHECKS, Figures, StoredAlerts, attached_sources, health_checks
from core.workbench import Workbench

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_TITLE = "Sample library"
SAMPLES = ROOT / "samples" / "library"
ENGINE_PATH = "/engine"
"""Where the application opens its engine to the worker."""


def open_database(settings: Settings) -> Storage:
    """The configured database, or SQLite in data_dir; connects at first use."""
    if settings.database_url is not None:
        return open_storage(settings.database_url.get_secret_value())
    return open_storage(f"sqlite:///{settings.data_dir / 'workbench.sqlite'}")


def prepare(settings: Settings) -> None:
    """Make data_dir and bring every table to its newest form. Safe to repeat."""
    from core.jobs.durable import migrate_jobs

    make_data_dir(settings)
    storage = open_database(settings)
    try:
        storage.migrate()
        with storage.transaction() as work:
            work.workspaces.ensure(LOCAL_ADMINISTRATOR.workspace, "Default")
    finally:
        storage.close()
    migrate_jobs(settings)


def make_data_dir(settings: Settings) -> None:
    try:
        settings.inbox_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(
            f"The folder {settings.data_dir} cannot be written: {error.strerror}.",
            remedy="Free some space, or choose another folder with --data-dir.",
        ) from error


def build_workbench(
    settings: Settings,
    storage: Storage,
    jobs: JobQueue,
    engine: InferenceEngine,
    history: History | None = None,
    monitoring: Monitoring | None = None,
) -> Workbench:
    limits = ingestion_limits(settings)
    return Workbench(
        settings=settings,
        storage=storage,
        jobs=jobs,
        limits=limits,
        parsers=lambda: ParserPool(limits, processes=settings.parser_processes),
        engine=engine,
        indexes=IndexShelf(settings.data_dir / "indexes"),
        artefacts=ArtefactStore(settings.exports_dir / "files"),
        signing_key=lambda: open_signing_key(settings),
        embedder=open_embedder(settings),
        history=history or History(),
        tunable=local_engine(engine),
        monitoring=monitoring or Monitoring(),
    )


def open_signing_key(settings: Settings) -> SigningKey:
    """The configured key, or the one that is kept in data_dir."""
    if settings.export_key is not None:
        return configured_key(settings.export_key.get_secret_value())
    return kept_key(settings.exports_dir / "signing.key")


def open_embedder(settings: Settings) -> SentenceEmbedder | None:
    """The embedding model of the settings, which loads at its first question; None where none is wanted."""
    if not settings.find_meanings:
        return None
    return SentenceEmbedder(
        EmbeddingModel(
            exports=settings.data_dir / "models",
            folder=settings.embedding_folder,
            device=settings.embedding_device,
            threads=settings.embedding_threads,
        )
    )


def inline_workbench(settings: Settings, storage: Storage) -> Workbench:
    """A workbench whose jobs run at once in the caller: for the command line and for tests."""
    jobs = InlineJobs(storage, JOB_KINDS, limits_of(settings))
    workbench = build_workbench(settings, storage, jobs, open_engine(settings))
    jobs.workbench = workbench
    return workbench


def ingestion_limits(settings: Settings) -> IngestionLimits:
    mib = 1024**2
    return IngestionLimits(
        max_file_bytes=settings.max_file_mb * mib,
        max_archive_bytes=settings.max_archive_mb * mib,
        max_archive_members=settings.max_archive_members,
        max_archive_ratio=settings.max_archive_ratio,
        parse_seconds=settings.parser_seconds,
        cpu_seconds=max(1, round(settings.parser_seconds)),
        memory_bytes=settings.parser_memory_mb * mib,
    )


class Application:
    """What one application process holds: gateway, job client and the supervisor of its worker.

    `assumed_principal` stands in for the visitor of every page, for tests of other roles.
    """

    def __init__(self, settings: Settings, assumed_principal: Principal | None = None) -> None:
        from core.jobs.durable import DurableJobs

        self.settings = settings
        self.assumed_principal = assumed_principal
        self.metrics = Metrics()
        self._storage = open_database(settings)
        self._jobs = DurableJobs(self._storage)
        self.engine = open_engine(settings)
        self.engine_key = SecretStr(token_urlsafe(32))
        self.history = History(settings.data_dir / TRACES)
        self._sources = SourcePoller(lambda: attached_sources(self._storage))
        self._monitor = HealthMonitor(
            health_checks(settings, self._storage, self.engine, self.worker),
            quick=QUICK_CHECKS,
            more=self._sources.parts,
        )
        self._alerts = AlertWatch(
            settings, self.metrics.families, StoredAlerts(self._storage), tell=self._mark_alert
        )
        self._watching = (
            Repeating("health", self._monitor.look, HEALTH_SECONDS),
            Repeating("alerts", self._alerts.look, ALERT_SECONDS),
            Repeating("sources", self._sources.look, SOURCE_SECONDS),
            Repeating("schedules", Ticker(self._storage, self._jobs).look, SCHEDULE_SECONDS),
        )
        self.workbench = build_workbench(
            settings, self._storage, self._jobs, self.engine, self.history, self._monitoring()
        )
        self.answering = ModedEngine(self.engine, self.workbench.mode)
        self._sampler = Sampler(self.history, self._sample)
        self.gateway = Gateway(self.workbench, self.metrics)
        environment = _environment(settings, self.engine_key)
        self._supervisor = Supervisor(self._jobs, settings.data_dir, environment, ROOT)
        self._lock: IO[str] | None = None
        self._started = threading.Event()
        self.figures = Figures(settings, self._storage, self.engine, self.worker)
        self.figures.count_prompts(self.metrics)
        self.metrics.watch(self.figures.collect)
        self.metrics.watch(self._monitor.families)
        self.metrics.include(lambda: read_counter_files(settings.counters_dir))

    def start(self) -> None:
        """Migrate, start the worker, and fill an empty first library with the samples."""
        set_running(self)
        make_data_dir(self.settings)
        self._lock = claim(self.settings.data_dir)
        prepare(self.settings)
        inbox.sweep(self.settings.inbox_dir, self._is_waited_for)
        self._supervisor.start()
        self._monitor.look()
        for each in self._watching:
            each.start()
        self._add_samples()
        self._started.set()
        self._watch_engine()
        if self.workbench.tunable is not None:
            take_up(self._storage, self.settings, self.workbench.tunable, self.workbench.mode)
        start_loading(self.engine)

    def stop(self) -> None:
        """End the worker and give the folder back. Jobs that were cut go on at the next start."""
        for each in self._watching:
            each.stop()
        self._supervisor.stop()
        self._sampler.stop()
        self.engine.close()
        self.history.close()
        self._storage.close()
        if self._lock is not None:
            self._lock.close()

    def _watch_engine(self) -> None:
        """What was recorded before this start is read back beside, and goes on from here."""
        local = local_engine(self.engine)
        if local is not None:
            local.subscribe(self.history.add_request)
        self._sampler.start()

    def _mark_alert(self, alert: Alert) -> None:
        self.history.add_event(Event(alert.fired_at.timestamp(), EventKind.ALERT, alert.rule))

    def _sample(self) -> Sample:
        pids = {"app": os.getpid(), "worker": self.worker().pid}
        return take_sample(local_engine(self.engine), pids)

    def wait_until_ready(self, seconds: float = 60) -> bool:
        """Wait until the worker listens and the samples of a first start are analysed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._started.wait(0.1) and self.worker().is_ready and not self._is_preparing():
                return True
            time.sleep(0.1)
        return self._started.is_set()

    def _is_waited_for(self, job: str) -> bool:
        """Whether the job may still read its uploads: it is open, or could be run again."""
        with self._storage.transaction(readonly=True) as work:
            found = work.jobs.find(job)
        return found is not None and found.state != DONE

    def _is_preparing(self) -> bool:
        with self._storage.transaction(readonly=True) as work:
            return any(job.title == SAMPLE_TITLE or job.kind == ANALYSE for job in work.jobs.all_open())

    def worker(self) -> WorkerState:
        return self._supervisor.state()

    def health(self) -> Health:
        """How every part was at the last look."""
        return summarised(self._monitor.parts(), self.worker().restarts)

    def missing(self) -> str:
        """Which of database, worker and model in this process is not ready, and why; nothing once all are."""
        for part in self.health().parts:
            if part.kind in ("database", "worker") and part.state != "healthy":
                return f"{part.kind}: {part.cause or part.state}"
            if part.kind == "engine" and not self._has_loaded():
                return f"engine: {part.cause or part.state}"
        return ""

    def _has_loaded(self) -> bool:
        """Whether the model in this process can answer; true where there is none."""
        local = local_engine(self.engine)
        return local is None or local.tenant_id("") is not None

    def _monitoring(self) -> Monitoring:
        return Monitoring(
            health=self.health,
            pending_alerts=self._alerts.pending,
            firing_alerts=self._alerts.firing,
            source=self._sources.state,
        )

    def _add_samples(self) -> None:
        if not self.settings.sample_library or not SAMPLES.is_dir():
            return
        workspace = LOCAL_ADMINISTRATOR.workspace
        with self._storage.transaction(readonly=True) as work:
            if work.workspaces.is_sampled(workspace) or work.jobs.latest(workspace, limit=1):
                return
        request = IngestFiles(
            files=[IncomingFile(name, path) for name, path in files_below(SAMPLES)],
            origin="sample",
            title=SAMPLE_TITLE,
        )
        ingest_files(request, LOCAL_ADMINISTRATOR, self.workbench)
        with self._storage.transaction() as work:
            work.workspaces.mark_sampled(workspace)


def run_worker(settings: Settings, name: str, parent: int | None) -> None:
    """The life of a worker process: runs jobs until it is told to stop or its parent is gone."""
    from core.jobs.durable import DurableJobs, Worker
    from core.jobs.worker_process import run_until_stopped

    storage = open_database(settings)
    workbench = build_workbench(settings, storage, DurableJobs(storage), open_engine(settings))
    metrics = Metrics()
    CounterFile(settings.counters_dir, name, metrics).start()
    worker = Worker(storage, settings, workbench, counted(JOB_KINDS, metrics), name)
    run_until_stopped(
        worker,
        parent=parent,
        nice=settings.worker_nice,
        ready=settings.data_dir / f"{name}.pid",
    )


_running: Application | None = None


def set_running(application: Application | None) -> None:
    """From now on pages of this process see this application; the launcher calls it, and tests of pages."""
    global _running
    _running = application


def running_application() -> Application:
    """The application of this process. Raises Unavailable before its start."""
    if _running is None:
        raise Unavailable("The application has not started yet.", remedy="Start it with: python app.py.")
    return _running


def claim(data_dir: Path) -> IO[str]:
    """Hold data_dir for this process: two applications on one SQLite folder would run each other's jobs."""
    lock = (data_dir / "app.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Conflict(
            f"Another application already runs on {data_dir}.",
            remedy="Stop it, or give this one a folder of its own with --data-dir.",
        ) from None
    return lock


def _environment(settings: Settings, engine_key: SecretStr) -> dict[str, str]:
    """The worker gets the application's settings as they are now, whatever they came from.

    But its engine is the application's, behind the door on this machine, so that one cache serves all.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:
            continue
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        environment[ENV_PREFIX + name.upper()] = str(plain)
    environment[ENV_PREFIX + "ENGINE"] = "http"
    environment[ENV_PREFIX + "ENGINE_URL"] = f"http://127.0.0.1:{settings.port}{ENGINE_PATH}"
    environment[ENV_PREFIX + "ENGINE_KEY"] = engine_key.get_secret_value()
    environment["PYTHONPATH"] = str(ROOT)
    return environment
