"""What is measured each second beside the requests: room, queue, processes, and counts that only grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import psutil

from core.priority import Priority

if TYPE_CHECKING:
    from core.inference.local import Local
    from kvcache.engine.placement import PlacementSnapshot
    from kvcache.metrics import HistogramSnapshot
    from kvcache.store_metrics import StoreSnapshot

TIERS = ("device", "host", "disk", "remote")
GAUGES = (
    *(f"{tier}_{what}" for tier in TIERS for what in ("bytes", "limit_bytes")),
    "device_blocks",
    *(f"waiting_{priority.name.lower()}" for priority in Priority),
    "running",
    "app_bytes",
    "worker_bytes",
    "gpu_share",
    "gpu_bytes",
    "gpu_limit_bytes",
)
COUNTERS = (
    "evicted_blocks",
    "fallen_blocks",
    "fetched_ahead_blocks",
    "useful_ahead_blocks",
    "wasted_ahead_blocks",
    "kept_blocks",
    "duplicate_blocks",
    "block_bytes",
    "raw_bytes",
    "stored_bytes",
    "app_seconds",
    "worker_seconds",
)
FIELDS = (*GAUGES, *COUNTERS)
FIELD = {name: number for number, name in enumerate(("at", *FIELDS))}
HISTOGRAMS = ("age_ms", "idle_ms", "uses")
Sample: TypeAlias = Mapping[str, float]
"""Values by the names of FIELDS; one that is not there was not measured."""


def take_sample(local: Local | None, pids: Mapping[str, int | None]) -> dict[str, float]:
    """What can be measured now. `pids` names the processes `app` and `worker`."""
    sample: dict[str, float] = {}
    for name, pid in pids.items():
        sample |= _process(name, pid)
    if local is None:
        return sample
    for store in local.cache_snapshots().values():
        _add(sample, _store(store))
    placement = local.placement_snapshot()
    if placement is not None:
        _add(sample, _queue(placement))
    return sample


def eviction_histograms(local: Local | None) -> dict[str, HistogramSnapshot]:
    """How old, how long unused and how often used blocks were when they went, since the start."""
    stores = [] if local is None else list(local.cache_snapshots().values())
    if not stores:
        return {}
    index = stores[0].index
    return {
        "age_ms": index.age_at_eviction_ms,
        "idle_ms": index.idle_at_eviction_ms,
        "uses": index.uses_at_eviction,
    }


def _store(store: StoreSnapshot) -> dict[str, float]:
    index = store.index
    sample: dict[str, float] = {
        "device_bytes": index.resident_blocks * store.block_bytes,
        "device_limit_bytes": index.capacity_blocks * store.block_bytes,
        "device_blocks": index.resident_blocks,
        "evicted_blocks": sum(index.evicted_blocks.values()),
        "fetched_ahead_blocks": store.prefetch.loaded_blocks,
        "useful_ahead_blocks": store.prefetch.useful_blocks,
        "wasted_ahead_blocks": store.prefetch.wasted_blocks,
        "kept_blocks": store.kept_blocks,
        "duplicate_blocks": store.duplicate_blocks,
        "block_bytes": store.kept_blocks * store.block_bytes,
    }
    for name, level in store.levels.items():
        tier = name.split(" ", 1)[0]
        _add(
            sample,
            {
                f"{tier}_bytes": level.tier.stored_bytes,
                f"{tier}_limit_bytes": level.tier.capacity_bytes,
                "fallen_blocks": level.evicted_blocks,
                "raw_bytes": level.raw_bytes,
                "stored_bytes": level.stored_bytes,
            },
        )
    return sample


def _queue(placement: PlacementSnapshot) -> dict[str, float]:
    sample: dict[str, float] = {}
    for replica in placement.replicas.values():
        waiting = {f"waiting_{name}": float(num) for name, num in replica.scheduler.waiting.items()}
        _add(sample, waiting | {"running": replica.scheduler.running})
        load = replica.load
        if load is not None:
            _add(sample, {"gpu_bytes": load.used_bytes, "gpu_limit_bytes": load.total_bytes})
            sample["gpu_share"] = max(sample.get("gpu_share", 0.0), load.busy_share)
    return sample


def _process(name: str, pid: int | None) -> dict[str, float]:
    if pid is None:
        return {}
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            return {
                f"{name}_bytes": process.memory_info().rss,
                f"{name}_seconds": times.user + times.system,
            }
    except psutil.Error:
        return {}


def _add(sample: dict[str, float], more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sample[name] = sample.get(name, 0.0) + value
