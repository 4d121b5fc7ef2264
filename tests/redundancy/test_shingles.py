from __future__ import annotations

import re
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.redundancy.shingles import shingle, word_characters
from tests.redundancy.brute_force import shingle_set

TEXTS = st.lists(st.text(max_size=40), max_size=8)


def test_word_characters_are_those_of_the_regular_expression_for_every_code_point():
    word = re.compile(r"\w")
    expected = [word.match(chr(code)) is not None for code in range(sys.maxunicode + 1)]
    assert np.array_equal(word_characters(), expected)


@given(TEXTS)
def test_equal_shingles_have_equal_keys_and_others_differ(texts: list[str]):
    shingles = shingle(texts)
    keys: dict[tuple[str, ...], int] = {}
    for position, text in enumerate(texts):
        own = set(shingles.keys[shingles.starts[position] : shingles.starts[position + 1]].tolist())
        expected = shingle_set(text)
        assert len(own) == len(expected)
        for known in expected & keys.keys():
            assert keys[known] in own
        if len(expected) == 1:
            keys[next(iter(expected))] = own.pop()
    assert len(set(keys.values())) == len(keys)


@given(st.lists(st.text("aAİßΣςé٣_'- \n\x00\x1f\ud800", max_size=12), min_size=2, max_size=4))
def test_keys_do_not_depend_on_what_else_is_in_the_chunk(texts: list[str]):
    together = shingle(texts)
    for position, text in enumerate(texts):
        alone = shingle([text]).keys
        assert np.array_equal(together.keys[together.starts[position] : together.starts[position + 1]], alone)


def test_long_words_are_told_apart_at_every_byte():
    for length in (7, 8, 9, 15, 16, 17, 63, 64, 65, 200):
        words = ["a" * length] + ["a" * place + "b" + "a" * (length - place - 1) for place in range(length)]
        words += ["a" * (length - 1), "a" * (length + 1)]
        assert len(set(shingle(words).keys.tolist())) == len(words)


def test_letters_that_change_length_in_lower_case_are_lowered_by_python():
    keys = shingle(["İ Bİ İ", "İ Bİ İ".lower(), "i bi i"]).keys
    assert len(keys) == 3
    assert len(set(keys.tolist())) == 1


def test_texts_larger_than_a_chunk_and_empty_ones_keep_their_places():
    long_text = "alpha beta gamma delta " * 60_000
    shingles = shingle(["", long_text, "", "é", long_text, "?!"])
    counts = np.diff(shingles.starts).tolist()
    assert counts == [0, 239_998, 0, 1, 239_998, 0]
    first = shingles.keys[: counts[1]]
    assert np.array_equal(first, shingles.keys[counts[1] + 1 :])
    assert len(np.unique(first)) == 4


def test_progress_rises_to_one():
    told: list[float] = []
    shingle(["some words here " * 40_000] * 3, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
