"""Blocks go in the order of a reuse-time model that is learned while the cache runs."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from typing import ClassVar

import numpy as np

from kvcache.policies.lru import FEWEST_KEPT, Lru
from kvcache.policies.reuse_model import (
    FIRST_KINDS,
    NUM_KINDS,
    NUM_LENGTHS,
    NUM_TURNS,
    NUM_USES,
    ReuseModel,
)
from kvcache.run import Run

KINDS_A_USE, LAST_USES = NUM_LENGTHS, NUM_LENGTHS * (NUM_USES - 1)
NEXT_TURNS = (1, *range(2, NUM_TURNS + 1), NUM_TURNS)
FORGOTTEN, UNOBSERVED = -1, 0
RESTING_NOWHERE, RESTING_ANNOUNCED = -1, -2
UNKNOWN = -1
SWEEPS_PER_CAPACITY = 32
MEMORY_BLOCKS = 262_144
"""So many requested blocks small caches remember, at most 64 times their capacity; large ones 4 times."""
LEAST_INTERVAL, MOST_INTERVAL = 128, 2048
"""Requests between two rankings: a quarter of those so far, within these bounds."""
FADING = 1 - 2**-16
"""What an observation still counts after another request."""
FULLY_OBSERVED, OBSERVED_SHARE = 2000, 8
"""So many requests begin observations, and of all later ones one in so many."""
WARM_UP = 4.0
TRUSTED_EVENTS = 300
"""The least recently used goes first until so many capacities have been requested and reuses been seen."""
SLACK, LEAST_SLACK, TOLERANCE = 0.5, 96, 0.01
"""How far it may fall behind an LRU: share of the capacity, or blocks, and share of the requests."""


class Adaptive:
    """Ranks leaves by when blocks of their class came back; least recently used until that is known.

    * A use of a run starts an observation of its class: turn, number of uses, length of the first prompt.
      It ends with the next use, also when the blocks have long been evicted, because ghosts stay in the tree.
    * Leaves rest in one queue for each class and slice of time, where they age together without being moved;
      the victim is the head of the queue ranked lowest. `run.queue` is the one where a run counts; it may
      stand in others too, and is passed over there and while it is in use.
    * What an LRU of the same capacity would hold is known by one moment: all that was used after it. So a
      request is hit alike by both unless it meets a ghost or older blocks, and only the difference is kept,
      `_lead`. The model may fall behind by `SLACK` of the capacity and `TOLERANCE` of the blocks requested;
      then the least recently used goes first for a while, each time twice as long and half as patient after.
    * Where deep blocks cost more to recompute, a rank is worth more by the cost of the prompt's end.
    * Announced runs go after all others, the one wanted last first.

    `run.kind` is the class of its first use, and `run.sample` the cell of the model where it waits.
    """

    name: ClassVar[str] = "adaptive"
    observes: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    remembers: ClassVar[bool] = True
    looks_ahead: ClassVar[bool] = True
    spares: ClassVar[bool] = False

    def __init__(self) -> None:
        self.forgotten: list[Run] = []
        self._doubling_blocks = 0.0

    def weigh_depth(self, doubling_blocks: float) -> None:
        self._doubling_blocks = doubling_blocks

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._capacity = max(1, capacity_blocks)
        self._memory = max(4 * self._capacity, min(64 * self._capacity, MEMORY_BLOCKS))
        self._model = ReuseModel(self._capacity, self._memory)
        self._clock = max((run.used_at for run in idle), default=0)
        self._slice = self._model.slice_at(self._clock)
        self._slice_from = self._clock - self._clock % self._model.slice_blocks
        self._slice_ends = 0
        self._num_requests = 0
        self._next_ranking = LEAST_INTERVAL
        self._is_observed = True
        self._stamps: list[int] = []
        self._ends: list[Run] = []
        self._forgotten_until = -1

        self._next_sweep = 0
        self._lru_at = self._lru_cut = 0
        self._lru_since = UNKNOWN
        self._lru_blocks = 0
        self._lead = 0
        self._follow_after = self._clock + round(WARM_UP * self._capacity)
        self._compared_from = 0
        self._patience = 4 * self._capacity
        self._slack = max(SLACK * self._capacity, LEAST_SLACK)

        self._learned = False
        self._queues: list[deque[Run] | None] = [None] * self._model.num_cells
        self._by_use = Lru(first_number=self._model.num_cells)
        self._lowest: list[int] = []
        self._most_places = FEWEST_KEPT
        self._place_of_new = [0] * NUM_KINDS
        self._least_place_of_new = 0
        self._farthest = _AnnouncedLeaves()
        self._remember(idle)
        self.rest(list(idle))

    def used(self, path: list[Run], clock: int, num_blocks: int, num_known: int, num_hit: int) -> None:
        self._clock = clock
        num_requests = self._num_requests = self._num_requests + 1
        if clock >= self._next_sweep:
            self._sweep(clock - num_blocks)
        self._is_observed = num_requests <= FULLY_OBSERVED or not num_requests % OBSERVED_SHARE
        if not path:
            return
        end = path[-1]
        if num_hit < num_known or end.used_at <= self._lru_since:  # otherwise LRU hits the same
            self._compare_with_lru(path, num_known, num_hit)
        for run in path:
            if run.sample:
                self._observe_use(run)
        self._stamps.append(clock)
        self._ends.append(end)
        if self._is_observed:
            for run in path:
                self._await_use(run, run.num_uses)

    def added(self, run: Run, num_blocks: int) -> None:
        assert run.parent is not None
        clock, turn = run.used_at, run.parent.turn
        run.turn = turn = NEXT_TURNS[turn] if turn else _turn_below(run.parent)
        run.kind = FIRST_KINDS[turn][num_blocks.bit_length()]
        run.sample = UNOBSERVED
        if self._is_observed:
            self._await_use(run, 0)
        self._lru_blocks += len(run.ids)
        if clock == self._clock and self._stamps and self._stamps[-1] == clock:
            self._ends[-1] = run
        else:
            self._clock = clock
            self._stamps.append(clock)
            self._ends.append(run)

    def split(self, upper: Run) -> None:
        if upper.sample > UNOBSERVED:
            self._model.waiting[upper.sample] += 1

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            run.queue = RESTING_NOWHERE

    def rest(self, runs: list[Run]) -> None:
        if self._learned:
            for run in runs:
                if run.slots and not run.branches:
                    self._place(run)
        else:
            self._rest_by_use(runs)

    def exposed(self, run: Run) -> None:
        if self._learned or run.announced is not None:
            self._place(run)
        elif run.queue < self._model.num_cells:
            self._by_use.rest([run])

    def drop(self, run: Run) -> None:
        if run.used_at <= self._forgotten_until:
            self._forget(run)

    def victim(self, newcomer: Run | None) -> Run | None:
        if not self._learned:
            run = self._by_use.victim(newcomer)
            return self._farthest_but_for(newcomer) if run is None else run
        lowest, num_cells = self._lowest, self._model.num_cells
        while lowest:
            key = lowest[0]
            cell = key % num_cells
            queue = self._queues[cell]
            while queue:
                run = queue[0]
                if run.queue == cell and run.slots and not run.locks and not run.branches:
                    if newcomer is not None and key >= self._least_place_of_new:
                        return newcomer if self._is_worth_less(newcomer, key) else run
                    return run
                queue.popleft()
                if run.queue == cell:
                    run.queue = RESTING_NOWHERE
            self._queues[cell] = None
            heapq.heappop(lowest)
        return self._farthest_but_for(newcomer)

    def spare(self, run: Run) -> int:
        return len(run.slots)

    def check_integrity(self, idle: list[Run]) -> None:
        leaves = {run for run in idle if not run.branches}
        resting = {*self._resting(), *self._farthest.resting()}
        assert leaves <= resting, "a leaf that can never go"
        assert resting <= set(idle), "what may not go rests"
        assert not self._learned or resting == leaves, "the model ranks leaves only"
        listed = sorted(key % self._model.num_cells for key in self._lowest)
        assert listed == [cell for cell, queue in enumerate(self._queues) if queue is not None], (
            "a queue that is not ranked"
        )
        assert min(self._model.waiting) >= 0, "an observation ended twice"

    def _remember(self, idle: Sequence[Run]) -> None:
        """Go on with runs whose history another policy has seen."""
        ends: dict[int, Run] = {}
        for run in idle:
            _classify(run)
            run.sample = UNOBSERVED
            ends.setdefault(run.used_at, run)  # children come before their parents
        self._stamps = sorted(ends)
        self._ends = [ends[stamp] for stamp in self._stamps]
        self._lru_at = len(ends)

    def _compare_with_lru(self, path: list[Run], num_known: int, num_hit: int) -> None:
        """Count what an LRU would have hit and this has not, or the other way round."""
        since = self._lru_since
        num_lru_hits = at_limit = 0
        for run in path:
            if run.used_at > since:
                num_lru_hits += len(run.ids)
            elif run.used_at == since:
                at_limit += len(run.ids)
        if at_limit and since in self._stamps[self._lru_at : self._lru_at + 1]:
            left = _num_unused_since(since, self._ends[self._lru_at])
            hit = min(at_limit, left - self._lru_cut)
            self._lru_cut -= at_limit - hit
            num_lru_hits += hit
        self._lead += num_hit - num_lru_hits
        self._lru_blocks += num_known - num_lru_hits

    def _await_use(self, run: Run, num_uses: int) -> None:
        """Observe how long this run waits for the use after so many and this one."""
        further = KINDS_A_USE * num_uses if num_uses < NUM_USES else LAST_USES
        run.sample = cell = self._slice + run.kind + further
        self._model.waiting[cell] += 1

    def _observe_use(self, run: Run) -> None:
        """The run that was waited for is used, or one of which nothing is known."""
        cell, model = run.sample, self._model
        run.sample = UNOBSERVED
        if cell < 0:
            _classify(run)
            return
        model.waiting[cell] -= 1
        age = bisect_right(model.bounds, self._clock - run.used_at)
        model.events[age * NUM_KINDS + cell % NUM_KINDS] += model.weight

    def _sweep(self, clock_before: int) -> None:
        """What need not be done at every request: the LRU beside, and the order of the queues."""
        if self._lru_since == UNKNOWN:
            self._lru_since = clock_before
        self._next_sweep = self._clock + max(1, self._capacity // SWEEPS_PER_CAPACITY)
        self._shrink_lru(self._clock - self._memory)
        if self._learned and self._is_behind():
            self._fall_back()
        if self._clock >= self._slice_ends:
            self._begin_slice()

    def _begin_slice(self) -> None:
        """Time goes on, and the order of the queues with it."""
        self._slice = self._model.slice_at(self._clock)
        self._slice_from = self._clock - self._clock % self._model.slice_blocks
        self._slice_ends = self._slice_from + self._model.slice_blocks
        self._forget_before(self._clock - self._memory)
        if self._clock >= self._follow_after and self._num_requests >= self._next_ranking:
            self._rank()
        if self._learned:
            self._sort_queues()

    def _shrink_lru(self, limit: int) -> None:
        """Let go what an LRU would, oldest uses first and of each the tail; and all used before the limit."""
        stamps, ends, at = self._stamps, self._ends, self._lru_at
        excess = self._lru_blocks - self._capacity
        while at < len(stamps) and (excess > 0 or stamps[at] <= limit):
            left = _num_unused_since(stamps[at], ends[at]) - self._lru_cut
            if left > excess and stamps[at] > limit:
                self._lru_cut += excess
                self._lru_since, excess = stamps[at], 0
                break
            self._lru_since, self._lru_cut = stamps[at], 0
            excess -= left
            at += 1
        self._lru_at = at
        self._lru_blocks = self._capacity + excess

    def _forget_before(self, limit: int) -> None:
        """Give up the observation of runs not used since then. Resident ones wait for their eviction."""
        stamps, ends, model = self._stamps, self._ends, self._model
        self._forgotten_until = max(self._forgotten_until, limit)
        num_old = bisect_right(stamps, limit)
        for stamp, end in zip(stamps[:num_old], ends[:num_old], strict=True):
            age = bisect_right(model.bounds, self._clock - stamp)
            for run in _unused_since(stamp, end):
                if run.sample > UNOBSERVED:
                    model.waiting[run.sample] -= 1
                    model.censored[age * NUM_KINDS + run.sample % NUM_KINDS] += model.weight
                    run.sample = UNOBSERVED
                if not run.slots:
                    self._forget(run)
                elif run.queue >= 0 and self._learned:
                    self._place(run)
        del stamps[:num_old], ends[:num_old]
        self._lru_at -= num_old

    def _forget(self, run: Run) -> None:
        """A run so long unused is a new one when it comes back."""
        run.sample = run.kind = FORGOTTEN
        self.forgotten.append(run)

    def _rank(self) -> None:
        """Put the classes into the order of the model as it is now."""
        interval = min(max(self._num_requests // 4, LEAST_INTERVAL), MOST_INTERVAL)
        self._next_ranking = self._num_requests + interval
        self._model.rank(self._clock, self._doubling_blocks)
        self._place_of_new = self._model.places_of_new()
        self._least_place_of_new = min(self._place_of_new)
        self._model.fade(FADING**interval)
        self._drop_stale_places()
        if not self._learned and self._model.num_events >= TRUSTED_EVENTS:
            self._lead = 0
            self._compared_from = self._clock
            self._change_order(learned=True)

    def _is_behind(self) -> bool:
        """Whether an LRU would have hit more, by more than is forgiven, since the model is followed."""
        allowed = self._slack + TOLERANCE * (self._clock - self._compared_from)
        return -self._lead > allowed

    def _fall_back(self) -> None:
        """Least recently used first for a while; the next time the model is given less rope."""
        self._follow_after = self._clock + self._patience
        self._patience *= 2
        self._slack /= 2
        self._change_order(learned=False)

    def _change_order(self, *, learned: bool) -> None:
        resting = self._resting()
        self._unlist(keeping=False)
        self._drop_stale_places()
        self._by_use = Lru(first_number=self._model.num_cells)
        self.hold(resting)
        self._learned = learned
        self.rest(sorted(resting, key=lambda run: run.used_at))

    def _resting(self) -> list[Run]:
        """Whatever may go and is not announced."""
        resting = self._by_use.resting()
        for key in self._lowest:
            cell = key % self._model.num_cells
            resting += _leaves_of(cell, self._queues[cell])
        return resting

    def _sort_queues(self) -> None:
        listed = np.array(self._lowest, dtype=np.int64) % self._model.num_cells
        self._lowest = np.sort(self._model.keys(listed, self._clock)).tolist()

    def _drop_stale_places(self) -> None:
        """Queues that ran empty go, and, before they outnumber the leaves, the places that runs have left."""
        queues, num_cells = self._queues, self._model.num_cells
        num_places = sum(len(queues[key % num_cells] or ()) for key in self._lowest)
        if num_places > self._most_places:
            num_places = self._unlist(keeping=True)
            self._most_places = 2 * num_places + FEWEST_KEPT
        for key in self._lowest:
            if not queues[key % num_cells]:
                queues[key % num_cells] = None
        self._lowest = [key for key in self._lowest if queues[key % num_cells]]
        heapq.heapify(self._lowest)

    def _unlist(self, *, keeping: bool) -> int:
        """Empty the queues, of all or of what may not go from there; how many leaves stay."""
        num_kept = 0
        for key in self._lowest:
            cell = key % self._model.num_cells
            queue = self._queues[cell]
            kept = _leaves_of(cell, queue) if keeping else []
            for run in queue or ():
                if run.queue == cell:
                    run.queue = RESTING_NOWHERE
            for run in kept:
                run.queue = cell
            self._queues[cell] = deque(kept)
            num_kept += len(kept)
        return num_kept

    def _rest_by_use(self, runs: list[Run]) -> None:
        num_announced = 0
        for run in runs:
            if run.announced is not None:
                num_announced += 1
                if run.slots and not run.branches:
                    self._place(run)
        if num_announced:
            runs = [run for run in runs if run.announced is None]
        self._by_use.rest(runs)

    def _place(self, run: Run) -> None:
        """Put a leaf where it is ranked, unless it is there."""
        if run.announced is not None:
            run.queue = RESTING_ANNOUNCED
            self._farthest.push(run)
            return
        if run.kind < 0:
            _classify(run)
        uses, used_at = run.num_uses, run.used_at
        cell = run.kind + (KINDS_A_USE * uses - KINDS_A_USE if uses < NUM_USES else LAST_USES)
        cell += self._slice if used_at >= self._slice_from else self._slice_of(used_at)
        if run.queue == cell:
            return
        run.queue = cell
        queue = self._queues[cell]
        if queue is None:
            queue = self._queues[cell] = deque()
            heapq.heappush(self._lowest, self._model.key_of(cell, self._clock))
        queue.append(run)

    def _slice_of(self, used_at: int) -> int:
        return self._model.slice_at(used_at) if used_at > self._forgotten_until else 0

    def _is_worth_less(self, newcomer: Run, key: int) -> bool:
        """Than what rests in the queue of this key."""
        return newcomer.announced is None and key >= self._place_of_new[_kind_of(newcomer)]

    def _farthest_but_for(self, newcomer: Run | None) -> Run | None:
        """The announced run wanted last, or the newcomer if it is not wanted before that."""
        run = self._farthest.first()
        if run is None or newcomer is None:
            return run
        assert run.announced is not None
        is_sooner = newcomer.announced is not None and newcomer.announced[0] < run.announced[0]
        return run if is_sooner else newcomer


class _AnnouncedLeaves:
    """Leaves by their next announced use, the last one first. Entries that no longer hold are passed over."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, Run]] = []
        self._numbers = count()
        self._most = 1024

    def push(self, run: Run) -> None:
        assert run.announced is not None
        heapq.heappush(self._entries, (-run.announced[0], next(self._numbers), run))
        if len(self._entries) > self._most:
            self._entries = [entry for entry in self._entries if _is_current(entry)]
            heapq.heapify(self._entries)
            self._most = 2 * len(self._entries) + 1024

    def first(self) -> Run | None:
        while self._entries:
            if _is_current(self._entries[0]):
                return self._entries[0][2]
            heapq.heappop(self._entries)
        return None

    def resting(self) -> list[Run]:
        return [entry[2] for entry in self._entries if _is_current(entry)]


def _is_current(entry: tuple[int, int, Run]) -> bool:
    negative_turn, _, run = entry
    return (
        run.queue == RESTING_ANNOUNCED
        and run.announced is not None
        and run.announced[0] == -negative_turn
        and len(run.slots) > 0
        and not run.locks
        and not run.branches
    )


def _leaves_of(cell: int, queue: deque[Run] | None) -> list[Run]:
    """What may go from this queue now, in its order."""
    return [
        run
        for run in dict.fromkeys(queue or ())
        if run.queue == cell and run.slots and not run.locks and not run.branches
    ]


def _unused_since(stamp: int, end: Run) -> Iterator[Run]:
    """The runs that were used last by the request of that time which ended in this run, the deepest first."""
    run = end
    while run.used_at == stamp and run.parent is not None:
        parent = run.parent
        yield run
        run = parent


def _num_unused_since(stamp: int, end: Run) -> int:
    """How many blocks these are."""
    num_blocks, run = 0, end
    while run.used_at == stamp and run.parent is not None:
        num_blocks += len(run.ids)
        run = run.parent
    return num_blocks


def _classify(run: Run) -> None:
    """What is assumed of a run that was not seen when it was new."""
    run.turn = run.turn or _turn_below(run.parent)
    run.kind = FIRST_KINDS[run.turn][len(run.ids).bit_length()]


def _kind_of(run: Run) -> int:
    uses = run.num_uses
    return run.kind + (KINDS_A_USE * uses - KINDS_A_USE if uses < NUM_USES else LAST_USES)


def _turn_below(run: Run | None) -> int:
    """The turn of a conversation that goes on from this run."""
    while run is not None:
        if run.turn:
            return run.turn + 1 if run.turn < NUM_TURNS else NUM_TURNS
        run = run.parent
    return 1
