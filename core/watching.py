"""What the application tells of itself: figures and health, gathered from the parts that it holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from shutil import disk_usage
from typing import Any

from prometheus_client.core import Metric

from core.errors import WorkbenchError
from core.inference import InferenceEngine, Local, local_engine
from core.inference.response_cache import CachedEngine
from core.jobs.supervisor import WorkerState
from core.settings import Settings
from core.storage import Storage
from core.telemetry.alerts.alert import Alert
from core.telemetry.cache_metrics import (
    cache_metrics,
    latency_metrics,
    response_cache_metrics,
    scheduler_metrics,
)
from core.telemetry.health import Check, Finding, State
from core.telemetry.memory import memory_usage_ratio
from core.telemetry.metrics import Metrics, job_metrics, process_metrics, system_metrics
from core.telemetry.sources.state import Attached

LEAST_FREE_MB, FEW_FREE_MB = 100, 1024
REDIS_SECONDS = 0.5


class Figures:
    """The families that are read at each scrape, rather than counted as things happen.

    `count_connections` is whoever knows of browser sessions; the launcher sets it.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        engine: InferenceEngine,
        worker: Callable[[], WorkerState],
    ) -> None:
        self.count_connections: Callable[[], int] | None = None
        self._settings = settings
        self._storage = storage
        self._engine = engine
        self._worker = worker

    def count_prompts(self, metrics: Metrics) -> None:
        """Have every prompt counted as the model in this process serves it."""
        local = local_engine(self._engine)
        if local is not None:
            local.subscribe(
                lambda record: metrics.observe_prompt(record.possible_tokens, record.missed_tokens)
            )

    def collect(self) -> Iterator[Metric]:
        """A database that does not answer leaves its families out, and no others."""
        yield from process_metrics({"app": os.getpid(), "worker": self._worker().pid})
        yield from self._of_model()
        if isinstance(self._engine, CachedEngine):
            yield from response_cache_metrics(asdict(self._engine.cache.snapshot()))
        jobs, installed_at, backed_up_at = self._of_database()
        yield from job_metrics(jobs)
        yield from system_metrics(
            num_connections=None if self.count_connections is None else self.count_connections(),
            memory_ratio=memory_usage_ratio(),
            installed_at=installed_at,
            backed_up_at=backed_up_at,
        )

    def _of_model(self) -> Iterator[Metric]:
        local = local_engine(self._engine)
        if local is None:
            return
        stores = list(local.cache_snapshots().values())
        placement = local.placement_snapshot()
        replicas = [] if placement is None else list(placement.replicas.values())
        yield from cache_metrics(stores, self._settings.cache_block_tokens)
        yield from latency_metrics(stores, replicas)
        yield from scheduler_metrics(replicas)

    def _of_database(self) -> tuple[dict[str, int], float | None, float | None]:
        try:
            with self._storage.transaction(readonly=True) as work:
                return (
                    work.jobs.counts(),
                    _seconds(work.workspaces.first_made_at()),
                    _seconds(work.backups.last_made_at()),
                )
        except WorkbenchError:
            return {}, None, None


def health_checks(
    settings: Settings, storage: Storage, engine: InferenceEngine, worker: Callable[[], WorkerState]
) -> dict[str, Check]:
    """One check for each part that these settings have."""
    checks: dict[str, Check] = {
        "database": lambda: _check_database(storage),
        "worker": lambda: _check_worker(worker()),
        "engine": lambda: _check_engine(engine),
        "disk": lambda: _check_disk(settings),
    }
    if settings.engine == Local.name and settings.cache_disk_mb:
        checks["tier_disk"] = partial(_check_tier, engine, "disk", _Errors())
    if settings.engine == Local.name and settings.cache_redis_url is not None:
        checks["tier_remote"] = _RedisCheck(settings.cache_redis_url.get_secret_value())
    if isinstance(engine, CachedEngine):
        checks["response_cache"] = partial(_check_response_cache, engine)
    return checks


QUICK_CHECKS = ("worker",)


def attached_sources(storage: Storage) -> list[Attached]:
    """The servers of every workspace."""
    with storage.transaction(readonly=True) as work:
        return [Attached(each.id, each.name, each.url) for each in work.metric_sources.of_every_workspace()]


def _check_database(storage: Storage) -> Finding:
    with storage.transaction(readonly=True) as work:
        work.jobs.counts()
    return Finding("healthy")


def _check_worker(worker: WorkerState) -> Finding:
    if worker.is_ready:
        return Finding("healthy")
    return Finding("offline", "It is starting." if worker.pid else "It has ended and starts again.")


def _check_engine(engine: InferenceEngine) -> Finding:
    found = engine.health()
    return Finding(found.state, "" if found.state == "healthy" else found.detail)


def _check_disk(settings: Settings) -> Finding:
    free_mb = disk_usage(settings.data_dir).free >> 20
    state: State = "unhealthy" if free_mb < LEAST_FREE_MB else "warning"
    return Finding("healthy") if free_mb >= FEW_FREE_MB else Finding(state, f"{free_mb:,} MiB are free.")


class _Errors:
    """How many errors a tier has counted when it was looked at last."""

    def __init__(self) -> None:
        self.seen = 0


def _check_tier(engine: InferenceEngine, tier: str, errors: _Errors) -> Finding:
    local = local_engine(engine)
    levels = [
        level
        for store in (local.cache_snapshots().values() if local is not None else ())
        for level in store.levels.values()
        if level.tier.name == tier
    ]
    if not levels:
        is_loaded = local is not None and local.tenant_id("") is not None
        return Finding("unknown", "It has no room now." if is_loaded else "The model is not loaded.")
    counted = sum(level.tier.errors + level.tier.damaged for level in levels)
    fresh, errors.seen = counted - errors.seen, counted
    return (
        Finding("warning", f"{fresh:,} calls failed since the last look.")
        if fresh > 0
        else Finding("healthy")
    )


class _RedisCheck:
    """Asks the server of a tier for a sign of life, over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Any = None

    def __call__(self) -> Finding:
        from redis.exceptions import RedisError

        from kvcache.tiers.redis_client import RedisAddress

        address = RedisAddress.parse(self._url)
        try:
            if self._client is None:
                self._client = address.connect(REDIS_SECONDS)
            self._client.ping()
        except (RedisError, OSError) as error:
            return Finding("offline", f"{address} does not answer: {type(error).__name__}.")
        return Finding("healthy")


def _check_response_cache(engine: CachedEngine) -> Finding:
    if engine.cache.snapshot().entries is None:
        return Finding("offline", "The store of answers does not answer; every question is computed.")
    return Finding("healthy")


class StoredAlerts:
    """The alert log in the database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def firing(self) -> list[Alert]:
        with self._storage.transaction(readonly=True) as work:
            return work.alerts.firing()

    def fire(self, alert: Alert) -> None:
        with self._storage.transaction() as work:
            work.alerts.fire(alert)

    def resolve(self, alert: str, moment: datetime, value: float) -> None:
        with self._storage.transaction() as work:
            work.alerts.resolve(alert, moment, value)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
