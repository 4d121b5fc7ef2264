"""All near pairs are found by the flat search, nearly all by the graph."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.redundancy.semantic.neighbours import MOST_NEIGHBOURS, near_neighbours


def clustered(size: int, seed: int, dim: int = 32, around: int = 5) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, size // around), dim))
    vectors = centres[random.integers(len(centres), size=size)] + 0.4 * random.standard_normal((size, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def brute_force(
    vectors: NDArray[np.float32], owners: NDArray[np.int64], floor: float
) -> set[tuple[int, int]]:
    near = (vectors @ vectors.T >= floor) & (owners[:, None] != owners[None])
    return {(int(row), int(column)) for row, column in zip(*np.nonzero(near), strict=True)}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(0, 10_000), st.sampled_from([0.5, 0.7, 0.9]))
def test_flat_search_misses_nothing_and_invents_nothing(size: int, seed: int, floor: float) -> None:
    vectors = clustered(size, seed)
    owners = np.arange(size, dtype=np.int64) // 3
    found = near_neighbours(vectors, owners, floor)
    assert set(zip(found.query.tolist(), found.found.tolist(), strict=True)) == brute_force(
        vectors, owners, floor
    )


def test_the_graph_finds_99_of_100_near_pairs_and_finds_the_same_again() -> None:
    vectors, owners = clustered(3_000, 1), np.arange(3_000, dtype=np.int64)
    expected = brute_force(vectors, owners, 0.7)
    first, second = (near_neighbours(vectors, owners, 0.7, most_flat=100) for _ in range(2))
    found = set(zip(first.query.tolist(), first.found.tolist(), strict=True))
    assert len(found & expected) >= 0.99 * len(expected)
    assert found <= expected
    assert np.array_equal(first.query, second.query)
    assert np.array_equal(first.found, second.found)


def test_what_stands_everywhere_nominates_nobody_and_is_counted() -> None:
    everywhere = np.tile(np.eye(8, dtype=np.float32)[0], (MOST_NEIGHBOURS + 2, 1))
    found = near_neighbours(everywhere, np.arange(len(everywhere), dtype=np.int64), 0.9)
    assert len(found.query) == 0
    assert found.num_common == len(everywhere)


def test_vectors_of_one_document_are_no_pair() -> None:
    same = np.tile(np.eye(8, dtype=np.float32)[0], (4, 1))
    found = near_neighbours(same, np.array([0, 0, 1, 1], np.int64), 0.9)
    assert set(zip(found.query.tolist(), found.found.tolist(), strict=True)) == {
        (0, 2), (0, 3), (1, 2), (1, 3), (2, 0), (2, 1), (3, 0), (3, 1),
    }  # fmt: skip
