"""Segmented LRU: what was used again is protected, within limits."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run

PROTECTED_SHARE = 0.8


class Slru(Ordered):
    """Runs used once go first. When the protected ones pass 80 % of the capacity, the oldest of them join
    the others again (Karedla, Love and Wherry 1994)."""

    name: ClassVar[str] = "slru"

    def __init__(self) -> None:
        super().__init__()
        self._protected: OrderedDict[Run, int] = OrderedDict()
        self._protected_blocks = 0
        self._most_protected = 0

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._most_protected = int(PROTECTED_SHARE * capacity_blocks)
        self.rest(list(idle))

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            self._queue.pop(run, None)
            self._protected_blocks -= self._protected.pop(run, 0)

    def rest(self, runs: list[Run]) -> None:
        for run in runs:
            if run.num_uses > 1:
                self._protected[run] = len(run.slots)
                self._protected_blocks += len(run.slots)
            else:
                self._queue[run] = None
        while self._protected_blocks > self._most_protected:
            oldest, num_blocks = self._protected.popitem(last=False)
            self._protected_blocks -= num_blocks
            self._queue[oldest] = None

    def drop(self, run: Run) -> None:
        self.hold([run])

    def victim(self, newcomer: Run | None) -> Run | None:
        return next(iter(self._queue), None) or next(iter(self._protected), None)

    def check_integrity(self, idle: list[Run]) -> None:
        assert set(idle) == {*self._queue, *self._protected}, "not exactly what may be evicted"
        assert self._protected_blocks == sum(self._protected.values()), "protected blocks miscounted"
