"""Least frequently used first, and of those the least recently used."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run


class Lfu(Ordered):
    """Counts uses for as long as a run is resident. A parent is used at least as often as its children."""

    name: ClassVar[str] = "lfu"

    def __init__(self) -> None:
        super().__init__()
        self._by_uses: dict[int, OrderedDict[Run, None]] = {}
        self._counts: list[int] = []

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self.rest(list(idle))

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            if run.queue >= 0:
                del self._by_uses[run.queue][run]
                run.queue = -1

    def rest(self, runs: list[Run]) -> None:
        for run in runs:
            queue = self._by_uses.get(run.num_uses)
            if queue is None:
                queue = self._by_uses[run.num_uses] = OrderedDict()
                heapq.heappush(self._counts, run.num_uses)
            queue[run] = None
            run.queue = run.num_uses

    def drop(self, run: Run) -> None:
        self.hold([run])

    def victim(self, newcomer: Run | None) -> Run | None:
        while self._counts:
            queue = self._by_uses[self._counts[0]]
            if queue:
                return next(iter(queue))
            del self._by_uses[heapq.heappop(self._counts)]
        return None

    def check_integrity(self, idle: list[Run]) -> None:
        resting = {run for queue in self._by_uses.values() for run in queue}
        assert resting == set(idle), "the queues do not hold exactly what may be evicted"
