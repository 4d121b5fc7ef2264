"""What the index asks of an eviction policy, and the order that most of them are built from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar, Protocol

from kvcache.run import Run


class EvictionPolicy(Protocol):
    """Says which run is trimmed next. It never frees anything itself.

    The index tells it about every run that may be evicted: resident, not in use, not pinned (`rest`), and
    when that ends (`used`, `hold`, `drop`). A run of which it is told that need not be known. `victim` must
    name a run without resident children; the index trims its tail and drops it when it is empty.

    A policy may leave runs in its queues that rest no longer and pass over them later: a run that can go has
    slots, no locks and no branches, and has not been held since it came to rest.
    """

    name: ClassVar[str]
    observes: ClassVar[bool]
    """Whether `added` and `split` are to be called."""
    follows: ClassVar[bool]
    """Whether `used`, `drop` and `exposed` are to be called."""
    remembers: ClassVar[bool]
    """Whether evicted blocks stay in the tree as ghosts, until `forgotten` names them."""
    looks_ahead: ClassVar[bool]
    """Whether announced requests change what it does."""
    spares: ClassVar[bool]
    """Whether `spare` limits what one call of `victim` offers."""
    forgotten: list[Run]
    """Runs whose history is no longer needed, each named once; the index empties the list."""

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        """Begin, with these runs at rest: least recently used first, children before their parents."""

    def weigh_depth(self, doubling_blocks: float) -> None:
        """The block after so many others costs twice the first one to recompute; 0: all cost the same."""

    def used(self, path: list[Run], clock: int, num_blocks: int, num_known: int, num_hit: int) -> None:
        """A request of so many full blocks reads these known runs, and they are in use from now on.

        `num_hit` of their `num_known` blocks are resident; `clock` counts the blocks requested up to now.
        The runs still say when they were used before: `num_uses`, `last_used`, `used_at`.
        """

    def added(self, run: Run, num_blocks: int) -> None:
        """The same request, of so many full blocks, adds this run below the others."""

    def split(self, upper: Run) -> None:
        """The front of a run is now this run of its own, with the same history."""

    def hold(self, runs: list[Run]) -> None:
        """These runs are in use or pinned now, though no request of their own reads them."""

    def rest(self, runs: list[Run]) -> None:
        """These runs, children before their parents, may be evicted from now on.

        To a policy that remembers, ghosts are named too. The list belongs to the policy.
        """

    def exposed(self, run: Run) -> None:
        """The last resident child of this resting run is gone."""

    def drop(self, run: Run) -> None:
        """Nothing of this run is resident any more; called while its slots are still listed."""

    def victim(self, newcomer: Run | None) -> Run | None:
        """The run to trim next so that blocks of a run in use can be kept, or None if none rests.

        The newcomer itself if all that rests is worth more. Changes nothing that matters.
        """

    def spare(self, run: Run) -> int:
        """How many blocks the victim just named gives before `victim` is asked again."""

    def check_integrity(self, idle: list[Run]) -> None:
        """Raises AssertionError unless exactly these runs rest here."""


class Ordered:
    """A policy whose runs rest in one queue, from the next victim to the last.

    Because children rest before their parents, the head of the queue never has a resident child.
    """

    observes: ClassVar[bool] = False
    follows: ClassVar[bool] = True
    remembers: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = False
    spares: ClassVar[bool] = False

    def __init__(self) -> None:
        self.forgotten: list[Run] = []
        self._queue: OrderedDict[Run, None] = OrderedDict()

    def adopt(self, idle: Sequence[Run], capacity_blocks: int) -> None:
        self._queue = OrderedDict.fromkeys(idle)

    def weigh_depth(self, doubling_blocks: float) -> None:
        return

    def used(self, path: list[Run], clock: int, num_blocks: int, num_known: int, num_hit: int) -> None:
        self.hold(path)

    def added(self, run: Run, num_blocks: int) -> None:
        return

    def split(self, upper: Run) -> None:
        return

    def hold(self, runs: list[Run]) -> None:
        leave = self._queue.pop
        for run in runs:
            leave(run, None)

    def rest(self, runs: list[Run]) -> None:
        queue = self._queue
        for run in runs:
            queue[run] = None

    def exposed(self, run: Run) -> None:
        return

    def drop(self, run: Run) -> None:
        self._queue.pop(run, None)

    def victim(self, newcomer: Run | None) -> Run | None:
        for run in self._queue:
            return run
        return None

    def spare(self, run: Run) -> int:
        return len(run.slots)

    def check_integrity(self, idle: list[Run]) -> None:
        assert set(idle) == set(self._queue), "the queue does not hold exactly what may be evicted"
