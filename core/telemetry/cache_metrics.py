"""The KV cache and its scheduler as metric families, added up over the replicas of the model.

No label carries text, a tenant's name or a key: each has a short list of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

if TYPE_CHECKING:
    from kvcache.engine.placement import ReplicaSnapshot
    from kvcache.metrics import BoundedSnapshot, HistogramSnapshot
    from kvcache.store_metrics import LevelSnapshot, StoreSnapshot

DEVICE, STAGED = "device", "staged"
IN_MEMORY = (DEVICE, "host")
MICROSECOND_BUCKETS = 25
MILLISECOND_BUCKETS = 18
REFUSALS = ("overloaded", "past_deadline")
OUTCOMES = ("answered", "failed", "cancelled", *REFUSALS)

Values: TypeAlias = dict[tuple[str, ...], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A tier of one replica. `limit_bytes` is 0 where it has no bound of its own."""

    tier: str
    entries: int
    held_bytes: int = 0
    limit_bytes: int = 0
    hit_blocks: int = 0
    evicted_blocks: Mapping[str, int] = field(default_factory=dict)
    level: LevelSnapshot | None = None


def cache_metrics(stores: Sequence[StoreSnapshot], block_tokens: int) -> Iterator[Metric]:
    """What the caches of the replicas hold and have done."""
    places = [place for store in stores for place in _places(store)]
    yield from _traffic(stores, places, block_tokens)
    yield from _room(places)
    yield from _moves(stores, places)


def scheduler_metrics(replicas: Iterable[ReplicaSnapshot]) -> Iterator[Metric]:
    """Who waits, how requests ended, and how the replicas are."""
    replicas = list(replicas)
    schedulers = [replica.scheduler for replica in replicas]
    yield _counter(
        "kv_cache_requests",
        "Requests to the model by how they ended.",
        ("outcome",),
        [((outcome,), getattr(each, outcome)) for each in schedulers for outcome in OUTCOMES],
    )
    yield _counter(
        "kv_cache_submitted_requests",
        "Requests that were taken in.",
        (),
        [((), each.submitted) for each in schedulers],
    )
    yield _counter(
        "kv_cache_joined_requests",
        "Requests that shared another's computation.",
        (),
        [((), each.joined) for each in schedulers],
    )
    yield _counter(
        "kv_cache_new_tokens",
        "Tokens that the model wrote.",
        (),
        [((), each.new_tokens) for each in schedulers],
    )
    yield _counter(
        "kv_cache_engine_errors",
        "Errors raised where the model computes.",
        (),
        [((), each.engine_errors) for each in schedulers],
    )
    yield _counter(
        "kv_cache_replica_failures",
        "Times that a replica was set aside.",
        (),
        [((), each.failures) for each in replicas],
    )
    yield _gauge(
        "kv_cache_replicas",
        "Replicas of the model by whether they answer.",
        ("state",),
        [(("healthy" if each.is_healthy else "failed",), 1) for each in replicas],
    )
    yield _gauge(
        "kv_cache_waiting_requests",
        "Computations that wait, by priority.",
        ("priority",),
        [((priority.lower(),), count) for each in schedulers for priority, count in each.waiting.items()],
    )
    yield _gauge(
        "kv_cache_running_requests", "Computations that run.", (), [((), each.running) for each in schedulers]
    )
    yield _batch([each.batch for each in schedulers])
    yield from _gpus(replicas)


def latency_metrics(stores: Iterable[StoreSnapshot], replicas: Iterable[ReplicaSnapshot]) -> Iterator[Metric]:
    """Seconds by stage: finding a prompt's blocks, bringing one up, first token, whole answer."""
    stores, replicas = list(stores), list(replicas)
    family = HistogramMetricFamily("kv_cache_latency_seconds", "Time taken, by stage.", labels=["stage"])
    loads = [level.load_us for store in stores for level in store.levels.values()]
    schedulers = [replica.scheduler for replica in replicas]
    for stage, histograms, scale, num_buckets in (
        ("lookup", [store.index.lookup_us for store in stores], 1e-6, MICROSECOND_BUCKETS),
        ("load", loads, 1e-6, MICROSECOND_BUCKETS),
        ("first_token", [each.first_token_ms for each in schedulers], 1e-3, MILLISECOND_BUCKETS),
        ("total", [each.total_ms for each in schedulers], 1e-3, MILLISECOND_BUCKETS),
    ):
        if histograms:
            bounds = [2**power * scale for power in range(num_buckets)]
            family.add_metric([stage], _cumulative(histograms, bounds), _sum(histograms) * scale)
    yield family


def response_cache_metrics(counts: Mapping[str, int | None]) -> Iterator[Metric]:
    """The counts of a ResponseCacheSnapshot, by the names of its fields."""
    yield _counter(
        "response_cache_requests",
        "Questions by whether a kept answer was found.",
        ("outcome",),
        [
            ((outcome,), counts[name] or 0)
            for outcome, name in (("hit", "hits"), ("miss", "misses"), ("bypassed", "bypassed"))
        ],
    )
    for name, meaning in (
        ("stored", "Answers that were kept."),
        ("evictions", "Kept answers that went for others."),
        ("damaged", "Kept answers that were not what was put."),
        ("errors", "Calls that the store of answers did not answer."),
    ):
        yield _counter(f"response_cache_{name}", meaning, (), [((), counts[name] or 0)])
    for count, name, meaning in (
        ("entries", "response_cache_entries", "Answers that are kept."),
        ("num_bytes", "response_cache_bytes", "Bytes that kept answers take."),
    ):
        value = counts[count]
        yield _gauge(name, meaning, (), [] if value is None else [((), value)])


def _places(store: StoreSnapshot) -> Iterator[_Place]:
    index = store.index
    yield _Place(
        tier=DEVICE,
        entries=index.resident_blocks,
        held_bytes=index.resident_blocks * store.block_bytes,
        limit_bytes=index.capacity_blocks * store.block_bytes,
        hit_blocks=store.device_hit_blocks,
        evicted_blocks=index.evicted_blocks,
    )
    yield _Place(
        tier=STAGED,
        entries=store.prefetch.staged_blocks,
        held_bytes=store.prefetch.staged_blocks * store.block_bytes,
        hit_blocks=store.staged_hit_blocks,
    )
    for level in store.levels.values():
        yield _Place(
            tier=level.tier.name,
            entries=level.tier.blocks,
            held_bytes=level.tier.held_bytes,
            limit_bytes=level.tier.capacity_bytes,
            hit_blocks=level.hit_blocks,
            evicted_blocks={"pressure": level.evicted_blocks},
            level=level,
        )


def _traffic(
    stores: Iterable[StoreSnapshot], places: Iterable[_Place], block_tokens: int
) -> Iterator[Metric]:
    yield _counter(
        "kv_cache_prompt_tokens", "Tokens of prompts.", (), [((), store.requested_tokens) for store in stores]
    )
    yield _counter(
        "kv_cache_hit_tokens",
        "Tokens of prompts in blocks that were found, by where they rested.",
        ("tier",),
        [((place.tier,), place.hit_blocks * block_tokens) for place in places],
    )
    yield _counter(
        "kv_cache_requested_blocks",
        "Whole blocks of prompts.",
        (),
        [((), store.index.requested_blocks) for store in stores],
    )
    yield _counter(
        "kv_cache_hit_blocks",
        "Blocks that were found, by where they rested.",
        ("tier",),
        [((place.tier,), place.hit_blocks) for place in places],
    )


def _room(places: Sequence[_Place]) -> Iterator[Metric]:
    yield _gauge(
        "kv_cache_entries",
        "Blocks that rest in a tier.",
        ("tier",),
        [((place.tier,), place.entries) for place in places],
    )
    yield _gauge(
        "kv_cache_bytes",
        "Bytes that the blocks of a tier take.",
        ("tier",),
        [((place.tier,), place.held_bytes) for place in places],
    )
    yield _gauge(
        "kv_cache_limit_bytes",
        "Bytes that the blocks of a tier may take.",
        ("tier",),
        [((place.tier,), place.limit_bytes) for place in places if place.limit_bytes],
    )
    in_memory = [place for place in places if place.tier in IN_MEMORY]
    limit = sum(place.limit_bytes for place in in_memory)
    held = sum(place.held_bytes for place in in_memory)
    yield _gauge(
        "kv_cache_memory_usage_ratio",
        "Share of its room on the device and in memory that the cache fills.",
        (),
        [((), held / limit)] if limit else [],
    )


def _moves(stores: Iterable[StoreSnapshot], places: Iterable[_Place]) -> Iterator[Metric]:
    places = list(places)
    levels = [(place.tier, place.level) for place in places if place.level is not None]
    yield _counter(
        "kv_cache_evictions",
        "Blocks that went, by tier and cause.",
        ("tier", "cause"),
        [((place.tier, cause), count) for place in places for cause, count in place.evicted_blocks.items()],
    )
    for name, meaning, attribute in (
        ("demoted_blocks", "Blocks that went down into a tier.", "demoted_blocks"),
        ("written_blocks", "Blocks that were written to a tier.", "written_blocks"),
        ("declined_blocks", "Blocks that were cheaper to compute than to load.", "declined_blocks"),
        ("loaded_bytes", "Bytes that were read from a tier.", "loaded_bytes"),
        ("raw_bytes", "Bytes of the blocks put into a tier, before they were compressed.", "raw_bytes"),
        ("stored_bytes", "Bytes of the blocks put into a tier, as they were stored.", "stored_bytes"),
    ):
        yield _counter(
            f"kv_cache_{name}",
            meaning,
            ("tier",),
            [((tier,), getattr(level, attribute)) for tier, level in levels],
        )
    yield _counter(
        "kv_cache_loaded_blocks",
        "Blocks that were read from a tier.",
        ("tier",),
        [((tier,), level.load_us.num) for tier, level in levels],
    )
    yield _counter(
        "kv_cache_damaged_blocks",
        "Stored blocks that failed their tag.",
        ("tier",),
        [((tier,), level.tier.damaged) for tier, level in levels],
    )
    yield _counter(
        "kv_cache_tier_errors",
        "Calls that a tier did not answer.",
        ("tier",),
        [((tier,), level.tier.errors) for tier, level in levels],
    )
    yield _counter(
        "kv_cache_prefetched_blocks",
        "Blocks fetched ahead: taken by a request, dropped untaken, or called off before.",
        ("outcome",),
        [
            ((outcome,), getattr(store.prefetch, f"{outcome}_blocks"))
            for store in stores
            for outcome in ("useful", "wasted", "cancelled")
        ],
    )
    yield _counter(
        "kv_cache_deduplicated_bytes",
        "Bytes that were not stored a second time.",
        (),
        [((), store.duplicate_bytes) for store in stores],
    )
    yield _gauge(
        "kv_cache_unwritten_blocks",
        "Blocks that a crash now would lose.",
        (),
        [((), store.unwritten_blocks) for store in stores],
    )


def _batch(histograms: Sequence[BoundedSnapshot]) -> Metric:
    family = HistogramMetricFamily("kv_cache_batch_size", "Computations that ran together in a turn.")
    if histograms:
        family.add_metric([], _cumulative(histograms, histograms[0].bounds), _sum(histograms))
    return family


def _gpus(replicas: Iterable[ReplicaSnapshot]) -> Iterator[Metric]:
    """A GPU counts once, however many replicas it has."""
    loads = {replica.device: replica.load for replica in replicas if replica.load is not None}
    if not loads:
        return
    for name, meaning, attribute in (
        ("gpu_utilization_ratio", "Share of the last moments in which the GPU computed.", "busy_share"),
        ("gpu_memory_used_bytes", "Memory of the GPU in use, by all processes.", "used_bytes"),
        ("gpu_memory_total_bytes", "Memory of the GPU.", "total_bytes"),
    ):
        values = [((device,), getattr(load, attribute)) for device, load in loads.items()]
        yield _gauge(name, meaning, ("gpu",), values)


def _cumulative(
    histograms: Iterable[HistogramSnapshot | BoundedSnapshot], bounds: Sequence[float]
) -> list[tuple[str, float]]:
    """Bucket b of each lies wholly at or below the bound b; what is above all, in +Inf."""
    counts = [sum(column) for column in zip(*(each.counts for each in histograms), strict=True)]
    seen = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip(bounds, counts, strict=False):
        seen += count
        buckets.append((str(float(bound)), seen))
    return [*buckets, ("+Inf", sum(counts))]


def _sum(histograms: Iterable[HistogramSnapshot | BoundedSnapshot]) -> float:
    return sum(each.total for each in histograms)


def _counter(
    name: str, meaning: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    return _filled(CounterMetricFamily(name, meaning, labels=labels), values)


def _gauge(
    name: str, meaning: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    return _filled(GaugeMetricFamily(name, meaning, labels=labels), values)


def _filled(
    family: CounterMetricFamily | GaugeMetricFamily, values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    totals: Counter[tuple[str, ...]] = Counter()
    for labels, value in values:
        totals[labels] += value  # type: ignore[assignment]
    for labels, value in totals.items():
        family.add_metric(labels, value)
    return family
