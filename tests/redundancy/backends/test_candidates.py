"""What both engines rest on: every similar pair meets, whatever the order and wherever batches are cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.redundancy import find_pairs
from core.redundancy.backends import runs
from core.redundancy.backends.keyed_sets import KeyedSets, keyed_sets
from core.redundancy.backends.meeting_rows import NUM_MATCHES, Bands, MeetingRows, band_rows, prefix_rows
from core.redundancy.backends.rarity import Rarity
from core.redundancy.backends.runs import meetings, whole_runs

FLOORS = st.sampled_from([0.01, 0.25, 1 / 3, 0.5, 2 / 3, 0.7, 0.9, 1.0])
TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), min_size=1, max_size=12)


def sets_of(texts: Sequence[str]) -> KeyedSets:
    return keyed_sets(np.arange(len(texts)), texts)


def in_order(rows: MeetingRows) -> MeetingRows:
    order = np.lexsort((rows.places, rows.keys.view(np.int64)))
    return MeetingRows(rows.keys[order], rows.places[order], rows.documents[order])


def batches(rows: MeetingRows, size: int) -> list[MeetingRows]:
    cuts = range(0, len(rows.keys), size)
    return [
        MeetingRows(rows.keys[at : at + size], rows.places[at : at + size], rows.documents[at : at + size])
        for at in cuts
    ]


def met(rows: MeetingRows, floor: float, size: int, num_matches: int = NUM_MATCHES) -> set[tuple[int, int]]:
    counts: Counter[tuple[int, int]] = Counter()
    for whole in whole_runs(batches(in_order(rows), size)):
        for each in meetings(whole, floor, num_matches):
            pairs = zip(each.one.tolist(), each.other.tolist(), strict=True)
            counts.update(dict(zip(pairs, each.count.tolist(), strict=True)))
    return {pair for pair, count in counts.items() if count >= num_matches}


def similar(texts: Sequence[str], floor: float) -> set[tuple[int, int]]:
    pairs = find_pairs(texts, floor)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(TEXTS, FLOORS, st.integers(1, 9), st.integers(0, 2**32))
def test_every_similar_pair_meets_under_any_order_of_the_shingles(
    texts: list[str], floor: float, batch: int, seed: int
) -> None:
    any_order = Rarity(np.random.default_rng(seed).integers(0, 256, 1 << 24, np.uint8))
    found = met(prefix_rows(sets_of(texts), any_order, floor), floor, batch)
    assert similar(texts, floor) <= found
    assert all(one < other for one, other in found)


@pytest.mark.parametrize("floor", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_every_similar_pair_of_texts_that_follow_one_template_meets_often_enough(floor: float) -> None:
    chance = np.random.default_rng(4)
    form = np.array([f"clause{number}" for number in range(60)])
    texts = []
    for changed in [1, 3, 8, 20] * 15:
        words = form.copy()
        words[chance.choice(60, changed, replace=False)] = [
            f"other{chance.integers(40)}" for _ in range(changed)
        ]
        texts.append(" ".join(words))
    expected = similar(texts, floor)
    assert expected
    assert expected <= met(prefix_rows(sets_of(texts), Rarity.of(sets_of(texts).keys), floor), floor, 300)


def test_two_texts_that_share_one_rare_phrase_do_not_meet_often_enough() -> None:
    texts = [f"{' '.join(f'w{number}x{word}' for word in range(30))} order 4711 b" for number in (1, 2)]
    (shared,) = set.intersection(*(set(keys.tolist()) for keys in sets_of(texts).each()))
    phrase_first = Rarity(np.ones(1 << 24, np.uint8))
    phrase_first.levels[shared % (1 << 24)] = 0
    rows = prefix_rows(sets_of(texts), phrase_first, 0.2)
    assert met(rows, 0.2, 100, num_matches=1) == {(0, 1)}
    assert met(rows, 0.2, 100) == set()


def test_rare_shingles_first_leave_few_candidates() -> None:
    opening = "this letter is confidential and meant for its reader only"
    texts = [f"{opening} {' '.join(f'w{number}x{word}' for word in range(12))}" for number in range(200)]
    sets = sets_of(texts)
    assert len(met(prefix_rows(sets, Rarity.of(sets.keys), 0.5), 0.5, 500)) == 0
    backwards = Rarity(255 - Rarity.of(sets.keys).levels)
    assert len(met(prefix_rows(sets, backwards, 0.5), 0.5, 500)) == 200 * 199 // 2


def test_small_blocks_change_no_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"a b c d e f g h {number % 5} {number}" for number in range(40)]
    rows = prefix_rows(sets_of(texts), Rarity.of(sets_of(texts).keys), 0.4)
    expected = met(rows, 0.4, 1000)
    monkeypatch.setattr(runs, "_BLOCK", 3)
    assert met(rows, 0.4, 7) == expected
    assert len(expected) == 40 * 39 // 2


@pytest.mark.parametrize(("floor", "recall"), [(0.5, 0.999), (0.7, 0.999), (0.9, 0.99), (1.0, 0.99)])
def test_bands_reach_the_recall_at_the_floor_and_more_above(floor: float, recall: float) -> None:
    bands = Bands.for_recall(floor, recall)
    assert bands.chance(floor) >= recall
    assert bands.num_bands <= 64
    assert bands.chance(0.5 * floor) < 0.9


def test_a_recall_that_no_number_of_bands_reaches_is_refused() -> None:
    with pytest.raises(Invalid, match="do not reach"):
        Bands.for_recall(0.01, 0.999)
    with pytest.raises(Invalid, match="cannot be asked for"):
        Bands.for_recall(0.5, 1.0)


def test_pairs_meet_in_a_band_as_often_as_the_formula_says() -> None:
    """400 pairs of sets of similarity 1/2; five standard deviations are 0.125."""
    rng = np.random.default_rng(11)
    elements = rng.integers(0, 2**63, (400, 40)).astype(np.uint64)
    starts = np.arange(0, 801 * 30, 30)
    keys = np.concatenate([np.concatenate((row[:30], row[10:])) for row in elements])
    for bands in (Bands(1, 1), Bands(10, 1), Bands(1, 4), Bands(4, 3)):
        found = met(band_rows(KeyedSets(np.arange(800), keys, starts), bands), 0.4, 1000, num_matches=1)
        share = sum((2 * pair, 2 * pair + 1) in found for pair in range(400)) / 400
        assert share == pytest.approx(bands.chance(0.5), abs=0.125)
        assert len(found) < 402
