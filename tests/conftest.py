"""What tests share: settings in a temporary folder, storage on both databases, an inline workbench."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from core.bootstrap import ingestion_limits, inline_workbench
from core.gateway.roles import Principal, Role
from core.ingestion import ParserPool
from core.settings import Settings
from core.storage import Storage, open_storage
from core.workbench import Workbench

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = "default"


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("BLATAM_")]:
        del os.environ[name]  # the tests choose their own settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", sample_library=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own.

    Its folder is not one of pytest's: the server runs as another user, and every start of pytest closes the
    folder above those of all its runs to others.
    """
    pgserver = pytest.importorskip("pgserver", reason="PostgreSQL for tests (pgserver) is not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:  # what it raises depends on the machine: no right to run it, no room
        pytest.skip(f"PostgreSQL cannot run here: {error}")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


_numbers = count()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a fresh, empty database."""
    import psycopg2

    name = f"test_{next(_numbers)}"
    connection = psycopg2.connect(postgres_server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return postgres_server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'storage.sqlite'}"


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    """A migrated database with one workspace, on SQLite and on PostgreSQL."""
    opened = open_storage(database_url)
    opened.migrate()
    with opened.transaction() as work:
        work.workspaces.ensure(WORKSPACE, "Default")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def parser_pool() -> Iterator[ParserPool]:
    with ParserPool(ingestion_limits(Settings()), processes=1) as pool:
        yield pool


@pytest.fixture
def workbench(settings: Settings, parser_pool: ParserPool) -> Iterator[Workbench]:
    """The whole product without pages and without a worker: jobs run when they are submitted."""
    settings.inbox_dir.mkdir(parents=True)
    opened = open_storage(f"sqlite:///{settings.data_dir / 'workbench.sqlite'}")
    opened.migrate()
    with opened.transaction() as work:
        work.workspaces.ensure(WORKSPACE, "Default")
        work.workspaces.ensure("other", "Other")

    def shared_pool() -> AbstractContextManager[ParserPool]:
        return nullcontext(parser_pool)

    bench = replace(inline_workbench(settings, opened), parsers=shared_pool, embedder=None)
    bench.jobs.workbench = bench  # type: ignore[attr-defined]
    yield bench
    opened.close()


def as_role(role: Role, workspace: str = WORKSPACE) -> Principal:
    return Principal(user=role.value, role=role, workspace=workspace)


@pytest.fixture
def analyst() -> Principal:
    return as_role(Role.ANALYST)


@pytest.fixture
def viewer() -> Principal:
    return as_role(Role.VIEWER)


@pytest.fixture
def stranger() -> Principal:
    """An analyst of another workspace."""
    return as_role(Role.ANALYST, "other")


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return path
