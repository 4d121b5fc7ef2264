"""Replays traces through the index that serves the engine, and computes the bound that nobody can pass.

Prefix semantics: requests come one after the other; a hit is the leading run of resident blocks; a last
block that is only partly filled is neither kept nor hit; the blocks of the request being served are in use.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from kvcache.metrics import IndexCounters
from kvcache.policies import POLICIES
from kvcache.prefix_tree import Announcement, PrefixTree
from kvcache.run import Account, BlockId
from kvcache.traces import Trace, iterate_full_blocks

OPTIMUM = "optimum"
Progress = Callable[[int, int], None]
"""Called now and then with the requests done and the requests there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """One policy at one capacity over one trace."""

    policy: str
    capacity_blocks: int
    max_resident_blocks: int
    requests: int
    tokens: int
    hit_tokens: int
    blocks: int
    hit_blocks: int
    seconds: float

    @property
    def token_hit_rate(self) -> float:
        return self.hit_tokens / self.tokens if self.tokens else 0.0

    def as_row(self) -> dict[str, str | int | float]:
        return asdict(self)


class SimulatedIndex:
    """The index under one policy, driven a whole request at a time."""

    def __init__(self, policy: str, capacity_blocks: int, *, block_tokens: int = 512) -> None:
        if policy not in POLICIES:
            raise KeyError(f"No policy is called {policy!r}. Use one of: {', '.join(POLICIES)}.")
        if capacity_blocks < 0 or block_tokens < 1:
            raise ValueError("capacity_blocks is 0 or more, block_tokens is 1 or more")
        chosen = POLICIES[policy]()
        chosen.adopt([], capacity_blocks)
        self.tree = PrefixTree(capacity_blocks, chosen, IndexCounters())
        self._account = Account("simulated")
        self._block_tokens = block_tokens
        self._pending: dict[tuple[BlockId, ...], deque[Announcement]] = {}
        self._order: deque[tuple[BlockId, ...]] = deque()

    @property
    def num_resident(self) -> int:
        return self.tree.num_resident

    def access(self, block_ids: Sequence[BlockId], timestamp_ms: float, num_tokens: int) -> int:
        """Serve one request to its end; how many leading blocks were resident when it came.

        An announcement of the same ids ends here.
        """
        if self._pending:
            self._begin_announced(tuple(block_ids))
        tree = self.tree
        full = list(block_ids)
        if num_tokens < len(full) * self._block_tokens:
            full.pop()
        lease = tree.acquire(full, self._account, timestamp_ms)
        tree.extend(lease)
        tree.release(lease)
        return lease.num_hit

    def announce(self, requests: Sequence[Sequence[BlockId]]) -> None:
        """These requests will come, in this order, after those announced before.

        A list that begins with all that is still awaited says the same again and adds the rest, so a caller
        may pass the whole window each time. Policies that do not look ahead take no notice.
        """
        if not self.tree.policy.looks_ahead:
            return
        named = [tuple(block_ids) for block_ids in requests]
        awaited = len(self._order)
        if awaited and named[:awaited] == list(self._order):
            named = named[awaited:]
        for block_ids in named:
            announcement = self.tree.announce(list(block_ids))
            if announcement is not None:
                self._pending.setdefault(block_ids, deque()).append(announcement)
                self._order.append(block_ids)

    def _begin_announced(self, block_ids: tuple[BlockId, ...]) -> None:
        awaited = self._pending.get(block_ids)
        if awaited is None:
            return
        self.tree.withdraw(awaited.popleft())
        if not awaited:
            del self._pending[block_ids]
        if self._order[0] == block_ids:
            self._order.popleft()
        else:
            self._order.remove(block_ids)


def open_index(policy: str, capacity_blocks: int, *, block_tokens: int = 512) -> SimulatedIndex:
    """An empty index of that capacity. Raises KeyError for an unknown policy."""
    return SimulatedIndex(policy, capacity_blocks, block_tokens=block_tokens)


def replay(
    trace: Trace,
    policy: str,
    capacity_blocks: int,
    *,
    lookahead: int = 0,
    progress: Progress | None = None,
) -> ReplayResult:
    """Run a trace through one policy, or through `optimum`, with the next `lookahead` requests announced."""
    if policy == OPTIMUM:
        return replay_optimum(trace, capacity_blocks, progress=progress)
    index = open_index(policy, capacity_blocks, block_tokens=trace.block_tokens)
    started = time.perf_counter()
    hit_blocks = max_resident = 0
    requests = trace.requests
    num_requests = len(requests)
    announced = 0
    for position, request in enumerate(requests):
        if lookahead and announced < min(num_requests, position + lookahead):
            index.announce([coming.block_ids for coming in requests[announced : position + lookahead]])
            announced = min(num_requests, position + lookahead)
        hit_blocks += index.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        if index.num_resident > max_resident:
            max_resident = index.num_resident
        if progress is not None and not position % 1000:
            progress(position, num_requests)
    seconds = time.perf_counter() - started
    return _result(trace, policy, capacity_blocks, max_resident, hit_blocks, seconds)


def replay_optimum(trace: Trace, capacity_blocks: int, *, progress: Progress | None = None) -> ReplayResult:
    """The most blocks that any policy can hit: Belady's rule with bypass (Belady 1966; bypass as in optimal
    web caching), exact here because blocks are of one size and a parent is wanted whenever its child is.

    After each request the blocks whose next use is nearest stay. O(accesses log accesses).
    """
    started = time.perf_counter()
    wanted = list(iterate_full_blocks(trace))
    never = len(wanted)
    next_uses = _next_uses(wanted)
    resident: dict[int, int] = {}
    farthest: list[tuple[int, int, int]] = []
    hit_blocks = max_resident = 0
    for position, block_ids in enumerate(wanted):
        leading = 0
        for block in block_ids:
            if block not in resident:
                break
            leading += 1
        hit_blocks += leading
        for depth, (block, following) in enumerate(zip(block_ids, next_uses[position], strict=True)):
            if following < never:
                resident[block] = following
                heapq.heappush(farthest, (-following, -depth, block))
            else:
                resident.pop(block, None)
        while len(resident) > capacity_blocks:
            following, _, block = heapq.heappop(farthest)
            if resident.get(block) == -following:
                del resident[block]
        max_resident = max(max_resident, len(resident))
        if progress is not None and not position % 1000:
            progress(position, len(wanted))
    seconds = time.perf_counter() - started
    return _result(trace, OPTIMUM, capacity_blocks, max_resident, hit_blocks, seconds)


def compare(
    trace: Trace,
    policies: Iterable[str],
    sizes: Iterable[float],
    *,
    lookahead: int = 0,
    progress: Progress | None = None,
) -> list[ReplayResult]:
    """Every policy at every size, in that order."""
    capacities = [trace.capacity(size) for size in sizes]
    return [
        replay(trace, policy, capacity, lookahead=lookahead, progress=progress)
        for policy in policies
        for capacity in capacities
    ]


def miss_ratio_curve(trace: Trace, capacities: Sequence[int]) -> list[float]:
    """Share of full-block accesses that LRU misses, for each capacity, from one pass over the trace.

    Stack distances (Mattson et al. 1970) in prefix semantics: the tail of a prefix is older than its head,
    and an access hits at every capacity above the number of distinct blocks used since its last use, those
    of its own prefix counted. Exact for the index's LRU as long as every prompt fits; O(accesses log
    distinct blocks) with a Fenwick tree.
    """
    wanted = list(iterate_full_blocks(trace))
    total = sum(map(len, wanted))
    tree = _FenwickTree(total)
    last_place: dict[int, int] = {}
    distances: dict[int, int] = {}
    place = 0
    for block_ids in wanted:
        is_leading = True
        for depth, block in enumerate(block_ids):
            earlier = last_place.get(block)
            if earlier is None:
                is_leading = False
                continue
            if is_leading:
                distance = tree.sum_from(earlier + 1) + depth + 1
                distances[distance] = distances.get(distance, 0) + 1
            tree.add(earlier, -1)
        for block in reversed(block_ids):
            last_place[block] = place
            tree.add(place, 1)
            place += 1
    return [
        1 - sum(count for distance, count in distances.items() if distance <= capacity) / total
        if total
        else 0.0
        for capacity in capacities
    ]


class _FenwickTree:
    """Sums over a row of counters in O(log size) (Fenwick 1994)."""

    def __init__(self, size: int) -> None:
        self._sums = [0] * (size + 1)
        self._total = 0

    def add(self, place: int, amount: int) -> None:
        self._total += amount
        place += 1
        sums = self._sums
        while place < len(sums):
            sums[place] += amount
            place += place & -place

    def sum_from(self, place: int) -> int:
        """The sum of the counters at `place` and after it."""
        before = 0
        while place > 0:
            before += self._sums[place]
            place -= place & -place
        return self._total - before


def _next_uses(wanted: list[tuple[int, ...]]) -> list[list[int]]:
    """For each block of each request, the number of the next request that wants it, or len(wanted)."""
    following: dict[int, int] = {}
    never = len(wanted)
    uses: list[list[int]] = [[] for _ in wanted]
    for position in range(never - 1, -1, -1):
        uses[position] = [following.get(block, never) for block in wanted[position]]
        for block in wanted[position]:
            following[block] = position
    return uses


def _result(
    trace: Trace, policy: str, capacity_blocks: int, max_resident: int, hit_blocks: int, seconds: float
) -> ReplayResult:
    return ReplayResult(
        policy=policy,
        capacity_blocks=capacity_blocks,
        max_resident_blocks=max_resident,
        requests=len(trace.requests),
        tokens=sum(request.num_tokens for request in trace.requests),
        hit_tokens=hit_blocks * trace.block_tokens,
        blocks=trace.num_blocks,
        hit_blocks=hit_blocks,
        seconds=seconds,
    )
