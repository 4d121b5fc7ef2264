"""Several replicas: prompts go where they are known, and nobody notices when one fails."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from threading import Thread
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from kvcache.engine.device_load import DeviceLoad, look_at_device, look_at_gpu
from kvcache.engine.engine import Engine
from kvcache.engine.errors import InvalidRequest, Overloaded, ReplicaFailed
from kvcache.engine.placement import Placement
from kvcache.engine.request import GenerationRequest, Sampling
from kvcache.engine.served import Served
from kvcache.engine.ticket import Priority
from tests.kvcache.engine.conftest import OpenEngine
from tests.kvcache.engine.faulty_engine import FaultyEngine, Injected
from tests.kvcache.engine.models import VOCABULARY

SECONDS = 60.0
Fails = Callable[[str, list[GenerationRequest]], bool]


def prompt_of(num_tokens: int, seed: int = 1) -> tuple[int, ...]:
    choose = random.Random(seed)
    return tuple(choose.randrange(4, VOCABULARY) for _ in range(num_tokens))


def ask(num_tokens: int = 40, seed: int = 1, **settings: Any) -> GenerationRequest:
    settings.setdefault("max_new_tokens", 8)
    return GenerationRequest(prompt=prompt_of(num_tokens, seed), **settings)


def never(act: str, requests: list[GenerationRequest]) -> bool:
    return False


def place(open_engine: OpenEngine, *, a: Fails = never, b: Fails = never, **settings: Any) -> Placement:
    """Two replicas on this CPU, `a` and `b`, run by hand."""
    engines: dict[str, Any] = {"a": FaultyEngine(open_engine(), a), "b": FaultyEngine(open_engine(), b)}
    settings.setdefault("in_background", False)
    return Placement(engines, **settings)


def run(placement: Placement) -> None:
    while placement.step():
        pass


def answers(engine: Engine, requests: list[GenerationRequest]) -> list[tuple[int, ...]]:
    return [engine.answer(request).tokens for request in requests]


def on(placement: Placement, name: str, request: GenerationRequest) -> GenerationRequest:
    """The request, made known to one replica so that it goes there."""
    placement.replicas[name].engine._engine.answer(request)
    return request


def num_overloaded(placement: Placement) -> int:
    return sum(replica.scheduler.overloaded for replica in placement.snapshot().replicas.values())


def assert_left_clean(placement: Placement) -> None:
    for replica in placement.replicas.values():
        assert replica.engine.store.index.snapshot().leases == 0
        replica.engine.store.check_integrity()


def test_a_prompt_goes_where_it_is_known(open_engine: OpenEngine) -> None:
    placement = place(open_engine)
    for name, seed in (("a", 1), ("b", 2)):
        known = on(placement, name, ask(400, seed))
        assert placement.ranked(known)[0].name == name
        longer = GenerationRequest(prompt=known.prompt + prompt_of(30, 9))
        assert placement.ranked(longer)[0].name == name


def test_equal_beginnings_meet_before_anything_is_known(open_engine: OpenEngine) -> None:
    placement = place(open_engine)
    first = [placement.ranked(ask(17, seed))[0].name for seed in range(40)]
    again = [placement.ranked(ask(17, seed))[0].name for seed in range(40)]
    assert first == again
    assert 8 < first.count("a") < 32
    shared = prompt_of(16, 5)
    ways = {placement.ranked(GenerationRequest(prompt=(*shared, seed)))[0].name for seed in range(4, 20)}
    assert len(ways) == 1


def test_a_prompt_under_way_draws_those_that_begin_alike(open_engine: OpenEngine) -> None:
    placement = place(open_engine)
    context = prompt_of(800, 3)
    placement.submit(GenerationRequest(prompt=context + prompt_of(8, 1), max_new_tokens=2))
    placement.step()
    taken = [name for name, replica in placement.replicas.items() if replica.scheduler.has_work]
    alike = GenerationRequest(prompt=context + prompt_of(8, 2), max_new_tokens=2)
    following = placement.replicas[taken[0]].scheduler.prefill_seconds(alike.prompt, "")
    other = {"a": "b", "b": "a"}[taken[0]]
    assert following < placement.replicas[other].scheduler.prefill_seconds(alike.prompt, "") / 10


def test_equal_requests_meet_and_are_computed_once(open_engine: OpenEngine) -> None:
    placement = place(open_engine)
    tickets = [placement.submit(ask(100)) for _ in range(4)]
    run(placement)
    assert len({ticket.flight for ticket in tickets}) == 1
    assert sum(replica.engine.counters.requests for replica in placement.replicas.values()) == 1


def test_a_replica_too_far_ahead_in_load_gets_no_more_though_it_knows_the_prompt(
    open_engine: OpenEngine,
) -> None:
    placement = place(open_engine, most_lead_tokens=1000)
    known = on(placement, "a", ask(900, 1))
    for seed in range(2, 12):
        placement.replicas["a"].scheduler.submit(ask(200, seed))
    assert placement.ranked(known)[0].name == "b"


def test_only_when_all_refuse_a_request_is_refused(open_engine: OpenEngine) -> None:
    told: list[Served] = []
    placement = place(open_engine, max_waiting=2, observe=told.append)
    for seed in range(4):
        placement.submit(ask(30, seed))
    assert [replica.num_routed for replica in placement.replicas.values()] == [2, 2]
    with pytest.raises(Overloaded, match="Try again"):
        placement.submit(ask(30, 9), priority=Priority.HIGH)
    assert [(each.outcome, each.priority, each.prompt) for each in told] == [
        ("refused", "high", prompt_of(30, 9))
    ]
    assert num_overloaded(placement) == 1
    with pytest.raises(InvalidRequest):
        placement.submit(GenerationRequest(prompt=(VOCABULARY,)))


def test_a_request_that_another_replica_takes_counts_as_no_refusal(open_engine: OpenEngine) -> None:
    told: list[Served] = []
    placement = place(open_engine, max_waiting=2, observe=told.append)
    for request in [on(placement, "a", ask(400, seed)) for seed in range(4)]:
        assert placement.ranked(request)[0].name == "a"
        placement.submit(request)
    assert [replica.num_routed for replica in placement.replicas.values()] == [2, 2]
    assert (told, num_overloaded(placement)) == ([], 0)


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=0.9, seed=4)])
def test_when_a_replica_dies_all_its_answers_go_on_elsewhere_without_a_break(
    sampling: Sampling, open_engine: OpenEngine
) -> None:
    dies: list[bool] = []
    placement = place(open_engine, a=lambda act, _: bool(dies), most_errors_in_a_row=1)
    requests = [on(placement, "a", ask(300, seed, sampling=sampling)) for seed in range(4)]
    expected = answers(open_engine(), requests)
    tickets = [placement.submit(request) for request in requests]
    streams = [ticket.tokens(0) for ticket in tickets]
    for _ in range(4):
        placement.step()
    before = [next(streams[0]), next(streams[0])]
    dies.append(True)
    run(placement)
    assert (*before, *streams[0]) == expected[0]
    assert [ticket.result(0).tokens for ticket in tickets] == expected
    snapshot = placement.snapshot().replicas
    assert (snapshot["a"].is_healthy, snapshot["a"].failures, snapshot["b"].is_healthy) == (False, 1, True)
    assert snapshot["a"].scheduler.moved == 4
    assert_left_clean(placement)


def test_an_answer_without_a_seed_that_had_begun_ends_clearly_and_one_that_had_not_is_computed(
    open_engine: OpenEngine,
) -> None:
    dies: list[bool] = []
    placement = place(open_engine, a=lambda act, _: bool(dies), most_errors_in_a_row=1, max_batch=1)
    by_chance = Sampling(temperature=0.9)
    begun = placement.submit(on(placement, "a", ask(300, 1, sampling=by_chance)))
    placement.step()
    waiting = placement.submit(on(placement, "a", ask(300, 2, sampling=by_chance)))
    assert placement.replicas["a"].num_routed == 2
    dies.append(True)
    run(placement)
    with pytest.raises(ReplicaFailed, match="in the middle of an answer without a seed"):
        begun.result(0)
    assert len(waiting.result(0).tokens) == 8
    assert_left_clean(placement)


def test_an_answer_that_would_go_on_otherwise_is_not_glued_together(open_engine: OpenEngine) -> None:
    dies: list[bool] = []
    placement = place(open_engine, a=lambda act, _: bool(dies), most_errors_in_a_row=1)
    ticket = placement.submit(on(placement, "a", ask(300)))
    placement.step()
    ticket.flight.tokens[0] += 1
    dies.append(True)
    run(placement)
    with pytest.raises(ReplicaFailed, match="cannot be continued"):
        ticket.result(0)
    assert_left_clean(placement)


def test_a_request_that_fails_on_two_replicas_ends_and_spares_both(open_engine: OpenEngine) -> None:
    poison = ask(50, 13)

    def fails(act: str, requests: list[GenerationRequest]) -> bool:
        return act == "decode" and poison in requests

    placement = place(open_engine, a=fails, b=fails, most_errors_in_a_row=2)
    others = [ask(50, seed) for seed in range(4)]
    tickets = [placement.submit(request) for request in (*others, poison)]
    run(placement)
    with pytest.raises(Injected):
        tickets.pop().result(0)
    assert [ticket.result(0).tokens for ticket in tickets] == answers(open_engine(), others)
    assert all(replica.is_healthy for replica in placement.replicas.values())


def test_a_failed_replica_is_probed_and_taken_back_when_it_answers(open_engine: OpenEngine) -> None:
    sick = [True]
    placement = place(open_engine, a=lambda act, _: bool(sick), most_errors_in_a_row=1)
    moved = placement.replicas["a"].scheduler.submit(ask(30, 3))
    run(placement)
    placement.probe()
    assert not placement.replicas["a"].is_healthy
    sick.clear()
    placement.probe()
    assert placement.replicas["a"].is_healthy
    again = placement.replicas["a"].scheduler.submit(ask(30, 3))
    run(placement)
    assert again.result(0).tokens == moved.result(0).tokens
    assert placement.snapshot().replicas["a"].failures == 1


def test_with_no_healthy_replica_requests_are_refused_clearly(open_engine: OpenEngine) -> None:
    placement = place(open_engine, a=lambda act, _: True, b=lambda act, _: True, most_errors_in_a_row=1)
    ticket = placement.submit(ask())
    run(placement)
    with pytest.raises(Injected):
        ticket.result(0)
    with pytest.raises(ReplicaFailed, match="No replica answers"):
        placement.submit(ask())


def test_a_replica_that_dies_in_a_storm_loses_nothing(open_engine: OpenEngine) -> None:
    requests = [
        ask(10 + 4 * seed, seed, sampling=Sampling(temperature=0.5 * (seed % 2), seed=seed))
        for seed in range(24)
    ]
    expected = answers(open_engine(), requests)
    num_decoded = [0]

    def dies_later(act: str, _: list[GenerationRequest]) -> bool:
        num_decoded[0] += act == "decode"
        return num_decoded[0] > 20

    placement = place(open_engine, a=dies_later, most_errors_in_a_row=2, in_background=True)
    wrong: list[int] = []

    def call(caller: int) -> None:
        mine = random.Random(caller)
        for _ in range(30):
            at = mine.randrange(24)
            ticket = placement.submit(requests[at], priority=mine.choice(list(Priority)))
            if tuple(ticket.tokens(SECONDS)) != expected[at]:
                wrong.append(at)

    with placement:
        callers = [Thread(target=call, args=(caller,)) for caller in range(6)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        snapshot = placement.snapshot().replicas
    assert not wrong
    assert not snapshot["a"].is_healthy
    assert snapshot["a"].scheduler.answered > 0
    assert sum(each.scheduler.failed for each in snapshot.values()) == 0
    assert not placement._thread.is_alive()
    assert_left_clean(placement)


def test_a_gpu_is_looked_at_through_nvml_and_without_one_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert look_at_device(torch.device("cpu")) is None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert look_at_gpu("GPU-1") is None
    nvml: Any = ModuleType("pynvml")
    nvml.NVMLError = type("NVMLError", (Exception,), {})
    nvml.nvmlInit = lambda: None
    nvml.nvmlDeviceGetHandleByUUID = lambda uuid: uuid
    nvml.nvmlDeviceGetMemoryInfo = lambda handle: SimpleNamespace(used=3, total=10)
    nvml.nvmlDeviceGetUtilizationRates = lambda handle: SimpleNamespace(gpu=25)
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert look_at_gpu("GPU-1") == DeviceLoad(used_bytes=3, total_bytes=10, busy_share=0.25)

    def fail() -> None:
        raise nvml.NVMLError

    nvml.nvmlInit = fail
    assert look_at_gpu("GPU-1") is None


def test_other_limits_hold_for_every_replica_and_those_taken_back(open_engine: OpenEngine) -> None:
    failing = {"a"}
    placement = place(open_engine, a=lambda act, requests: "a" in failing, max_waiting=50)
    placement.reconfigure(max_waiting=1)
    for replica in placement.replicas.values():
        replica.scheduler.submit(ask(20, 1))
        with pytest.raises(Overloaded):
            replica.scheduler.submit(ask(20, 2))
    run(placement)
    for seed in range(3, 9):
        on(placement, "a", ask(400, seed))
        placement.submit(ask(400, seed))
        run(placement)
    assert not placement.replicas["a"].is_healthy
    failing.clear()
    placement.probe()
    taken_back = placement.replicas["a"].scheduler
    taken_back.submit(ask(20, 1))
    with pytest.raises(Overloaded):
        taken_back.submit(ask(20, 2))
    run(placement)
    with pytest.raises(ValueError, match="max_batch"):
        placement.reconfigure(max_batch=0)
