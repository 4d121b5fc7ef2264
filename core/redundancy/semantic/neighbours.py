"""Which passages lie near each other: exactly up to 50,000 vectors, by an HNSW graph above (faiss)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_FLAT = 50_000
MOST_NEIGHBOURS = 64
"""A passage with more of them in other documents is common property and nominates no pair."""

_LINKS = 16  # HNSW M
_BUILD_WIDTH, _SEARCH_WIDTH = 56, 96  # efConstruction, efSearch: recall in benchmarks/results/semantic.md
_FOUND_AT_MOST = MOST_NEIGHBOURS + 16  # by HNSW; some belong to the same document
_QUERIES_AT_A_TIME = 2_048

Found = tuple[NDArray[np.int64], NDArray[np.int64]]


class Neighbours(NamedTuple):
    """`query[k]` and `found[k]` are positions of vectors; the pairs are not sorted and come in both orders.

    `num_common` vectors had too many neighbours and have none here.
    """

    query: NDArray[np.int64]
    found: NDArray[np.int64]
    num_common: int


def near_neighbours(
    vectors: NDArray[np.float32],
    owners: NDArray[np.int64],
    floor: float,
    *,
    most_flat: int = MOST_FLAT,
    threads: int = 1,
) -> Neighbours:
    """All pairs of vectors of different owners with an inner product of at least `floor`.

    Shapes (n, dim) and (n,). Up to `most_flat` vectors none is missing; above, HNSW finds 99 % and more.
    Equal input gives equal output. Time is O(n²) for the first and about O(n log n) for the second.
    """
    import faiss

    faiss.omp_set_num_threads(threads)
    search = _flat if len(vectors) <= most_flat else _graph
    queries: list[NDArray[np.int64]] = []
    found: list[NDArray[np.int64]] = []
    num_common = 0
    for query, near in search(vectors, floor):
        elsewhere = owners[query] != owners[near]
        query, near = query[elsewhere], near[elsewhere]
        common = np.bincount(query, minlength=1) > MOST_NEIGHBOURS
        num_common += int(common.sum())
        queries.append(query[~common[query]])
        found.append(near[~common[query]])
    return Neighbours(np.concatenate(queries), np.concatenate(found), num_common) if queries else _NONE


_NONE = Neighbours(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)


def _flat(vectors: NDArray[np.float32], floor: float) -> Iterator[Found]:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    for begin in range(0, len(vectors), _QUERIES_AT_A_TIME):
        limits, _, near = index.range_search(vectors[begin : begin + _QUERIES_AT_A_TIME], floor)
        counts: NDArray[np.int64] = np.subtract(limits[1:], limits[:-1], dtype=np.int64, casting="unsafe")
        query = np.repeat(np.arange(begin, begin + len(limits) - 1), counts)
        yield query, near


def _graph(vectors: NDArray[np.float32], floor: float) -> Iterator[Found]:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _BUILD_WIDTH
    index.hnsw.efSearch = _SEARCH_WIDTH
    index.add(vectors)
    for begin in range(0, len(vectors), _QUERIES_AT_A_TIME):
        cosines, near = index.search(vectors[begin : begin + _QUERIES_AT_A_TIME], _FOUND_AT_MOST)
        rows, columns = np.nonzero((cosines >= floor) & (near >= 0))
        yield begin + rows, near[rows, columns]
