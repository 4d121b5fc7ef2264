"""Snapshots of the engine as families that Prometheus can add up."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from prometheus_client.core import Metric

from core.telemetry.cache_metrics import cache_metrics, latency_metrics, scheduler_metrics
from kvcache.engine.device_load import DeviceLoad
from kvcache.engine.placement import ReplicaSnapshot
from kvcache.metrics import CacheSnapshot, Histogram
from kvcache.store_metrics import LevelSnapshot, PrefetchSnapshot, StoreSnapshot
from kvcache.tiers.tier import TierSnapshot
from tests.fakes.replica_snapshot import replica_snapshot


def histogram(*values: float) -> Histogram:
    made = Histogram()
    for value in values:
        made.add(value)
    return made


def samples(families: Iterable[Metric]) -> dict[str, float]:
    """Values by name and labels as PromQL writes them."""
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sample.labels.items()): sample.value
        for family in families
        for sample in family.samples
    }


def level(tier: str, held_bytes: int) -> LevelSnapshot:
    """One that holds 3 blocks at a quarter of their size."""
    return LevelSnapshot(
        form="int8",
        hit_blocks=1,
        demoted_blocks=5,
        written_blocks=0,
        declined_blocks=0,
        evicted_blocks=7,
        loaded_bytes=250,
        raw_bytes=5000,
        stored_bytes=1250,
        load_us=histogram(100).snapshot(),
        expected_load_ms=None,
        tier=TierSnapshot(
            name=tier,
            blocks=3,
            stored_bytes=750,
            held_bytes=held_bytes,
            capacity_bytes=2000,
            damaged=0,
            errors=1,
        ),
    )


def store(**changes: object) -> StoreSnapshot:
    """A store with blocks in three tiers, and a tenant whose name nobody may see."""
    empty = Histogram().snapshot()
    values: dict[str, object] = {
        "index": CacheSnapshot(
            policy="lru",
            capacity_blocks=10,
            resident_blocks=4,
            leases=0,
            requests=2,
            requested_blocks=9,
            hit_blocks=2,
            collisions=0,
            evicted_blocks={"request": 1, "quota": 2},
            age_at_eviction_ms=empty,
            idle_at_eviction_ms=empty,
            uses_at_eviction=empty,
            lookup_us=histogram(0.5, 3, 900).snapshot(),
        ),
        "write_pattern": "write-back",
        "block_bytes": 1000,
        "requested_tokens": 640,
        "cached_tokens": 192,
        "device_hit_blocks": 2,
        "staged_hit_blocks": 0,
        "tenants": {"secret customer": None},
        "levels": {"host int8": level("host", 800), "disk int8": level("disk", 2000)},
        "prefetch": PrefetchSnapshot(
            loaded_blocks=6, useful_blocks=3, wasted_blocks=2, cancelled_blocks=1, staged_blocks=0
        ),
        "duplicate_blocks": 4,
    }
    zeros = {name: 0 for name in StoreSnapshot.__dataclass_fields__ if name not in values}
    return StoreSnapshot(**(zeros | values | changes))  # type: ignore[arg-type]


def test_replicas_are_added_up_tier_by_tier() -> None:
    found = samples(cache_metrics([store(), store()], block_tokens=64))
    assert found["kv_cache_prompt_tokens_total"] == 1280
    assert found["kv_cache_hit_tokens_total{tier=device}"] == 256
    assert found["kv_cache_hit_tokens_total{tier=host}"] == 128
    assert found["kv_cache_requested_blocks_total"] == 18
    assert found["kv_cache_evictions_total{tier=device}{cause=quota}"] == 4
    assert found["kv_cache_evictions_total{tier=host}{cause=pressure}"] == 14
    assert found["kv_cache_entries{tier=device}"] == 8
    assert found["kv_cache_limit_bytes{tier=host}"] == 4000
    assert found["kv_cache_memory_usage_ratio"] == pytest.approx((8000 + 1600) / (20_000 + 4000))
    assert found["kv_cache_raw_bytes_total{tier=host}"] == 4 * found["kv_cache_stored_bytes_total{tier=host}"]
    assert found["kv_cache_loaded_blocks_total{tier=host}"] == 2
    assert found["kv_cache_prefetched_blocks_total{outcome=wasted}"] == 4
    assert found["kv_cache_deduplicated_bytes_total"] == 8000
    assert found["kv_cache_tier_errors_total{tier=host}"] == 2


def test_powers_of_two_become_cumulative_buckets_in_seconds() -> None:
    found = samples(latency_metrics([store()], [replica_snapshot(total_ms=[3, 700, 10**9])]))
    name = "kv_cache_latency_seconds"
    assert found[f"{name}_bucket{{stage=lookup}}{{le=1e-06}}"] == 1
    assert found[f"{name}_bucket{{stage=lookup}}{{le=4e-06}}"] == 2
    assert found[f"{name}_bucket{{stage=lookup}}{{le=0.001024}}"] == 3
    assert found[f"{name}_bucket{{stage=total}}{{le=0.004}}"] == 1
    assert found[f"{name}_bucket{{stage=total}}{{le=1.024}}"] == 2
    assert found[f"{name}_bucket{{stage=total}}{{le=131.072}}"] == 2
    assert found[f"{name}_bucket{{stage=total}}{{le=+Inf}}"] == 3
    assert found[f"{name}_sum{{stage=total}}"] == pytest.approx(1_000_000.703)
    assert found[f"{name}_count{{stage=load}}"] == 2


def test_requests_count_by_how_they_ended_and_wait_by_priority() -> None:
    replicas = [
        replica_snapshot(answered=5, overloaded=1, waiting={"high": 2}, batch=[1, 1, 5, 101]),
        replica_snapshot(answered=2, past_deadline=3, waiting={"high": 1}, is_healthy=False),
    ]
    found = samples(scheduler_metrics(replicas))
    assert found["kv_cache_requests_total{outcome=answered}"] == 7
    assert found["kv_cache_requests_total{outcome=past_deadline}"] == 3
    assert found["kv_cache_waiting_requests{priority=high}"] == 3
    assert found["kv_cache_replicas{state=failed}"] == 1
    bounds = (1, 5, 10, 20, 50, 100)
    assert [found[f"kv_cache_batch_size_bucket{{le={bound}.0}}"] for bound in bounds] == [2, 3, 3, 3, 3, 3]
    assert found["kv_cache_batch_size_bucket{le=+Inf}"] == 4
    assert found["kv_cache_batch_size_sum"] == 108


def test_a_gpu_counts_once_and_is_absent_where_there_is_none() -> None:
    load = DeviceLoad(used_bytes=3, total_bytes=4, busy_share=0.5)
    found = samples(scheduler_metrics([_on_gpu(load), _on_gpu(load)]))
    assert found["gpu_memory_used_bytes{gpu=cuda:0}"] == 3
    assert found["gpu_utilization_ratio{gpu=cuda:0}"] == 0.5
    assert not any(name.startswith("gpu") for name in samples(scheduler_metrics([replica_snapshot()])))


def _on_gpu(load: DeviceLoad) -> ReplicaSnapshot:
    return replica_snapshot(device="cuda:0", load=load)


def test_no_label_carries_the_name_of_a_tenant() -> None:
    text = repr([family.samples for family in cache_metrics([store()], block_tokens=64)])
    assert "secret customer" not in text


def test_a_model_that_is_not_loaded_has_families_without_figures() -> None:
    families = [*cache_metrics([], 64), *latency_metrics([], []), *scheduler_metrics([])]
    assert samples(families) == {}
    assert "kv_cache_requests" in {family.name for family in families}
