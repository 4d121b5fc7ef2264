"""Least recently used first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run

FEWEST_KEPT = 1024


class Lru(Ordered):
    """Use renews all blocks of the prefix; of one prefix, the tail goes first.

    What came to rest together is one entry; `run.queue` is the number of the latest entry of a run. Earlier
    ones are passed over when their turn comes, so that use costs nothing.
    """

    name: ClassVar[str] = "lru"
    follows: ClassVar[bool] = False

    def __init__(self, first_number: int = 0) -> None:
        super().__init__()
        self._entries: deque[list[Run]] = deque()
        self._first = first_number
        self._most = FEWEST_KEPT

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        for run in idle:
            self.rest([run])

    def hold(self, runs: list[Run]) -> None:
        for run in runs:
            run.queue = -1

    def rest(self, runs: list[Run]) -> None:
        entries = self._entries
        number = self._first + len(entries)
        for run in runs:
            run.queue = number
        entries.append(runs)
        if number - self._first > self._most:
            self._sweep()

    def victim(self, newcomer: Run | None) -> Run | None:
        entries = self._entries
        while entries:
            entry, number = entries[0], self._first
            while entry:
                run = entry[0]
                if run.queue == number and run.slots and not run.locks:
                    return run
                del entry[0]
            entries.popleft()
            self._first = number + 1
        return None

    def check_integrity(self, idle: list[Run]) -> None:
        assert set(self.resting()) == set(idle), "the queue does not hold exactly what may be evicted"

    def resting(self) -> list[Run]:
        """All that may go, the next first. O(runs)."""
        return [
            run
            for number, entry in enumerate(self._entries, self._first)
            for run in entry
            if run.queue == number and run.slots and not run.locks
        ]

    def _sweep(self) -> None:
        """Drop what is out of date, so that the entries grow with the runs that rest and not with use."""
        resting = self.resting()
        self._entries.clear()
        self._most = 2 * len(resting) + FEWEST_KEPT
        self.adopt(resting, 0)
