from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redundancy import Span, align, evidence, unique_passages

WORDS = st.sampled_from(["alpha", "Beta", "GAMMA", "niño", "Ação", "42", "delta", "the", "x_1"])
GAPS = st.sampled_from([" ", ", ", ".\n", "  - ", " «", "; "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=60).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


def words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\w+", text)]


def prose(num_words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(10_000)}" for _ in range(num_words))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 8))
def test_a_passage_has_the_same_words_at_both_spans(a: str, b: str, min_words: int):
    for passage in align(a, b, min_words).passages:
        there, here = a[slice(*passage.a)], b[slice(*passage.b)]
        assert words(there) == words(here)
        assert len(words(there)) == passage.num_words
        assert passage.num_words >= min(min_words, len(words(a)), len(words(b)))
        assert re.match(r"\w", there)
        assert re.search(r"\w$", there)


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_passages_and_differences_cover_every_word_once(a: str, b: str):
    found = align(a, b)
    for side, text, share in (("a", a, found.share_a), ("b", b, found.share_b)):
        uses = [0] * len(text)
        spans = [getattr(part, side) for part in (*found.passages, *found.differences)]
        moved = [getattr(passage, side) for passage in found.passages if passage.moved]
        for start, end in spans:
            for place in range(start, end):
                uses[place] += 1
        for match in re.finditer(r"\w+", text):
            repeated = any(span.start <= match.start() < span.end for span in moved)
            assert uses[match.start()] >= 1
            assert uses[match.start()] == 1 or repeated
        assert 0 <= share <= 1


@given(TEXTS)
def test_a_text_is_contained_in_itself(text: str):
    found = align(text, text.upper().lower())
    assert found.share_a == found.share_b == (1.0 if words(text) else 0.0)
    assert found.differences == ()


def test_differences_name_what_stands_in_place_of_what():
    a = "The tenant pays the rent on the first day of the month and keeps the garden."
    b = "The tenant pays the rent on the last day of the month and keeps the garden, always."
    found = align(a, b)
    assert [(part.kind, a[slice(*part.a)], b[slice(*part.b)]) for part in found.differences] == [
        ("replace", "first", "last"),
        ("insert", "", "always"),
    ]


def test_a_moved_section_is_found_and_marked():
    one, two = prose(60, 1), prose(40, 2)
    found = align(f"{one}. {two}", f"{two}. {one}")
    assert [(passage.num_words, passage.moved) for passage in found.passages] == [(60, False), (40, True)]
    assert (found.share_a, found.share_b, found.differences) == (1.0, 1.0, ())


def test_a_paragraph_pasted_twice_is_contained_although_its_original_is_used():
    paragraph = prose(50, 3)
    found = align(f"{paragraph}\n{prose(20, 4)}\n{paragraph}", paragraph)
    assert found.share_b == 1.0
    assert found.share_a == pytest.approx(100 / 120)


def test_unique_passages_are_what_the_other_text_lacks():
    shared, own = prose(50, 5), prose(20, 6)
    text = f"{shared} {own} {shared[:30]}"
    (span,) = unique_passages(text, shared)
    assert text[slice(*span)].startswith(own)
    assert unique_passages(shared, text) == ()
    assert unique_passages("three new words", shared) == ()


def test_short_texts_match_whole():
    assert align("Hello world", "hello, WORLD!").passages[0].a == Span(0, 11)
    assert align("", "something").share_b == 0.0
    assert align("", "").passages == ()


def test_texts_too_long_for_one_table_are_cut_at_unique_phrases(monkeypatch: pytest.MonkeyPatch):
    a = " ".join(prose(200, seed) for seed in range(6))
    b = " ".join(prose(200, seed) for seed in (0, 1, 9, 3, 4, 5))
    whole = align(a, b)
    monkeypatch.setattr(evidence, "_MOST_CELLS", 100_000)
    assert align(a, b) == whole
    assert whole.share_a == pytest.approx(5 / 6)
