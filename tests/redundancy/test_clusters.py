from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.redundancy import PairTable, cluster

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 19), st.integers(0, 19)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    max_size=40,
)


def table(pairs: dict[tuple[int, int], float], num_texts: int = 20) -> PairTable:
    rows = sorted(pairs)
    return PairTable(
        np.array([first for first, _ in rows], np.int32),
        np.array([second for _, second in rows], np.int32),
        np.array([pairs[row] for row in rows], np.float64),
        0.5,
        num_texts,
    )


def reachable(pairs: dict[tuple[int, int], float], threshold: float) -> set[frozenset[int]]:
    groups = {member: {member} for pair in pairs for member in pair}
    for (first, second), jaccard in pairs.items():
        if jaccard >= threshold and groups[first] is not groups[second]:
            groups[first] |= groups[second]
            for member in groups[second]:
                groups[member] = groups[first]
    return {frozenset(group) for group in groups.values() if len(group) > 1}


@given(PAIRS, st.sampled_from([0.5, 0.55, 0.7, 0.95, 1.0]))
def test_clusters_are_the_texts_that_reach_each_other(pairs, threshold):
    found = cluster(table(pairs), threshold)
    assert {frozenset(members) for members in found} == reachable(pairs, threshold)
    assert sum(map(len, found)) == len({member for members in found for member in members})


@given(PAIRS)
def test_members_rise_and_large_clusters_come_first(pairs):
    found = cluster(table(pairs), 0.5)
    assert all(list(members) == sorted(members) for members in found)
    order = [(-len(members), members[0]) for members in found]
    assert order == sorted(order)


@given(PAIRS)
def test_a_higher_threshold_only_splits(pairs):
    coarse, fine = cluster(table(pairs), 0.5), cluster(table(pairs), 0.8)
    assert all(any(set(part) <= set(whole) for whole in coarse) for part in fine)


def test_a_long_chain_is_one_cluster():
    chain = {(place, place + 1): 0.6 for place in range(5_000)}
    assert cluster(table(chain, 5_001), 0.6) == (tuple(range(5_001)),)
    assert cluster(table(chain, 5_001), 0.61) == ()


def test_no_pairs_make_no_clusters():
    assert cluster(table({}), 0.5) == ()
