"""The door: prompts come in as token ids, leases on resident blocks go out. Safe for threads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from threading import Lock
from types import MappingProxyType

from kvcache.block import BlockKeys, PromptBlocks
from kvcache.config import CacheConfig
from kvcache.metrics import CacheSnapshot, EvictionCause, Histogram, IndexCounters, TenantSnapshot
from kvcache.policies import POLICIES, EvictionPolicy
from kvcache.prefix_tree import Announcement, Lease, PrefixTree
from kvcache.run import Account, BlockId


class PrefixCache:
    """Which blocks of KV values are resident, for whom, and in which slots. Holds no tensors.

    >>> cache = PrefixCache(CacheConfig(capacity_blocks=8, salt=b"sixteen or more bytes", block_tokens=16))
    >>> prompt = list(range(40))
    >>> with cache.lock(prompt) as lease:        # nothing known yet: compute all 40 tokens
    ...     cached = lease.num_hit_tokens
    ...     slots = cache.insert(lease)          # where the two full blocks go
    >>> cached, len(slots)
    (0, 2)
    >>> cache.match(prompt)
    32
    """

    def __init__(
        self,
        config: CacheConfig,
        *,
        tracks_evictions: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tracks_evictions` lists keys for `take_evicted`; `clock` gives seconds that never go back."""
        self.config = config
        self._keys = BlockKeys(config)
        self._clock = clock
        self._lock: AbstractContextManager[object] = Lock() if config.thread_safe else nullcontext()
        self._counters = IndexCounters()
        self._lookup_us = Histogram()
        policy = self._make_policy(config.policy)
        policy.adopt([], config.capacity_blocks)
        self._tree = PrefixTree(config.capacity_blocks, policy, self._counters)
        if tracks_evictions:
            self._tree.gone = []
        self._accounts: dict[str, Account] = {}
        self._unfilled: list[Lease] = []
        self._announced: dict[tuple[BlockId, ...], deque[Announcement]] = {}

    def match(self, token_ids: Sequence[int], *, tenant: str = "") -> int:
        """How many leading tokens are resident now. Changes nothing, promises nothing for later."""
        return self.match_blocks(self.blocks_of(token_ids, tenant=tenant)) * self.config.block_tokens

    def match_blocks(self, blocks: PromptBlocks) -> int:
        """The same for blocks that were named before; how many leading ones are resident."""
        with self._lock:
            return self._same_tokens(blocks, self._tree.match(blocks.keys))

    def blocks_of(self, token_ids: Sequence[int], *, tenant: str = "") -> PromptBlocks:
        """The keys and tokens of a prompt's full blocks."""
        with self._lock:
            return self._keys.of(token_ids, tenant)

    def is_public(self, key: bytes) -> bool:
        """Whether all tenants share the block of this key."""
        return self._keys.is_public(key)

    @property
    def capacity_blocks(self) -> int:
        """How many slots there are now."""
        return self._tree.pool.capacity_blocks

    @property
    def num_resident(self) -> int:
        """Resident blocks."""
        return self._tree.num_resident

    def resident_keys(self) -> list[bytes]:
        """The keys of all resident blocks. O(blocks)."""
        with self._lock:
            resident = [key for run in self._tree.runs() for key in run.ids[: len(run.slots)]]
        return [key for key in resident if isinstance(key, bytes)]

    def acquire(self, token_ids: Sequence[int], *, tenant: str = "") -> PromptLease:
        """Lease the leading resident blocks of a prompt: none is evicted before `release`.

        An announcement of the same prompt ends here.
        """
        started = time.perf_counter()
        with self._lock:
            now_ms = self._now_ms()
            blocks = self._keys.of(token_ids, tenant)
            if self._announced:
                self._end_announcement(blocks)
            lease = self._tree.acquire(list(blocks.keys), self._account(tenant), now_ms)
            slots = self._tree.slots_of(lease)
            same = self._same_tokens(blocks, slots)
            if same < len(slots) and slots[same] in self._tree.pool.tokens:
                self._counters.collisions += 1
            lease.account.hit_blocks -= len(slots) - same
            self._lookup_us.add((time.perf_counter() - started) * 1e6)
        return PromptLease(lease, blocks, slots[:same], self.config.block_tokens)

    def insert(self, lease: PromptLease) -> list[int]:
        """Make the prompt's other full blocks resident; the slots to fill, in prompt order.

        They follow the hit blocks without a gap. Fewer than asked for when the cache is full of blocks in
        use, when the tenant's quota is reached, or none when another lease brings the same blocks just now.
        Nobody else hits them before this lease is released as filled.
        """
        with self._lock:
            num_hit = len(lease.slots)
            if num_hit < len(self._tree.match(lease.blocks.keys)):  # brought by others, or keys collide
                return []
            self._tree.expire_pins(self._now_ms())
            self._tree.extend(lease.index_lease)
            lease.slots = self._tree.slots_of(lease.index_lease)
            lease.num_inserted = len(lease.slots) - num_hit
            return lease.slots[num_hit:]

    def release(self, lease: PromptLease, *, num_filled: int | None = None) -> None:
        """The prompt is done. Releasing again changes nothing.

        The first `num_filled` of the inserted slots hold their blocks now, all of them by default, and others
        may hit them; the rest are given up.
        """
        with self._lock:
            if lease.index_lease.released:
                return
            if num_filled is None:
                num_filled = lease.num_inserted
            first = len(lease.slots) - lease.num_inserted
            filled = slice(first, first + num_filled)
            for slot, tokens in zip(lease.slots[filled], lease.blocks.tokens[filled], strict=True):
                self._tree.pool.remember_tokens(slot, tokens)
            self._tree.release(lease.index_lease)
            if num_filled < lease.num_inserted:
                self._unfilled.append(lease.index_lease)
            if self._unfilled:  # those that others were in may be free now
                self._unfilled = [each for each in self._unfilled if not self._tree.give_up(each)]

    def resume(self, lease: PromptLease) -> None:
        """Lease what is resident now of a released lease's prompt once more; it counts as the same use."""
        with self._lock:
            lease.index_lease = self._tree.resume(lease.index_lease)
            slots = self._tree.slots_of(lease.index_lease)
            lease.slots = slots[: self._same_tokens(lease.blocks, slots)]
            lease.num_inserted = 0

    def lengthen(self, lease: PromptLease, token_ids: Sequence[int]) -> None:
        """The prompt goes on, with its answer for example: `token_ids` are all of its tokens now.

        To be called before `insert`. Raises ValueError when they do not begin with the prompt.
        """
        with self._lock:
            blocks = self._keys.of(token_ids, lease.index_lease.account.name)
            known = len(lease.blocks.keys)
            if blocks.keys[:known] != lease.blocks.keys:
                raise ValueError("A prompt can only go on: these tokens do not begin with it.")
            self._tree.lengthen(lease.index_lease, list(blocks.keys[known:]))
            lease.blocks = blocks

    @contextmanager
    def lock(self, token_ids: Sequence[int], *, tenant: str = "") -> Iterator[PromptLease]:
        """`acquire`, and `release` at the end of the block; an error in it gives up what was inserted."""
        lease = self.acquire(token_ids, tenant=tenant)
        try:
            yield lease
        except BaseException:
            self.release(lease, num_filled=0)
            raise
        self.release(lease)

    def announce(self, token_ids: Sequence[int], *, tenant: str = "") -> None:
        """This prompt will come, after those announced before. Its blocks are kept over all unannounced ones.

        Heard by policies that look ahead (`adaptive`), at most 1,024 announcements at a time.
        """
        with self._lock:
            blocks = self._keys.of(token_ids, tenant)
            if sum(map(len, self._announced.values())) >= 1024:
                self._end_oldest_announcement()
            announcement = self._tree.announce(list(blocks.keys))
            if announcement is not None:
                self._announced.setdefault(tuple(blocks.keys), deque()).append(announcement)

    def withdraw(self, token_ids: Sequence[int], *, tenant: str = "") -> None:
        """The announced prompt will not come after all."""
        with self._lock:
            self._end_announcement(self._keys.of(token_ids, tenant))

    def pin(self, token_ids: Sequence[int], seconds: float, *, tenant: str = "") -> int:
        """Hold the resident part of a prefix that long if possible; how many tokens that is.

        Soft: under pressure pinned blocks go last, the pin that ends first before the others.
        """
        with self._lock:
            blocks = self._keys.of(token_ids, tenant)
            now_ms = self._now_ms()
            self._tree.expire_pins(now_ms)
            pinned = self._tree.pin(blocks.keys, now_ms + 1000 * max(seconds, 0.0))
            return pinned * self.config.block_tokens

    def grant_public(self, token_ids: Sequence[int]) -> int:
        """Share the full blocks of this prefix among all tenants, as a system prompt is; how many tokens.

        For operators only: whoever may call it says that the text is no secret. Its blocks are charged to
        the tenant that brings them.
        """
        with self._lock:
            return self._keys.grant_public(token_ids) * self.config.block_tokens

    def revoke_public(self, token_ids: Sequence[int]) -> None:
        """From now on each tenant has blocks of its own for this prefix."""
        with self._lock:
            self._keys.revoke_public(token_ids)

    def evict(self, num_blocks: int) -> int:
        """Let that many blocks go, as far as they are not in use; how many went."""
        with self._lock:
            return self._tree.evict(num_blocks, EvictionCause.PRESSURE)

    def clear(self) -> int:
        """Let everything go that is not in use; how many blocks that was."""
        with self._lock:
            return self._tree.evict(self._tree.num_resident, EvictionCause.CLEAR)

    def take_evicted(self) -> list[bytes]:
        """The keys of the blocks that have gone since the last call, for whatever cause, in that order."""
        with self._lock:
            gone = self._tree.gone
            if not gone:
                return []
            self._tree.gone = []
            return [key for key in gone if isinstance(key, bytes)]

    def switch_policy(self, name: str) -> None:
        """Go on under another policy; no block is lost. Raises KeyError for an unknown name."""
        if name not in POLICIES:
            raise KeyError(f"No policy is called {name!r}. Use one of: {', '.join(POLICIES)}.")
        with self._lock:
            if not POLICIES[name].looks_ahead:
                self._announced.clear()
            self.config = replace(self.config, policy=name)
            self._tree.switch(self._make_policy(name))

    def resize(self, capacity_blocks: int) -> int:
        """Go on with so many slots, or as few as blocks are resident; how many there are. Evicts nothing.

        Slots that were given out keep their numbers, so one may be numbered beyond the capacity. A policy
        that takes its measures from the capacity learns anew.
        """
        with self._lock:
            policy = self._make_policy(self._tree.policy.name)
            self._tree.resize(capacity_blocks, policy)
            self.config = replace(self.config, capacity_blocks=self.capacity_blocks)
            return self.capacity_blocks

    def snapshot(self) -> CacheSnapshot:
        """The counters at this moment."""
        with self._lock:
            tree, counters = self._tree, self._counters
            accounts = self._accounts.values()
            return CacheSnapshot(
                policy=tree.policy.name,
                capacity_blocks=self.config.capacity_blocks,
                resident_blocks=tree.num_resident,
                leases=tree.num_leases,
                requests=tree.num_requests,
                requested_blocks=sum(account.requested_blocks for account in accounts),
                hit_blocks=sum(account.hit_blocks for account in accounts),
                collisions=counters.collisions,
                evicted_blocks=MappingProxyType(
                    {cause.name.lower(): counters.by_cause[cause] for cause in EvictionCause}
                ),
                age_at_eviction_ms=counters.age_ms.snapshot(),
                idle_at_eviction_ms=counters.idle_ms.snapshot(),
                uses_at_eviction=counters.uses.snapshot(),
                lookup_us=self._lookup_us.snapshot(),
                tenants=MappingProxyType(
                    {
                        account.name: TenantSnapshot(
                            requested_blocks=account.requested_blocks,
                            hit_blocks=account.hit_blocks,
                            resident_blocks=account.resident_blocks,
                            quota_blocks=account.quota_blocks,
                        )
                        for account in accounts
                    }
                ),
            )

    def check_integrity(self) -> None:
        """Raises AssertionError if any promise of the structure is broken. O(blocks)."""
        with self._lock:
            self._tree.check_integrity()
            assert not self._tree.pool.tokens.keys() & set(self._tree.pool.free), "tokens in a free slot"

    def _make_policy(self, name: str) -> EvictionPolicy:
        policy = POLICIES[name]()
        policy.weigh_depth(self.config.recompute_doubling_tokens / self.config.block_tokens)
        return policy

    def _now_ms(self) -> float:
        return self._clock() * 1000

    def _account(self, tenant: str) -> Account:
        account = self._accounts.get(tenant)
        if account is None:
            quota = self.config.quota_bytes.get(tenant)
            account = Account(tenant, None if quota is None else quota // self.config.bytes_per_block)
            self._accounts[tenant] = account
        return account

    def _same_tokens(self, blocks: PromptBlocks, slots: list[int]) -> int:
        """How many leading blocks hold exactly the prompt's tokens; less than matched if keys collide."""
        holds = self._tree.pool.holds_tokens
        for position, slot in enumerate(slots):
            if not holds(slot, blocks.tokens[position]):
                return position
        return len(slots)

    def _end_announcement(self, blocks: PromptBlocks) -> None:
        key = tuple(blocks.keys)
        awaited = self._announced.get(key)
        if awaited is not None:
            self._tree.withdraw(awaited.popleft())
            if not awaited:
                del self._announced[key]

    def _end_oldest_announcement(self) -> None:
        key = next(iter(self._announced))
        self._tree.withdraw(self._announced[key].popleft())
        if not self._announced[key]:
            del self._announced[key]


class PromptLease:
    """A prompt being served. `slots` hold its leading resident blocks, in prompt order."""

    __slots__ = ("block_tokens", "blocks", "index_lease", "num_hit_tokens", "num_inserted", "slots")

    def __init__(self, lease: Lease, blocks: PromptBlocks, slots: list[int], block_tokens: int) -> None:
        self.index_lease = lease
        self.blocks = blocks
        self.slots = slots
        self.block_tokens = block_tokens
        self.num_inserted = 0
        self.num_hit_tokens = len(slots) * block_tokens
