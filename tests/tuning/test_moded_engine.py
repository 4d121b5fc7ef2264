"""A mode speaks for requests that name no deadline or priority, and for no others."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from core.inference import Deterministic, GenerateText, Piece, answer
from core.inference.engine import never
from core.priority import Priority
from core.tuning.catalogue import MODES
from core.tuning.moded_engine import CurrentMode, ModedEngine

PLAIN = GenerateText(prompt="Where is Paris?")
NAMED = GenerateText(prompt="Where is Paris?", priority=Priority.CRITICAL, deadline_seconds=3.0)


class Listening(Deterministic):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__([("Where is Paris", "In France.")])
        self.asked: list[GenerateText] = []

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.asked.append(request)
        return super().generate(request, is_cancelled=is_cancelled)


@pytest.mark.parametrize("key", MODES)
def test_a_mode_fills_in_what_is_not_named(key: str) -> None:
    inner, mode = Listening(), CurrentMode()
    engine = ModedEngine(inner, mode)
    mode.key = key
    assert answer(engine, PLAIN).text == "In France."
    answer(engine, NAMED)
    filled, named = inner.asked
    assert filled.priority == MODES[key].priority
    assert filled.deadline_seconds == MODES[key].deadline_seconds
    assert named == NAMED


def test_without_a_mode_requests_stay_as_they_are() -> None:
    inner = Listening()
    engine = ModedEngine(inner, CurrentMode())
    answer(engine, PLAIN)
    assert inner.asked == [PLAIN]


def test_everything_else_is_the_engines_own() -> None:
    inner, mode = Listening(), CurrentMode()
    engine = ModedEngine(inner, mode)
    mode.key = "bulk"
    assert engine.identity() == inner.identity()
    assert engine.count_tokens("a text") == inner.count_tokens("a text")
    assert engine.health() == inner.health()
    assert engine.score(PLAIN, ["a"]) == inner.score(PLAIN, ["a"])
    engine.announce([PLAIN])
    engine.withdraw([PLAIN])
    engine.close()
