"""Two array idioms of the join: ragged ranges, and sorted keys without repeats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ranges(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """begins[0], begins[0] + 1, ... (counts[0] of them), begins[1], ... as one array.

    >>> ranges(np.array([10, 20]), np.array([2, 3])).tolist()
    [10, 11, 20, 21, 22]
    """
    before = np.cumsum(counts) - counts
    return np.repeat(begins - before, counts) + np.arange(int(counts.sum()))


def sort_distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The different keys in ascending order. Sorts in place; several times faster than np.unique."""
    keys.sort()
    is_new = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_new[1:])
    return keys[is_new]


def pack(high: NDArray[np.int64], low: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Both halves in one key that sorts by high, then low. Each must be below 2³²."""
    packed: NDArray[np.uint64] = (high << 32 | low).view(np.uint64)
    return packed


def unpack(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The inverse of `pack`."""
    return (keys >> np.uint64(32)).view(np.int64), (keys & np.uint64(0xFFFFFFFF)).view(np.int64)
