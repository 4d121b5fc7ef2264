"""Many requests through one engine: each is answered as it would be alone, in a fair order, whatever fails."""

from __future__ import annotations

import random
from typing import Any

from kvcache.engine.engine import Engine
from kvcache.engine.request import GenerationRequest, Sampling
from kvcache.engine.scheduler import Scheduler
from tests.kvcache.engine.conftest import OpenEngine
from tests.kvcache.engine.models import VOCABULARY

SECONDS = 60.0


def prompt_of(num_tokens: int, seed: int = 1) -> tuple[int, ...]:
    choose = random.Random(seed)
    return tuple(choose.randrange(4, VOCABULARY) for _ in range(num_tokens))


def ask(num_tokens: int = 40, seed: int = 1, **settings: Any) -> GenerationRequest:
    settings.setdefault("max_new_tokens", 6)
    return GenerationRequest(prompt=prompt_of(num_tokens, seed), **settings)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def by_hand(engine: Engine, **settings: Any) -> Scheduler:
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
