"""The whole cache: values of prompts go in and come out, resting in the device and the levels below it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, RLock, Thread
from types import MappingProxyType, TracebackType
from typing import Self, TypeAlias, get_args

import torch
from torch import Tensor

from kvcache.config import CacheConfig, InvalidConfig
from kvcache.cost_model import CostModel
from kvcache.forms import FORMS
from kvcache.forms.layout import BlockLayout
from kvcache.hierarchy import Hierarchy
from kvcache.level import Level, LevelSettings
from kvcache.open_prompt import OpenPrompt
from kvcache.prefetch import Prefetcher
from kvcache.prefix_cache import PrefixCache, PromptLease
from kvcache.record import BlockRecord
from kvcache.residence import Residence, WritePattern
from kvcache.restore import assemble
from kvcache.status import write_status
from kvcache.store_metrics import LevelSnapshot, StoreCounters, StoreSnapshot
from kvcache.tiers.device import DeviceTier
from kvcache.tiers.tier import TierError

Offer: TypeAlias = tuple[bytes, Level | None]
LOG = logging.getLogger(__name__)
UPKEEP_SECONDS, STATUS_SECONDS = 0.2, 1.0
PREFETCH_SECONDS = 300.0
"""So long what was fetched ahead waits for its prompt; then it makes room for others."""
DEVICE, STAGED = "device", "staged"


class BlockStore:
    """Keeps the KV values of prompts, and gives back those of their longest known prefix.

    Blocks rest in slots of the device as long as the index keeps them, and below it in `levels`, nearest
    first. What the device lets go is demoted; what a prompt needs from below is loaded if that is expected to
    be cheaper than to recompute it, and promoted. How blocks reach durable levels is the write pattern:

    * write-back: within `loss_window_seconds`, or when the device lets them go; a crash loses younger ones.
    * write-through: before `keep` returns.
    * cache-aside: only when `persist` is called.

    One upkeep thread writes and demotes; without `in_background` that is done by whoever calls `tend`.
    Any thread may call anything at any time.
    """

    def __init__(
        self,
        config: CacheConfig,
        layout: BlockLayout,
        *,
        levels: Sequence[Level] = (),
        device: str = "cpu",
        write: WritePattern = "write-back",
        loss_window_seconds: float = 5.0,
        newest_blocks: int = 1,
        device_watermarks: tuple[float, float] = (1.0, 1.0),
        leaving_bytes: int = 256 * 2**20,
        prefetch_bytes: int = 256 * 2**20,
        prefetch_threads: int = 2,
        status_file: Path | None = None,
        in_background: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`device_watermarks` are shares of the slots: past the first, upkeep evicts down to the second.

        `status_file` is written every second for `python -m kvcache stats`, `health` and `monitor`.
        """
        if layout.block_tokens != config.block_tokens:
            raise InvalidConfig("The layout and the configuration name different numbers of block_tokens.")
        _check_settings(write, loss_window_seconds, device_watermarks, prefetch_bytes)
        _check_levels([LevelSettings(level=level) for level in levels])
        self.config = config = replace(config, dtype=layout.dtype)
        self.layout = layout
        self.index = PrefixCache(config, tracks_evictions=True, clock=clock)
        self.costs = CostModel()
        self.counters = StoreCounters()
        self.hierarchy = Hierarchy(
            layout, levels, self.costs, self.counters, demotes_to_durable=write != "cache-aside"
        )
        self._residence = Residence(
            self.index,
            DeviceTier(layout.shape, layout.torch_dtype, config.capacity_blocks, device),
            self.hierarchy,
            self.counters,
            write=write,
            most_leaving_bytes=leaving_bytes,
            clock=clock,
        )
        self._write = write
        self._clock = clock
        self._loss_window_seconds = loss_window_seconds
        self._newest_blocks = newest_blocks
        self._watermarks = device_watermarks
        self._status_file = status_file
        self._status_due = 0.0
        self._lock = Lock()
        self._changing = RLock()
        self._ahead: dict[bytes, list[tuple[float, list[bytes]]]] = {}
        self._prefetcher = Prefetcher(
            self._fetch_ahead,
            capacity_bytes=prefetch_bytes,
            num_threads=prefetch_threads if in_background else 0,
        )
        self._closing = Event()
        self._thread = Thread(target=self._tend_until_closed, name="kvcache-upkeep", daemon=True)
        if in_background:
            self._thread.start()

    def open(self, token_ids: Sequence[int], *, tenant: str = "", room_tokens: int = 0) -> OpenPrompt:
        """Serve a prompt: what is known of it is brought together, and stays until it is closed.

        The prompt's buffer holds at least `room_tokens` tokens, for a model that goes on in place.
        """
        started = time.perf_counter()
        lease = self.index.acquire(token_ids, tenant=tenant)
        try:
            return self._bring_together(token_ids, lease, tenant, room_tokens, started)
        except BaseException:
            self._residence.release(lease, 0)
            raise

    def match(self, token_ids: Sequence[int], *, tenant: str = "") -> int:
        """How many leading tokens rest somewhere. Changes nothing, promises nothing for later."""
        blocks = self.index.blocks_of(token_ids, tenant=tenant)
        num_blocks = self.index.match_blocks(blocks)
        return (num_blocks + len(self._offers(blocks.keys[num_blocks:]))) * self.config.block_tokens

    def places(self, token_ids: Sequence[int], *, tenant: str = "") -> list[str]:
        """Where the leading blocks of a prompt rest, one place a block. As `match`."""
        blocks = self.index.blocks_of(token_ids, tenant=tenant)
        num_blocks = self.index.match_blocks(blocks)
        below = self._offers(blocks.keys[num_blocks:])
        return [DEVICE] * num_blocks + [STAGED if level is None else level.name for _, level in below]

    def announce(self, token_ids: Sequence[int], *, tenant: str = "") -> None:
        """This prompt will come, after those announced before: keep its blocks, and fetch those far away."""
        self.index.announce(token_ids, tenant=tenant)
        self.prefetch(token_ids, tenant=tenant)

    def withdraw(self, token_ids: Sequence[int], *, tenant: str = "") -> None:
        """The announced prompt will not come after all."""
        self.index.withdraw(token_ids, tenant=tenant)
        keys = self.index.blocks_of(token_ids, tenant=tenant).keys
        if keys:
            self._prefetcher.drop(self._overtake(keys[-1]))

    def prefetch(self, token_ids: Sequence[int], *, tenant: str = "") -> int:
        """This prompt may come: fetch its blocks from durable levels ahead; how many are wanted."""
        blocks = self.index.blocks_of(token_ids, tenant=tenant)
        num_known = self.index.match_blocks(blocks)
        offers = self._offers(blocks.keys[num_known:])
        plan = self._plan(offers, num_known, len(token_ids))
        wanted = [key for key, level in offers[:plan] if level is not None and level.is_durable]
        if wanted:
            with self._lock:
                self._ahead.setdefault(blocks.keys[-1], []).append((self._clock(), wanted))
            self._prefetcher.want(blocks.keys[-1], wanted)
        return len(wanted)

    def warm(self, token_ids: Sequence[int], *, tenant: str = "") -> int:
        """Bring what is known of a prompt up into the device; how many tokens that is."""
        with self.open(token_ids, tenant=tenant) as prompt:
            prompt.keep()
        return prompt.num_cached_tokens

    def persist(self, token_ids: Sequence[int], *, tenant: str = "") -> int:
        """Write the resident blocks of a prompt to every durable level now; how many tokens that is."""
        blocks = self.index.blocks_of(token_ids, tenant=tenant)
        written = 0
        for key in blocks.keys:
            record = self._residence.copy_out(key)
            if record is None:
                break
            self.hierarchy.write(record)
            written += 1
        return written * self.config.block_tokens

    def evict(self, num_blocks: int) -> int:
        """Let so many blocks of the device go down; how many went."""
        return self._residence.evict(num_blocks)

    def clear(self) -> int:
        """Forget everything, in every level, that is not in use; how many blocks of the device that was."""
        with self._changing:
            num = self._residence.clear()
            for level in self.hierarchy.levels:
                level.clear()
        return num

    def reconfigure(
        self,
        *,
        policy: str | None = None,
        capacity_blocks: int | None = None,
        levels: Sequence[LevelSettings] | None = None,
        write: WritePattern | None = None,
        loss_window_seconds: float | None = None,
        device_watermarks: tuple[float, float] | None = None,
        prefetch_bytes: int | None = None,
    ) -> None:
        """Go on otherwise, while prompts are open; what is None stays as it is.

        `levels` are all there are to be, nearest first. One that is new comes in; one that is left out gives
        its blocks to those below it and is closed. What has to go from anywhere goes down as it always does,
        before this returns. Only blocks in use keep their slots beyond `capacity_blocks`: they give them up
        in `tend` once they are released.

        Raises InvalidConfig, changing nothing: new levels are then still the caller's to close.
        """
        with self._changing:
            config = replace(
                self.config,
                policy=self.config.policy if policy is None else policy,
                capacity_blocks=self.config.capacity_blocks if capacity_blocks is None else capacity_blocks,
            )
            pattern = self._write if write is None else write
            window = self._loss_window_seconds if loss_window_seconds is None else loss_window_seconds
            watermarks = self._watermarks if device_watermarks is None else device_watermarks
            _check_settings(pattern, window, watermarks, prefetch_bytes or 0)
            _check_levels(levels or ())
            self._grow(config.capacity_blocks)
            self._write, self._loss_window_seconds, self._watermarks = pattern, window, watermarks
            self._arrange(levels)
            if prefetch_bytes is not None:
                self._prefetcher.resize(prefetch_bytes)
            if config.policy != self.config.policy:
                self.index.switch_policy(config.policy)
            self.config = config
            self._residence.resize(config.capacity_blocks)

    def tend(self) -> None:
        """Do what is due: demote what is leaving, write what has waited, evict above the watermark.

        What was fetched ahead for a prompt that has not come for minutes is dropped. Slots that were to go
        and were in use go.
        """
        self._give_up_slots()
        self._residence.write(self._loss_window_seconds / 2)
        high, low = (int(share * self.config.capacity_blocks) for share in self._watermarks)
        resident = self.index.num_resident
        if resident > high:
            self._residence.evict(resident - low)
        self._residence.send_down()
        self._give_up_waiting()
        if self._status_file is not None and self._clock() >= self._status_due:
            self._status_due = self._clock() + STATUS_SECONDS
            write_status(self._status_file, self.snapshot())

    def flush(self) -> None:
        """When this returns, every durable level has all there is, safe from a loss of power."""
        with self._changing:
            self._residence.send_down()
            self._residence.write(0.0)
            for level in self.hierarchy.levels:
                level.tier.flush()

    def close(self) -> None:
        """Flush, and let every tier go. Closing again changes nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        self._prefetcher.close()
        with self._changing:
            self.flush()
            for level in self.hierarchy.levels:
                level.tier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run_prefetch(self) -> None:
        """Fetch in this thread what is wanted ahead, for a store that does nothing in the background."""
        self._prefetcher.run_pending()

    def snapshot(self) -> StoreSnapshot:
        """The counters at this moment."""
        counters = self.counters
        return StoreSnapshot(
            index=self.index.snapshot(),
            write_pattern=self._write,
            block_bytes=self.layout.num_bytes,
            requested_tokens=counters.requested_tokens,
            cached_tokens=counters.cached_tokens,
            device_hit_blocks=counters.hit_blocks[DEVICE],
            staged_hit_blocks=counters.hit_blocks[STAGED],
            tenants=counters.by_tenant(),
            levels=MappingProxyType({level.name: self._look_at(level) for level in self.hierarchy.levels}),
            prefetch=self._prefetcher.snapshot(),
            planned_load_seconds=counters.planned_load_seconds,
            spared_compute_seconds=counters.spared_compute_seconds,
            kept_blocks=counters.kept_blocks,
            duplicate_blocks=counters.duplicate_blocks,
            duplicate_public_blocks=counters.duplicate_public_blocks,
            dropped_blocks=counters.dropped_blocks,
            key_error=counters.key_error / max(counters.sampled_blocks, 1),
            value_error=counters.value_error / max(counters.sampled_blocks, 1),
            sampled_blocks=counters.sampled_blocks,
            wrong_tokens=counters.wrong_tokens,
            unreadable=counters.unreadable,
            failed_upkeep=counters.failed_upkeep,
            unwritten_blocks=self._residence.num_unwritten,
            oldest_unwritten_seconds=self._residence.oldest_unwritten_seconds,
            loss_window_seconds=self._loss_window_seconds if self._write == "write-back" else 0.0,
        )

    def check_integrity(self) -> None:
        """Raises AssertionError if any promise of the structure is broken; no prompt may be open."""
        self._residence.check_integrity()
        for level in self.hierarchy.levels:
            level.check_integrity()

    def _grow(self, capacity_blocks: int) -> None:
        if capacity_blocks <= self.index.capacity_blocks:
            return
        try:
            self._residence.resize(capacity_blocks)
        except TierError as error:
            raise InvalidConfig(f"The device has no room for {capacity_blocks:,} blocks.") from error

    def _arrange(self, levels: Sequence[LevelSettings] | None) -> None:
        """Bring the levels into this order, form and size; what is to take more does so first."""
        wanted = [LevelSettings(level=level) for level in self.hierarchy.levels] if levels is None else levels
        self.counters.rename({each.level.name: each.name for each in wanted if each.form is not None})
        for each in wanted:
            each.level.form = each.form or each.level.form
        self._resize(wanted, lambda before, after: before < after)
        self.hierarchy.arrange(
            [each.level for each in wanted], demotes_to_durable=self._write != "cache-aside"
        )
        self._residence.follow(self._write)
        self._resize(wanted, lambda before, after: before > after)

    def _resize(self, levels: Sequence[LevelSettings], is_due: Callable[[int, int], bool]) -> None:
        for each in levels:
            if each.capacity_bytes is not None and is_due(each.level.capacity_bytes, each.capacity_bytes):
                self.hierarchy.resize(each.level, each.capacity_bytes)

    def _give_up_slots(self) -> None:
        is_due = self.index.capacity_blocks > self.config.capacity_blocks
        if is_due and self._changing.acquire(blocking=False):
            try:
                self._residence.resize(self.config.capacity_blocks)
            finally:
                self._changing.release()

    def _bring_together(
        self, token_ids: Sequence[int], lease: PromptLease, tenant: str, room_tokens: int, started: float
    ) -> OpenPrompt:
        keys, num_hit = lease.blocks.keys, len(lease.slots)
        ahead = self._overtake(keys[-1]) if keys else []
        offers = self._offers(keys[num_hit:])
        num_load = self._plan(offers, num_hit, len(token_ids), is_counted=True)
        found = time.perf_counter()
        block_tokens = self.config.block_tokens
        layers, pair, heads, _, head_dim = self.layout.shape
        buffer = torch.empty(
            (layers, pair, heads, max((num_hit + num_load) * block_tokens, room_tokens), head_dim),
            dtype=self.layout.torch_dtype,
            device=self._residence.device.device,
        )
        prompt = OpenPrompt(
            self._residence, self.costs, lease, token_ids, buffer, newest_blocks=self._newest_blocks
        )
        assemble([self._residence.view(key) for key in keys[:num_hit]], buffer)
        loaded_from = self._load(prompt, offers[:num_load])
        for level in self.hierarchy.levels:
            level.touch(keys[num_hit : num_hit + len(loaded_from)])
        self._prefetcher.drop(ahead)
        prompt.num_known = num_hit + len(loaded_from)
        prompt.num_cached_tokens = min(prompt.num_known * block_tokens, max(len(token_ids) - 1, 0))
        prompt.places = [DEVICE] * num_hit + loaded_from
        prompt.num_declined = len(offers) - num_load
        prompt.lookup_seconds, prompt.load_seconds = found - started, time.perf_counter() - found
        self.counters.count_prompt(tenant, len(token_ids), prompt.num_cached_tokens, prompt.places)
        return prompt

    def _load(self, prompt: OpenPrompt, offers: Sequence[Offer]) -> list[str]:
        """Bring blocks up into the prompt's buffer, in order, and say where each that came had rested."""
        blocks, first = prompt.lease.blocks, len(prompt.lease.slots)
        loaded_from: list[str] = []
        for number, (key, level) in enumerate(offers, start=first):
            place = self._load_one(key, level, blocks.tokens[number], prompt.values_at(number))
            if place is None:
                break
            loaded_from.append(place)
        return loaded_from

    def _load_one(self, key: bytes, level: Level | None, tokens: bytes, out: Tensor) -> str | None:
        record = self._residence.leaving(key) or self._prefetcher.take(key)
        if record is not None and self.hierarchy.unfold(record, tokens, out):
            return STAGED
        level = level or self.hierarchy.find(key)
        if level is None or not self.hierarchy.load(level, key, tokens, out):
            return None
        return level.name

    def _offers(self, keys: Sequence[bytes]) -> list[Offer]:
        """The leading blocks that rest somewhere below, and where: None stands for memory, on the way."""
        offers: list[Offer] = []
        for key in keys:
            is_near = self._residence.leaving(key) is not None or self._prefetcher.has(key)
            level = None if is_near else self.hierarchy.find(key)
            if level is None and not is_near:
                break
            offers.append((key, level))
        return offers

    def _plan(
        self, offers: Sequence[Offer], num_known: int, num_tokens: int, *, is_counted: bool = False
    ) -> int:
        """How many of the blocks on offer to load."""
        if not offers:
            return 0
        depth = num_known * self.config.block_tokens
        priced = [
            (STAGED, self.layout.num_bytes)
            if level is None
            else (level.name, level.size_of(key, self.layout.num_bytes))
            for key, level in offers
        ]
        plan = self.costs.plan(
            priced, depth=depth, num_tokens=num_tokens - depth, block_tokens=self.config.block_tokens
        )
        if is_counted:
            self.counters.planned_load_seconds += plan.load_seconds or 0.0
            self.counters.spared_compute_seconds += plan.recompute_seconds or 0.0
            for tier, _ in priced[plan.num_load :]:
                self.counters.declined_blocks[tier] += 1
        return plan.num_load

    def _overtake(self, prompt: bytes) -> list[bytes]:
        """Stop fetching ahead for this prompt; what was wanted for it."""
        with self._lock:
            wanted = self._ahead.get(prompt)
            if not wanted:
                return []
            _, keys = wanted.pop(0)
            if not wanted:
                del self._ahead[prompt]
        self._prefetcher.cancel(prompt)
        return keys

    def _give_up_waiting(self) -> None:
        oldest = self._clock() - PREFETCH_SECONDS
        with self._lock:
            late = [prompt for prompt, wanted in self._ahead.items() if wanted[0][0] < oldest]
        for prompt in late:
            self._prefetcher.drop(self._overtake(prompt))

    def _fetch_ahead(self, key: bytes) -> BlockRecord | None:
        level = self.hierarchy.find(key)
        return None if level is None else level.get(key)

    def _look_at(self, level: Level) -> LevelSnapshot:
        counters, name = self.counters, level.name
        load_seconds = self.costs.load_seconds(name, self.layout.num_bytes)
        return LevelSnapshot(
            form=level.form,
            hit_blocks=counters.hit_blocks[name],
            demoted_blocks=counters.demoted_blocks[name],
            written_blocks=counters.written_blocks[name],
            declined_blocks=counters.declined_blocks[name],
            evicted_blocks=level.num_evicted,
            loaded_bytes=counters.loaded_bytes[name],
            raw_bytes=counters.raw_bytes[name],
            stored_bytes=counters.stored_bytes[name],
            load_us=counters.load_us[name].snapshot(),
            expected_load_ms=None if load_seconds is None else load_seconds * 1e3,
            tier=level.snapshot(),
        )

    def _tend_until_closed(self) -> None:
        while not self._closing.wait(UPKEEP_SECONDS):
            try:
                self.tend()
            except Exception:
                self.counters.failed_upkeep += 1
                LOG.exception("The upkeep of the block store failed; it goes on.")


def _check_settings(
    write: str, loss_window_seconds: float, watermarks: tuple[float, float], prefetch_bytes: int
) -> None:
    if write not in get_args(WritePattern):
        raise InvalidConfig(f"write is one of: {', '.join(get_args(WritePattern))}.")
    if loss_window_seconds < 0:
        raise InvalidConfig("loss_window_seconds is 0 or more.")
    if not 0.0 < watermarks[1] <= watermarks[0] <= 1.0:
        raise InvalidConfig("device_watermarks are two shares, the high one first, above 0 and up to 1.")
    if prefetch_bytes < 0:
        raise InvalidConfig("prefetch_bytes is 0 or more.")


def _check_levels(levels: Sequence[LevelSettings]) -> None:
    for each in levels:
        if each.form is not None and each.form not in FORMS:
            raise InvalidConfig(f"form is one of: {', '.join(FORMS)}.")
        if each.capacity_bytes is None:
            continue
        if each.capacity_bytes < 1:
            raise InvalidConfig("capacity_bytes is at least 1; leave a level out to take it away.")
        if not each.level.capacity_bytes:
            raise InvalidConfig(f"The room of {each.level.name} is not set here.")
    if len({each.name for each in levels}) < len(levels):
        raise InvalidConfig("Two levels are of one tier and one form; give them different forms.")
