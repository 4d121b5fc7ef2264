"""What a block store counts: plain integers while it runs, an immutable snapshot for whoever looks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from threading import Lock
from types import MappingProxyType
from typing import TypeVar

from kvcache.metrics import CacheSnapshot, Histogram, HistogramSnapshot
from kvcache.tiers.tier import TierSnapshot

Count = TypeVar("Count")
REQUESTED, CACHED = "requested tokens", "cached tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTenant:
    """One tenant: tokens asked for, those that came out of the cache, and blocks by where they had rested."""

    requested_tokens: int
    cached_tokens: int
    hit_blocks: Mapping[str, int]


class StoreCounters:
    """Counters of one store. Some are added to by several threads at once and may then miss one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tenants: dict[str, Counter[str]] = defaultdict(Counter)
        self.requested_tokens = 0
        self.cached_tokens = 0
        self.hit_blocks: dict[str, int] = defaultdict(int)
        self.load_us: dict[str, Histogram] = defaultdict(Histogram)
        self.loaded_bytes: dict[str, int] = defaultdict(int)
        self.declined_blocks: dict[str, int] = defaultdict(int)
        self.planned_load_seconds = 0.0
        self.spared_compute_seconds = 0.0
        self.demoted_blocks: dict[str, int] = defaultdict(int)
        self.written_blocks: dict[str, int] = defaultdict(int)
        self.raw_bytes: dict[str, int] = defaultdict(int)
        self.stored_bytes: dict[str, int] = defaultdict(int)
        self.key_error = 0.0
        self.value_error = 0.0
        self.sampled_blocks = 0
        self.dropped_blocks = 0
        self.kept_blocks = 0
        self.duplicate_blocks = 0
        self.duplicate_public_blocks = 0
        self.wrong_tokens = 0
        self.unreadable = 0
        self.failed_upkeep = 0

    def count_prompt(self, tenant: str, num_tokens: int, num_cached: int, places: Sequence[str]) -> None:
        """A tenant opened a prompt whose leading blocks had rested in these places."""
        with self._lock:
            self.requested_tokens += num_tokens
            self.cached_tokens += num_cached
            counts = self._tenants[tenant]
            counts[REQUESTED] += num_tokens
            counts[CACHED] += num_cached
            counts.update(places)
            for place in places:
                self.hit_blocks[place] += 1

    def rename(self, names: Mapping[str, str]) -> None:
        """Levels go by other names now; what was counted of them goes along."""
        with self._lock:
            _rename_keys(self.load_us, names)
            for counts in (
                self.hit_blocks,
                self.loaded_bytes,
                self.declined_blocks,
                self.demoted_blocks,
                self.written_blocks,
                self.raw_bytes,
                self.stored_bytes,
                *self._tenants.values(),
            ):
                _rename_keys(counts, names)

    def by_tenant(self) -> Mapping[str, StoreTenant]:
        with self._lock:
            return MappingProxyType(
                {
                    tenant: StoreTenant(
                        requested_tokens=counts[REQUESTED],
                        cached_tokens=counts[CACHED],
                        hit_blocks=MappingProxyType(
                            {place: num for place, num in counts.items() if place not in (REQUESTED, CACHED)}
                        ),
                    )
                    for tenant, counts in self._tenants.items()
                }
            )


def _rename_keys(counts: dict[str, Count], names: Mapping[str, str]) -> None:
    taken = {new: counts.pop(old) for old, new in names.items() if old in counts}
    counts.update(taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSnapshot:
    """One tier below the device. `load_us` times reading and decoding one block, in microseconds.

    `raw_bytes` are what its stored blocks took in the device, `stored_bytes` what they took here, both since
    the start; `key_error` and `value_error` are means over sampled blocks, relative to the values' norm.
    """

    form: str
    hit_blocks: int
    demoted_blocks: int
    written_blocks: int
    declined_blocks: int
    evicted_blocks: int
    loaded_bytes: int
    raw_bytes: int
    stored_bytes: int
    load_us: HistogramSnapshot
    expected_load_ms: float | None
    tier: TierSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefetchSnapshot:
    """Blocks: loaded ahead, of those taken by a request, of those dropped untaken, and cancelled before."""

    loaded_blocks: int
    useful_blocks: int
    wasted_blocks: int
    cancelled_blocks: int
    staged_blocks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSnapshot:
    """What a store has done since it was made, at one moment. Blocks unless the name says otherwise.

    Staged hits were in memory, on their way down or fetched ahead. `oldest_unwritten_seconds` is what a
    crash now would lose at most; the setting is `loss_window_seconds`.
    `duplicate_blocks` were kept already when a prompt would have kept them again.
    """

    index: CacheSnapshot
    write_pattern: str
    block_bytes: int
    requested_tokens: int
    cached_tokens: int
    device_hit_blocks: int
    staged_hit_blocks: int
    tenants: Mapping[str, StoreTenant]
    levels: Mapping[str, LevelSnapshot]
    prefetch: PrefetchSnapshot
    planned_load_seconds: float
    spared_compute_seconds: float
    kept_blocks: int
    duplicate_blocks: int
    duplicate_public_blocks: int
    dropped_blocks: int
    key_error: float
    value_error: float
    sampled_blocks: int
    wrong_tokens: int
    unreadable: int
    failed_upkeep: int
    unwritten_blocks: int
    oldest_unwritten_seconds: float
    loss_window_seconds: float

    @property
    def duplicate_bytes(self) -> int:
        """Bytes that were not stored a second time."""
        return self.duplicate_blocks * self.block_bytes


def as_plain(value: object) -> object:
    """A snapshot as dictionaries, lists and numbers, ready for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    return value
