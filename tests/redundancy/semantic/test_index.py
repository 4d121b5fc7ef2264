"""The index finds the pairs that a comparison of every pair finds, after any sequence of changes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.redundancy import find_pairs
from core.redundancy.pairs import PairTable
from core.redundancy.semantic import (
    Profile,
    SemanticIndex,
    make_profiles,
    thresholds,
)
from core.redundancy.semantic.same_meaning import same_meaning
from core.redundancy.semantic.scored_pairs import ScoredPairs, strongest_links, without_lexical
from tests.redundancy.semantic.conftest import WordBags, profile


def index_of(profiles: dict[str, Profile]) -> SemanticIndex:
    index = SemanticIndex()
    for id, own in profiles.items():
        index.put(id, own)
    return index


def pairs_of(found: ScoredPairs) -> set[tuple[int, int]]:
    return set(zip(found.first.tolist(), found.second.tolist(), strict=True))


coordinates = st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any)
profiles = st.builds(
    profile, st.lists(coordinates, min_size=1, max_size=4), st.sampled_from(["en", "es", "xx"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(profiles, max_size=8))
def test_every_pair_at_the_threshold_is_found_and_no_other(given_profiles: list[Profile]) -> None:
    ids = [str(place) for place in range(len(given_profiles))]
    found = index_of(dict(zip(ids, given_profiles, strict=True))).find_pairs(ids)
    expected = {
        (one, other)
        for one, other in combinations(range(len(ids)), 2)
        if given_profiles[one].language == given_profiles[other].language
        and same_meaning(given_profiles[one], given_profiles[other])
        >= thresholds(given_profiles[one].language).document
    }
    assert pairs_of(found.same_meaning) == expected
    assert found.is_complete


changes = st.lists(st.tuples(st.sampled_from("abcd"), profiles | st.none()), max_size=12)


@settings(max_examples=30, deadline=None)
@given(changes)
def test_after_any_changes_it_answers_as_if_made_anew(steps: list[tuple[str, Profile | None]]) -> None:
    index, kept = SemanticIndex(), dict[str, Profile]()
    for id, own in steps:
        if own is None:
            index.remove(id)
            kept.pop(id, None)
        else:
            index.put(id, own)
            kept[id] = own
    found, expected = index.find_pairs("abcd"), index_of(kept).find_pairs("abcd")
    assert pairs_of(found.same_meaning) == pairs_of(expected.same_meaning)
    assert index.missing("abcd") == [id for id in "abcd" if id not in kept]
    assert len(index) == len(kept)


def test_adding_a_document_embeds_no_other(word_bags: WordBags) -> None:
    index = index_of({"a": make_profiles(["First text of the library."], ["en"], word_bags)[0]})
    before = word_bags.num_embedded
    index.put("b", make_profiles(["Second text of the library."], ["en"], word_bags)[0])
    index.find_pairs(["a", "b"])
    assert word_bags.num_embedded == before + 1


def test_profiles_of_two_models_do_not_meet(word_bags: WordBags) -> None:
    index = index_of({"a": profile([[1, 0, 0]])})
    with pytest.raises(Invalid, match="another embedding model"):
        index.put("b", make_profiles(["A text."], ["en"], word_bags)[0])


def test_a_text_within_a_longer_one_is_no_pair_of_equals() -> None:
    short, long = profile([[1, 0, 0]]), profile([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert same_meaning(short, long) == same_meaning(long, short) == pytest.approx(1 / 3, abs=1e-3)


def test_pairs_that_share_words_are_left_to_the_words(word_bags: WordBags) -> None:
    texts = ["The lease of the store in Lima ends in May of this year.", "Another matter altogether."]
    texts = [texts[0], texts[0] + " Done.", texts[1]]
    ids = ["a", "b", "c"]
    index = index_of(dict(zip(ids, make_profiles(texts, ["en"] * 3, word_bags), strict=True)))
    assert pairs_of(index.find_pairs(ids).same_meaning) == {(0, 1)}
    assert len(index.find_pairs(ids, find_pairs(texts, 0.5)).same_meaning) == 0


def test_a_large_group_of_equal_texts_counts_as_its_pairs() -> None:
    lexical = PairTable(
        np.array([0, 0, 0], np.int32),
        np.array([1, 2, 3], np.int32),
        np.array([1, 1, 0.6]),
        0.5,
        5,
        (np.array([0, 1, 2], np.int32),),
    )
    pairs = [(0, 1), (1, 2), (2, 3), (2, 4)]
    first, second = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    left = without_lexical(ScoredPairs(first, second, np.ones(4, np.float32)), lexical)
    assert pairs_of(left) == {(2, 4)}


def test_a_weaker_translation_stands_back_and_a_copy_does_not() -> None:
    pairs = ScoredPairs(
        np.array([0, 0, 0], np.int32), np.array([1, 2, 3], np.int32), np.array([0.5, 0.5, 0.2], np.float32)
    )
    assert pairs_of(strongest_links(pairs, ["en", "es", "es", "es"])) == {(0, 1), (0, 2)}
    assert pairs_of(strongest_links(pairs, ["en", "es", "es", "pt"])) == {(0, 1), (0, 2), (0, 3)}


def test_progress_ends_at_one() -> None:
    index = index_of({id: profile([[1, 0, 0]]) for id in "abcdef"})
    told: list[float] = []
    index.find_pairs("abcdef", progress=told.append)
    assert told[-1] == 1
    assert told == sorted(told)


def test_what_is_not_here_cannot_be_explained() -> None:
    index = index_of({"a": profile([[1, 0, 0]], "en"), "b": profile([[1, 0, 0]], "fr")})
    with pytest.raises(Invalid, match="no profile"):
        index.explain("a", "z")
    with pytest.raises(Invalid, match="not compared"):
        index.explain("a", "b")


def test_matches_name_the_passages_on_both_sides() -> None:
    index = index_of({"a": profile([[1, 0, 0], [0, 1, 0]]), "b": profile([[0, 0, 1], [1, 0, 0]])})
    evidence = index.explain("a", "b")
    assert [(match.a, match.b) for match in evidence.matches] == [((0, 100), (100, 200))]
    assert (evidence.share_a, evidence.share_b) == (0.5, 0.5)
