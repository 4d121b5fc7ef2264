"""First in, first out, among leaves."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run

UNLISTED, RESTING, HELD = -1, 0, 1


class Fifo(Ordered):
    """Use changes nothing. A parent is older than its children and still goes after them."""

    name: ClassVar[str] = "fifo"
    observes: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._leaves: list[tuple[int, int, Run]] = []
        self._numbers = count()

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        for run in sorted(idle, key=lambda run: run.created):
            run.kind = next(self._numbers)
        self.rest(list(idle))

    def added(self, run: Run, num_blocks: int) -> None:
        run.kind = next(self._numbers)

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            if run.queue == RESTING:
                run.queue = HELD

    def rest(self, runs: list[Run]) -> None:
        for run in runs:
            if not run.branches:
                self.exposed(run)

    def exposed(self, run: Run) -> None:
        if run.queue == UNLISTED:
            heapq.heappush(self._leaves, (run.kind, next(self._numbers), run))
        run.queue = RESTING

    def drop(self, run: Run) -> None:
        self.hold([run])

    def victim(self, newcomer: Run | None) -> Run | None:
        while self._leaves:
            run = self._leaves[0][2]
            if run.queue == RESTING and run.slots and not run.branches:
                return run
            heapq.heappop(self._leaves)
            run.queue = UNLISTED
        return None

    def check_integrity(self, idle: list[Run]) -> None:
        listed = {run for _, _, run in self._leaves if run.queue == RESTING}
        assert {run for run in idle if not run.branches} <= listed, "a leaf that can never go"
