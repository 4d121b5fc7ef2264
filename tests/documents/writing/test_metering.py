"""What calls take is counted, whatever the engine does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.documents.writing.metering import MeteredEngine, TokenBudget
from core.documents.writing.reasons import BudgetUsed
from core.inference import GenerateText, answer
from core.inference.errors import DeadlinePassed, EngineFailed
from tests.documents.writing.models import Endless, Model, Raising
from tests.fakes.engines import HeldEngine, UnendedEngine

ASK = GenerateText(prompt="Say it.\n\nThe next value only, without quotes. $.text: the sentence (text)")


def test_an_answer_that_is_left_is_still_counted() -> None:
    held = HeldEngine()
    engine = MeteredEngine(held)
    pieces = engine.generate(ASK)
    next(pieces)
    pieces.close()
    assert held.is_cancelled.is_set()
    assert (engine.spent.calls, engine.spent.num_estimated) == (1, 0)
    assert engine.spent.prompt_tokens == held.count_tokens(ASK.prompt)


def test_an_engine_that_does_not_say_is_counted_for() -> None:
    for other in (UnendedEngine(), Raising(EngineFailed("odd"))):
        engine = MeteredEngine(other)
        with pytest.raises(EngineFailed):
            answer(engine, ASK)
        assert engine.spent.num_estimated == 1
        assert engine.spent.prompt_tokens == other.count_tokens(ASK.prompt)


def test_leaving_an_engine_that_never_ends_takes_a_moment() -> None:
    engine = MeteredEngine(Endless())
    pieces = engine.generate(ASK)
    next(pieces)
    pieces.close()
    assert engine.spent.num_estimated == 1


def test_a_call_beyond_the_budget_is_not_made() -> None:
    asked = Model(["Well said."])
    needed = asked.count_tokens(ASK.prompt) + 20
    engine = MeteredEngine(asked, TokenBudget(needed))
    answer(engine, replace(ASK, max_new_tokens=20))
    with pytest.raises(BudgetUsed):
        answer(engine, replace(ASK, max_new_tokens=20))
    assert len(asked.requests) == 1


def test_the_time_that_was_given_ends() -> None:
    now = [0.0]
    engine = MeteredEngine(Model(["Well said."]), clock=lambda: now[0])
    engine.begin(5)
    answer(engine, ASK)
    now[0] = 6
    with pytest.raises(DeadlinePassed):
        answer(engine, ASK)


def test_a_kept_answer_computed_nothing() -> None:
    class Kept(Model):
        def generate(self, request, *, is_cancelled=lambda: False):  # type: ignore[no-untyped-def]
            for piece in super().generate(request):
                yield replace(piece, usage=piece.usage and replace(piece.usage, is_stored_answer=True))

    engine = MeteredEngine(Kept(["Well said."]))
    answer(engine, ASK)
    assert engine.spent.computed_tokens == 0
    assert engine.spent.prompt_tokens > 0
