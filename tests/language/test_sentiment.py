"""Good and bad news, and how often the labels are right on sentences that no word was chosen by."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.language.sentiment import find_sentiment, sentiment_accuracy
from core.language.stop_words import LANGUAGES, Language

LABELS = {"+": "positive", "-": "negative", "=": "neutral"}


def labelled(language: Language) -> list[tuple[str, str]]:
    file = Path(__file__).with_name(f"sentiment_{language}.tsv")
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return [(LABELS[sign], sentence) for sign, sentence in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stated_accuracy_is_that_of_the_held_out_half(language: Language) -> None:
    sentences = labelled(language)
    assert len(sentences) >= 150
    held_out = sentences[1::2]
    right = sum(find_sentiment(sentence, language).label == label for label, sentence in held_out)
    stated = sentiment_accuracy(language)
    assert stated.num_sentences == len(held_out)
    assert stated.accuracy == pytest.approx(right / len(held_out), abs=0.001)
    assert stated.accuracy > stated.majority + 0.3


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("en", "Complaints fell.", "Sales fell."),
        ("en", "The service is reliable.", "The service is not reliable."),
        ("en", "Costs were cut.", "Costs soared."),
        ("es", "Bajaron las quejas.", "Bajaron las ventas."),
        ("es", "El sistema es confiable.", "El sistema no es confiable."),
        ("pt", "As reclamações caíram.", "As vendas caíram."),
        ("pt", "O sistema é confiável.", "O sistema não é confiável."),
    ],
)
def test_direction_and_negation_turn_the_sign(language: Language, good: str, bad: str) -> None:
    assert find_sentiment(good, language).label == "positive"
    assert find_sentiment(bad, language).label == "negative"


def test_degree_words_stretch_and_shrink() -> None:
    slightly, plainly, very = (
        find_sentiment(f"The pump is {degree}unreliable.", "en").score
        for degree in ("slightly ", "", "very ")
    )
    assert very < plainly < slightly < 0


def test_what_follows_a_but_weighs_more() -> None:
    assert find_sentiment("The start was slow, but the result is excellent.", "en").label == "positive"


def test_the_strongest_sentences_are_shown_where_they_stand() -> None:
    text = "The room has two doors. The delivery was late and damaged. We were delighted with the repair."
    found = find_sentiment(text, "en")
    assert [text[slice(*one.span)] for one in found.sentences] == [
        "The delivery was late and damaged.",
        "We were delighted with the repair.",
    ]
    assert [one.score > 0 for one in found.sentences] == [False, True]


def test_a_text_without_signals_is_neutral() -> None:
    found = find_sentiment("The room has two doors.", "en")
    assert (found.score, found.label, found.num_signals, found.sentences) == (0.0, "neutral", 0, ())
