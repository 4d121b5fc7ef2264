"""Syllables, against lists whose counts were set by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.stop_words import LANGUAGES, Language
from core.language.syllables import count_syllables


def listed(language: str) -> list[tuple[str, int]]:
    lines = Path(__file__).with_name(f"syllables_{language}.txt").read_text(encoding="utf-8").splitlines()
    return [(word, int(number)) for number, *words in map(str.split, lines) for word in words]


@pytest.mark.parametrize(("language", "at_least"), [("en", 300), ("es", 200), ("pt", 200)])
def test_listed_words_have_the_listed_syllables(language: Language, at_least: int) -> None:
    words = listed(language)
    assert len(words) >= at_least
    wrong = {word: number for word, number in words if count_syllables(word, language) != number}
    assert len(wrong) <= (0.03 if language == "en" else 0) * len(words), wrong


def test_english_words_that_no_rule_was_made_for_are_mostly_right() -> None:
    words = listed("en_unseen")
    right = sum(count_syllables(word, "en") == number for word, number in words)
    assert len(words) >= 100
    assert right >= 0.93 * len(words)


@pytest.mark.parametrize(
    ("word", "number"),
    [("día", 2), ("diario", 2), ("aéreo", 4), ("prohíbe", 3), ("guión", 1), ("queso", 2), ("vergüenza", 3)],
)
def test_spanish_parts_vowels_by_strength_and_accent(word: str, number: int) -> None:
    assert count_syllables(word, "es") == number


@pytest.mark.parametrize(
    ("word", "number"),
    [("rio", 2), ("história", 3), ("situação", 4), ("rainha", 3), ("ruim", 2), ("praia", 2), ("ao", 1)],
)
def test_portuguese_knows_falling_diphthongs_and_hiatus(word: str, number: int) -> None:
    assert count_syllables(word, "pt") == number


@given(word=st.text(st.characters(categories=("L",)), min_size=1, max_size=30))
def test_any_word_has_a_syllable_and_at_most_one_a_letter(word: str) -> None:
    for language in LANGUAGES:
        assert 1 <= count_syllables(word, language) <= len(word.lower()) + 1
        assert count_syllables(word, language) == count_syllables(word.lower(), language)
