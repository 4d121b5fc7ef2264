"""Pairs of groups of equal texts become pairs of texts: what a join or an index knows once is written out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.arrays import pack, ranges, unpack
from core.redundancy.pairs import PairTable

LARGE_GROUP = 1_000
MAX_PAIRS = 20_000_000

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]


class PairSpread:
    """Collects pairs of groups and spreads them over their members.

    Group `g` holds the texts `members[starts[g]:starts[g + 1]]`, ascending. Raises Invalid with code
    "too_many_pairs" when there are more than `max_pairs`: nothing is left out in silence.
    """

    def __init__(self, members: _Positions, starts: _Positions, max_pairs: int = MAX_PAIRS) -> None:
        self._texts = members
        self._starts = starts[:-1]
        self._sizes = np.diff(starts)
        self._num_spread = np.where(self._sizes > LARGE_GROUP, 1, self._sizes)  # members in outside pairs
        self._max_pairs = max_pairs
        self._num_pairs = 0
        self._keys: list[_Keys] = []
        self._jaccard: list[NDArray[np.float64]] = []
        self._add_equal()

    def add(self, one: _Positions, other: _Positions, jaccard: NDArray[np.float64]) -> None:
        """Pairs of groups, each once and never of a group with itself."""
        num_one, num_other = self._num_spread[one], self._num_spread[other]
        counts = num_one * num_other
        self._count(int(counts.sum()))
        within = ranges(np.zeros(len(counts), np.int64), counts)
        width = np.repeat(num_other, counts)
        self._keep(
            self._texts[np.repeat(self._starts[one], counts) + within // width],
            self._texts[np.repeat(self._starts[other], counts) + within % width],
            np.repeat(jaccard, counts),
        )

    def table(self, floor: float, num_texts: int) -> PairTable:
        keys = np.concatenate(self._keys)
        order = np.argsort(keys)
        first, second = unpack(keys[order])
        large = np.flatnonzero(self._sizes > LARGE_GROUP)
        return PairTable(
            first.astype(np.int32),
            second.astype(np.int32),
            np.concatenate(self._jaccard)[order],
            floor,
            num_texts,
            tuple(
                self._texts[self._starts[g] : self._starts[g] + self._sizes[g]].astype(np.int32)
                for g in large
            ),
        )

    def _add_equal(self) -> None:
        """Each member with the members before it, or in a large group with the first alone."""
        earlier = ranges(np.zeros(len(self._sizes), np.int64), self._sizes)
        begins = np.repeat(self._starts, self._sizes)
        counts = np.where(np.repeat(self._sizes > LARGE_GROUP, self._sizes), np.minimum(earlier, 1), earlier)
        self._count(int(counts.sum()))
        later = np.repeat(self._texts, counts)
        self._keep(self._texts[ranges(begins, counts)], later, np.ones(len(later)))

    def _count(self, more: int) -> None:
        self._num_pairs += more
        if self._num_pairs > self._max_pairs:
            raise Invalid(
                f"More than {self._max_pairs:,} pairs of texts are similar.",
                remedy="Raise the similarity floor, or leave out the texts that follow one template.",
                code="too_many_pairs",
            )

    def _keep(self, one: _Positions, other: _Positions, jaccard: NDArray[np.float64]) -> None:
        self._keys.append(pack(np.minimum(one, other), np.maximum(one, other)))
        self._jaccard.append(jaccard)
