"""One record for every request: how long it was, what was known of it, and why the rest was not.

A record holds lengths, times and salted ids, never text. It is a line of the trace format of
`kvcache.traces` with more beside it, so that what was recorded can be replayed.
"""

from __future__ import annotations

import json
import time
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from kvcache.segments import Segments

if TYPE_CHECKING:
    from kvcache.engine.served import Served

NEVER_SEEN = "never seen"
EVICTED = "evicted"
OTHER_TENANT = "other tenant"
MODEL_CHANGED = "model changed"
CHEAPER = "cheaper to recompute"
TAIL = "tail"
MISS_CAUSES = (NEVER_SEEN, EVICTED, OTHER_TENANT, MODEL_CHANGED, CHEAPER, TAIL)
"""Why tokens were computed. The tail is what fills no block, and the last token, which always is."""

MOST_SEEN_BLOCKS = 200_000
ID_BYTES = 7
NO_TOKENS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One computation at its end. `at` is in seconds since 1970; ids and tenants are keyed digests.

    `hit_tokens` by the place where they rested add up to `cached_tokens`, and with `missed_tokens` by cause
    to `prompt_tokens`. `possible_tokens` a cache without bounds would have known. A request that was refused
    or failed has no tokens here. `first_token_ms` is None where there was none.
    """

    at: float
    tenant: int
    outcome: str
    label: str = ""
    arm: str = ""
    priority: str = "normal"
    block_tokens: int = 64
    block_ids: tuple[int, ...] = ()
    prompt_tokens: int = 0
    cached_tokens: int = 0
    possible_tokens: int = 0
    new_tokens: int = 0
    hit_tokens: Mapping[str, int] = field(default_factory=lambda: NO_TOKENS)
    missed_tokens: Mapping[str, int] = field(default_factory=lambda: NO_TOKENS)
    queue_ms: float = 0.0
    lookup_ms: float = 0.0
    load_ms: float = 0.0
    first_token_ms: float | None = None
    total_ms: float = 0.0


class SeenBlocks:
    """Which blocks have come before, by key, by content, and by content from a tenant. Holds the last `most`
    ids of each.
    """

    def __init__(self, most: int = MOST_SEEN_BLOCKS) -> None:
        self._most = most
        self._keys: OrderedDict[int, None] = OrderedDict()
        self._contents: OrderedDict[int, None] = OrderedDict()
        self._of_tenants: OrderedDict[int, None] = OrderedDict()

    def num_leading(self, key_ids: Sequence[int]) -> int:
        """How many leading blocks have come before, from the same tenant with the same model."""
        for number, key_id in enumerate(key_ids):
            if key_id not in self._keys:
                return number
        return len(key_ids)

    def cause(self, key_id: int, content_id: int, tenant: int) -> str:
        """Why this block was not there."""
        if key_id in self._keys:
            return EVICTED
        if hash((content_id, tenant)) in self._of_tenants:
            return MODEL_CHANGED
        return OTHER_TENANT if content_id in self._contents else NEVER_SEEN

    def add(self, key_ids: Sequence[int], content_ids: Sequence[int], tenant: int) -> None:
        """The blocks of one prompt in order. Later ones are forgotten first: alone nobody finds them."""
        self._remember(self._keys, key_ids)
        self._remember(self._contents, content_ids)
        self._remember(self._of_tenants, [hash((content_id, tenant)) for content_id in content_ids])

    def _remember(self, seen: OrderedDict[int, None], ids: Sequence[int]) -> None:
        for each in reversed(ids):
            seen[each] = None
            seen.move_to_end(each)
        while len(seen) > self._most:
            seen.popitem(last=False)


class RequestLog:
    """Turns what a scheduler tells into records, keeps them in segments, and hands them on. Safe for threads.

    `salt` makes ids of this log comparable with each other and with nothing else; `model` names whatever the
    values depend on. What older segments say of blocks that were seen is known again after a restart.
    """

    def __init__(
        self,
        salt: bytes,
        *,
        model: str,
        block_tokens: int,
        segments: Segments | None = None,
        hand_on: Callable[[RequestRecord], None] = lambda record: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._salt = salt[:64]
        self._model = self._id(model.encode())
        self._block_tokens = block_tokens
        self._segments = segments
        self._hand_on = hand_on
        self._clock = clock
        self._lock = Lock()
        self._seen = SeenBlocks()
        self._last_at = 0.0
        self.num_unwritten = 0
        for line in segments.lines() if segments is not None else ():
            self._remember(line)

    def tenant_id(self, tenant: str) -> int:
        """How records name a tenant."""
        return self._id(f"tenant {tenant}".encode())

    def observe(self, served: Served) -> None:
        """One computation has ended. Takes about 15 microseconds and 2.5 a block: 0.1 ms for 2,048 tokens."""
        tenant = self.tenant_id(served.tenant)
        keys = [self._id(key) for key in served.blocks.keys]
        contents = self._content_ids(served.blocks.tokens)
        with self._lock:
            record = self._record(served, tenant, keys, contents)
            if keys:
                self._seen.add(keys, contents, tenant)
            self._write(record, contents)
        self._hand_on(record)

    def close(self) -> None:
        with self._lock:
            if self._segments is not None:
                self._segments.close()

    def _record(
        self, served: Served, tenant: int, keys: Sequence[int], contents: Sequence[int]
    ) -> RequestRecord:
        has_begun = bool(keys) or served.outcome == "answered"
        num_tokens = len(served.prompt) if has_begun else 0
        cached = served.cached_tokens if has_begun else 0
        possible = min(self._seen.num_leading(keys) * self._block_tokens, max(num_tokens - 1, 0))
        return RequestRecord(
            at=self._now(),
            tenant=tenant,
            outcome=served.outcome,
            label=served.label,
            arm=served.arm,
            priority=served.priority,
            block_tokens=self._block_tokens,
            block_ids=(*keys, *self._tail_id(served)) if has_begun else (),
            prompt_tokens=num_tokens,
            cached_tokens=cached,
            possible_tokens=max(possible, cached),
            new_tokens=served.new_tokens,
            hit_tokens=self._hits(served, cached),
            missed_tokens=self._misses(served, num_tokens, cached, tenant, keys, contents),
            queue_ms=served.queue_ms,
            lookup_ms=served.lookup_ms,
            load_ms=served.load_ms,
            first_token_ms=served.first_token_ms,
            total_ms=served.total_ms,
        )

    def _now(self) -> float:
        """Records are in the order of their times, also when somebody sets the clock back."""
        self._last_at = max(self._last_at, self._clock())
        return self._last_at

    def _hits(self, served: Served, cached: int) -> Mapping[str, int]:
        hits: Counter[str] = Counter()
        for number, place in enumerate(served.places):
            hits[place] += max(min(self._block_tokens, cached - number * self._block_tokens), 0)
        return MappingProxyType(dict(+hits))

    def _misses(
        self,
        served: Served,
        num_tokens: int,
        cached: int,
        tenant: int,
        keys: Sequence[int],
        contents: Sequence[int],
    ) -> Mapping[str, int]:
        """Every token that was computed, by its cause."""
        size, num_known = self._block_tokens, len(served.places)
        misses: Counter[str] = Counter()
        for number in range(cached // size, len(keys)):
            num_computed = size - max(cached - number * size, 0)
            if number < num_known:  # known, but for the last token, or without the state that goes with it
                misses[TAIL if num_computed == 1 else EVICTED] += num_computed
            elif number < num_known + served.num_declined:
                misses[CHEAPER] += num_computed
            else:
                misses[self._seen.cause(keys[number], contents[number], tenant)] += num_computed
        misses[TAIL] += num_tokens - max(len(keys) * size, cached)
        return MappingProxyType(dict(+misses))

    def _tail_id(self, served: Served) -> tuple[int, ...]:
        """The id of the last block, if it is partly filled."""
        tail = served.prompt[len(served.blocks.keys) * self._block_tokens :]
        if not tail:
            return ()
        above = served.blocks.keys[-1] if served.blocks.keys else b""
        return (self._id(above + array("i", tail).tobytes()),)

    def _content_ids(self, blocks: Sequence[bytes]) -> list[int]:
        """Chained over the tokens alone: equal for equal texts of any tenant and model."""
        ids: list[int] = []
        above = b""
        for tokens in blocks:
            above = blake2b(above + tokens, key=self._salt, digest_size=ID_BYTES, person=b"content").digest()
            ids.append(int.from_bytes(above, "little"))
        return ids

    def _id(self, value: bytes) -> int:
        return int.from_bytes(blake2b(value, key=self._salt, digest_size=ID_BYTES).digest(), "little")

    def _write(self, record: RequestRecord, contents: Sequence[int]) -> None:
        """A full disk costs the line, not the request."""
        if self._segments is None:
            return
        try:
            self._segments.append(json.dumps(as_row(record, contents, self._model), separators=(",", ":")))
        except OSError:
            self.num_unwritten += 1

    def _remember(self, line: str) -> None:
        try:
            row = json.loads(line)
            contents = [int(each) for each in row["content_ids"]]
            keys = [int(each) for each in row["hash_ids"]][: len(contents)]
            self._seen.add(keys, contents, int(row["tenant"]))
        except (ValueError, KeyError, TypeError):
            return  # a line that was cut, or is none of ours


def as_row(record: RequestRecord, content_ids: Sequence[int] = (), model: int = 0) -> dict[str, object]:
    """The record as one JSON object of a trace."""
    return {
        "timestamp": round(record.at * 1e3, 3),
        "input_length": record.prompt_tokens,
        "output_length": record.new_tokens,
        "hash_ids": record.block_ids,
        "block_tokens": record.block_tokens,
        "content_ids": content_ids,
        "model": model,
        "tenant": record.tenant,
        "label": record.label,
        "arm": record.arm,
        "priority": record.priority,
        "outcome": record.outcome,
        "cached_tokens": record.cached_tokens,
        "possible_tokens": record.possible_tokens,
        "hit_tokens": dict(record.hit_tokens),
        "missed_tokens": dict(record.missed_tokens),
        "queue_ms": round(record.queue_ms, 3),
        "lookup_ms": round(record.lookup_ms, 3),
        "load_ms": round(record.load_ms, 3),
        "first_token_ms": None if record.first_token_ms is None else round(record.first_token_ms, 3),
        "total_ms": round(record.total_ms, 3),
    }


def from_row(row: Mapping[str, object]) -> RequestRecord:
    """The record that `as_row` wrote. Raises KeyError, TypeError, ValueError for what is none."""
    first = row["first_token_ms"]
    return RequestRecord(
        at=_number(row["timestamp"]) / 1e3,
        tenant=int(_number(row["tenant"])),
        outcome=str(row["outcome"]),
        label=str(row["label"]),
        arm=str(row["arm"]),
        priority=str(row["priority"]),
        block_tokens=int(_number(row["block_tokens"])),
        block_ids=tuple(int(_number(each)) for each in _list(row["hash_ids"])),
        prompt_tokens=int(_number(row["input_length"])),
        cached_tokens=int(_number(row["cached_tokens"])),
        possible_tokens=int(_number(row["possible_tokens"])),
        new_tokens=int(_number(row["output_length"])),
        hit_tokens=_counts(row["hit_tokens"]),
        missed_tokens=_counts(row["missed_tokens"]),
        queue_ms=_number(row["queue_ms"]),
        lookup_ms=_number(row["lookup_ms"]),
        load_ms=_number(row["load_ms"]),
        first_token_ms=None if first is None else _number(first),
        total_ms=_number(row["total_ms"]),
    )


def read_records(segments: Segments) -> list[RequestRecord]:
    """Every record of the segments, oldest first; lines that are none are left out."""
    records = []
    for line in segments.lines():
        try:
            records.append(from_row(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return records


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _counts(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return MappingProxyType({str(name): int(_number(count)) for name, count in value.items()})
