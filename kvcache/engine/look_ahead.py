"""Tells the block store which prompts come next, so that it keeps and fetches what they need."""

from __future__ import annotations

from kvcache.block_store import BlockStore
from kvcache.engine.ticket import Flight


class LookAhead:
    """Keeps the store's announcements in step with the order expected. For one thread."""

    def __init__(self, store: BlockStore, num: int) -> None:
        """`num` prompts are announced at a time, 0 announces none; it may change between two calls."""
        self.num = num
        self._store = store
        self._announced: list[Flight] = []

    def follow(self, expected: list[Flight]) -> int:
        """These come next, in this order; how many of them were not announced yet.

        What moved back is announced again behind the others in the index only: what was fetched for it stays.
        """
        if expected == self._announced:
            return 0
        coming, before = set(map(id, expected)), set(map(id, self._announced))
        for flight in self._announced:
            if id(flight) not in coming:
                self._store.withdraw(flight.prompt, tenant=flight.request.tenant)
        kept = [flight for flight in self._announced if id(flight) in coming]
        in_step = _num_equal(kept, expected)
        for flight in expected[in_step:]:
            if id(flight) in before:
                self._move_back(flight)
            else:
                self._store.announce(flight.prompt, tenant=flight.request.tenant)
        self._announced = list(expected)
        return len(coming - before)

    def begins(self, flight: Flight) -> None:
        """The engine opens this prompt now, which ends its announcement."""
        if flight in self._announced:
            self._announced.remove(flight)

    def fails(self, flight: Flight) -> None:
        """The engine may not have opened this prompt."""
        self._store.withdraw(flight.prompt, tenant=flight.request.tenant)

    def _move_back(self, flight: Flight) -> None:
        self._store.index.announce(flight.prompt, tenant=flight.request.tenant)
        self._store.index.withdraw(flight.prompt, tenant=flight.request.tenant)


def _num_equal(left: list[Flight], right: list[Flight]) -> int:
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one is not other:
            return number
    return min(len(left), len(right))
