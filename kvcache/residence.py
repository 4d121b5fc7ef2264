"""What rests in the device, in step with what the index says, and what is on its way down from there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock, RLock
from typing import Literal, TypeAlias

from torch import Tensor

from kvcache.forms.form import as_bytes
from kvcache.hierarchy import Hierarchy
from kvcache.prefix_cache import PrefixCache, PromptLease
from kvcache.record import BlockRecord
from kvcache.store_metrics import StoreCounters
from kvcache.tiers.device import DeviceTier

ValuesOf: TypeAlias = Callable[[int], Tensor]
WritePattern: TypeAlias = Literal["cache-aside", "write-through", "write-back"]


class Residence:
    """Every resident block of the index lies in the device, and no other.

    A block that the index lets go is copied out before its slot is used again, if it is wanted below: it is
    `leaving` until `send_down` has put it there. `unwritten` are the resident blocks that no durable level
    has yet, oldest first. Safe for threads.
    """

    def __init__(
        self,
        index: PrefixCache,
        device: DeviceTier,
        hierarchy: Hierarchy,
        counters: StoreCounters,
        *,
        write: WritePattern,
        most_leaving_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        self.index = index
        self.device = device
        self.hierarchy = hierarchy
        self._counters = counters
        self._durable = list(hierarchy.durable)
        self._write = write
        self._most_leaving_bytes = most_leaving_bytes
        self._clock = clock
        self._lock = RLock()
        self._sending = Lock()
        self._unwritten: OrderedDict[bytes, float] = OrderedDict()
        self._leaving: OrderedDict[bytes, tuple[BlockRecord, bool]] = OrderedDict()
        self._leaving_bytes = 0
        self._newest: set[bytes] = set()

    @property
    def _writes_through(self) -> bool:
        return self._write == "write-through"

    @property
    def _writes_back(self) -> bool:
        return self._write == "write-back" and bool(self._durable)

    @property
    def num_unwritten(self) -> int:
        with self._lock:
            return len(self._unwritten) + sum(unwritten for _, unwritten in self._leaving.values())

    @property
    def oldest_unwritten_seconds(self) -> float:
        with self._lock:
            for since in self._unwritten.values():
                return max(self._clock() - since, 0.0)
        return 0.0

    def keep(
        self,
        lease: PromptLease,
        num_blocks: int,
        values_of: ValuesOf,
        *,
        num_known: int,
        newest: int,
        num_counted: int = 0,
    ) -> int:
        """Give the first `num_blocks` blocks of a prompt slots, and fill them; how many now rest here.

        Those before `num_known` came from a level below and rest there too, or were kept before and have gone
        down since; `num_counted` were. What gets no slot goes down. Of the prompt's last blocks, `newest` are
        not to be rounded. The last block goes down first, so that in every level the first is the one used
        last.
        """
        blocks, num_hit = lease.blocks, len(lease.slots)
        with self._lock:
            self.index.insert(lease)
            self._let_go(self.index.take_evicted())
            num_slots = min(len(lease.slots), num_blocks)
            now = self._clock()
            for position in reversed(range(num_hit, num_slots)):
                key = blocks.keys[position]
                self.device.write(key, blocks.tokens[position], position, values_of(position))
                if position >= num_known and self._writes_back:
                    self._unwritten[key] = now
            self._newest.difference_update(blocks.keys[: max(num_blocks - newest, 0)])
            self._newest.update(blocks.keys[max(num_blocks - newest, 0) : num_slots])
        for position in reversed(range(num_known, num_blocks)):
            is_exact = position == 0 or position >= num_blocks - newest
            if self._writes_through:
                self.hierarchy.write(_record(lease, position, values_of(position), is_exact))
            elif position >= num_slots and self._may_rest_below(blocks.keys[position]):
                self._turn_away(_record(lease, position, values_of(position), is_exact))
        self._count(blocks.keys[num_counted:num_blocks], max(num_known - num_counted, 0))
        if self._leaving_bytes > self._most_leaving_bytes:
            self.send_down()
        return num_slots

    def release(self, lease: PromptLease, num_filled: int) -> None:
        """The prompt is done; so many of the slots it was given hold their blocks."""
        with self._lock:
            self.index.release(lease, num_filled=num_filled)
            for key in self.index.take_evicted():
                self._forget(key)

    def resume(self, lease: PromptLease) -> None:
        """The prompt that was done goes on: hold what is left of it."""
        with self._lock:
            self.index.resume(lease)

    def view(self, key: bytes) -> Tensor:
        """The values of a block that a lease holds, where they lie."""
        values: Tensor | None = self.device.view(key)
        assert values is not None, "a leased block is not in the device"
        return values

    def copy_out(self, key: bytes) -> BlockRecord | None:
        """The block as a record in raw form, from the device or on its way down."""
        with self._lock:
            leaving = self._leaving.get(key)
            if leaving is not None:
                return leaving[0]
            record = self.device.get(key)
            return None if record is None else self._marked(record)

    def leaving(self, key: bytes) -> BlockRecord | None:
        """The block, if it is on its way down."""
        leaving = self._leaving.get(key)
        return None if leaving is None else leaving[0]

    def follow(self, write: WritePattern) -> None:
        """Write by this pattern, to the durable levels there are now.

        What rests here counts as unwritten if a durable level may lack it; what was to be written still is.
        """
        with self._lock:
            is_known = set(self.hierarchy.durable) <= set(self._durable) and write == self._write
            self._durable, self._write = list(self.hierarchy.durable), write
            if not self._durable:
                self._unwritten.clear()
            elif not is_known and write != "cache-aside":
                now = self._clock()
                for entry in self.device.entries():
                    self._unwritten.setdefault(entry.key, now)
                self._leaving.update({key: (record, True) for key, (record, _) in self._leaving.items()})

    def resize(self, capacity_blocks: int) -> bool:
        """Go on with so many slots: False while more blocks are in use, and to be called again then.

        What has no slot any more goes down. Raises TierError, changing nothing, if the device has no room.
        """
        portion = max(self._most_leaving_bytes // self.device.slot_bytes, 1)
        while (excess := self.index.num_resident - capacity_blocks) > 0 and self.evict(min(excess, portion)):
            self.send_down()
        with self._lock:
            if capacity_blocks > self.index.capacity_blocks:
                self.device.resize(capacity_blocks * self.device.slot_bytes)
            before, reached = self.index.capacity_blocks, self.index.resize(capacity_blocks)
            self._let_go(self.index.take_evicted())
            if reached < before:
                self.device.resize(reached * self.device.slot_bytes)
        return reached == capacity_blocks

    def evict(self, num_blocks: int) -> int:
        """Let so many blocks go down; how many went."""
        with self._lock:
            evicted = self.index.evict(num_blocks)
            self._let_go(self.index.take_evicted())
        return evicted

    def clear(self) -> int:
        """Let everything go that is not in use, not down but away; how many blocks."""
        with self._lock:
            num = self.index.clear()
            for key in self.index.take_evicted():
                self._forget(key)
            self._leaving.clear()
            self._leaving_bytes = 0
        return num

    def write(self, least_age_seconds: float) -> int:
        """Write what has been unwritten for so long; how many blocks."""
        written = 0
        while (key := self._due(least_age_seconds)) is not None:
            record = self.copy_out(key)
            if record is not None:
                self.hierarchy.write(record)
                written += 1
            with self._lock:
                self._unwritten.pop(key, None)
        return written

    def send_down(self) -> int:
        """Put what is leaving into the levels below; how many blocks."""
        sent = 0
        with self._sending:
            while (entry := self._next_leaving()) is not None:
                record, is_unwritten = entry
                if is_unwritten:
                    self.hierarchy.write(record)
                self.hierarchy.demote(record)
                with self._lock:
                    if self._leaving.get(record.key) is entry:  # it may have left once more meanwhile
                        del self._leaving[record.key]
                        self._leaving_bytes -= record.num_bytes
                sent += 1
        return sent

    def check_integrity(self) -> None:
        """Raises AssertionError if index and device differ; no lease may be open. O(blocks)."""
        with self._lock:
            self.index.check_integrity()
            here = {entry.key for entry in self.device.entries()}
            assert here == set(self.index.resident_keys()), "the device holds other blocks than the index"
            assert self._unwritten.keys() <= here, "an unwritten block that is not here"
            assert self._newest <= here, "a mark of a block that is not here"
            leaving = sum(record.num_bytes for record, _ in self._leaving.values())
            assert leaving == self._leaving_bytes, "leaving bytes miscounted"

    def _due(self, least_age_seconds: float) -> bytes | None:
        with self._lock:
            key, since = next(iter(self._unwritten.items()), (None, 0.0))
            return key if self._clock() - since >= least_age_seconds else None

    def _next_leaving(self) -> tuple[BlockRecord, bool] | None:
        with self._lock:
            return next(iter(self._leaving.values()), None)

    def _let_go(self, keys: list[bytes]) -> None:
        """These have no slot in the index any more: copy out what is wanted below, free the others."""
        for key in keys:
            is_unwritten = key in self._unwritten
            if is_unwritten or self._is_wanted_below(key):
                record = self.device.get(key)
                if record is not None:
                    self._leave(self._marked(record), is_unwritten)
            self._forget(key)

    def _is_wanted_below(self, key: bytes) -> bool:
        """A durable level has what is not unwritten; so ask the nearest only if it lives in memory."""
        levels = self.hierarchy.levels
        return bool(levels) and not levels[0].is_durable and not levels[0].holds(key)

    def _may_rest_below(self, key: bytes) -> bool:
        return bool(self.hierarchy.levels) and not self.device.holds(key) and self.hierarchy.find(key) is None

    def _turn_away(self, record: BlockRecord) -> None:
        """There was no slot for this block: it may still rest below."""
        with self._lock:
            self._leave(record, self._writes_back)

    def _count(self, keys: Sequence[bytes], num_known: int) -> None:
        counters = self._counters
        counters.kept_blocks += len(keys)
        counters.duplicate_blocks += num_known
        counters.duplicate_public_blocks += sum(map(self.index.is_public, keys[:num_known]))

    def _leave(self, record: BlockRecord, is_unwritten: bool) -> None:
        if record.key not in self._leaving:
            self._leaving_bytes += record.num_bytes
        self._leaving[record.key] = (record, is_unwritten)

    def _marked(self, record: BlockRecord) -> BlockRecord:
        return replace(record, exact=record.position == 0 or record.key in self._newest)

    def _forget(self, key: bytes) -> None:
        self.device.discard(key)
        self._unwritten.pop(key, None)
        self._newest.discard(key)


def _record(lease: PromptLease, position: int, values: Tensor, exact: bool) -> BlockRecord:
    payload = bytes(as_bytes(values.cpu()))
    return BlockRecord(
        lease.blocks.keys[position], lease.blocks.tokens[position], position, "raw", payload, exact
    )
