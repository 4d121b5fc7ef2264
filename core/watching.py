"""What the application tells of itself: its figures, gathered from the parts that it holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime

from prometheus_client.core import Metric

from core.errors import WorkbenchError
from core.inference import InferenceEngine, Local
from core.inference.response_cache import CachedEngine
from core.jobs.supervisor import WorkerState
from core.settings import Settings
from core.storage import Storage
from core.telemetry.cache_metrics import (
    cache_metrics,
    latency_metrics,
    response_cache_metrics,
    scheduler_metrics,
)
from core.telemetry.memory import memory_usage_ratio
from core.telemetry.metrics import Metrics, job_metrics, process_metrics, system_metrics


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


def local_engine(engine: InferenceEngine) -> Local | None:
    """The model in this process, if that is what answers."""
    inner = engine.engine if isinstance(engine, CachedEngine) else engine
    return inner if isinstance(inner, Local) else None


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
