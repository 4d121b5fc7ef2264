"""The database behind one URL: SQLite in WAL mode by default, or PostgreSQL through psycopg2."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import Invalid, StorageFull, Unavailable
from core.sqlite_wal import enter_wal
from core.storage.alerts import Alerts
from core.storage.analyses import Analyses
from core.storage.backup_records import BackupRecords
from core.storage.company_profiles import CompanyProfiles
from core.storage.decisions import Decisions
from core.storage.document_facts import DocumentFacts
from core.storage.document_types import DocumentTypes
from core.storage.documents import Documents
from core.storage.drafts import Drafts
from core.storage.embeddings import Embeddings
from core.storage.exclusions import Exclusions
from core.storage.exports import Exports
from core.storage.findings import Findings
from core.storage.job_line import JobLine
from core.storage.job_records import JobRecords
from core.storage.labels import Labels
from core.storage.media import Media
from core.storage.metric_sources import MetricSources
from core.storage.policy_rules import PolicyRules
from core.storage.problems import Problems
from core.storage.queues import Queues
from core.storage.replays import Replays
from core.storage.schedules import Schedules
from core.storage.tuning_changes import TuningChanges
from core.storage.workers import Workers
from core.storage.workspaces import Workspaces

SQLITE_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """One transaction: all that happens through its repositories lasts together or not at all."""

    workspaces: Workspaces
    documents: Documents
    problems: Problems
    analyses: Analyses
    decisions: Decisions
    jobs: JobRecords
    line: JobLine
    queues: Queues
    workers: Workers
    schedules: Schedules
    tuning_changes: TuningChanges
    replays: Replays
    alerts: Alerts
    backups: BackupRecords
    metric_sources: MetricSources
    policy_rules: PolicyRules
    labels: Labels
    findings: Findings
    exclusions: Exclusions
    embeddings: Embeddings
    document_facts: DocumentFacts
    drafts: Drafts
    company_profiles: CompanyProfiles
    document_types: DocumentTypes
    exports: Exports
    media: Media


class Storage:
    """The door to the database. Thread-safe; holds a pool of connections, opened at first use.

    >>> storage = open_storage("sqlite://")
    >>> storage.migrate()
    >>> with storage.transaction() as work:
    ...     work.workspaces.ensure("default", "Default")
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self, *, readonly: bool = False) -> Iterator[UnitOfWork]:
        """Commits at the end, rolls back on any error. Raises StorageFull or Unavailable from the server.

        `readonly` takes no write lock, so readers and a writer do not wait for each other.
        """
        try:
            with self.engine.execution_options(readonly=readonly).begin() as connection:
                yield _unit_of_work(connection)
        except OperationalError as error:
            raise _translated(error) from error
        except PoolTimeout as error:
            raise Unavailable("Every connection to the database is busy.", remedy="Try again.") from error

    def migrate(self) -> None:
        """Bring the schema to the newest revision; safe to repeat and to race."""
        from core.storage.migrations import upgrade

        try:
            upgrade(self.engine)
        except OperationalError as error:
            raise _translated(error) from error

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()


def open_storage(url: str) -> Storage:
    """A Storage for the URL; connects to nothing yet. Raises Invalid when no known database is named."""
    return Storage(create_database_engine(url))


def create_database_engine(url: str) -> Engine:
    """An engine with the product's connection habits: WAL, foreign keys and patience on SQLite."""
    address = normalise_url(url)
    if address.get_backend_name() == "postgresql":
        return create_engine(address, pool_size=10, max_overflow=20, pool_pre_ping=True)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_SECONDS}, **_pool(address))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _pool(address: URL) -> dict[str, int]:
    """Connections to a file cost little, and a page should wait for none; in memory there is only one."""
    is_file = bool(address.database) and address.database != ":memory:"
    return {"pool_size": 20, "max_overflow": 40} if is_file else {}


def normalise_url(url: str) -> URL:
    """The URL with its driver spelled out.

    SQLAlchemy 2.1 gives a bare postgresql:// to psycopg 3; this product talks through psycopg2.
    """
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise Invalid(
            "The database URL cannot be read.",
            remedy="Write it like postgresql://user:password@host:5432/name or sqlite:////folder/file.sqlite.",
        ) from None
    backend = address.get_backend_name()
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg2")
    if backend == "sqlite":
        return address
    raise Invalid(f"No storage for {backend!r}.", remedy="Use a postgresql:// or sqlite:// URL.")


def _unit_of_work(connection: Connection) -> UnitOfWork:
    return UnitOfWork(
        workspaces=Workspaces(connection),
        documents=Documents(connection),
        problems=Problems(connection),
        analyses=Analyses(connection),
        decisions=Decisions(connection),
        jobs=JobRecords(connection),
        line=JobLine(connection),
        queues=Queues(connection),
        workers=Workers(connection),
        schedules=Schedules(connection),
        tuning_changes=TuningChanges(connection),
        replays=Replays(connection),
        alerts=Alerts(connection),
        backups=BackupRecords(connection),
        metric_sources=MetricSources(connection),
        policy_rules=PolicyRules(connection),
        labels=Labels(connection),
        findings=Findings(connection),
        exclusions=Exclusions(connection),
        embeddings=Embeddings(connection),
        document_facts=DocumentFacts(connection),
        drafts=Drafts(connection),
        company_profiles=CompanyProfiles(connection),
        document_types=DocumentTypes(connection),
        exports=Exports(connection),
        media=Media(connection),
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the begin event decides, not the driver
    enter_wal(connection, SQLITE_BUSY_SECONDS)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_immediate(connection: Connection) -> None:
    # NOTE: a deferred transaction that reads and then writes fails with "database is locked" at once,
    # whatever the timeout, when another writer came between. Taking the write lock first waits instead.
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _translated(error: OperationalError) -> Unavailable:
    text = str(error.orig)
    if "disk is full" in text or "No space left" in text or "disk I/O error" in text:
        return StorageFull(
            "The disk is full; nothing of this step was kept.", remedy="Free some space, then try again."
        )
    return Unavailable(
        "The database does not answer.", remedy="Check that it runs and that its URL is right."
    )
