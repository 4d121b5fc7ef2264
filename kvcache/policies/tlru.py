"""Tail-optimised LRU: first the tails whose recomputation the next turn would not notice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run

ALLOWED = 2.0
"""Latency bound: blocks a request may compute, in multiples of what requests compute on average."""


class Tlru(Ordered):
    """After arXiv:2510.15152. A conversation may lose from its tail what, with a new turn of average size,
    still stays within the bound; those tails go first, least recently used first; then plain LRU."""

    name: ClassVar[str] = "tlru"
    spares: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._spare: OrderedDict[Run, int] = OrderedDict()
        self._mean_computed = 0.0

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._queue = OrderedDict.fromkeys(idle)

    def used(self, path: list[Run], clock: int, num_blocks: int, num_known: int, num_hit: int) -> None:
        self._mean_computed += (num_blocks - num_hit - self._mean_computed) / 64
        self.hold(path)

    def hold(self, runs: list[Run]) -> None:
        super().hold(runs)
        for run in runs:
            self._spare.pop(run, None)

    def rest(self, runs: list[Run]) -> None:
        super().rest(runs)
        spare = int((ALLOWED - 1) * self._mean_computed)
        if runs and spare > 0 and not runs[0].branches:
            self._spare[runs[0]] = spare

    def drop(self, run: Run) -> None:
        self.hold([run])

    def victim(self, newcomer: Run | None) -> Run | None:
        return next(iter(self._spare), None) or super().victim(newcomer)

    def spare(self, run: Run) -> int:
        return self._spare.pop(run, len(run.slots))

    def check_integrity(self, idle: list[Run]) -> None:
        super().check_integrity(idle)
        assert self._spare.keys() <= self._queue.keys(), "a spare tail that is in use"
