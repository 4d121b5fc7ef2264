"""How many elements two sets share, counted for many pairs at once: by sorting, or by a matrix product."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import pack, ranges, sort_distinct, unpack
from core.redundancy.sets import ShingleSets

_Positions = NDArray[np.int64]

_MOST_ELEMENTS = 1 << 21  # sorted at a time
_MOST_CELLS = 1 << 22  # of a matrix
_CELLS_PER_ELEMENT = 200  # multiplications in the time that sorting takes for one element
_PAIRS_PER_SET = 16  # fewer, and a matrix is not worth looking at


def num_shared(sets: ShingleSets, one: _Positions, other: _Positions) -> _Positions:
    """The sizes of the intersections of sets `one[k]` and `other[k]`, exactly.

    Where each set is in many pairs, as with texts that follow one template, a product of 0/1 matrices gives
    all of them tens of times faster than going pair by pair. Memory stays within some blocks of fixed size
    either way.
    """
    involved = sort_distinct(np.concatenate((one, other)).view(np.uint64)).view(np.int64)
    if len(one) >= _PAIRS_PER_SET * len(involved):
        rows, columns = (np.searchsorted(involved, side) for side in (one, other))
        owners, ranks, num_ranks = _common_elements(sets, involved)
        num_elements = int((sets.sizes[one] + sets.sizes[other]).sum())
        num_rows = int(rows.max() - rows.min()) + 1
        cells = num_rows * len(involved)
        if cells <= 4 * _MOST_CELLS and cells * num_ranks <= _CELLS_PER_ELEMENT * num_elements:
            return _by_product(owners, ranks, num_ranks, len(involved), rows, columns)
    return _by_sorting(sets, one, other)


def _by_sorting(sets: ShingleSets, one: _Positions, other: _Positions) -> _Positions:
    """Both sets of a pair are sorted under one key, and equal neighbours counted."""
    reached = np.cumsum(sets.sizes[one] + sets.sizes[other])
    if not len(one):
        return reached
    cuts = np.searchsorted(reached, np.arange(0, int(reached[-1]) + _MOST_ELEMENTS, _MOST_ELEMENTS)).tolist()
    parts = [
        _sorted_block(sets, one[begin:end], other[begin:end]) for begin, end in pairwise([*cuts, len(one)])
    ]
    return np.concatenate(parts)


def _sorted_block(sets: ShingleSets, one: _Positions, other: _Positions) -> _Positions:
    pairs = np.arange(len(one))
    elements = [
        pack(np.repeat(pairs, sets.sizes[side]), sets.ranks[ranges(sets.starts[side], sets.sizes[side])])
        for side in (one, other)
    ]
    keys = np.concatenate(elements)
    keys.sort()
    pair, _ = unpack(keys[1:][keys[1:] == keys[:-1]])
    return np.bincount(pair, minlength=len(pairs))


def _common_elements(sets: ShingleSets, involved: _Positions) -> tuple[_Positions, _Positions, int]:
    """The elements that at least two of the sets have: owner and rank, both renumbered from 0, by rank."""
    sizes = sets.sizes[involved]
    owners = np.repeat(np.arange(len(involved)), sizes)
    ranks, owners = unpack(np.sort(pack(sets.ranks[ranges(sets.starts[involved], sizes)], owners)))
    is_new = np.diff(ranks, prepend=-1) != 0
    number = np.cumsum(is_new) - 1
    common = np.bincount(number)[number] > 1
    return owners[common], np.cumsum(is_new[common]) - 1, int(np.count_nonzero(is_new[common]))


def _by_product(
    owners: _Positions,
    ranks: _Positions,
    num_ranks: int,
    num_sets: int,
    rows: _Positions,
    columns: _Positions,
) -> _Positions:
    """Sums of products of 0 and 1, exact in float32 up to 2²⁴ elements a set."""
    first_row, last_row = int(rows.min()), int(rows.max()) + 1
    shared = np.zeros((last_row - first_row, num_sets), np.float32)
    width = max(1, _MOST_CELLS // num_sets)
    cuts = np.searchsorted(ranks, np.arange(0, num_ranks + width, width)).tolist()
    for block, (begin, end) in enumerate(pairwise(cuts)):
        has = np.zeros((num_sets, width), np.float32)
        has[owners[begin:end], ranks[begin:end] - block * width] = 1
        shared += has[first_row:last_row] @ has.T
    return shared[rows - first_row, columns].astype(np.int64)
