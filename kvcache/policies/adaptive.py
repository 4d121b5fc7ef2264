"""Blocks go in the order of a reuse-time model that is learned while the cache runs."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import count
from typing import ClassVar

import numpy as np

from kvcache.policies.reuse_model import NUM_AGES, NUM_KINDS, NUM_USES, ReuseModel
from kvcache.run import Run

RESTING_NOWHERE, RESTING_ANNOUNCED, RESTING_BY_AGE = -1, -2, 0
MEMORY_BLOCKS = 262_144
"""So many requested blocks small caches remember, at most 64 times their capacity; large ones 4 times."""
LEAST_INTERVAL, MOST_INTERVAL = 64, 512
"""Requests between two rankings: an eighth of those so far, within these bounds."""
FADING = 1 - 2**-16
"""What an observation still counts after another request."""
WARM_UP = 4.0
TRUSTED_EVENTS = 300
"""The least recently used goes first until so many capacities have been requested and reuses been seen."""
SLACK, LEAST_SLACK, TOLERANCE = 0.06, 96, 0.001
"""How far it may fall behind the shadow LRU: share of the capacity, or blocks, and share of the requests."""


class Adaptive:
    """Ranks leaves by when blocks of their class came back; least recently used until that is known.

    * Every use of a run starts an observation of its class: turn, number of uses, length of the prompt.
      It ends with the next use, also when the blocks have long been evicted, because ghosts stay in the tree.
    * Leaves rest in one queue for each class and age; the victim is the head of the queue ranked lowest.
    * A shadow LRU of the same capacity is kept by the log of uses alone. When the model falls behind it,
      the least recently used goes first for a while, each time twice as long and half as patient after it.
    * Where deep blocks cost more to recompute, a rank is worth more by the cost of the prompt's end.
    * Announced runs go after all others, the one wanted last first.
    """

    name: ClassVar[str] = "adaptive"
    observes: ClassVar[bool] = True
    remembers: ClassVar[bool] = True
    looks_ahead: ClassVar[bool] = True
    spares: ClassVar[bool] = False
    refuses: ClassVar[bool] = True

    def __init__(self) -> None:
        self._doubling_blocks = 0.0

    def weigh_depth(self, doubling_blocks: float) -> None:
        self._doubling_blocks = doubling_blocks

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._capacity = max(1, capacity_blocks)
        self._memory = max(4 * self._capacity, min(64 * self._capacity, MEMORY_BLOCKS))
        self._model = ReuseModel(self._capacity)
        self._clock = 0
        self._num_requests = 0
        self._next_ranking = LEAST_INTERVAL
        self._turn = 1
        self._kinds = self._model.kinds_of(1, 1)

        self._log: list[Run | None] = []
        self._stamps: list[int] = []
        self._base = 0
        self._passed = [0] * (NUM_AGES - 1)
        self._due = [0] * (NUM_AGES - 1)
        self._next_due = 0
        self._num_forgotten = 0
        self.forgotten: list[Run] = []

        self._shadow_from = 0
        self._shadow_left = 0
        self._shadow_blocks = 0
        self._shadow_hits = 0
        self._own_hits = 0
        self._follow_after = round(WARM_UP * self._capacity)
        self._compared_from = 0
        self._patience = 4 * self._capacity
        self._slack = max(SLACK * self._capacity, LEAST_SLACK)

        self._learned = False
        self._oldest = _Leaves(_is_oldest)
        self._farthest = _Leaves(_is_farthest)
        self._queues: list[OrderedDict[Run, None] | None] = [None] * (NUM_KINDS * NUM_AGES)
        self._listed = [False] * (NUM_KINDS * NUM_AGES)
        self._place = [0] * (NUM_KINDS * NUM_AGES)
        self._by_rank = list(range(NUM_KINDS * NUM_AGES))
        self._lowest: list[int] = []
        for run in idle:
            run.turn = max(run.turn, 1)
            self._observe(run, self._model.kinds_of(run.turn, 1)[min(max(run.num_uses, 1), NUM_USES) - 1])
        self._shrink_shadow()
        self.rest(list(idle))

    def used(self, path: list[Run], num_blocks: int, num_hit: int) -> None:
        self._clock += num_blocks
        self._num_requests += 1
        if self._clock >= self._next_due:
            self._let_age()
        if self._num_requests >= self._next_ranking:
            self._rank()
        self.hold(path)
        turn = 0
        for run in reversed(path):
            if run.turn:
                turn = run.turn
                break
        self._turn = turn + 1
        self._own_hits += num_hit
        shadow_from = self._shadow_from
        for run in path:
            if run.sample > shadow_from:
                self._shadow_hits += len(run.ids)
            else:
                if run.sample == shadow_from >= 0:
                    self._shadow_hits += min(len(run.ids), self._shadow_left or len(run.ids))
                break
        if self._learned and self._is_behind():
            self._fall_back()
        kinds = self._kinds = self._model.kinds_of(self._turn, num_blocks)
        for run in reversed(path):
            if not run.turn:
                run.turn = self._turn
            uses = run.num_uses
            self._observe(run, kinds[uses if uses < NUM_USES else -1])
        if self._shadow_blocks > self._capacity:
            self._shrink_shadow()

    def added(self, run: Run, num_blocks: int) -> None:
        run.turn = self._turn
        self._observe(run, self._kinds[0])
        if self._shadow_blocks > self._capacity:
            self._shrink_shadow()

    def split(self, upper: Run) -> None:
        return

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            at = run.queue
            if at >= 0 and self._learned:
                queue = self._queues[at]
                assert queue is not None
                del queue[run]
            run.queue = RESTING_NOWHERE

    def rest(self, runs: list[Run]) -> None:
        for run in runs:
            if run.slots and not run.branches:
                self._place_leaf(run)

    def exposed(self, run: Run) -> None:
        self._place_leaf(run)

    def drop(self, run: Run) -> None:
        self.hold([run])
        if run.sample < self._num_forgotten:
            self._forget(run)

    def victim(self) -> Run | None:
        unannounced = self._lowest_ranked() if self._learned else self._oldest.first()
        return unannounced or self._farthest.first()

    def yields(self, victim: Run, newcomer: Run) -> bool:
        if victim.announced is not None:
            return newcomer.announced is not None and newcomer.announced[0] < victim.announced[0]
        if newcomer.announced is not None or not self._learned or victim.queue < 0:
            return True
        return self._place[victim.queue] <= self._place[newcomer.kind * NUM_AGES]

    def spare(self, run: Run) -> int:
        return len(run.slots)

    def check_integrity(self, idle: list[Run]) -> None:
        leaves = {run for run in idle if not run.branches}
        assert all(run.queue != RESTING_NOWHERE for run in leaves), "a leaf that can never go"
        if self._learned:
            resting = {run for queue in self._queues if queue for run in queue}
            assert resting == {run for run in leaves if run.queue >= 0}, "queues hold what does not rest"
            for run in resting:
                queue = self._queues[run.queue]
                assert queue is not None
                assert run in queue, "a run rests in another queue than it says"

    def _observe(self, run: Run, kind: int) -> None:
        """End the observation of the run, if one goes on, and begin the next."""
        log, sample, num_blocks = self._log, run.sample, len(run.ids)
        if sample >= 0:
            model = self._model
            model.events[run.kind * NUM_AGES + self._age_of(run)] += model.weight
            at = sample - self._base
            if at >= 0 and log[at] is run:
                log[at] = None
            if sample > self._shadow_from:
                self._shadow_blocks -= num_blocks
            elif sample == self._shadow_from:
                self._take_from_shadow(num_blocks)
        run.kind = kind
        run.sample = self._base + len(log)
        log.append(run)
        self._stamps.append(self._clock)
        self._shadow_blocks += num_blocks

    def _take_from_shadow(self, num_blocks: int) -> None:
        """A run at the boundary of the shadow LRU, perhaps partly evicted there, is used again."""
        if self._shadow_left:
            num_blocks = min(num_blocks, self._shadow_left)
            self._shadow_left -= num_blocks
            if not self._shadow_left:
                self._shadow_from += 1
        self._shadow_blocks -= num_blocks

    def _age_of(self, run: Run) -> int:
        at = run.sample - self._base
        return bisect_right(self._model.bounds, self._clock - self._stamps[at]) if at >= 0 else NUM_AGES - 1

    def _shrink_shadow(self) -> None:
        """What an LRU would evict: the oldest uses, their tails first."""
        log, base = self._log, self._base
        excess = self._shadow_blocks - self._capacity
        while excess > 0:
            run = log[self._shadow_from - base]
            if run is None:
                self._shadow_from += 1
                self._shadow_left = 0
                continue
            kept = self._shadow_left or len(run.ids)
            if kept > excess:
                self._shadow_left = kept - excess
                self._shadow_blocks -= excess
                break
            self._shadow_from += 1
            self._shadow_left = 0
            self._shadow_blocks -= kept
            excess -= kept

    def _let_age(self) -> None:
        """Move what has grown older into the next age, count that it survived, and forget the oldest."""
        clock, base, log, stamps = self._clock, self._base, self._log, self._stamps
        survivals, weight, num_uses = self._model.survivals, self._model.weight, len(log)
        learned, queues = self._learned, self._queues
        for age, bound in enumerate(self._model.bounds):
            if clock < self._due[age]:
                continue
            self._due[age] = clock + max(bound // 8, 1)
            first, limit = self._passed[age] - base, clock - bound
            last = bisect_right(stamps, limit, first)
            for run in log[first:last]:
                if run is not None:
                    survivals[run.kind * NUM_AGES + age] += weight
                    if run.queue >= 0 and learned:
                        queue = queues[run.queue]
                        assert queue is not None
                        del queue[run]
                        self._enqueue(run, run.kind * NUM_AGES + age + 1)
            self._passed[age] = last + base
        self._next_due = min(self._due)
        at, limit = self._num_forgotten - base, clock - self._memory
        while at < num_uses and stamps[at] <= limit:
            forgotten = log[at]
            num_kept = self._shadow_left if self._shadow_from == at + base else 0
            while forgotten is not None and forgotten.sample == at + base:
                if self._shadow_from <= at + base and not num_kept:
                    self._shadow_blocks -= len(forgotten.ids)
                if not forgotten.slots:
                    self._forget(forgotten)
                forgotten = forgotten.parent
            self._shadow_blocks -= num_kept
            log[at] = None
            at += 1
            if self._shadow_from < at + base:
                self._shadow_from, self._shadow_left = at + base, 0
        self._num_forgotten = at + base
        if at > 4096 and 2 * at > num_uses:
            self._drop_log(min(at, *(passed - base for passed in self._passed), self._shadow_from - base))

    def _forget(self, run: Run) -> None:
        """A run so long unused is a new one when it comes back. Resident ones wait for their eviction."""
        run.sample = -1
        self.forgotten.append(run)

    def _drop_log(self, num_uses: int) -> None:
        del self._log[:num_uses], self._stamps[:num_uses]
        self._base += num_uses

    def _rank(self) -> None:
        """Put the queues into the order of the model as it is now."""
        interval = min(max(self._num_requests // 8, LEAST_INTERVAL), MOST_INTERVAL)
        self._next_ranking = self._num_requests + interval
        order = np.argsort(self._model.ranks(self._doubling_blocks), kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self._by_rank, self._place = order.tolist(), place.tolist()
        self._model.fade(FADING**interval)
        if self._learned:
            self._list_queues()
        elif self._model.num_events >= TRUSTED_EVENTS and self._clock >= self._follow_after:
            self._own_hits = self._shadow_hits = 0
            self._compared_from = self._clock
            self._change_order(learned=True)

    def _is_behind(self) -> bool:
        """Whether the shadow LRU has hit more than is forgiven since the model was followed."""
        allowed = self._slack + TOLERANCE * (self._clock - self._compared_from)
        return self._shadow_hits - self._own_hits > allowed

    def _fall_back(self) -> None:
        """Least recently used first for a while; the next time the model is given less rope."""
        self._follow_after = self._clock + self._patience
        self._patience *= 2
        self._slack /= 2
        self._change_order(learned=False)

    def _change_order(self, learned: bool) -> None:
        if self._learned:
            leaves = [run for queue in self._queues if queue for run in queue]
        else:
            leaves = self._oldest.all()
        self._learned = learned
        self._oldest = _Leaves(_is_oldest)
        self._queues = [None] * (NUM_KINDS * NUM_AGES)
        self._list_queues()
        for run in sorted(set(leaves), key=lambda run: run.sample):
            self._place_leaf(run)

    def _list_queues(self) -> None:
        self._listed = [bool(queue) for queue in self._queues]
        self._lowest = [self._place[at] for at, listed in enumerate(self._listed) if listed]
        heapq.heapify(self._lowest)

    def _place_leaf(self, run: Run) -> None:
        if run.announced is not None:
            run.queue = RESTING_ANNOUNCED
            self._farthest.push(-run.announced[0], run)
        elif self._learned:
            self._enqueue(run, run.kind * NUM_AGES + self._age_of(run))
        else:
            run.queue = RESTING_BY_AGE
            self._oldest.push(run.sample, run)

    def _enqueue(self, run: Run, at: int) -> None:
        queue = self._queues[at]
        if queue is None:
            queue = self._queues[at] = OrderedDict()
        queue[run] = None
        run.queue = at
        if not self._listed[at]:
            self._listed[at] = True
            heapq.heappush(self._lowest, self._place[at])

    def _lowest_ranked(self) -> Run | None:
        while self._lowest:
            at = self._by_rank[self._lowest[0]]
            queue = self._queues[at]
            if queue:
                return next(iter(queue))
            self._listed[at] = False
            heapq.heappop(self._lowest)
        return None


class _Leaves:
    """Leaves by a key, the smallest first. An entry whose leaf has moved on since is passed over."""

    def __init__(self, is_current: Callable[[int, Run], bool]) -> None:
        self._is_current = is_current
        self._entries: list[tuple[int, int, Run]] = []
        self._numbers = count()
        self._most = 1024

    def push(self, key: int, run: Run) -> None:
        heapq.heappush(self._entries, (key, next(self._numbers), run))
        if len(self._entries) > self._most:
            self._entries = [entry for entry in self._entries if self._is_current(entry[0], entry[2])]
            heapq.heapify(self._entries)
            self._most = 2 * len(self._entries) + 1024

    def first(self) -> Run | None:
        while self._entries:
            key, _, run = self._entries[0]
            if self._is_current(key, run):
                return run
            heapq.heappop(self._entries)
        return None

    def all(self) -> list[Run]:
        return [run for key, _, run in self._entries if self._is_current(key, run)]


def _is_oldest(sample: int, run: Run) -> bool:
    return run.queue == RESTING_BY_AGE and run.sample == sample and not run.branches


def _is_farthest(negative_turn: int, run: Run) -> bool:
    return run.queue == RESTING_ANNOUNCED and run.announced is not None and run.announced[0] == -negative_turn
