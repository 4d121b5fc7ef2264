"""The engine that is no model: what it repeats, how it is paced, what it says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Invalid
from core.inference import Deterministic, GenerateText, Message, answer
from core.inference.deterministic import NOTHING_TO_REPEAT

NOTES = (
    "The contract ends in March. Bananas are yellow. The contract costs 40 euro a month. "
    "The contract renews by itself. Nobody signed."
)
QUESTION = GenerateText(prompt=NOTES)


def test_it_repeats_the_sentences_whose_words_are_most_frequent() -> None:
    assert answer(Deterministic(), QUESTION).text == (
        "The contract ends in March. The contract costs 40 euro a month. The contract renews by itself."
    )


def test_a_seed_with_a_temperature_takes_others_and_the_same_each_time() -> None:
    texts = {answer(Deterministic(), replace(QUESTION, temperature=1.0, seed=seed)).text for seed in range(8)}
    assert len(texts) > 2
    warm = replace(QUESTION, temperature=1.0, seed=3)
    assert answer(Deterministic(), warm).text == answer(Deterministic(), warm).text


def test_the_role_names_of_a_conversation_are_not_repeated() -> None:
    asked = GenerateText(prompt=(Message("system", "Be short and helpful."), Message("user", NOTES)))
    assert "user" not in answer(Deterministic(), asked).text


def test_without_a_sentence_it_says_so() -> None:
    assert answer(Deterministic(), GenerateText(prompt="?")).text == NOTHING_TO_REPEAT


def test_it_is_paced_by_the_clock_it_is_given() -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    paced = Deterministic([("", "one two three")], seconds_per_token=0.5, sleep=sleep, clock=lambda: now[0])
    usage = answer(paced, QUESTION).usage
    assert (usage.first_piece_seconds, usage.seconds, usage.new_tokens) == (0.5, 1.5, 3)


def test_a_long_prompt_may_lose_its_beginning() -> None:
    small = Deterministic(context_tokens=30)
    cut = answer(small, replace(QUESTION, prompt="lost " * 50 + NOTES, max_new_tokens=20, may_truncate=True))
    assert cut.usage.truncated_tokens > 40
    assert "lost" not in cut.text


def test_it_says_that_it_is_no_model_and_its_fingerprint_follows_its_answers() -> None:
    assert "no model" in Deterministic().identity().model
    assert Deterministic().identity() == Deterministic().identity()
    assert Deterministic().identity().fingerprint != Deterministic([("a", "b")]).identity().fingerprint


@pytest.mark.parametrize(
    "wrong",
    [{"prompt": ""}, {"prompt": ()}, {"prompt": "half \ud83d"}, {"max_new_tokens": 0}, {"temperature": -0.1},
     {"temperature": float("nan")}, {"top_p": 0.0}, {"top_k": -1}, {"repetition_penalty": 0.0},
     {"seed": -1}, {"seed": 2**63}, {"stop": ("",)}, {"deadline_seconds": 0.0},
     {"deadline_seconds": float("inf")}],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused_when_it_is_made(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        replace(QUESTION, **wrong)  # type: ignore[arg-type]
