"""What the index counts: plain integers while it runs, an immutable snapshot for whoever looks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from kvcache.run import Run

NUM_BUCKETS = 40


class EvictionCause(IntEnum):
    """Why blocks went."""

    REQUEST = 0
    QUOTA = 1
    PRESSURE = 2
    CLEAR = 3
    GIVEN_UP = 4


class Histogram:
    """Counts by powers of two: bucket b holds 2**(b-1) <= value < 2**b, bucket 0 holds what is below 1."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * NUM_BUCKETS
        self.total = 0.0

    def add(self, value: float, times: int = 1) -> None:
        self.counts[min(int(value).bit_length(), NUM_BUCKETS - 1)] += times
        self.total += value * times

    def snapshot(self) -> HistogramSnapshot:
        return HistogramSnapshot(counts=tuple(self.counts), total=self.total)


@dataclass(frozen=True, slots=True)
class HistogramSnapshot:
    """`counts[b]` values lay below `2**b` and not below `2**(b-1)`; `total` is their sum."""

    counts: tuple[int, ...]
    total: float

    @property
    def num(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The upper bound of the bucket that the quantile falls in; 0 when nothing was counted."""
        wanted, seen = share * self.num, 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if seen and seen >= wanted:
                return float(2**bucket)
        return 0.0


class BoundedHistogram:
    """Counts by bounds of one's own: bucket b holds bounds[b-1] < value <= bounds[b], the last what is above.

    >>> runs = BoundedHistogram((1, 5))
    >>> for value in (1, 2, 5, 6):
    ...     runs.add(value)
    >>> runs.snapshot().counts
    (1, 2, 1)
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def snapshot(self) -> BoundedSnapshot:
        return BoundedSnapshot(bounds=self.bounds, counts=tuple(self.counts), total=self.total)


@dataclass(frozen=True, slots=True)
class BoundedSnapshot:
    """`counts[b]` values lay at or below `bounds[b]` and above the bound before; `total` is their sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


SAMPLED = 32
"""One of so many evicted blocks is looked at, and those that go with it."""


class IndexCounters:
    """Counters of one index, written by its owner only. The histograms see samples of the evictions."""

    __slots__ = ("age_ms", "by_cause", "collisions", "idle_ms", "looks_at", "uses")

    def __init__(self) -> None:
        self.collisions = 0
        self.by_cause = [0] * len(EvictionCause)
        self.looks_at = [0] * len(EvictionCause)
        self.age_ms = Histogram()
        self.idle_ms = Histogram()
        self.uses = Histogram()

    def look_at(self, run: Run, num_blocks: int, cause: int, now_ms: float) -> None:
        """Take an eviction that ended in this run for all since the last one that was looked at."""
        self.looks_at[cause] = self.by_cause[cause] + SAMPLED * num_blocks
        self.age_ms.add(now_ms - run.created, num_blocks)
        self.idle_ms.add(now_ms - run.last_used, num_blocks)
        self.uses.add(run.num_uses, num_blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSnapshot:
    """Blocks of one tenant."""

    requested_blocks: int
    hit_blocks: int
    resident_blocks: int
    quota_blocks: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSnapshot:
    """What a cache has done since it was made, at one moment. Blocks unless the name says otherwise."""

    policy: str
    capacity_blocks: int
    resident_blocks: int
    leases: int
    requests: int
    requested_blocks: int
    hit_blocks: int
    collisions: int
    evicted_blocks: Mapping[str, int]
    age_at_eviction_ms: HistogramSnapshot
    idle_at_eviction_ms: HistogramSnapshot
    uses_at_eviction: HistogramSnapshot
    lookup_us: HistogramSnapshot
    tenants: Mapping[str, TenantSnapshot] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def hit_rate(self) -> float:
        """Hit blocks among the requested full blocks; 0 before the first request."""
        return self.hit_blocks / self.requested_blocks if self.requested_blocks else 0.0
