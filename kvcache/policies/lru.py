"""Least recently used first."""

from __future__ import annotations

from typing import ClassVar

from kvcache.policies.policy import Ordered
from kvcache.run import Run


class Lru(Ordered):
    """Use renews all blocks of the prefix; of one prefix, the tail goes first."""

    name: ClassVar[str] = "lru"

    def used(self, path: list[Run], clock: int, num_blocks: int, num_hit: int) -> None:
        leave = self._queue.pop
        for run in path:
            leave(run, None)
