"""The promises of an engine, kept by every member of the table.

Each answers "Where is Paris" with the same text, sees 200 tokens, and is opened once for all tests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest

from core.inference import ENGINES, GenerateText, InferenceEngine, Message, Piece, answer
from core.inference.errors import PromptTooLong
from core.priority import Priority
from core.settings import Settings
from tests.fakes.engines import OPENERS, SAID

QUESTION = GenerateText(prompt=(Message("user", "Where is Paris?"),), max_new_tokens=50, tenant="one")


@pytest.fixture(scope="module", params=sorted(OPENERS))
def engine(request: pytest.FixtureRequest) -> Iterator[InferenceEngine]:
    with OPENERS[request.param]() as opened:
        yield opened


def test_every_engine_of_the_table_is_tested_and_bears_its_name() -> None:
    assert set(OPENERS) == set(ENGINES)
    assert all(engine.name == name for name, engine in ENGINES.items())


def test_every_engine_can_be_chosen_by_the_settings() -> None:
    assert set(ENGINES) <= set(get_args(Settings.model_fields["engine"].annotation))


def test_it_says_who_answers(engine: InferenceEngine) -> None:
    identity = engine.identity()
    assert identity.engine == engine.name
    assert identity.model
    assert identity.fingerprint
    assert identity == engine.identity()


def test_the_pieces_make_the_answer_and_only_the_last_carries_the_usage(engine: InferenceEngine) -> None:
    pieces = list(engine.generate(QUESTION))
    assert "".join(piece.text for piece in pieces) == SAID
    assert len(pieces) > 5
    assert [piece.usage is not None for piece in pieces] == [False] * (len(pieces) - 1) + [True]


def test_the_usage_counts_what_was_given(engine: InferenceEngine) -> None:
    usage = answer(engine, QUESTION).usage
    assert usage.finish_reason == "stop"
    assert usage.prompt_tokens > 0
    assert usage.new_tokens > 5
    assert 0 <= usage.first_piece_seconds <= usage.seconds


@pytest.mark.parametrize("prompt", ["Where is Paris?", QUESTION.prompt])
def test_text_and_conversation_are_both_answered(engine: InferenceEngine, prompt: str) -> None:
    assert answer(engine, replace(QUESTION, prompt=prompt)).text == SAID


def test_the_same_question_gets_the_same_answer(engine: InferenceEngine) -> None:
    asked = replace(QUESTION, prompt="One thing is red. Another thing is blue. A third is grey. Red is best.")
    assert answer(engine, asked).text == answer(engine, asked).text
    assert answer(engine, asked).text


def test_no_more_tokens_come_than_are_wanted(engine: InferenceEngine) -> None:
    short = answer(engine, replace(QUESTION, max_new_tokens=4))
    assert SAID.startswith(short.text)
    assert (short.usage.new_tokens, short.usage.finish_reason) == (4, "length")


def test_an_answer_ends_before_a_stop_text(engine: InferenceEngine) -> None:
    stopped = answer(engine, replace(QUESTION, stop=("zzz", " It lies")))
    assert stopped.text == "Paris is the capital of France."
    assert stopped.usage.finish_reason == "stop"


def test_cancelling_ends_the_answer_with_what_came(engine: InferenceEngine) -> None:
    seen: list[Piece] = []
    seen += engine.generate(QUESTION, is_cancelled=lambda: len(seen) >= 2)
    assert SAID.startswith("".join(piece.text for piece in seen))
    assert len(seen) == 3
    assert seen[-1].usage is not None
    assert seen[-1].usage.finish_reason == "cancelled"


def test_cancelled_before_it_began_gives_no_text(engine: InferenceEngine) -> None:
    (last,) = engine.generate(QUESTION, is_cancelled=lambda: True)
    assert last.text == ""
    assert last.usage is not None
    assert last.usage.finish_reason == "cancelled"


def test_closing_the_generator_leaves_the_engine_usable(engine: InferenceEngine) -> None:
    for _ in range(5):
        pieces = engine.generate(QUESTION)
        next(pieces)
        pieces.close()
    assert answer(engine, QUESTION).text == SAID


def test_a_prompt_that_does_not_fit_is_refused_with_a_remedy(engine: InferenceEngine) -> None:
    with pytest.raises(PromptTooLong) as refused:
        answer(engine, replace(QUESTION, prompt="word " * 400))
    assert refused.value.remedy


def test_longer_texts_count_more_tokens(engine: InferenceEngine) -> None:
    assert 1 <= engine.count_tokens("word") < engine.count_tokens("word " * 50)
    assert engine.count_tokens((Message("user", "some words of a turn"),)) > 1


def test_scores_come_from_those_that_can_and_from_no_other(engine: InferenceEngine) -> None:
    scores = engine.score(QUESTION, ["Paris", "Ouagadougou", "Ouagadougou Ouagadougou"])
    if not engine.identity().can_score:
        assert scores is None
        return
    assert scores is not None
    assert scores[0] > scores[1] > scores[2]


def test_announcing_and_withdrawing_cost_nothing_even_when_untrue(engine: InferenceEngine) -> None:
    engine.announce([QUESTION, replace(QUESTION, prompt="What comes next?")])
    engine.withdraw([QUESTION])
    engine.withdraw([QUESTION])
    assert answer(engine, QUESTION).text == SAID


def test_it_says_how_it_is(engine: InferenceEngine) -> None:
    assert engine.health().state == "healthy"


def test_every_priority_and_a_deadline_are_taken(engine: InferenceEngine) -> None:
    for priority in Priority:
        urgent = replace(QUESTION, priority=priority, deadline_seconds=60.0)
        assert answer(engine, urgent).text == SAID


def test_threads_get_their_own_answers(engine: InferenceEngine) -> None:
    texts: list[str] = []

    def ask() -> None:
        texts.append(answer(engine, QUESTION).text)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [SAID] * 8
