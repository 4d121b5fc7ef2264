from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.redundancy import PairTable, cluster, find_pairs, histogram, join
from core.redundancy.pair_spread import LARGE_GROUP
from tests.redundancy.brute_force import all_pairs

WORDS = st.sampled_from(
    ["a", "b", "c", "d", "the", "The", "niño", "AÇÃO", "ação", "ß", "Σας", "İ", "x_1", "42"]
)
TEXTS = st.lists(
    st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=8), st.just("a b c d e f")),
    max_size=14,
)
FLOORS = st.one_of(
    st.sampled_from([0.01, 0.25, 1 / 3, 0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9, 1.0]), st.floats(0.01, 1.0)
)


def as_dict(pairs: PairTable) -> dict[tuple[int, int], float]:
    rows = zip(pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist(), strict=True)
    return {(first, second): jaccard for first, second, jaccard in rows}


def variations(num_texts: int, num_words: int, changed: int, seed: int = 5) -> list[str]:
    """One text with some of its words changed, differently each time."""
    chance = random.Random(seed)
    base = [f"word{chance.randrange(500)}" for _ in range(num_words)]
    texts = []
    for _ in range(num_texts):
        words = list(base)
        for place in chance.sample(range(num_words), changed):
            words[place] = f"other{chance.randrange(40)}"
        texts.append(" ".join(words))
    return texts


@settings(max_examples=300, deadline=None)
@given(TEXTS, FLOORS)
def test_the_join_is_what_comparing_each_with_each_gives(texts: list[str], floor: float):
    pairs = find_pairs(texts, floor)
    assert as_dict(pairs) == all_pairs(texts, floor)
    order = list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert order == sorted(set(order))


@pytest.mark.parametrize("floor", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("changed", [1, 4, 12])
def test_texts_that_follow_one_template_are_all_compared(floor: float, changed: int):
    texts = variations(60, 60, changed) + variations(60, 45, changed, seed=6)
    random.Random(1).shuffle(texts)
    assert as_dict(find_pairs(texts, floor)) == pytest.approx(all_pairs(texts, floor), abs=0)


def test_small_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch):
    texts = variations(80, 60, 6) + ["a b c d"] * 5
    expected = as_dict(find_pairs(texts, 0.3))
    monkeypatch.setattr(join, "_BLOCK", 64)
    monkeypatch.setattr("core.redundancy.overlap._MOST_ELEMENTS", 500)
    monkeypatch.setattr("core.redundancy.overlap._MOST_CELLS", 500)
    assert as_dict(find_pairs(texts, 0.3)) == expected == all_pairs(texts, 0.3)


def test_both_ways_to_count_overlaps_agree(monkeypatch: pytest.MonkeyPatch):
    texts = variations(100, 60, 6)
    by_product = find_pairs(texts, 0.2)
    monkeypatch.setattr("core.redundancy.overlap._PAIRS_PER_SET", 10**9)
    by_sorting = find_pairs(texts, 0.2)
    assert as_dict(by_product) == as_dict(by_sorting)


def test_a_lower_floor_contains_every_higher_one():
    texts = variations(40, 50, 5)
    low = find_pairs(texts, 0.2)
    for floor in (0.3, 0.5, 0.8):
        assert as_dict(low.at_least(floor)) == as_dict(find_pairs(texts, floor))


def test_asking_below_the_floor_is_refused():
    with pytest.raises(Invalid, match="complete from"):
        find_pairs(["a b c"], 0.5).at_least(0.4)


@pytest.mark.parametrize("floor", [0.0, -1.0, 1.01, float("nan")])
def test_a_floor_that_makes_no_sense_is_refused(floor: float):
    with pytest.raises(Invalid, match="cannot be asked for"):
        find_pairs(["a b c"], floor)


@pytest.mark.parametrize("texts", [[], [""], ["", "?!", " "], ["word"]])
def test_no_pairs_among_few_or_empty_texts(texts: Sequence[str]):
    assert as_dict(find_pairs(texts)) == {}


def test_identical_texts_are_pairs_of_similarity_one():
    pairs = find_pairs(["same old text"] * 300 + ["quite another thing"])
    assert len(pairs) == 300 * 299 // 2
    assert set(pairs.jaccard.tolist()) == {1.0}


def test_a_large_group_of_identical_texts_is_listed_once_and_clusters_whole():
    same = "the same text many times over"
    near = same + " again"
    pairs = find_pairs([near, *[same] * (LARGE_GROUP + 1)], 0.5)
    assert [group.tolist() for group in pairs.large_groups] == [list(range(1, LARGE_GROUP + 2))]
    assert len(pairs) == LARGE_GROUP + 1
    assert len(cluster(pairs, 0.5)[0]) == LARGE_GROUP + 2
    assert len(cluster(pairs, 1.0)[0]) == LARGE_GROUP + 1


def test_more_pairs_than_allowed_is_an_error_and_never_a_shorter_list():
    with pytest.raises(Invalid) as refused:
        find_pairs(variations(50, 60, 2), 0.3, max_pairs=1_000)
    assert refused.value.code == "too_many_pairs"
    assert "Raise the similarity floor" in refused.value.remedy


@pytest.mark.parametrize("texts", [[], ["alone"], variations(30, 50, 3)])
def test_progress_rises_to_one(texts: list[str]):
    told: list[float] = []
    find_pairs(texts, 0.3, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_progress_raises_ends_the_work():

    class Cancelled(Exception):
        pass

    def cancel(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_pairs(["a b c"], progress=cancel)


def test_the_histogram_counts_every_pair_once():
    pairs = find_pairs(variations(60, 60, 4) + ["a b c"] * 3, 0.3)
    bins = histogram(pairs, 7)
    assert [len(bins), bins[0].lower, bins[-1].upper] == [7, 0.3, 1.0]
    assert sum(bin.num_pairs for bin in bins) == len(pairs)
    assert bins[-1].num_pairs == np.count_nonzero(pairs.jaccard >= bins[-1].lower)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("floor", "truth", "num_pairs", "num_clusters"), [(0.7, "070", 652, 560), (0.5, "050", 987, 755)]
)
def test_reuters_gives_exactly_the_known_pairs(reuters, floor, truth, num_pairs, num_clusters):
    """Counts from two independent exhaustive programs; 303 pairs have identical shingles."""
    pairs = find_pairs(reuters.texts, floor)
    expected = reuters.truth(f"reuters_pairs_j{truth}.tsv")
    assert len(expected) == len(pairs) == num_pairs
    assert as_dict(pairs) == pytest.approx(expected, abs=1e-6)
    assert np.count_nonzero(pairs.jaccard == 1.0) == 303
    assert len(cluster(pairs, floor)) == num_clusters
