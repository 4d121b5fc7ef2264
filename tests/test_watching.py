"""How the parts of the product are asked, and what each says when it is not well."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from core import watching
from core.engine_selection import open_engine
from core.errors import Unavailable
from core.inference import InferenceEngine
from core.jobs.supervisor import WorkerState
from core.settings import Settings
from core.storage import Storage, open_storage
from core.storage.metric_sources import MetricSource
from core.telemetry.health import Finding
from core.telemetry.metrics import Metrics
from core.watching import Figures, attached_sources, health_checks
from tests.fakes.redis_servers import one_server

LISTENS = WorkerState(is_ready=True, pid=1, restarts=0)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Storage]:
    settings.inbox_dir.mkdir(parents=True)
    storage = open_storage(f"sqlite:///{settings.data_dir / 'workbench.sqlite'}")
    storage.migrate()
    yield storage
    storage.close()


class Away:
    """A database that does not answer."""

    def transaction(self, *, readonly: bool = False) -> Any:
        raise Unavailable("The database does not answer.")


def ask(kind: str, settings: Settings, storage: Any, worker: WorkerState = LISTENS) -> Finding:
    engine = open_engine(settings)
    try:
        return health_checks(settings, storage, engine, lambda: worker)[kind]()
    finally:
        engine.close()


def deterministic(settings: Settings) -> Settings:
    return Settings(data_dir=settings.data_dir, engine="deterministic")


def test_each_part_that_the_settings_have_is_asked(settings: Settings, opened: Storage) -> None:
    def kinds(**changes: Any) -> set[str]:
        chosen = Settings(data_dir=settings.data_dir, **changes)
        engine: InferenceEngine = open_engine(chosen)
        found = set(health_checks(chosen, opened, engine, lambda: LISTENS))
        engine.close()
        return found

    always = {"database", "worker", "engine", "disk"}
    assert kinds(engine="deterministic", response_cache="off") == always
    assert kinds() == always | {"tier_disk", "response_cache"}
    assert kinds(cache_disk_mb=0, cache_redis_url="redis://127.0.0.1:9") == always | {
        "tier_remote",
        "response_cache",
    }


@pytest.mark.parametrize(
    ("worker", "state", "cause"),
    [
        (LISTENS, "healthy", ""),
        (WorkerState(is_ready=False, pid=7, restarts=1), "offline", "It is starting."),
        (WorkerState(is_ready=False, pid=None, restarts=1), "offline", "It has ended and starts again."),
    ],
)
def test_a_worker_that_does_not_listen_is_offline(
    settings: Settings, opened: Storage, worker: WorkerState, state: str, cause: str
) -> None:
    found = ask("worker", deterministic(settings), opened, worker)
    assert (found.state, found.cause) == (state, cause)


@pytest.mark.parametrize(("free_mb", "state"), [(5000, "healthy"), (500, "warning"), (50, "unhealthy")])
def test_a_disk_without_room_says_how_much_is_left(
    settings: Settings, opened: Storage, free_mb: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = shutil.disk_usage(settings.data_dir).total
    monkeypatch.setattr(watching, "disk_usage", lambda _: SimpleNamespace(free=free_mb << 20, total=total))
    found = ask("disk", deterministic(settings), opened)
    assert found.state == state
    assert state == "healthy" or f"{free_mb} MiB" in found.cause


def test_a_database_that_is_away_leaves_its_figures_out_and_no_others(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True)
    chosen = deterministic(settings)
    engine = open_engine(chosen)
    away: Any = Away()
    with pytest.raises(Unavailable):
        ask("database", chosen, away)
    metrics = Metrics()
    metrics.watch(Figures(chosen, away, engine, lambda: LISTENS).collect)
    text = metrics.text().decode()
    engine.close()
    assert "process_resident_memory_bytes{" in text
    assert "system_memory_usage_ratio " in text
    assert "system_jobs{" not in text
    assert "system_installation_timestamp_seconds" not in text


@pytest.mark.redis
def test_a_redis_that_goes_is_offline_and_its_password_is_not_told(
    settings: Settings, opened: Storage
) -> None:
    with one_server("--requirepass", "hidden") as server:
        url = f"redis://:hidden@127.0.0.1:{server.port}/0"
        chosen = Settings(data_dir=settings.data_dir, cache_redis_url=url)
        engine = open_engine(chosen)
        check = health_checks(chosen, opened, engine, lambda: LISTENS)["tier_remote"]
        assert check() == Finding("healthy")
        server.kill()
        gone = check()
        assert gone.state == "offline"
        assert str(server.port) in gone.cause
        assert "hidden" not in gone.cause
        server.start()
        assert check() == Finding("healthy")
        engine.close()


def test_a_store_of_answers_that_is_lost_is_offline(settings: Settings, opened: Storage) -> None:
    chosen = Settings(
        data_dir=settings.data_dir,
        engine="deterministic",
        response_cache="redis",
        response_cache_url="redis://127.0.0.1:9",
    )
    found = ask("response_cache", chosen, opened)
    assert found.state == "offline"
    assert "computed" in found.cause


def test_a_model_that_is_not_loaded_has_tiers_of_which_nothing_is_known(
    settings: Settings, opened: Storage
) -> None:
    assert ask("tier_disk", settings, opened) == Finding("unknown", "The model is not loaded.")


def test_servers_of_every_workspace_are_watched(opened: Storage) -> None:
    for number, workspace in enumerate(("one", "two")):
        source = MetricSource(
            id=str(number),
            name="gpu",
            url=f"http://gpu-{number}/metrics",
            author="admin",
            added_at=datetime(2026, 3, 1, 12, number, tzinfo=UTC),
        )
        with opened.transaction() as work:
            work.workspaces.ensure(workspace, workspace)
            work.metric_sources.add(workspace, source)
    assert [(each.id, each.url) for each in attached_sources(opened)] == [
        ("0", "http://gpu-0/metrics"),
        ("1", "http://gpu-1/metrics"),
    ]
