"""A tier in its place below the device: in which form blocks rest there, and which go when it fills."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Condition, Lock

from kvcache.forms import FORMS
from kvcache.record import BlockRecord
from kvcache.tiers.tier import Tier, TierError, TierFull, TierSnapshot

COUNT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSettings:
    """How a level is to be. None leaves it as it is; a form holds for the blocks that come from now on."""

    level: Level
    form: str | None = None
    capacity_bytes: int | None = None

    @property
    def name(self) -> str:
        """What the level will be called."""
        return f"{self.level.tier.name} {self.form or self.level.form}"


class Level:
    """Keeps a tier below its high watermark: past it, blocks go until the low one is reached.

    The least recently used go first, and of one prompt the last blocks before the first. `high` and `low` are
    shares of the tier's capacity. A tier whose capacity is 0 has none of its own and is never trimmed here.
    `spills` says whether somebody takes what has to go. `form` may change: what rests keeps its own.

    A level that was retired holds nothing and takes nothing, whoever still asks it.
    """

    def __init__(
        self,
        tier: Tier,
        form: str,
        *,
        high: float = 0.85,
        low: float = 0.8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if form not in FORMS:
            raise ValueError(f"No form is called {form!r}. Use one of: {', '.join(FORMS)}.")
        if not 0.0 < low <= high <= 1.0:
            raise ValueError("The watermarks of a level are shares with 0 < low <= high <= 1.")
        self.tier = tier
        self.form = form
        self.spills = False
        self.num_evicted = 0
        self._high, self._low = high, low
        self._is_retired = False
        self._num_putting = 0
        self._lock = Lock()
        self._all_put = Condition(self._lock)
        self._order: OrderedDict[bytes, int] = OrderedDict()
        self._clock = clock
        self._counted = tier.snapshot()
        self._counted_until = clock() + COUNT_SECONDS
        self._measure(self._counted.capacity_bytes)
        self._has_order = self.capacity_bytes > 0
        if self._has_order:
            self._adopt()

    @property
    def name(self) -> str:
        """Tier and form, such as `host int8`: two levels may rest in tiers of one kind."""
        return f"{self.tier.name} {self.form}"

    @property
    def is_durable(self) -> bool:
        """Whether blocks here outlive the process."""
        return self.tier.is_durable

    def holds(self, key: bytes) -> bool:
        try:
            return self.tier.holds(key)
        except TierError:
            if not self._is_retired:
                raise
            return False

    def get(self, key: bytes) -> BlockRecord | None:
        """The record, if it is here and sound. What is not is forgotten."""
        try:
            record = self.tier.get(key)
        except TierError:
            if not self._is_retired:
                raise
            return None
        if record is None and self._has_order:
            with self._lock:
                self._order.pop(key, None)
        return record

    def size_of(self, key: bytes, default: int) -> int:
        """Bytes of the record as stored here; `default` if they are not known without reading it."""
        return self._order.get(key, default)

    def touch(self, keys: Iterable[bytes]) -> None:
        """These leading blocks of one prompt were used, in this order."""
        if not self._has_order:
            return
        with self._lock:
            for key in reversed(list(keys)):
                if key in self._order:
                    self._order.move_to_end(key)

    def put(self, record: BlockRecord) -> list[BlockRecord]:
        """Keep the record; the ones that had to go for it, which may rest further down.

        A record that does not fit however many go is among them itself.
        """
        with self._lock:
            if self._is_retired:
                return [record]
            self._num_putting += 1
        try:
            return self._put(record)
        finally:
            with self._lock:
                self._num_putting -= 1
                self._all_put.notify_all()

    def resize(self, capacity_bytes: int, give: Callable[[BlockRecord], None]) -> None:
        """Give the tier another capacity; what has to go for it is given on, one by one where it spills.

        Raises TierError, changing nothing, where the tier's room is not ours to set.
        """
        if not self._has_order:
            raise TierError(f"The room of {self.name} is not set here.")
        with self._lock:
            self._measure(capacity_bytes)
        self._trim_and_resize(capacity_bytes, give)

    def retire(self, give: Callable[[BlockRecord], None]) -> None:
        """Give all on that rests here, and close the tier. What a shared place keeps stays there."""
        with self._lock:
            self._is_retired = True
            self._all_put.wait_for(lambda: not self._num_putting)
        while (gone := self._trim_one()) is not None:
            for record in gone:
                give(record)
        self.tier.close()

    def discard(self, key: bytes) -> bool:
        with self._lock:
            self._order.pop(key, None)
        return self.tier.discard(key)

    def clear(self) -> int:
        """Let every block go; how many went."""
        return sum(self.discard(entry.key) for entry in self.tier.entries())

    def snapshot(self) -> TierSnapshot:
        """The tier's counts; those of a shared place, which has to be searched for them, are a minute old."""
        if self._has_order or self._clock() >= self._counted_until:
            try:
                self._counted = self.tier.snapshot()
            except TierError:
                if not self._is_retired:
                    raise
            self._counted_until = self._clock() + COUNT_SECONDS
        return self._counted

    def check_integrity(self) -> None:
        """Raises AssertionError unless the order is about exactly what the tier holds. O(blocks)."""
        if not self._has_order:
            return
        with self._lock:
            held = {entry.key for entry in self.tier.entries()}
            assert held == set(self._order), "the order names other blocks than the tier holds"

    def _measure(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self._high_bytes = int(self._high * capacity_bytes)
        self._low_bytes = int(self._low * capacity_bytes)

    def _trim_and_resize(self, capacity_bytes: int, give: Callable[[BlockRecord], None]) -> None:
        is_over = self._stored_bytes() > self._high_bytes
        while True:
            if not is_over or self._stored_bytes() <= self._low_bytes:
                try:
                    return self.tier.resize(capacity_bytes)
                except TierFull:
                    pass
            for record in self._trim_one() or ():
                give(record)

    def _put(self, record: BlockRecord) -> list[BlockRecord]:
        spilled: list[BlockRecord] = []
        size = record.num_bytes
        if self._has_order:
            with self._lock:
                if self._stored_bytes() + size > self._high_bytes:
                    spilled = self._trim(self._low_bytes - size)
        while True:
            try:
                self.tier.put(record)
                break
            except TierFull:
                more = self._trim_one()
                if more is None:
                    return [*spilled, record]
                spilled += more
        if self._has_order:
            with self._lock:
                self._order.pop(record.key, None)
                self._order[record.key] = size
        return spilled

    def _adopt(self) -> None:
        """After a restart: in the order of writing, but the last blocks of prompts before the first."""
        entries = list(self.tier.entries())
        span = max(len(entries) // 8, 256)
        by_age = sorted(enumerate(entries), key=lambda at: (at[0] // span, -at[1].position))
        for _, entry in by_age:
            self._order[entry.key] = entry.num_bytes

    def _trim_one(self) -> list[BlockRecord] | None:
        """Let the next block go, for a tier that is fuller than its count says; None if there is none."""
        with self._lock:
            return self._let_go() if self._order else None

    def _trim(self, down_to_bytes: int) -> list[BlockRecord]:
        spilled: list[BlockRecord] = []
        while self._order and self._stored_bytes() > max(down_to_bytes, 0):
            spilled += self._let_go()
        return spilled

    def _let_go(self) -> list[BlockRecord]:
        """The next victim, discarded; it is named only where somebody takes it."""
        key, _ = self._order.popitem(last=False)
        record = self.tier.get(key) if self.spills else None
        if self.tier.discard(key):
            self.num_evicted += 1
        return [] if record is None else [record]

    def _stored_bytes(self) -> int:
        return self.tier.snapshot().stored_bytes
