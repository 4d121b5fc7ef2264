"""A replica of the model as its placement would describe it."""

from __future__ import annotations

from collections.abc import Iterable

from kvcache.engine.placement import ReplicaSnapshot
from kvcache.engine.scheduler_metrics import SchedulerCounters, SchedulerSnapshot
from kvcache.metrics import BoundedSnapshot, HistogramSnapshot


def replica_snapshot(
    *,
    device: str = "cpu",
    is_healthy: bool = True,
    load: object = None,
    **counts: object,
) -> ReplicaSnapshot:
    """Counts that are not given are 0; histograms take the values that they saw."""
    values: dict[str, object] = {}
    for name in SchedulerSnapshot.__dataclass_fields__:
        given = counts.get(name)
        if name in ("queue_wait_ms", "first_token_ms", "total_ms", "token_ms", "batch"):
            values[name] = _histogram(name, given if isinstance(given, list) else ())
        else:
            values[name] = given if given is not None else {} if name == "waiting" else 0
    return ReplicaSnapshot(
        device=device,
        is_healthy=is_healthy,
        failures=0,
        routed=0,
        outstanding_tokens=0,
        scheduler=SchedulerSnapshot(**values),  # type: ignore[arg-type]
        load=load,  # type: ignore[arg-type]
    )


def _histogram(name: str, values: Iterable[float]) -> HistogramSnapshot | BoundedSnapshot:
    histogram = getattr(SchedulerCounters(), name)
    for value in values:
        histogram.add(value)
    return histogram.snapshot()
