"""Which waiting request goes next. Knows no engine, thread or clock; whoever asks says what time it is."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from kvcache.engine.ticket import Flight, Priority

AGED_SHARE = 4
"""One admission of so many goes to the request that has waited longest beyond its patience, if one has."""
MOST_IDLE_TENANTS = 1024
MOST_OVERTAKEN = 64
"""How many requests one that begins like an earlier one may overtake."""


class TokenTurns:
    """Turns of tenants by the tokens they were given: start-time fair queueing (Goyal, Vin, Cheng 1996).

    A tenant that comes back has not saved up: it starts where the one that was served last started.
    """

    def __init__(self) -> None:
        self._reached: dict[str, float] = {}
        self._now = 0.0

    def start_of(self, tenant: str) -> float:
        """Where the tenant stands; the one that stands lowest goes next."""
        return max(self._reached.get(tenant, 0.0), self._now)

    def charge(self, tenant: str, num_tokens: int) -> None:
        self._now = self.start_of(tenant)
        self._reached[tenant] = self._now + num_tokens
        if len(self._reached) > MOST_IDLE_TENANTS:
            self._reached = {name: at for name, at in self._reached.items() if at > self._now}

    def refund(self, tenant: str, num_tokens: int) -> None:
        """So many of the tokens charged were not used."""
        if tenant in self._reached:
            self._reached[tenant] -= num_tokens


class WaitingQueue:
    """Flights in the order they begin.

    The most urgent priority first; within it tenants take turns by tokens; of one tenant's the earliest
    deadline, then the first that came. Right behind it go those that share half of their prompt with it and
    came at most 64 requests later: so a context is worked off while it is known.

    Nothing starves: a request of priority p loses its patience after (p + 1) * `ageing_seconds`, and from
    then on one admission of four goes to the one that lost it first. So it is admitted after at most 4 * n
    more, where n lost theirs before it: n is less than the queue's length.
    """

    def __init__(self, *, ageing_seconds: float) -> None:
        self._ageing_seconds = ageing_seconds
        self._lines: dict[Priority, dict[str, list[Flight]]] = {priority: {} for priority in Priority}
        self._turns: dict[Priority, TokenTurns] = {priority: TokenTurns() for priority in Priority}
        self._by_patience: list[Flight] = []
        self._num_since_aged = 0
        self._num_of_tenant: dict[str, int] = defaultdict(int)
        self.version = 0

    def __len__(self) -> int:
        return len(self._by_patience)

    def __iter__(self) -> Iterator[Flight]:
        return iter(list(self._by_patience))

    def num_of_tenant(self, tenant: str) -> int:
        return self._num_of_tenant.get(tenant, 0)

    def num_of_priority(self, priority: Priority) -> int:
        return sum(map(len, self._lines[priority].values()))

    def put(self, flight: Flight) -> None:
        """Its priority and deadline must not change while it waits here."""
        tenant = flight.request.tenant
        line = self._lines[flight.priority].setdefault(tenant, [])
        flight.place = _place_in(line, flight)
        insort(line, flight, key=_urgency)
        insort(self._by_patience, flight, key=self._patience_ends)
        self._num_of_tenant[tenant] += 1
        self.version += 1

    def remove(self, flight: Flight) -> None:
        """It will not begin, or not with this priority. Costs nobody a turn."""
        tenant = flight.request.tenant
        line = self._lines[flight.priority][tenant]
        line.remove(flight)
        if not line:
            del self._lines[flight.priority][tenant]
        self._by_patience.remove(flight)
        self._num_of_tenant[tenant] -= 1
        if not self._num_of_tenant[tenant]:
            del self._num_of_tenant[tenant]
        self.version += 1

    def first(self, now: float) -> Flight | None:
        """The one to begin next. Changes nothing."""
        return self._impatient(now) or next(iter(self.expected(1)), None)

    def take(self, flight: Flight, now: float) -> None:
        """It begins: its tenant pays for it with its turn."""
        is_aged = self._by_patience[0] is flight and self._patience_ends(flight) <= now
        self._num_since_aged = 0 if is_aged else self._num_since_aged + 1
        self.remove(flight)
        self._turns[flight.priority].charge(flight.request.tenant, flight.cost_tokens)

    def refund(self, flight: Flight, num_tokens: int) -> None:
        """It has ended, and took so many tokens less than it was charged."""
        self._turns[flight.priority].refund(flight.request.tenant, num_tokens)

    def expected(self, num: int) -> list[Flight]:
        """The next ones in the order expected when no patience ends meanwhile and nobody else comes."""
        return list(islice(self._in_order(num), num))

    def check_integrity(self) -> None:
        """Raises AssertionError if any promise of the structure is broken."""
        lined = [
            flight for lines in self._lines.values() for line in lines.values() for flight in line if line
        ]
        assert {id(flight) for flight in lined} == {id(flight) for flight in self._by_patience}
        assert len(lined) == len(self._by_patience) == sum(self._num_of_tenant.values())
        assert all(line for lines in self._lines.values() for line in lines.values())

    def _impatient(self, now: float) -> Flight | None:
        if not self._by_patience or self._num_since_aged < AGED_SHARE - 1:
            return None
        oldest = self._by_patience[0]
        return oldest if self._patience_ends(oldest) <= now else None

    def _in_order(self, num: int) -> Iterator[Flight]:
        for priority in Priority:
            yield from _take_turns(self._turns[priority], self._lines[priority].items(), num)

    def _patience_ends(self, flight: Flight) -> float:
        return flight.arrived + (flight.priority + 1) * self._ageing_seconds


def _take_turns(turns: TokenTurns, lines: Iterable[tuple[str, list[Flight]]], num: int) -> Iterator[Flight]:
    """The heads of the tenants' lines, each time of the tenant that stands lowest. O(num log tenants)."""
    standing = [
        (turns.start_of(tenant), line[0].number, 0, line[:num]) for tenant, line in lines
    ]  # arrival numbers differ, so lines are never compared
    heapq.heapify(standing)
    while standing:
        start, _, at, line = heapq.heappop(standing)
        yield line[at]
        if at + 1 < len(line):
            following = (start + line[at].cost_tokens, line[at + 1].number, at + 1, line)
            heapq.heappush(standing, following)


def _urgency(flight: Flight) -> tuple[float, int, int]:
    return flight.deadline, flight.place, flight.number


def _place_in(line: list[Flight], flight: Flight) -> int:
    """The place of the first one in the line that begins alike, if it is near enough, or its own. O(line)."""
    half = flight.prompt[: (len(flight.prompt) + 1) // 2]
    places = (
        other.place
        for other in line
        if other.prompt[len(half) - 1 : len(half)] == half[-1:] and other.prompt[: len(half)] == half
    )
    return next((place for place in places if 0 <= flight.number - place <= MOST_OVERTAKEN), flight.number)
