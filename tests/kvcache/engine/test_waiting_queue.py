"""The order in which waiting requests begin: urgent, fair, by deadline, and nobody waits for ever."""

from __future__ import annotations

import math
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from kvcache.engine.request import GenerationRequest
from kvcache.engine.ticket import Flight, Priority, Ticket
from kvcache.engine.waiting_queue import AGED_SHARE, TokenTurns, WaitingQueue

AGEING_SECONDS = 10.0
NUMBERS = count()


def flight_of(
    tenant: str = "",
    priority: Priority = Priority.NORMAL,
    *,
    arrived: float = 0.0,
    deadline: float = math.inf,
    num_tokens: int = 10,
) -> Flight:
    request = GenerationRequest(prompt=tuple(range(num_tokens)), max_new_tokens=10, tenant=tenant)
    flight = Flight(request, request.prompt, next(NUMBERS), arrived)
    flight.join(Ticket(flight, priority=priority, deadline=deadline, clock=lambda: arrived))
    flight.reconsider()
    return flight


def queue_of(*flights: Flight) -> WaitingQueue:
    queue = WaitingQueue(ageing_seconds=AGEING_SECONDS)
    for flight in flights:
        queue.put(flight)
    return queue


def take_all(queue: WaitingQueue, now: float = 0.0) -> list[Flight]:
    taken = []
    while (flight := queue.first(now)) is not None:
        queue.take(flight, now)
        taken.append(flight)
    return taken


def test_the_urgent_go_first_and_within_a_priority_the_earliest_deadline() -> None:
    low = flight_of(priority=Priority.LOW, deadline=1.0)
    late = flight_of(deadline=9.0)
    soon = flight_of(deadline=3.0)
    whenever = flight_of()
    critical = flight_of(priority=Priority.CRITICAL)
    queue = queue_of(low, late, soon, whenever, critical)
    assert take_all(queue) == [critical, soon, late, whenever, low]


def test_a_tenant_with_a_thousand_requests_does_not_starve_another() -> None:
    queue = queue_of(*(flight_of("many") for _ in range(1000)))
    for _ in range(100):
        flight = queue.first(0.0)
        assert flight is not None
        queue.take(flight, 0.0)
    few = [flight_of("few") for _ in range(3)]
    for flight in few:
        queue.put(flight)
    begun = take_all(queue)
    assert [begun.index(flight) for flight in few] == [0, 2, 4]


def test_turns_are_counted_in_tokens() -> None:
    queue = queue_of(*(flight_of("long", num_tokens=90) for _ in range(20)))
    for _ in range(40):
        queue.put(flight_of("short", num_tokens=10))
    first = take_all(queue)[:24]
    assert sum(flight.request.tenant == "short" for flight in first) == 20


def test_requests_over_one_context_follow_each_other_but_overtake_a_bounded_number() -> None:
    queue, flights = WaitingQueue(ageing_seconds=AGEING_SECONDS), list[Flight]()
    for number in range(200):
        context = [number % 2] * 20 if number < 4 or number % 10 == 0 else [number]
        prompt = (*context, number)
        request = GenerationRequest(prompt=prompt, max_new_tokens=10)
        flights.append(Flight(request, prompt, number, 0.0))
        queue.put(flights[-1])
    order = [flight.number for flight in take_all(queue)]
    assert order[:10] == [0, 2, 10, 20, 30, 40, 50, 60, 1, 3]
    assert all(order.index(number) <= number + 7 for number in range(200))


def test_what_was_charged_and_not_used_is_given_back() -> None:
    turns = TokenTurns()
    turns.charge("a", 1000)
    turns.refund("a", 990)
    turns.charge("b", 20)
    assert turns.start_of("a") < turns.start_of("b")


def test_who_was_away_has_saved_up_nothing() -> None:
    turns = TokenTurns()
    for _ in range(100):
        turns.charge("busy", 10)
    assert turns.start_of("back") == turns.start_of("busy") - 10


def test_a_background_request_waits_a_bounded_time_under_a_steady_stream_of_critical_ones() -> None:
    background = flight_of(priority=Priority.BACKGROUND)
    queue = queue_of(background)
    patience, num_before = (Priority.BACKGROUND + 1) * AGEING_SECONDS, 0
    for second in range(1000):
        for _ in range(2):
            queue.put(flight_of(priority=Priority.CRITICAL, arrived=float(second)))
        if second == patience:
            num_before = sum(each.arrived + AGEING_SECONDS < patience for each in queue)
        flight = queue.first(float(second))
        assert flight is not None
        queue.take(flight, float(second))
        if flight is background:
            break
    assert patience <= second <= patience + AGED_SHARE * (num_before + 1)


def test_the_aged_take_one_turn_of_four_and_no_more() -> None:
    queue = queue_of(*(flight_of("many", Priority.BACKGROUND) for _ in range(50)))
    late = 1000.0
    for _ in range(30):
        queue.put(flight_of("few", Priority.HIGH, arrived=late))
    first = take_all(queue, late)[:40]
    assert sum(flight.priority is Priority.HIGH for flight in first) == 30


TENANTS, PRIORITIES = st.sampled_from("abc"), st.sampled_from(Priority)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), TENANTS, PRIORITIES, st.sampled_from([1.0, 5.0, math.inf])),
        st.tuples(st.just("take")),
        st.tuples(st.just("remove"), st.integers(0, 100)),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 30.0])),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(ACTS)
def test_after_any_acts_the_queue_is_whole_and_its_first_is_right(acts: list[tuple]) -> None:  # type: ignore[type-arg]
    queue, waiting, now = WaitingQueue(ageing_seconds=AGEING_SECONDS), list[Flight](), 0.0
    for act, *details in acts:
        if act == "put":
            tenant, priority, deadline = details
            waiting.append(flight_of(tenant, priority, arrived=now, deadline=now + deadline))
            queue.put(waiting[-1])
        elif act == "pass":
            now += details[0]
        elif waiting and act == "remove":
            queue.remove(waiting.pop(details[0] % len(waiting)))
        elif waiting:
            first = queue.first(now)
            assert first is not None
            assert_may_go_first(first, waiting, now)
            queue.take(first, now)
            waiting.remove(first)
        queue.check_integrity()
        assert len(queue) == len(waiting)
    assert set(queue.expected(1000)) == set(waiting)
    assert set(take_all(queue, now)) == set(waiting)


def assert_may_go_first(first: Flight, waiting: list[Flight], now: float) -> None:
    if now - first.arrived >= (first.priority + 1) * AGEING_SECONDS:
        return
    assert first.priority == min(flight.priority for flight in waiting)
    rivals = [each for each in waiting if each.priority == first.priority]
    own = [each for each in rivals if each.request.tenant == first.request.tenant]
    assert first is min(own, key=lambda each: (each.deadline, each.number))
