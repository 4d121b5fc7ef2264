"""How soon blocks of a class come back: life tables, and the order in which blocks should go.

Kaplan and Meier's estimator (1958) in its life-table form, so that blocks not yet used again count as what
they are, still waiting; and Gittins' index (1979) for the order: of all horizons, the best ratio of the
chance to be used again within it to the time a slot is taken until then.
"""

from __future__ import annotations

from array import array
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

NUM_TURNS, NUM_USES, NUM_LENGTHS = 3, 4, 8
NUM_KINDS = NUM_TURNS * NUM_USES * NUM_LENGTHS
AGES_PER_OCTAVE = 2
NUM_AGES = 9 * AGES_PER_OCTAVE + 2
"""Age buckets, from an eighth of the capacity to 64 times it."""
SLICES_PER_CAPACITY = 8

LEVEL_SHRINKAGE = 200.0
SHRINKAGE = 200.0
"""Reuses expected of a class for its level, and blocks at risk at an age for its shape, that weigh as much as
what the coarser group says. Weak classes must not reorder what is kept: whoever waits in the cache has paid
for it, and an order that changes with the noise throws that away."""


class ReuseModel:
    """Life tables by class and age bucket. Ages and horizons are counted in blocks requested.

    A class (`kind`) is how often the blocks were used, the length of the prompt (powers of two) and the turn
    of the conversation, from the coarsest to the finest. Whoever observes writes here, once a use, so that
    nothing has to be moved as time goes by:

    * `events[age * NUM_KINDS + kind]`: uses at that age; `censored` likewise: waits given up at that age.
      Both count `weight` each.
    * `waiting[slice + kind]`: runs that wait since that slice of time, see `slice_at`.
    """

    def __init__(self, capacity_blocks: int, memory_blocks: int) -> None:
        """Nothing waits longer than `memory_blocks`, give or take a capacity."""
        octaves = [step / AGES_PER_OCTAVE - 3 for step in range(NUM_AGES - 1)]
        self.bounds = [max(1, round(capacity_blocks * 2**octave)) for octave in octaves]
        self.weight = 1.0
        self.events = array("d", [0.0]) * (NUM_KINDS * NUM_AGES)
        self.censored = array("d", [0.0]) * (NUM_KINDS * NUM_AGES)
        self.slice_blocks = max(1, capacity_blocks // SLICES_PER_CAPACITY)
        self._num_slices = memory_blocks // self.slice_blocks + 2 * SLICES_PER_CAPACITY
        self.num_cells = (1 + self._num_slices) * NUM_KINDS
        self.waiting = array("i", [0]) * self.num_cells
        self._places = np.zeros((NUM_AGES, NUM_KINDS), dtype=np.int64)
        slices_ago = np.arange(1 + self._num_slices)
        self._age_of = np.searchsorted(self.bounds, slices_ago * self.slice_blocks, side="right")
        self._age_of[-1] = NUM_AGES - 1
        self._age_list: list[int] = self._age_of.tolist()
        self._place_list: list[list[int]] = self._places.tolist()
        edges = np.array([0, *self.bounds, 2 * self.bounds[-1]], dtype=np.float64)
        self._widths = np.maximum(np.diff(edges), 1e-9)

    @property
    def num_events(self) -> float:
        return sum(self.events) / self.weight

    def slice_at(self, clock: int) -> int:
        """Where in `waiting` the runs stand that wait since then."""
        return (1 + clock // self.slice_blocks % self._num_slices) * NUM_KINDS

    def fade(self, share: float) -> None:
        """What was seen so far counts `share` of what it did: new observations weigh more."""
        self.weight /= share
        if self.weight > 1e6:
            for counts in (self.events, self.censored):
                np.frombuffer(counts)[:] /= self.weight
            self.weight = 1.0

    def rank(self, clock: int, doubling_blocks: float = 0.0) -> None:
        """Put classes and ages into the order of Gittins' index, the lowest of which should go first.

        With `doubling_blocks` it is weighed by what the end of a prompt of that length costs to recompute.
        """
        hazards = self._hazards(clock)
        alive = np.ones((NUM_AGES + 1, NUM_KINDS))
        np.cumprod(1.0 - hazards, axis=0, out=alive[1:])
        taken = np.zeros((NUM_AGES + 1, NUM_KINDS))
        np.cumsum((alive[:-1] + alive[1:]) / 2 * self._widths[:, None], axis=0, out=taken[1:])
        best = np.empty((NUM_AGES, NUM_KINDS))
        for age in range(NUM_AGES):
            gain, cost = alive[age] - alive[age + 1 :], taken[age + 1 :] - taken[age]
            best[age] = (gain / cost).max(axis=0)
        if doubling_blocks > 0:
            depth = 2.0 ** (np.arange(NUM_KINDS) % NUM_LENGTHS)
            best *= 1.0 + depth / doubling_blocks
        self._places.ravel()[np.argsort(best, axis=None, kind="stable")] = np.arange(best.size)
        self._place_list = self._places.tolist()

    def keys(self, cells: NDArray[np.int64], clock: int) -> NDArray[np.int64]:
        """Keys by which cells order now: lowest rank first, and of one class and age the oldest.

        A key leaves the number of its cell as the remainder by `num_cells`.
        """
        now, num_slices = clock // self.slice_blocks, self._num_slices
        row, kind = cells // NUM_KINDS, cells % NUM_KINDS
        slices_ago = np.where(row > 0, (now - row + 1) % num_slices, num_slices)
        place = self._places[self._age_of[slices_ago], kind]
        return (place * (num_slices + 1) + num_slices - slices_ago) * self.num_cells + cells

    def key_of(self, cell: int, clock: int) -> int:
        """As `keys`, of one cell."""
        row, kind = divmod(cell, NUM_KINDS)
        slices_ago = (clock // self.slice_blocks - row + 1) % self._num_slices if row else self._num_slices
        place = self._place_list[self._age_list[slices_ago]][kind]
        return (place * (self._num_slices + 1) + self._num_slices - slices_ago) * self.num_cells + cell

    def places_of_new(self) -> list[int]:
        """For each class the key that nothing passes which should go before blocks just used."""
        return [(place + 1) * (self._num_slices + 1) * self.num_cells for place in self._place_list[0]]

    def _hazards(self, clock: int) -> NDArray[np.float64]:
        """Chance of use within each bucket for those that reach it, shrunk to ever coarser groups."""
        shape = (NUM_AGES, NUM_TURNS, NUM_USES, NUM_LENGTHS)
        events = np.frombuffer(self.events).reshape(shape) / self.weight
        censored = np.frombuffer(self.censored).reshape(shape) / self.weight
        left = censored + self._waiting_by_age(clock).reshape(shape)
        exposed = np.cumsum((events + left)[::-1], axis=0)[::-1] - left / 2
        hazards = np.zeros((NUM_AGES, 1, 1, 1))
        for pooled in ((1, 2, 3), (1, 3), (1,), ()):
            group_events = events.sum(axis=pooled, keepdims=True) if pooled else events
            group_exposed = exposed.sum(axis=pooled, keepdims=True) if pooled else exposed
            expected = (group_exposed * hazards).sum(axis=0)
            level = (group_events.sum(axis=0) + LEVEL_SHRINKAGE) / (expected + LEVEL_SHRINKAGE)
            expected_hazards = np.minimum(hazards * level, 1.0)
            hazards = (group_events + SHRINKAGE * expected_hazards) / (group_exposed + SHRINKAGE)
        return np.minimum(hazards.reshape(NUM_AGES, NUM_KINDS), 1.0 - 1e-9)

    def _waiting_by_age(self, clock: int) -> NDArray[np.float64]:
        """How many runs of each kind wait, by their age now; shape (ages, kinds)."""
        waiting = np.frombuffer(self.waiting, dtype=f"i{self.waiting.itemsize}")
        waiting = waiting.reshape(1 + self._num_slices, NUM_KINDS)[1:]
        newest = clock // self.slice_blocks % self._num_slices
        youngest_first = np.concatenate([waiting[newest::-1], waiting[:newest:-1]])
        limits = [-(-bound // self.slice_blocks) for bound in self.bounds]
        rows = [
            youngest_first[first:last].sum(axis=0) for first, last in pairwise([0, *limits, self._num_slices])
        ]
        return np.array(rows, dtype=np.float64)


def _first_kind(turn: int, length: int) -> int:
    return (turn * NUM_USES - NUM_USES) * NUM_LENGTHS + max(min(length, NUM_LENGTHS), 1) - 1


FIRST_KINDS = [[_first_kind(max(turn, 1), length) for length in range(65)] for turn in range(NUM_TURNS + 1)]
"""`FIRST_KINDS[turn][num_blocks.bit_length()]`: the class after the first use of blocks in such a prompt;
the next use is in the class `NUM_LENGTHS` further, up to `NUM_USES` uses."""
