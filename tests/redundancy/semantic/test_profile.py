"""A profile holds what comparing needs, and survives as bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redundancy.semantic import (
    Profile,
    cut_passages,
    decode_profile,
    embedded_form,
    encode_profile,
    make_profiles,
    profile_fingerprint,
)
from tests.redundancy.semantic.conftest import WordBags

TEXT = "Leave policy\nEmployees have 14 days of leave.\n\n" + "They ask for it two weeks in advance. " * 12


def same(one: Profile, other: Profile) -> bool:
    return (
        (one.language, one.fingerprint) == (other.language, other.fingerprint)
        and np.array_equal(one.spans, other.spans)
        and np.array_equal(one.vectors, other.vectors)
        and one.vectors.dtype == other.vectors.dtype
        and len(one.marks) == len(other.marks)
        and all(map(np.array_equal, one.marks, other.marks))
        and np.array_equal(one.figures, other.figures)
    )


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400) | st.just(TEXT), st.sampled_from(["en", "es", "pt", ""]))
def test_a_profile_comes_back_from_bytes_as_it_was(text: str, language: str) -> None:
    made = make_profiles([text], [language], WordBags())[0]
    assert same(decode_profile(encode_profile(made)), made)


@pytest.mark.parametrize("data", [b"", b"\0\0\0\2{}", b"garbage that is no profile"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no profile"):
        decode_profile(data)


def test_bytes_that_were_cut_off_are_refused(word_bags: WordBags) -> None:
    data = encode_profile(make_profiles([TEXT], ["en"], word_bags)[0])
    with pytest.raises(ValueError, match="no profile"):
        decode_profile(data[:-1])


def test_spans_vectors_and_marks_belong_to_the_same_passages(word_bags: WordBags) -> None:
    made = make_profiles(["", TEXT, "Short."], ["en"] * 3, word_bags)
    assert [len(own.spans) for own in made] == [0, len(cut_passages(TEXT)), 1]
    for own in made:
        assert len(own.vectors) == len(own.marks) == len(own.spans)
    assert np.array_equal(made[1].spans, np.array(cut_passages(TEXT)))


def test_a_profile_does_not_depend_on_what_is_made_with_it(word_bags: WordBags) -> None:
    together = make_profiles([TEXT, "Other text."] * 20, ["en"] * 40, word_bags)
    assert same(together[38], make_profiles([TEXT], ["en"], word_bags)[0])


def test_progress_ends_at_one(word_bags: WordBags) -> None:
    told: list[float] = []
    make_profiles(["a text"] * 40, ["en"] * 40, word_bags, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_spanish_is_read_in_english_unless_the_model_speaks_it() -> None:
    assert embedded_form("la contraseña", "es") == "password"
    assert embedded_form("la contraseña", "es", is_multilingual=True) == "la contraseña"
    assert embedded_form("la contraseña", "en") == "la contraseña"


def test_the_fingerprint_tells_how_texts_were_read(word_bags: WordBags) -> None:
    glossed = profile_fingerprint(word_bags)
    assert glossed != profile_fingerprint(word_bags, is_multilingual=True)
    assert make_profiles(["a text"], ["es"], word_bags)[0].fingerprint == glossed


def test_sixteen_bits_move_a_cosine_by_less_than_a_thousandth() -> None:
    vectors = np.random.default_rng(3).standard_normal((200, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    halves = vectors.astype(np.float16).astype(np.float32)
    assert np.abs(halves @ halves.T - vectors @ vectors.T).max() < 1e-3
