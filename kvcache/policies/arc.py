"""Adaptive replacement cache: the share of recent and of frequent runs follows the ghosts that come back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run

RECENT, FREQUENT = 1, 2


class Arc(Ordered):
    """Megiddo and Modha (2003), on runs instead of pages and leaves before parents.

    `kind` says in which half a run is, `sample` whether it is in a ghost list. Each ghost list holds at
    most as many blocks as the cache.
    """

    name: ClassVar[str] = "arc"
    observes: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._resting: dict[int, OrderedDict[Run, int]] = {RECENT: OrderedDict(), FREQUENT: OrderedDict()}
        self._recent_blocks = 0
        self._ghosts: dict[int, OrderedDict[Run, int]] = {RECENT: OrderedDict(), FREQUENT: OrderedDict()}
        self._ghost_blocks = {RECENT: 0, FREQUENT: 0}
        self._recent_target = 0.0
        self._capacity = 0

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._capacity = capacity_blocks
        for run in idle:
            run.kind = FREQUENT if run.num_uses > 1 else RECENT
        self.rest(list(idle))

    def used(self, path: list[Run], clock: int, num_blocks: int, num_known: int, num_hit: int) -> None:
        for run in path:
            if run.sample >= 0:
                self._learn_from(run)
                self._leave_ghosts(run)
            run.kind = FREQUENT
        self.hold(path)

    def added(self, run: Run, num_blocks: int) -> None:
        run.kind = RECENT

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            self._recent_blocks -= self._resting[RECENT].pop(run, 0)
            self._resting[FREQUENT].pop(run, None)

    def rest(self, runs: list[Run]) -> None:
        for run in runs:
            if not run.slots:
                continue
            half = FREQUENT if run.kind == FREQUENT else RECENT
            self._resting[half][run] = len(run.slots)
            if half == RECENT:
                self._recent_blocks += len(run.slots)

    def drop(self, run: Run) -> None:
        self.hold([run])
        self._leave_ghosts(run)
        half = FREQUENT if run.kind == FREQUENT else RECENT
        ghosts = self._ghosts[half]
        ghosts[run] = len(run.ids)
        run.sample = half
        self._ghost_blocks[half] += len(run.ids)
        while self._ghost_blocks[half] > self._capacity:
            oldest = next(iter(ghosts))
            self._leave_ghosts(oldest)
            self.forgotten.append(oldest)

    def victim(self, newcomer: Run | None) -> Run | None:
        recent, frequent = self._resting[RECENT], self._resting[FREQUENT]
        order = (recent, frequent) if self._recent_blocks > self._recent_target else (frequent, recent)
        for queue in order:
            for run in queue:
                return _leaf_below(run)
        return None

    def check_integrity(self, idle: list[Run]) -> None:
        resting = {*self._resting[RECENT], *self._resting[FREQUENT]}
        assert set(idle) == resting, "the queues do not hold exactly what may be evicted"
        for half, ghosts in self._ghosts.items():
            assert self._ghost_blocks[half] == sum(ghosts.values()), "ghosts miscounted"

    def _learn_from(self, ghost: Run) -> None:
        """A ghost that comes back was evicted too early: its half should have been larger."""
        recent, frequent = max(self._ghost_blocks[RECENT], 1), max(self._ghost_blocks[FREQUENT], 1)
        step = float(len(ghost.ids))
        if ghost.sample == RECENT:
            self._recent_target += step * max(1.0, frequent / recent)
        else:
            self._recent_target -= step * max(1.0, recent / frequent)
        self._recent_target = min(max(self._recent_target, 0.0), float(self._capacity))

    def _leave_ghosts(self, run: Run) -> None:
        for half, ghosts in self._ghosts.items():
            self._ghost_blocks[half] -= ghosts.pop(run, 0)
        run.sample = -1


def _leaf_below(run: Run) -> Run:
    """A run without resident children at or below this one."""
    while run.branches:
        run = next(child for child in run.children.values() if child.slots)
    return run
