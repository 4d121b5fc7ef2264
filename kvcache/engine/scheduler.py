"""Brings many requests through one engine: who begins when, what is computed together, who hears what."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from itertools import count
from threading import Condition, Thread
from types import MappingProxyType, TracebackType
from typing import Self, TypeAlias

from kvcache.config import InvalidConfig
from kvcache.engine.batch import Batch
from kvcache.engine.engine import Engine
from kvcache.engine.errors import Overloaded, ReplicaFailed, SchedulerClosed, TooLarge
from kvcache.engine.generation import Generation
from kvcache.engine.look_ahead import LookAhead
from kvcache.engine.request import GenerationRequest
from kvcache.engine.scheduler_metrics import SchedulerCounters, SchedulerSnapshot
from kvcache.engine.served import Observer, Served, ignore, served
from kvcache.engine.shared_prefix import longest_shared_prefix
from kvcache.engine.ticket import Flight, Priority, Ticket
from kvcache.engine.waiting_queue import WaitingQueue

TakeOver: TypeAlias = Callable[[Flight, BaseException], BaseException | None]
LOG = logging.getLogger(__name__)
LIVE_BYTES = 1 << 30
CLOSED = "The scheduler was closed before this request was answered; send it to another."
LEAST_PRIMED_BLOCKS = 2
SECONDS_PER_TOKEN_UNMEASURED = 0.001
SECONDS_UNMEASURED = 1.0
"""What a request is taken to need before one was answered."""


class Scheduler:
    """Requests come in from any thread and leave as tickets; one thread drives the engine.

    Each turn begins what may begin, computes chunks of prompts until `prefill_tokens` are reached, and one
    more token of everything that is prefilled, at most `max_batch` sequences together. The order of beginning
    is `WaitingQueue`'s. The first in line waits until its buffer fits in `live_bytes` beside the running
    ones; nobody overtakes it.

    * Requests of one tenant that are equal, and greedy or with a seed, are computed once while in flight.
    * A prefix that the next in line share and nobody knows yet is computed and kept before they begin.
    * The next `look_ahead` prompts are announced to the block store, in the order expected.
    * A prompt is kept for others as soon as its first token was told, and its answer at the end.
    * An error of the engine ends the request it belongs to and no other. No more of what it computed is kept.

    Every ticket ends in an answer or an error, and is told before anything is written back.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_batch: int = 8,
        prefill_tokens: int = 512,
        max_waiting: int = 1024,
        max_waiting_per_tenant: int | None = None,
        live_bytes: int = LIVE_BYTES,
        ageing_seconds: float = 30.0,
        look_ahead: int = 64,
        most_errors_in_a_row: int | None = None,
        take_over: TakeOver = lambda flight, error: error,
        observe: Observer = ignore,
        counters: SchedulerCounters | None = None,
        in_background: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`take_over` is given a failed flight, in the scheduler's thread, for another to compute it anew; it
        returns None then, and else the error to end with. `observe` is told of each computation at its end,
        in the scheduler's thread or that of whoever submits, and is quick.

        After `most_errors_in_a_row` of the engine the scheduler gives up. Not `in_background`, it does
        nothing but when `step` is called. `clock` gives seconds that never go back.
        """
        self.engine = engine
        self.counters = counters or SchedulerCounters()
        self.failure: BaseException | None = None
        self._max_batch = max_batch
        self._prefill_tokens = prefill_tokens
        self._max_waiting = max_waiting
        self._max_waiting_per_tenant = max_waiting_per_tenant
        self._live_bytes = live_bytes
        self._most_errors_in_a_row = most_errors_in_a_row
        self._take_over = take_over
        self._observe = observe
        self._clock = clock
        self._queue = WaitingQueue(ageing_seconds=ageing_seconds)
        self._look_ahead = LookAhead(engine.store, look_ahead)
        self._batch = Batch(engine, self.counters, clock)
        self._shared: dict[GenerationRequest, Flight] = {}
        self._numbers = count()
        self._changed = Condition()
        self._is_closed = False
        self._drains = True
        self._token_bytes = engine.store.layout.num_bytes // engine.store.layout.block_tokens
        self._thread = Thread(target=self._run, name="kvcache-scheduler", daemon=True)
        if in_background:
            self._thread.start()

    def submit(
        self,
        request: GenerationRequest,
        *,
        priority: Priority = Priority.NORMAL,
        deadline_seconds: float | None = None,
    ) -> Ticket:
        """Take a request. It is refused if it has not begun `deadline_seconds` from now.

        Raises InvalidRequest, TooLarge, Overloaded, SchedulerClosed.
        """
        try:
            return self.admit(request, priority=priority, deadline_seconds=deadline_seconds)
        except Overloaded:
            self.refuse(request, priority)
            raise

    def admit(
        self, request: GenerationRequest, *, priority: Priority, deadline_seconds: float | None
    ) -> Ticket:
        """As `submit`, for who asks others when this one is overloaded: that counts as no refusal yet."""
        prompt = self.engine.fitted(request)
        with self._changed:
            self._check_open()
            now = self._clock()
            flight = Flight(request, prompt, next(self._numbers), now)
            flight.priority = priority
            self._check_fits(flight)
            shared = self._shared.get(request) if flight.is_repeatable else None
            if shared is None:
                self._check_room(request.tenant)
            deadline = math.inf if deadline_seconds is None else now + deadline_seconds
            ticket = Ticket(shared or flight, priority=priority, deadline=deadline, clock=self._clock)
            self.counters.submitted += 1
            if shared is None:
                self._enqueue(flight, ticket)
            else:
                self._join(shared, ticket)
        return ticket

    def refuse(self, request: GenerationRequest, priority: Priority) -> None:
        """Count and record that nobody had room for it."""
        flight = Flight(request, request.prompt, next(self._numbers), self._clock())
        flight.priority = priority
        with self._changed:
            self.counters.overloaded += 1
        self._record(served(flight, "refused", self._clock()))

    def adopt(self, flight: Flight) -> bool:
        """Compute a flight of another scheduler from its beginning; whether it was taken."""
        with self._changed:
            if self._is_closed or self._bytes_of(flight) > self._live_bytes:
                return False
            flight.number = next(self._numbers)
            self._enqueue(flight, None)
        return True

    def reconfigure(
        self,
        *,
        max_batch: int | None = None,
        prefill_tokens: int | None = None,
        max_waiting: int | None = None,
        look_ahead: int | None = None,
    ) -> None:
        """Go on otherwise from the next turn on; what is None stays as it is.

        Who runs or waits already still does: only new ones are held back or refused. Raises InvalidConfig,
        changing nothing.
        """
        check_limits(max_batch, prefill_tokens, max_waiting, look_ahead)
        with self._changed:
            self._max_batch = _or(max_batch, self._max_batch)
            self._prefill_tokens = _or(prefill_tokens, self._prefill_tokens)
            self._max_waiting = _or(max_waiting, self._max_waiting)
            self._look_ahead.num = _or(look_ahead, self._look_ahead.num)

    def step(self) -> bool:
        """One turn of all that is due; whether there is more to do. An error here ends the scheduler."""
        started = self._clock()
        try:
            self._look_after_waiting()
            self._prefill_some()
            self._batch.decode_token()
            self._settle()
        except BaseException as failure:
            LOG.exception("The scheduler ends; what it had taken goes to others, or fails.")
            self.failure = failure
            self._end_all(failure)
            if not isinstance(failure, Exception):
                raise
        self.counters.busy_seconds += self._clock() - started
        return self.has_work

    @property
    def has_work(self) -> bool:
        return bool(self._queue or self._batch.flights)

    @property
    def expected_wait_seconds(self) -> float:
        """How long a request that comes now is expected to wait for its turn."""
        return len(self._queue) * self._seconds_per_flight

    @property
    def is_open(self) -> bool:
        return not self._is_closed

    def holds(self, request: GenerationRequest) -> bool:
        """Whether an equal request is in flight that this one would share."""
        return request in self._shared

    def outstanding_tokens(self) -> int:
        """Tokens that the waiting and running requests still need, at most."""
        with self._changed:
            waiting = sum(flight.cost_tokens for flight in self._queue)
            return waiting + sum(map(_tokens_left, self._batch.flights))

    def delay_seconds(self) -> float:
        """How long what was taken already keeps the engine busy, at the pace so far."""
        num_computed = self.engine.counters.prefilled_tokens + self.counters.new_tokens
        pace = self.counters.busy_seconds / num_computed if num_computed else SECONDS_PER_TOKEN_UNMEASURED
        return self.outstanding_tokens() * pace

    def prefill_seconds(self, prompt: tuple[int, ...], tenant: str) -> float:
        """What computing a prompt costs here, without what rests in the store or is under way."""
        with self._changed:
            others = [*self._batch.flights, *self._queue.expected(self._look_ahead.num)]
        store = self.engine.store
        known = max(store.match(prompt, tenant=tenant), self._longest_shared(prompt, tenant, others))
        num_unknown = max(len(prompt) - known, 1)
        seconds = store.costs.compute_seconds(num_unknown, known)
        return num_unknown * SECONDS_PER_TOKEN_UNMEASURED if seconds is None else seconds

    def close(self, *, drain: bool = True) -> None:
        """Take no more. With `drain` answer all that were taken, else end them with SchedulerClosed."""
        with self._changed:
            self._is_closed = True
            self._drains = self._drains and drain
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
            return
        while self.has_work and self._drains:
            self.step()
        self._end_all(SchedulerClosed(CLOSED))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(drain=kind is None)

    def snapshot(self) -> SchedulerSnapshot:
        """The counters at this moment."""
        with self._changed:
            counters = self.counters
            return SchedulerSnapshot(
                waiting=MappingProxyType(
                    {priority.name.lower(): self._queue.num_of_priority(priority) for priority in Priority}
                ),
                running=len(self._batch.flights),
                live_bytes=sum(map(self._bytes_of, self._batch.flights)),
                submitted=counters.submitted,
                joined=counters.joined,
                answered=counters.answered,
                cancelled=counters.cancelled,
                failed=counters.failed,
                moved=counters.moved,
                overloaded=counters.overloaded,
                past_deadline=counters.past_deadline,
                engine_errors=counters.engine_errors,
                primed_tokens=counters.primed_tokens,
                announced=counters.announced,
                new_tokens=counters.new_tokens,
                tokens_per_second=counters.new_tokens / max(counters.busy_seconds, 1e-9),
                expected_wait_seconds=self.expected_wait_seconds,
                queue_wait_ms=counters.queue_wait_ms.snapshot(),
                first_token_ms=counters.first_token_ms.snapshot(),
                total_ms=counters.total_ms.snapshot(),
                token_ms=counters.token_ms.snapshot(),
                batch=counters.batch.snapshot(),
            )

    def _run(self) -> None:
        while self._wait_for_work():
            self.step()
        self._end_all(SchedulerClosed(CLOSED))

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self.has_work)
            return self.has_work and (self._drains or not self._is_closed)

    def _check_open(self) -> None:
        if self._is_closed:
            raise SchedulerClosed("The scheduler is closed; make a new one.")

    def _check_fits(self, flight: Flight) -> None:
        if self._bytes_of(flight) > self._live_bytes:
            raise TooLarge(
                f"Prompt and answer of {flight.cost_tokens:,} tokens take {self._bytes_of(flight):,} bytes; "
                f"all running requests may take {self._live_bytes:,}. Shorten it, or raise live_bytes."
            )

    def _check_room(self, tenant: str) -> None:
        num, most = len(self._queue), self._max_waiting
        most_of_tenant = self._max_waiting_per_tenant or most
        if num < most and self._queue.num_of_tenant(tenant) < most_of_tenant:
            return
        seconds = max(self.expected_wait_seconds / 4, self._seconds_per_flight)
        raise Overloaded(
            f"{num:,} requests wait, and at most {most:,} may, {most_of_tenant:,} of one "
            f"tenant. Try again in {seconds:.1f} seconds.",
            retry_after_seconds=seconds,
        )

    def _enqueue(self, flight: Flight, ticket: Ticket | None) -> None:
        if ticket is not None:
            flight.join(ticket)
        flight.reconsider()
        if flight.is_repeatable:
            self._shared.setdefault(flight.request, flight)
        self._queue.put(flight)
        self._changed.notify()

    def _join(self, flight: Flight, ticket: Ticket) -> None:
        self.counters.joined += 1
        if flight in self._batch.flights:
            flight.join(ticket)
            return
        self._queue.remove(flight)
        flight.join(ticket)
        flight.reconsider()
        self._queue.put(flight)

    def _look_after_waiting(self) -> None:
        """Refuse what waited too long, drop what nobody wants any more, and say what comes next."""
        with self._changed:
            now = self._clock()
            ended = [self._sort_out(flight, now) for flight in self._queue if flight.is_due(now)]
            expected = self._queue.expected(self._look_ahead.num)
        for each in ended:
            if each is not None:
                self._record(each)
        self.counters.announced += self._look_ahead.follow(expected)

    def _sort_out(self, flight: Flight, now: float) -> Served | None:
        """How it ended, if nobody waits for it any more."""
        self._queue.remove(flight)
        num_overdue = flight.refuse_overdue(now)
        self.counters.past_deadline += num_overdue
        self.counters.cancelled += flight.forget_left()
        if flight.has_listeners:
            flight.reconsider()
            self._queue.put(flight)
            return None
        self._forget_shared(flight)
        return served(flight, "refused" if num_overdue else "cancelled", now)

    def _prefill_some(self) -> None:
        """Begin and prefill until those who decode have waited for as many tokens as they should."""
        num_left = self._prefill_tokens
        while num_left > 0:
            self._begin_next()
            num_computed = self._batch.prefill_chunk()
            if not num_computed:
                return
            num_left -= num_computed

    def _begin_next(self) -> None:
        with self._changed:
            now = self._clock()
            flight = self._queue.first(now)
            if flight is None or not self._may_begin(flight):
                return
            self._queue.take(flight, now)
            flight.begun_at = now
            self._batch.flights.append(flight)
            following = self._queue.expected(self._look_ahead.num)
        self.counters.queue_wait_ms.add((now - flight.arrived) * 1e3)
        self._batch.begin(flight, self._prefix_to_prime(flight, following))
        if flight.generation is not None:
            self._look_ahead.begins(flight)

    def _may_begin(self, flight: Flight) -> bool:
        """One prompt after another, so that each finds what the one before left; the more urgent at once."""
        flights = self._batch.flights
        if len(flights) >= self._max_batch:
            return False
        if any(other.priority <= flight.priority for other in self._batch.unprefilled()):
            return False
        return sum(map(self._bytes_of, [*flights, flight])) <= self._live_bytes

    def _prefix_to_prime(self, flight: Flight, following: list[Flight]) -> int:
        """How many leading tokens to compute and keep before the flight begins: others need them too."""
        store, tenant = self.engine.store, flight.request.tenant
        if tenant in self._batch.primed_in_vain:
            return 0
        shared = self._longest_shared(flight.prompt, tenant, following)
        if not 0 < shared // store.config.block_tokens <= store.config.capacity_blocks // 2:
            return 0
        known = store.match(flight.prompt[:shared], tenant=tenant)
        return shared if shared - known >= LEAST_PRIMED_BLOCKS * store.config.block_tokens else 0

    def _longest_shared(self, prompt: tuple[int, ...], tenant: str, others: list[Flight]) -> int:
        prompts = [other.prompt for other in others if other.request.tenant == tenant]
        return longest_shared_prefix(prompt, prompts, self.engine.store.config.block_tokens)

    def _settle(self) -> None:
        """Tell the ends that have come, then write back: nobody waits for that."""
        computed: list[Generation] = []
        for flight in list(self._batch.flights):
            with self._changed:
                if not _has_ended(flight):
                    continue
                self._leave(flight)
            if flight.error is not None:
                self._fail(flight, flight.error)
            else:
                computed += flight.generations()
                self._tell(flight)
        for generation in computed:
            self._batch.write_back(generation)
        self._check_health()

    def _leave(self, flight: Flight) -> None:
        self._batch.flights.remove(flight)
        self._forget_shared(flight)
        generation = flight.generation
        num_computed = 0 if generation is None else generation.num_computed - generation.num_reused
        self._queue.refund(flight, max(flight.cost_tokens - num_computed, 0))

    def _forget_shared(self, flight: Flight) -> None:
        if self._shared.get(flight.request) is flight:
            del self._shared[flight.request]

    def _tell(self, flight: Flight) -> None:
        """It was computed, or nobody listens any more."""
        generation, num_tokens, first_at = flight.generation, len(flight.tokens), flight.first_token_at
        if generation is None or generation.finish_reason is None:
            ended = served(flight, "cancelled", self._clock())
            self.counters.cancelled += flight.forget_left()
            flight.begin_anew()
            self._record(ended)
            return
        ended = served(flight, "answered", self._clock())
        if first_at is not None and num_tokens > 1:
            self.counters.token_ms.add((self._clock() - first_at) * 1e3 / (num_tokens - 1))
        num_answered, num_cancelled = flight.conclude(generation.as_answer())
        self.counters.flights += 1
        self.counters.engine_errors_in_a_row = 0
        self.counters.answered += num_answered
        self.counters.cancelled += num_cancelled
        self.counters.total_ms.add(ended.total_ms)
        self._record(ended)

    def _fail(self, flight: Flight, error: BaseException) -> None:
        """Somebody else computes it anew, or all its tickets end with the error."""
        self._batch.abandon(flight)
        flight.begin_anew()
        flight.num_failures += 1
        end = self._offer(flight, error) if flight.has_listeners else error
        if end is None:
            self.counters.moved += 1
            return
        ended = served(flight, "failed", self._clock())
        num_failed, num_cancelled = flight.conclude(end)
        self.counters.failed += num_failed
        self.counters.cancelled += num_cancelled
        self._record(ended)

    def _record(self, ended: Served) -> None:
        """To be called once it was told: nobody waits for the record, and no request fails for it."""
        try:
            self._observe(ended)
        except Exception:
            LOG.exception("What became of a request could not be recorded.")

    def _offer(self, flight: Flight, error: BaseException) -> BaseException | None:
        try:
            return self._take_over(flight, error)
        except Exception:
            LOG.exception("No other could be asked to take over.")
            return error

    def _check_health(self) -> None:
        num, most = self.counters.engine_errors_in_a_row, self._most_errors_in_a_row
        if most is not None and num >= most:
            raise ReplicaFailed(f"The engine failed {num} times in a row; look for the cause in the log.")

    def _end_all(self, error: BaseException) -> None:
        """Nothing is computed here any more: what is left fails, and what a sound engine computed is kept."""
        with self._changed:
            self._is_closed = True
            running, waiting = list(self._batch.flights), list(self._queue)
            for flight in waiting:
                self._queue.remove(flight)
            for flight in running:
                self._leave(flight)
            self._shared.clear()
        for flight in running:
            if self.failure is None:
                for generation in flight.generations():
                    self._batch.write_back(generation)
        for flight in [*running, *waiting]:
            self._fail(flight, error)
        self._look_ahead.follow([])

    @property
    def _seconds_per_flight(self) -> float:
        counters = self.counters
        return counters.busy_seconds / counters.flights if counters.flights else SECONDS_UNMEASURED

    def _bytes_of(self, flight: Flight) -> int:
        return flight.cost_tokens * self._token_bytes


def check_limits(
    max_batch: int | None, prefill_tokens: int | None, max_waiting: int | None, look_ahead: int | None
) -> None:
    """Raises InvalidConfig for what no scheduler can go by."""
    for name, value in (
        ("max_batch", max_batch),
        ("prefill_tokens", prefill_tokens),
        ("max_waiting", max_waiting),
    ):
        if value is not None and value < 1:
            raise InvalidConfig(f"{name} is at least 1.")
    if look_ahead is not None and look_ahead < 0:
        raise InvalidConfig("look_ahead is 0 or more.")


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _has_ended(flight: Flight) -> bool:
    return flight.error is not None or flight.is_computed or not flight.has_listeners


def _tokens_left(flight: Flight) -> int:
    generation = flight.generation
    if generation is None:
        return flight.cost_tokens
    return generation.num_to_prefill + flight.request.max_new_tokens - len(generation.answer)
