"""How soon blocks of a class come back: life tables, and the order in which blocks should go.

Kaplan and Meier's estimator (1958) in its life-table form, so that blocks not yet used again count as what
they are, still waiting; and Gittins' index (1979) for the order: of all horizons, the best ratio of the
chance to be used again within it to the time a slot is taken until then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NUM_TURNS, NUM_USES, NUM_LENGTHS = 3, 4, 8
NUM_KINDS = NUM_TURNS * NUM_USES * NUM_LENGTHS
NUM_AGES = 20
"""Age buckets; two to the octave, from an eighth of the capacity to 64 times it."""

LEVEL_SHRINKAGE = 300.0
SHRINKAGE = 300.0
"""Reuses expected of a class for its level, and blocks at risk at an age for its shape, that weigh as much as
what the coarser group says. Weak classes must not reorder what is kept: whoever waits in the cache has paid
for it, and an order that changes with the noise throws that away."""


class ReuseModel:
    """Life tables by class and age bucket. Ages and horizons are counted in blocks requested.

    A class (`kind`) is how often the blocks were used, the length of the prompt (powers of two) and the turn
    of the conversation, from the coarsest to the finest. `events[kind * NUM_AGES + age]` counts uses at that
    age, `survivals` those that passed through the bucket unused. The caller adds `weight` to either.
    """

    def __init__(self, capacity_blocks: int) -> None:
        self.bounds = [max(1, round(capacity_blocks * 2 ** (step / 2 - 3))) for step in range(NUM_AGES - 1)]
        self.weight = 1.0
        self.events = [0.0] * (NUM_KINDS * NUM_AGES)
        self.survivals = [0.0] * (NUM_KINDS * NUM_AGES)
        edges = np.array([0, *self.bounds, 2 * self.bounds[-1]], dtype=np.float64)
        self._widths = np.maximum(np.diff(edges), 1e-9)

    def kinds_of(self, turn: int, num_blocks: int) -> range:
        """The classes after the first, second, … use of blocks in such a prompt; the last one is for good."""
        turn = turn if turn < NUM_TURNS else NUM_TURNS
        length = num_blocks.bit_length()
        length = length if length < NUM_LENGTHS else NUM_LENGTHS
        first = (turn * NUM_USES - NUM_USES) * NUM_LENGTHS + (length or 1) - 1
        return range(first, first + NUM_USES * NUM_LENGTHS, NUM_LENGTHS)

    @property
    def num_events(self) -> float:
        return sum(self.events) / self.weight

    def fade(self, share: float) -> None:
        """What was seen so far counts `share` of what it did: new observations weigh more."""
        self.weight /= share
        if self.weight > 1e6:
            self.events = [count / self.weight for count in self.events]
            self.survivals = [count / self.weight for count in self.survivals]
            self.weight = 1.0

    def ranks(self, doubling_blocks: float = 0.0) -> NDArray[np.float64]:
        """Gittins' index of each (kind, age), the lowest of which should go first; shape (kinds * ages,).

        With `doubling_blocks` it is weighed by what the end of a prompt of that length costs to recompute.
        """
        hazards = self._hazards()
        survival = np.cumprod(1.0 - hazards, axis=1)
        alive = np.hstack([np.ones((NUM_KINDS, 1)), survival])
        taken = np.cumsum((alive[:, :-1] + alive[:, 1:]) / 2 * self._widths, axis=1)
        taken = np.hstack([np.zeros((NUM_KINDS, 1)), taken])
        used = 1.0 - alive
        gain = used[:, None, :] - used[:, :-1, None]
        cost = taken[:, None, :] - taken[:, :-1, None]
        ratio = np.where(cost > 0, gain / np.where(cost > 0, cost, 1.0), 0.0)
        best = ratio.max(axis=2)
        if doubling_blocks > 0:
            depth = 2.0 ** (np.arange(NUM_KINDS) % NUM_LENGTHS)
            best *= (1.0 + depth / doubling_blocks)[:, None]
        return np.asarray(best.ravel())

    def _hazards(self) -> NDArray[np.float64]:
        """Chance of use within each bucket for those that reach it, shrunk to ever coarser groups."""
        shape = (NUM_TURNS, NUM_USES, NUM_LENGTHS, NUM_AGES)
        events = np.array(self.events).reshape(shape) / self.weight
        survivals = np.array(self.survivals).reshape(shape) / self.weight
        within = np.maximum(survivals[..., :-1] - events[..., 1:] - survivals[..., 1:], 0.0)
        exposed = events + survivals
        exposed[..., 1:] += within / 2
        hazards = np.zeros((1, 1, 1, NUM_AGES))
        for pooled in ((0, 1, 2), (0, 2), (0,), ()):
            group_events = events.sum(axis=pooled, keepdims=True) if pooled else events
            group_exposed = exposed.sum(axis=pooled, keepdims=True) if pooled else exposed
            expected = (group_exposed * hazards).sum(axis=3, keepdims=True)
            level = (group_events.sum(axis=3, keepdims=True) + LEVEL_SHRINKAGE) / (expected + LEVEL_SHRINKAGE)
            expected_hazards = np.minimum(hazards * level, 1.0)
            hazards = (group_events + SHRINKAGE * expected_hazards) / (group_exposed + SHRINKAGE)
        return np.minimum(np.broadcast_to(hazards, shape).reshape(NUM_KINDS, NUM_AGES), 1.0 - 1e-9)
