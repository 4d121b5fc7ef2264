"""Many requests through one engine: each is answered as alone, in a fair order, whatever fails."""

from __future__ import annotations

import gc
import random
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from kvcache.config import InvalidConfig
from kvcache.engine.engine import Engine
from kvcache.engine.errors import (
    BrokenLogits,
    DeadlinePassed,
    InvalidRequest,
    Overloaded,
    ReplicaFailed,
    SchedulerClosed,
    TooLarge,
)
from kvcache.engine.request import Answer, GenerationRequest, Sampling
from kvcache.engine.scheduler import Scheduler
from kvcache.engine.served import Served
from kvcache.engine.ticket import Priority, Ticket
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier
from tests.kvcache.engine.conftest import OpenEngine
from tests.kvcache.engine.faulty_engine import FaultyEngine, Injected
from tests.kvcache.engine.models import MODELS, VOCABULARY

SECONDS = 60.0


def prompt_of(num_tokens: int, seed: int = 1) -> tuple[int, ...]:
    choose = random.Random(seed)
    return tuple(choose.randrange(4, VOCABULARY) for _ in range(num_tokens))


def ask(num_tokens: int = 40, seed: int = 1, **settings: Any) -> GenerationRequest:
    settings.setdefault("max_new_tokens", 6)
    return GenerationRequest(prompt=prompt_of(num_tokens, seed), **settings)


class Letters:
    """A tokenizer whose tokens are one letter each."""

    def decode(self, token_ids: Sequence[int], **settings: Any) -> str:
        return "".join(chr(0x4E00 + token) for token in token_ids)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def by_hand(engine: Engine, **settings: Any) -> Scheduler:
    """One that takes its turns when told to, one chunk of one prompt in each."""
    settings.setdefault("prefill_tokens", 1)
    return Scheduler(engine, in_background=False, **settings)


def run(scheduler: Scheduler) -> None:
    while scheduler.step():
        pass


def assert_left_clean(engine: Engine) -> None:
    assert engine.store.index.snapshot().leases == 0
    engine.store.check_integrity()


def test_answers_in_company_are_those_given_alone(open_engine: OpenEngine) -> None:
    alone, engine = open_engine(), open_engine(chunk_tokens=32)
    seeded = Sampling(temperature=0.8, top_p=0.9, seed=5)
    requests = [
        ask(length, length, max_new_tokens=new, sampling=sampling)
        for length, new, sampling in (
            (5, 9, Sampling()),
            (120, 3, seeded),
            (64, 20, Sampling()),
            (33, 1, seeded),
            (80, 12, seeded),
            (7, 17, Sampling()),
        )
    ]
    expected = [alone.answer(request).tokens for request in requests]
    scheduler = by_hand(engine, max_batch=4)
    tickets = []
    for request in requests:
        tickets.append(scheduler.submit(request))
        scheduler.step()
    run(scheduler)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert [tuple(ticket.tokens(0)) for ticket in tickets] == expected
    assert_left_clean(engine)


def test_text_and_tokens_stream_to_whoever_reads(open_engine: OpenEngine) -> None:
    engine = open_engine(tokenizer=Letters())
    with Scheduler(engine) as scheduler:
        ticket = scheduler.submit(ask(50, max_new_tokens=20))
        tokens: list[int] = []
        reader = Thread(target=lambda: tokens.extend(ticket.tokens(SECONDS)))
        reader.start()
        text = "".join(ticket.pieces(SECONDS))
        reader.join()
    answer = ticket.result(0)
    assert answer.text == text == Letters().decode(answer.tokens)
    assert tuple(tokens) == answer.tokens
    assert answer.finish_reason == "length"


def test_who_does_not_read_delays_nobody_and_reads_all_of_it_later(open_engine: OpenEngine) -> None:
    with Scheduler(open_engine(tokenizer=Letters())) as scheduler:
        unread = [scheduler.submit(ask(20, seed, max_new_tokens=30)) for seed in range(12)]
        assert len(scheduler.submit(ask(30, 99)).result(SECONDS).tokens) == 6
    assert [len(list(ticket.tokens(0))) for ticket in unread] == [30] * 12


def test_waiting_for_an_answer_ends_at_the_callers_patience(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine())
    ticket = scheduler.submit(ask())
    with pytest.raises(TimeoutError, match="goes on"):
        ticket.result(0)
    with pytest.raises(TimeoutError, match="goes on"):
        next(ticket.pieces(0))
    run(scheduler)
    assert ticket.result(0).tokens


def test_equal_requests_in_flight_are_computed_once(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = by_hand(engine)
    seeded = ask(60, max_new_tokens=10, sampling=Sampling(temperature=1.0, seed=3))
    first = scheduler.submit(seeded)
    second = scheduler.submit(seeded)
    for _ in range(5):
        scheduler.step()
    third = scheduler.submit(seeded)
    run(scheduler)
    assert first.result(0) == second.result(0) == third.result(0)
    assert tuple(third.tokens(0)) == first.result(0).tokens
    assert engine.counters.requests == 1
    assert (scheduler.counters.joined, scheduler.counters.answered) == (2, 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ask(tenant="a"), ask(tenant="b")),
        (ask(), ask(max_new_tokens=7)),
        (ask(), ask(stop=("x",))),
        (ask(), ask(41)),
        (ask(sampling=Sampling(temperature=1.0)), ask(sampling=Sampling(temperature=1.0))),
        (ask(sampling=Sampling(temperature=1.0, seed=1)), ask(sampling=Sampling(temperature=1.0, seed=2))),
    ],
)
def test_what_differs_or_may_differ_is_never_shared(
    one: GenerationRequest, other: GenerationRequest, open_engine: OpenEngine
) -> None:
    scheduler = by_hand(open_engine())
    tickets = [scheduler.submit(one), scheduler.submit(other)]
    run(scheduler)
    assert tickets[0].flight is not tickets[1].flight
    assert scheduler.counters.joined == 0


def test_a_shared_computation_goes_on_while_one_listener_remains(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = by_hand(engine)
    leader, follower = scheduler.submit(ask(60)), scheduler.submit(ask(60))
    for _ in range(3):
        scheduler.step()
    leader.cancel()
    run(scheduler)
    assert leader.result(0).finish_reason == "cancelled"
    assert len(leader.result(0).tokens) < len(follower.result(0).tokens) == 6
    assert list(leader.tokens(0)) == []
    assert (scheduler.counters.cancelled, scheduler.counters.answered) == (1, 1)
    assert_left_clean(engine)


@pytest.mark.parametrize("num_steps", [0, 1, 2, 5])
def test_what_nobody_wants_any_more_stops_at_once_and_its_work_is_kept(
    num_steps: int, open_engine: OpenEngine
) -> None:
    engine = open_engine(chunk_tokens=32)
    scheduler = by_hand(engine)
    ticket = scheduler.submit(ask(60, max_new_tokens=500))
    for _ in range(num_steps):
        scheduler.step()
    ticket.cancel()
    scheduler.step()
    assert not scheduler.has_work
    assert ticket.result(0).finish_reason == "cancelled"
    assert engine.store.match(prompt_of(60)) == {0: 0, 1: 32}.get(num_steps, 48)
    assert scheduler.counters.cancelled == 1
    assert_left_clean(engine)


def test_a_more_urgent_follower_makes_the_shared_computation_urgent(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine(), max_batch=1)
    before = [scheduler.submit(ask(20, seed)) for seed in range(3)]
    slow = scheduler.submit(ask(30, 9), priority=Priority.BACKGROUND)
    quick = scheduler.submit(ask(30, 9), priority=Priority.CRITICAL)
    while not quick.is_done:
        scheduler.step()
    assert slow.is_done
    assert not any(ticket.is_done for ticket in before)


def test_an_urgent_prompt_is_computed_before_the_rest_of_a_long_one(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine(chunk_tokens=16))
    long = scheduler.submit(ask(400), priority=Priority.LOW)
    scheduler.step()
    urgent = scheduler.submit(ask(20, 7), priority=Priority.CRITICAL)
    while not urgent.is_done:
        scheduler.step()
    assert not long.flight.is_prefilled
    run(scheduler)
    assert long.result(0).tokens == open_engine().answer(ask(400)).tokens


def test_long_prompts_do_not_hold_up_answers_under_way(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine(chunk_tokens=16))
    answering = scheduler.submit(ask(20, 7, max_new_tokens=12))
    scheduler.step()
    scheduler.submit(ask(400))
    steps = 1
    while not answering.is_done:
        scheduler.step()
        steps += 1
    assert steps == 12


def test_a_deadline_that_passes_while_waiting_refuses_that_ticket_alone(open_engine: OpenEngine) -> None:
    clock = Clock()
    scheduler = by_hand(open_engine(), max_batch=1, clock=clock)
    running = scheduler.submit(ask(20, 1, max_new_tokens=30), deadline_seconds=5)
    scheduler.step()
    hasty = scheduler.submit(ask(30), deadline_seconds=5)
    patient = scheduler.submit(ask(30), deadline_seconds=50)
    clock.now = 6.0
    run(scheduler)
    with pytest.raises(DeadlinePassed, match=r"waited 6\.0 seconds"):
        hasty.result(0)
    assert len(running.result(0).tokens) == 30
    assert len(patient.result(0).tokens) == 6
    assert scheduler.snapshot().past_deadline == 1


def test_requests_wait_until_their_buffers_fit(open_engine: OpenEngine) -> None:
    engine = open_engine()
    token_bytes = engine.store.layout.num_bytes // engine.store.layout.block_tokens
    scheduler = by_hand(engine, live_bytes=100 * token_bytes)
    tickets = [scheduler.submit(ask(34, seed)) for seed in range(6)]
    most = 0
    while scheduler.step():
        most = max(most, scheduler.snapshot().live_bytes)
    assert 40 * token_bytes < most <= 100 * token_bytes
    assert all(ticket.result(0).tokens for ticket in tickets)
    with pytest.raises(TooLarge, match="raise live_bytes"):
        scheduler.submit(ask(95))


def test_beyond_the_most_that_may_wait_a_request_is_refused_with_when_to_come_back(
    open_engine: OpenEngine,
) -> None:
    scheduler = by_hand(open_engine(), max_waiting=3, max_waiting_per_tenant=2)
    kept = [scheduler.submit(ask(20, seed, tenant="a")) for seed in range(2)]
    with pytest.raises(Overloaded, match="Try again in"):
        scheduler.submit(ask(20, 9, tenant="a"))
    kept.append(scheduler.submit(ask(20, tenant="b")))
    with pytest.raises(Overloaded) as refused:
        scheduler.submit(ask(20, tenant="c"))
    assert refused.value.retry_after_seconds > 0
    kept.append(scheduler.submit(ask(20, tenant="b")))
    run(scheduler)
    assert all(ticket.result(0).tokens for ticket in kept)
    assert scheduler.snapshot().overloaded == 2


def test_wrong_requests_are_refused_at_the_door(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine())
    with pytest.raises(InvalidRequest):
        scheduler.submit(GenerationRequest(prompt=(1, VOCABULARY)))
    assert not scheduler.has_work


def test_a_prefix_that_many_share_is_computed_once(open_engine: OpenEngine) -> None:
    engine = open_engine()
    context = prompt_of(160, 5)
    requests = [
        GenerationRequest(prompt=context + prompt_of(20, seed), max_new_tokens=4) for seed in range(10, 16)
    ]
    expected = [open_engine().answer(request).tokens for request in requests]
    scheduler = by_hand(engine)
    tickets = [scheduler.submit(request) for request in requests]
    run(scheduler)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert engine.counters.prefilled_tokens == 160 + 6 * 20
    assert scheduler.snapshot().primed_tokens == 160


def test_a_prefix_that_could_not_be_kept_is_not_computed_ahead_again(open_engine: OpenEngine) -> None:
    engine = open_engine(quota_bytes={"": 0})
    scheduler = by_hand(engine)
    context = prompt_of(160, 5)
    for seed in range(10, 16):
        scheduler.submit(GenerationRequest(prompt=context + prompt_of(20, seed), max_new_tokens=4))
    run(scheduler)
    assert engine.counters.prefilled_tokens == 160 + 6 * 180


def test_prompts_that_wait_are_announced_and_their_blocks_come_from_disk_ahead(
    open_engine: OpenEngine, tmp_path: Path
) -> None:
    tier = DiskTier(tmp_path, 50_000_000, b"sixteen or more bytes")
    engine = open_engine(levels=[Level(tier, "raw")], capacity_blocks=16, policy="adaptive")
    prompts = [prompt_of(100, seed) for seed in range(4)]
    expected = [engine.answer(GenerationRequest(prompt=each, max_new_tokens=4)).tokens for each in prompts]
    engine.store.evict(16)
    engine.store.flush()
    scheduler = by_hand(engine, max_batch=1)
    tickets = [scheduler.submit(GenerationRequest(prompt=each, max_new_tokens=4)) for each in prompts]
    scheduler.step()
    engine.store.run_prefetch()
    assert engine.store.snapshot().prefetch.staged_blocks == 18
    run(scheduler)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    prefetch = engine.store.snapshot().prefetch
    assert (prefetch.useful_blocks, prefetch.wasted_blocks) == (18, 0)
    assert not engine.store.index._announced


def test_announced_blocks_outlast_those_nobody_waits_for(open_engine: OpenEngine) -> None:
    engine = open_engine(capacity_blocks=16, policy="adaptive")
    awaited = GenerationRequest(prompt=prompt_of(100, 1), max_new_tokens=1)
    engine.answer(awaited)
    scheduler = by_hand(engine, max_batch=1)
    for seed in range(2, 6):
        scheduler.submit(GenerationRequest(prompt=prompt_of(90, seed), max_new_tokens=1))
    last = scheduler.submit(awaited, priority=Priority.LOW)
    run(scheduler)
    assert last.result(0).usage.cached_tokens == 96


def test_what_is_cancelled_or_overtaken_is_announced_in_the_order_that_holds(open_engine: OpenEngine) -> None:
    engine = open_engine(policy="adaptive")
    scheduler = by_hand(engine, max_batch=1, look_ahead=3)
    tickets = [scheduler.submit(ask(40, seed, max_new_tokens=50)) for seed in range(6)]
    scheduler.step()
    urgent = scheduler.submit(ask(40, 9), priority=Priority.HIGH)
    tickets[2].cancel()
    scheduler.step()
    announced = engine.store.index._announced
    turns = {awaited[0].turn: keys[0] for keys, awaited in announced.items()}
    following = [urgent.flight, *(tickets[at].flight for at in (1, 3))]
    keys = [engine.store.index.blocks_of(flight.prompt).keys[0] for flight in following]
    assert [turns[turn] for turn in sorted(turns)] == keys
    scheduler.close(drain=False)
    assert not announced


@pytest.mark.parametrize(("act", "num_kept"), [("prefill", 0), ("decode", 16)])
def test_an_error_ends_the_request_it_belongs_to_and_no_other(
    act: str, num_kept: int, open_engine: OpenEngine
) -> None:
    engine = open_engine()
    culprit = ask(30, 3)
    faulty = FaultyEngine(engine, lambda when, requests: when == act and culprit in requests)
    requests = [ask(30, seed) for seed in range(5)]
    expected = [open_engine().answer(request).tokens for request in requests]
    scheduler = by_hand(faulty)
    tickets = [scheduler.submit(request) for request in requests]
    run(scheduler)
    with pytest.raises(Injected):
        tickets.pop(3).result(0)
    expected.pop(3)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert scheduler.snapshot().failed == 1
    assert engine.store.match(culprit.prompt) == num_kept, "what was sound before the error"
    assert_left_clean(engine)


def test_a_batch_that_fails_in_the_middle_of_a_layer_goes_on_where_each_was(open_engine: OpenEngine) -> None:
    engine = open_engine()
    requests = [ask(30, seed, max_new_tokens=10) for seed in range(4)]
    expected = [open_engine().answer(request).tokens for request in requests]
    scheduler = by_hand(engine)
    tickets = [scheduler.submit(request) for request in requests]
    for _ in range(5):
        scheduler.step()
    layer = engine.model.model.layers[2].mlp
    failures = iter([True])
    hook = layer.register_forward_pre_hook(lambda *_: next(failures, None) and _raise())
    run(scheduler)
    hook.remove()
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert scheduler.snapshot().engine_errors == 1


def _raise() -> None:
    raise Injected("in the middle")


def test_logits_that_are_no_numbers_end_one_of_a_batch(open_engine: OpenEngine) -> None:
    engine = open_engine()
    requests = [ask(30, seed, max_new_tokens=10) for seed in range(4)]
    expected = [open_engine().answer(request).tokens for request in requests]
    scheduler = by_hand(engine)
    tickets = [scheduler.submit(request) for request in requests]
    for _ in range(5):
        scheduler.step()
    broken = tickets[1].flight.generation
    assert broken is not None
    broken.sampler = Sickly()  # type: ignore[assignment]
    run(scheduler)
    with pytest.raises(BrokenLogits):
        tickets.pop(1).result(0)
    expected.pop(1)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert_left_clean(engine)


class Sickly:
    def choose(self, logits: object) -> int:
        raise BrokenLogits("not finite")


def test_an_error_of_writing_back_reaches_nobody(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = by_hand(FaultyEngine(engine, lambda act, _: act == "finish"))
    ticket = scheduler.submit(ask())
    run(scheduler)
    assert len(ticket.result(0).tokens) == 6
    assert scheduler.snapshot().engine_errors == 1
    assert_left_clean(engine)


def test_the_answer_is_told_before_it_is_written_back(open_engine: OpenEngine) -> None:
    engine = open_engine()
    told: list[bool] = []
    scheduler = by_hand(
        FaultyEngine(engine, lambda act, _: act == "finish" and bool(told.append(ticket.is_done)))
    )
    ticket = scheduler.submit(ask(60))
    run(scheduler)
    assert told == [True]
    assert engine.store.match(prompt_of(60)) == 48


def test_an_error_holds_no_buffer(open_engine: OpenEngine) -> None:
    scheduler = by_hand(FaultyEngine(open_engine(chunk_tokens=32), lambda act, _: act == "after decode"))
    ticket = scheduler.submit(ask())
    scheduler.step()
    buffer = weakref.ref(ticket.flight.generation.opened)
    run(scheduler)
    gc.collect()
    assert ticket.is_done
    assert buffer() is None


def test_closing_answers_what_was_taken_and_the_thread_ends(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = Scheduler(engine, max_batch=2)
    tickets = [scheduler.submit(ask(30, seed, max_new_tokens=60)) for seed in range(6)]
    scheduler.close()
    assert [len(ticket.result(0).tokens) for ticket in tickets] == [60] * 6
    with pytest.raises(SchedulerClosed, match="make a new one"):
        scheduler.submit(ask())
    assert not scheduler._thread.is_alive()
    assert_left_clean(engine)


def test_closing_at_once_ends_what_was_taken_and_keeps_what_was_computed(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = by_hand(engine, max_batch=2)
    tickets = [scheduler.submit(ask(30, seed, max_new_tokens=60)) for seed in range(6)]
    for _ in range(4):
        scheduler.step()
    scheduler.close(drain=False)
    for ticket in tickets:
        with pytest.raises(SchedulerClosed, match="closed before"):
            ticket.result(0)
    assert engine.store.match(prompt_of(30, 0)) == 16
    assert_left_clean(engine)


def test_a_scheduler_that_dies_tells_everybody(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = Scheduler(
        FaultyEngine(engine, lambda act, _: act == "decode"),
        max_batch=1,
        most_errors_in_a_row=2,
    )
    tickets = [scheduler.submit(ask(30, seed)) for seed in range(6)]
    for ticket in tickets[:2]:
        with pytest.raises(Injected):
            ticket.result(SECONDS)
    for ticket in tickets[2:]:
        with pytest.raises(ReplicaFailed, match="2 times in a row"):
            ticket.result(SECONDS)
    scheduler.close()
    assert_left_clean(engine)


def test_what_it_counts_adds_up(open_engine: OpenEngine) -> None:
    clock = Clock()
    scheduler = by_hand(open_engine(), clock=clock)
    tickets = [scheduler.submit(ask(30, seed)) for seed in range(3)]
    scheduler.submit(ask(30, 0))
    waiting = scheduler.snapshot()
    assert waiting.waiting == {"critical": 0, "high": 0, "normal": 3, "low": 0, "background": 0}
    clock.now = 2.0
    scheduler.step()
    clock.now = 3.0
    tickets[2].cancel()
    run(scheduler)
    done = scheduler.snapshot()
    assert (done.submitted, done.joined, done.answered, done.cancelled) == (4, 1, 3, 1)
    assert (done.running, done.live_bytes, done.new_tokens) == (0, 0, 12)
    assert done.queue_wait_ms.num == 2
    assert done.queue_wait_ms.total == 2000.0 + 3000.0
    assert done.first_token_ms.num == done.token_ms.num == 2


def storm(open_engine: OpenEngine, num_requests: int) -> None:
    """Mixed requests from many threads, some cancelled, under an engine that fails now and then."""
    reference = open_engine(tokenizer=Letters())
    requests = [
        ask(
            5 + 3 * seed,
            seed,
            max_new_tokens=1 + seed % 9,
            sampling=Sampling() if seed % 2 else Sampling(temperature=0.9, seed=seed),
        )
        for seed in range(40)
    ]
    expected = [reference.answer(request) for request in requests]
    engine = open_engine(tokenizer=Letters(), chunk_tokens=48, policy="adaptive")
    acts: Counter[str] = Counter()

    def fails(act: str, _: list[GenerationRequest]) -> bool:
        acts[act] += 1
        return acts[act] % 20 == 0

    faulty = FaultyEngine(engine, fails)
    outcomes: list[str] = []

    def call(caller: int) -> None:
        mine, tickets = random.Random(caller), list[tuple[Ticket, Answer]]()
        for _ in range(num_requests // 8):
            at = mine.randrange(40)
            request = replace(requests[at], tenant=f"tenant {mine.randrange(3)}")
            tickets.append((scheduler.submit(request, priority=mine.choice(list(Priority))), expected[at]))
            if mine.random() < 0.2:
                mine.choice(tickets)[0].cancel()
        mine.shuffle(tickets)
        for ticket, answer in tickets:
            outcomes.append(follow(ticket, answer, cancels=mine.random() < 0.1))

    with Scheduler(faulty, max_batch=6, max_waiting=num_requests) as scheduler:
        callers = [Thread(target=call, args=(caller,)) for caller in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    counted, snapshot = Counter(outcomes), scheduler.snapshot()
    assert len(outcomes) == num_requests == snapshot.submitted
    assert counted["another's text"] == 0
    assert counted == Counter(
        answered=snapshot.answered, cancelled=snapshot.cancelled, failed=snapshot.failed
    )
    assert counted["answered"] > num_requests / 2
    assert counted["failed"] > 0
    assert not engine.store.index._announced
    assert_left_clean(engine)


def follow(ticket: Ticket, expected: Answer, *, cancels: bool) -> str:
    tokens = ticket.tokens(SECONDS)
    try:
        for _ in tokens:
            if cancels:
                ticket.cancel()
        answer = ticket.result(SECONDS)
    except Injected:
        return "failed"
    if answer.finish_reason == "cancelled":
        is_right = answer.tokens == expected.tokens[: len(answer.tokens)]
        is_right = is_right and expected.text.startswith(answer.text)
        return "cancelled" if is_right else "another's text"
    is_right = answer.tokens == expected.tokens and answer.text == expected.text
    return "answered" if is_right else "another's text"


def test_in_a_storm_nothing_is_lost_and_nobody_hears_anothers_answer(open_engine: OpenEngine) -> None:
    storm(open_engine, 200)


@pytest.mark.slow
def test_in_a_long_storm_nothing_is_lost_and_nobody_hears_anothers_answer(open_engine: OpenEngine) -> None:
    storm(open_engine, 1000)


def test_memory_stays_flat(open_engine: OpenEngine) -> None:
    scheduler = by_hand(open_engine(capacity_blocks=32), max_waiting=100)
    process, after = psutil.Process(), []
    for turn in range(4):
        for seed in range(40):
            scheduler.submit(ask(100, 100 * turn + seed, max_new_tokens=2))
        run(scheduler)
        gc.collect()
        after.append(process.memory_info().rss)
    assert after[-1] - after[1] < 8 << 20


def test_every_computation_is_told_of_at_its_end_with_what_came_from_where(open_engine: OpenEngine) -> None:
    engine, told = open_engine(), list[Served]()
    scheduler = by_hand(engine, observe=told.append, max_waiting=1)
    first = scheduler.submit(ask(label="first", arm="a"), priority=Priority.HIGH)
    with pytest.raises(Overloaded):
        scheduler.submit(ask(seed=2))
    run(scheduler)
    scheduler.submit(ask(num_tokens=50))
    run(scheduler)
    scheduler.submit(ask(seed=3)).cancel()
    run(scheduler)
    refused, cold, warm, cancelled = told
    assert [each.outcome for each in told] == ["refused", "answered", "answered", "cancelled"]
    assert (cold.label, cold.arm, cold.priority, cold.cached_tokens) == ("first", "a", "high", 0)
    assert cold.new_tokens == len(first.result().tokens)
    assert (warm.cached_tokens, warm.places) == (32, ("device", "device"))
    assert warm.blocks.keys[:2] == cold.blocks.keys
    assert len(warm.blocks.keys) == 3
    assert warm.first_token_ms is not None
    assert 0 < warm.first_token_ms <= warm.total_ms
    assert warm.lookup_ms > 0
    assert warm.load_ms > 0
    assert refused.blocks.keys == cancelled.blocks.keys == []


def test_tokens_that_were_primed_for_a_request_are_no_hits_of_it(open_engine: OpenEngine) -> None:
    engine, told = open_engine(), list[Served]()
    scheduler = by_hand(engine, observe=told.append)
    shared = prompt_of(48)
    for number in range(3):
        scheduler.submit(GenerationRequest(prompt=(*shared, number, number), max_new_tokens=2))
    run(scheduler)
    assert scheduler.counters.primed_tokens == 48
    assert sorted(each.cached_tokens for each in told) == [0, 48, 48]
    assert sorted(len(each.places) for each in told) == [0, 3, 3]


def test_a_record_that_cannot_be_kept_costs_no_answer(open_engine: OpenEngine) -> None:
    def refuse(_served: Served) -> None:
        raise OSError("the disk is full")

    scheduler = by_hand(open_engine(), observe=refuse)
    ticket = scheduler.submit(ask())
    run(scheduler)
    assert ticket.result().tokens


def test_other_limits_hold_from_the_next_turn_and_drop_nobody(open_engine: OpenEngine) -> None:
    engine = open_engine()
    scheduler = by_hand(engine, max_batch=3, max_waiting=4)
    running = [scheduler.submit(ask(20, seed, max_new_tokens=30)) for seed in range(3)]
    for _ in range(6):
        scheduler.step()
    waiting = [scheduler.submit(ask(20, seed, max_new_tokens=30)) for seed in range(10, 14)]
    scheduler.reconfigure(max_batch=1, max_waiting=2, look_ahead=1)
    assert scheduler.snapshot().running == 3
    with pytest.raises(Overloaded, match="at most 2 may, 2 of one"):
        scheduler.submit(ask(20, 20))
    scheduler.step()
    assert scheduler.snapshot().running == 3
    scheduler.reconfigure(max_batch=8, max_waiting=5)
    waiting.append(scheduler.submit(ask(20, 20, max_new_tokens=30)))
    for _ in range(6):
        scheduler.step()
    assert scheduler.snapshot().running == 8
    run(scheduler)
    assert {ticket.result(0).finish_reason for ticket in [*running, *waiting]} == {"length"}
    assert_left_clean(engine)


def test_a_longer_turn_computes_more_of_a_prompt_at_once(open_engine: OpenEngine) -> None:
    engine = open_engine(chunk_tokens=16)
    scheduler = by_hand(engine)
    scheduler.submit(ask(160))
    scheduler.step()
    assert engine.counters.prefilled_tokens == 16
    scheduler.reconfigure(prefill_tokens=64)
    scheduler.step()
    assert engine.counters.prefilled_tokens == 80


@pytest.mark.parametrize(
    "limits", [{"max_batch": 0}, {"prefill_tokens": 0}, {"max_waiting": 0}, {"look_ahead": -1}]
)
def test_limits_that_nobody_can_go_by_are_refused(open_engine: OpenEngine, limits: dict[str, int]) -> None:
    scheduler = by_hand(open_engine(), max_batch=3)
    with pytest.raises(InvalidConfig):
        scheduler.reconfigure(**{"max_batch": 5, **limits})
    tickets = [scheduler.submit(ask(20, seed)) for seed in range(5)]
    for _ in range(4):
        scheduler.step()
    assert scheduler.snapshot().running == 3
    run(scheduler)
    assert all(ticket.is_done for ticket in tickets)


def test_two_schedulers_drive_one_model_at_once(open_engine: OpenEngine) -> None:
    requests = [
        ask(30 + seed, seed, max_new_tokens=12, sampling=Sampling(temperature=0.9, seed=seed))
        for seed in range(24)
    ]
    alone = open_engine()
    expected = [alone.answer(request).tokens for request in requests]
    engines = [open_engine(), open_engine()]
    assert engines[0].model is engines[1].model
    with Scheduler(engines[0], max_batch=4) as one, Scheduler(engines[1], max_batch=3) as other:
        tickets = [(one, other)[number % 2].submit(request) for number, request in enumerate(requests)]
        assert [ticket.result(SECONDS).tokens for ticket in tickets] == expected
    for engine in engines:
        assert_left_clean(engine)


def test_a_prompt_is_known_to_others_while_its_answer_is_computed(open_engine: OpenEngine) -> None:
    engine = open_engine(chunk_tokens=32)
    scheduler = by_hand(engine)
    first = scheduler.submit(ask(70, max_new_tokens=60))
    for _ in range(4):
        scheduler.step()
    assert engine.store.index.snapshot().leases == 0, "it needs no slot any more"
    second = scheduler.submit(GenerationRequest(prompt=prompt_of(70) + prompt_of(9, 2), max_new_tokens=2))
    while not second.is_done:
        scheduler.step()
    assert not first.is_done
    assert second.result(0).usage.cached_tokens == 64
    run(scheduler)
    assert engine.store.match([*prompt_of(70), *first.result(0).tokens]) == 128
    assert_left_clean(engine)


def test_what_was_evicted_during_an_answer_is_kept_again_with_it(open_engine: OpenEngine) -> None:
    engine = open_engine()
    request = ask(70, max_new_tokens=40)
    expected = open_engine().answer(request).tokens
    scheduler = by_hand(engine)
    ticket = scheduler.submit(request)
    for _ in range(20):
        scheduler.step()
        engine.store.evict(1)
    assert engine.store.match(request.prompt) == 0
    run(scheduler)
    assert ticket.result(0).tokens == expected
    assert engine.store.match([*request.prompt, *expected]) == 96
    counted = engine.store.snapshot()
    assert (counted.kept_blocks, counted.duplicate_blocks) == (6, 0)
    assert counted.index.requests == 1
    assert_left_clean(engine)


def test_the_first_token_is_told_before_the_prompt_is_kept(open_engine: OpenEngine) -> None:
    engine = open_engine()
    told: list[int] = []

    def look(act: str, requests: list[GenerationRequest]) -> bool:
        if act == "publish":
            told.append(len(ticket.flight.tokens))
        return act == "publish"

    scheduler = by_hand(FaultyEngine(engine, look))
    ticket = scheduler.submit(ask(40))
    run(scheduler)
    assert told == [1]
    assert ticket.result(0).finish_reason == "length", "that it could not be kept then is no error of its own"
    assert scheduler.snapshot().engine_errors == 1
    assert engine.store.match(prompt_of(40)) == 32
    assert_left_clean(engine)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_prompts_that_are_known_during_an_answer_change_none(name: str, open_engine: OpenEngine) -> None:
    long = [ask(70, seed, max_new_tokens=40) for seed in range(2)]
    short = [
        GenerationRequest(prompt=request.prompt[:40] + prompt_of(20, seed), max_new_tokens=5)
        for seed, request in enumerate([*long, *long], start=10)
    ]
    alone = open_engine(name)
    expected = [alone.answer(request).tokens for request in [*long, *short]]
    engine = open_engine(name, capacity_blocks=9)
    scheduler = by_hand(engine, max_batch=3)
    tickets = [scheduler.submit(request) for request in long]
    for _ in range(5):
        scheduler.step()
    tickets += [scheduler.submit(request) for request in short]
    run(scheduler)
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    assert_left_clean(engine)
