"""Precision and recall from a few judged pairs, with intervals that keep their word."""

from __future__ import annotations

import numpy as np
import pytest

from core.redundancy import PairTable
from core.redundancy.precision import Verdict, draw_pairs, estimate_quality


def table(similarities: list[float], floor: float = 0.5) -> PairTable:
    count = len(similarities)
    first = np.arange(count, dtype=np.int32)
    return PairTable(first, first + count, np.array(similarities), floor, 2 * count)


def test_pairs_are_drawn_evenly_over_the_similarities() -> None:
    pairs = table([0.51] * 500 + [0.72] * 30 + [0.97] * 2)
    drawn = pairs.jaccard[draw_pairs(pairs, 12)].tolist()
    assert {value: drawn.count(value) for value in set(drawn)} == {0.51: 5, 0.72: 5, 0.97: 2}
    assert draw_pairs(pairs, 12) == draw_pairs(pairs, 12) != draw_pairs(pairs, 12, seed=1)
    assert draw_pairs(table([]), 12) == []
    assert sorted(draw_pairs(table([0.6, 0.9, 1.0]), 20)) == [0, 1, 2]


def test_each_judged_pair_stands_for_its_stratum() -> None:
    pairs = table([0.51] * 90 + [0.96] * 10)
    labels: dict[int, Verdict] = {0: "same", 1: "different", 90: "same", 91: "same"}
    low, *_, high = estimate_quality(pairs, labels)
    assert (low.threshold, low.num_pairs, low.num_labels) == (0.5, 100, 4)
    assert low.precision is not None
    assert low.precision.value == pytest.approx(0.55)
    assert (high.threshold, high.num_pairs, high.num_labels) == (0.95, 10, 2)
    assert high.precision is not None
    assert high.recall is not None
    assert high.precision.value == 1
    assert high.recall.value == pytest.approx(10 / 55)
    assert high.precision.low < 0.9
    assert low.recall is not None
    assert low.recall.value == 1


def test_what_nobody_judged_is_not_estimated() -> None:
    qualities = estimate_quality(table([0.51] * 5 + [0.96] * 5), {5: "same"})
    assert qualities[0].precision is qualities[0].recall is qualities[-1].recall is None
    assert qualities[-1].precision is not None
    assert all(quality.precision is None for quality in estimate_quality(table([]), {}))


def test_more_labels_narrow_the_interval() -> None:
    pairs = table([0.96] * 100)
    widths = []
    for count in (4, 40):
        labels: dict[int, Verdict] = {place: "same" if place % 2 else "different" for place in range(count)}
        precision = estimate_quality(pairs, labels)[-1].precision
        assert precision is not None
        widths.append(precision.high - precision.low)
    assert widths[1] < widths[0] / 2


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Libraries of which the truth is known are judged twenty pairs at a time."""
    rng = np.random.default_rng(3)
    held = []
    for seed in range(150):
        similarities = np.sort(np.concatenate((rng.uniform(0.5, 1, 300), rng.uniform(0.5, 0.6, 700))))
        is_same = rng.random(1000) < similarities**2
        pairs = table(similarities.tolist())
        labels: dict[int, Verdict] = {
            place: "same" if is_same[place] else "different" for place in draw_pairs(pairs, 60, seed)
        }
        for quality in estimate_quality(pairs, labels):
            above = similarities >= quality.threshold
            if quality.precision is not None:
                held.append(quality.precision.low <= is_same[above].mean() <= quality.precision.high)
    assert np.mean(held) > 0.92
