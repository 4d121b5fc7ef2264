"""Shingle keys become sets of ranks, rare shingles first, of the texts that may have a similar partner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import pack, ranges, sort_distinct, unpack
from core.redundancy.shingles import Shingles

ROUNDING = 1e-9
"""Bounds are loosened by this share, so that rounding loses no pair; what passes is verified exactly."""

_Positions = NDArray[np.int64]

_MOST_BUCKET_BITS = 26
_ROUNDS = 4


@dataclass(frozen=True, eq=False)
class ShingleSets:
    """Sets in input order. Set `i` is `ranks[starts[i]:starts[i + 1]]`, ascending.

    A lower rank is a rarer shingle; two ranks are equal when the 64-bit keys are.
    """

    texts: _Positions  # (num_sets,) position of each set's text in the corpus
    ranks: _Positions  # (num_elements,)
    starts: _Positions  # (num_sets + 1,)

    @cached_property
    def sizes(self) -> _Positions:
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True, eq=False)
class EqualSets:
    """Sets grouped by equality.

    Group `g` is `members[starts[g]:starts[g + 1]]`, its leader the first in input order.
    """

    members: _Positions  # (num_sets,) ascending in each group
    starts: _Positions  # (num_groups + 1,)

    @property
    def leaders(self) -> _Positions:
        return self.members[self.starts[:-1]]


def gather_sets(shingles: Shingles, floor: float) -> ShingleSets:
    """The sets of all texts that may be in a pair of similarity `floor`; the others are certainly in none."""
    texts, keys, counts = _promising(shingles, floor)
    elements = sort_distinct(pack(np.repeat(np.arange(len(texts)), counts), _rare_first(keys)))
    owners, ranks = unpack(elements)
    sizes = np.bincount(owners, minlength=len(texts))
    return ShingleSets(texts, ranks, np.concatenate(([0], np.cumsum(sizes))))


def group_equal(sets: ShingleSets) -> EqualSets:
    """Groups of equal sets, found by a 64-bit sum and then compared element by element."""
    leaders = _leaders(sets)
    members = np.argsort(leaders, kind="stable")
    return EqualSets(members, np.append(np.flatnonzero(np.diff(leaders[members], prepend=-1)), len(members)))


def _promising(shingles: Shingles, floor: float) -> tuple[_Positions, NDArray[np.uint64], _Positions]:
    """Texts that may have a partner, their keys, and the number of keys of each.

    Keys are counted in buckets. A key alone in its bucket occurs nowhere else, and a set with fewer than t n
    other elements has no partner. Without its keys, other texts lose theirs: hence a few rounds, on different
    bits.
    """
    texts = np.flatnonzero(np.diff(shingles.starts))
    keys, counts = shingles.keys, np.diff(shingles.starts)[texts]
    bits = min(max((2 * len(keys)).bit_length(), 8), _MOST_BUCKET_BITS)
    for shift in range(64 - bits, -1, -(64 - bits) // (_ROUNDS - 1)):
        kept = counts - _num_alone(keys, counts, shift, bits) >= floor * counts * (1 - ROUNDING)
        keys = keys[np.repeat(kept, counts)]
        texts, counts = texts[kept], counts[kept]
        if np.count_nonzero(kept) > 0.8 * len(kept):
            break
    return texts, keys, counts


def _num_alone(keys: NDArray[np.uint64], counts: _Positions, shift: int, bits: int) -> _Positions:
    """For each text the number of its keys that are alone in their bucket. `counts` has no zero."""
    if not len(keys):
        return counts
    buckets = ((keys >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).view(np.int64)
    is_alone = (np.bincount(buckets) == 1)[buckets]
    num_alone: _Positions = np.add.reduceat(is_alone, np.cumsum(counts) - counts, dtype=np.int64)
    return num_alone


def _rare_first(keys: NDArray[np.uint64]) -> _Positions:
    """The rank of every key: equal keys share one, and rarer keys have lower ones."""
    order = np.argsort(keys)
    is_new = np.ones(len(keys), np.bool_)
    np.not_equal(keys[order[1:]], keys[order[:-1]], out=is_new[1:])
    begins = np.flatnonzero(is_new)
    occurrences = np.diff(begins, append=len(keys))
    _, by_rarity = unpack(np.sort(pack(occurrences, np.arange(len(begins)))))
    rank = np.empty(len(begins), np.int64)
    rank[by_rarity] = np.arange(len(begins))
    ranks = np.empty(len(keys), np.int64)
    ranks[order] = np.repeat(rank, occurrences)
    return ranks


def _leaders(sets: ShingleSets) -> _Positions:
    """For each set the first set that equals it, which may be itself."""
    if not len(sets.texts):
        return sets.texts
    spread = sets.ranks.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    spread ^= spread >> np.uint64(29)
    spread *= np.uint64(0xD6E8FEB86659FD93)
    sums = np.add.reduceat(spread, sets.starts[:-1])
    order = np.lexsort((sums, sets.sizes))
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (np.diff(sums[order]) != 0) | (np.diff(sets.sizes[order]) != 0)
    leaders = np.empty(len(order), np.int64)
    leaders[order] = order[is_first][np.cumsum(is_first) - 1]
    unlike = _unlike(sets, leaders)
    leaders[unlike] = unlike
    return leaders


def _unlike(sets: ShingleSets, leaders: _Positions) -> _Positions:
    """The sets that differ from their leader although their sums agree: none, unless 64 bits clash."""
    followers = np.flatnonzero(leaders != np.arange(len(leaders)))
    sizes = sets.sizes[followers]
    own = sets.ranks[ranges(sets.starts[followers], sizes)]
    leading = sets.ranks[ranges(sets.starts[leaders[followers]], sizes)]
    return np.unique(np.repeat(followers, sizes)[own != leading])
