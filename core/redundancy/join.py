"""The exact all-pairs Jaccard join over word shingles: every similar pair, and no other.

Two sets of Jaccard similarity t or more must meet within their prefixes, the first n - ⌈t n⌉ + 1 elements in
one order common to all sets; with rare elements first, few pairs meet by chance. The method is the prefix
filter of Chaudhuri, Ganti and Kaushik (ICDE 2006) with the size bound of Bayardo, Ma and Srikant (WWW 2007)
and the positional bound of Xiao, Wang, Lin and Yu (WWW 2008), on whole arrays instead of one set at a time.
Before it, a few passes over the keys put aside the texts whose shingles occur nowhere else too often to have
a partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.arrays import pack, ranges, sort_distinct, unpack
from core.redundancy.overlap import num_shared
from core.redundancy.pairs import PairTable
from core.redundancy.sets import ROUNDING, EqualSets, ShingleSets, gather_sets, group_equal
from core.redundancy.shingles import Progress, shingle

LARGE_GROUP = 1_000
MAX_PAIRS = 20_000_000

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]

_SHINGLING_SHARE = 0.8
_BLOCK = 1 << 19


def find_pairs(
    texts: Sequence[str], floor: float = 0.5, *, max_pairs: int = MAX_PAIRS, progress: Progress | None = None
) -> PairTable:
    """All pairs of texts with Jaccard similarity of at least `floor` over their sets of shingles, each once.

    Exact over 64-bit keys (Shingles says how rarely keys clash). Memory beyond the result is 8 bytes a word,
    about 60 bytes a word of the texts that may have a partner, and blocks of fixed size. `progress` is called
    with the share done; what it raises ends the work. Raises Invalid when the floor is not in (0, 1], and
    with code "too_many_pairs" when there are more than `max_pairs`: nothing is left out in silence.

    >>> pairs = find_pairs(["one two three four", "nothing alike", "One, two, three: four!"], 0.5)
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist()
    ([0], [2], [1.0])
    """
    if not 0 < floor <= 1:
        raise Invalid(
            f"A similarity of {floor} cannot be asked for.", remedy="Choose a floor above 0, at most 1."
        )
    report = progress or _ignore
    sets = gather_sets(shingle(texts, lambda done: report(_SHINGLING_SHARE * done)), floor)
    groups = group_equal(sets)
    found = _Found(sets, groups, max_pairs)
    prefixes = _index_prefixes(sets, groups, floor)
    for candidates, done in _candidates(prefixes, sets, floor):
        found.add(*_verify(candidates, sets, floor))
        report(_SHINGLING_SHARE + (1 - _SHINGLING_SHARE) * done)
    report(1.0)
    return found.table(floor, len(texts))


def _ignore(done: float) -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class _Prefixes:
    """The prefix elements as rows, in the order of the sets, and the shorter prefixes that are looked up.

    The partners of a row are the postings `low` to `low + count`: same rank, sets that are smaller than the
    row's (or equal and earlier) but not too small.
    """

    row_sets: _Positions  # (num_rows,)
    row_positions: _Positions  # (num_rows,) in its set, from 0
    low: _Positions  # (num_rows,)
    count: _Positions  # (num_rows,)
    posting_sets: _Positions  # (num_postings,) by rank, then by size of the set
    posting_positions: _Positions  # (num_postings,)


def _index_prefixes(sets: ShingleSets, groups: EqualSets, floor: float) -> _Prefixes:
    """The set that is looked up is not the larger one: it shares 2 t / (1 + t) of its elements, not t."""
    by_size = np.argsort(sets.sizes, kind="stable")
    place = np.empty(len(by_size), np.int64)
    place[by_size] = np.arange(len(by_size))
    first_place = np.searchsorted(sets.sizes[by_size], _at_least(floor, sets.sizes))

    owners, positions, ranks = _shared_prefixes(sets, np.sort(groups.leaders), floor)
    looked_up = np.flatnonzero(
        positions <= (sets.sizes - _at_least(2 * floor / (1 + floor), sets.sizes))[owners]
    )
    postings = pack(ranks[looked_up], place[owners[looked_up]])
    order = np.argsort(postings)
    postings = postings[order]
    low = np.searchsorted(postings, pack(ranks, first_place[owners]))
    count = np.searchsorted(postings, pack(ranks, place[owners])) - low
    met = np.flatnonzero(count > 0)
    order = looked_up[order]
    return _Prefixes(owners[met], positions[met], low[met], count[met], owners[order], positions[order])


def _shared_prefixes(
    sets: ShingleSets, leaders: _Positions, floor: float
) -> tuple[_Positions, _Positions, _Positions]:
    """Set, position and rank of the prefix elements that stand in at least two prefixes."""
    lengths = sets.sizes[leaders] - _at_least(floor, sets.sizes[leaders]) + 1
    owners, positions = np.repeat(leaders, lengths), ranges(np.zeros(len(lengths), np.int64), lengths)
    ranks = sets.ranks[sets.starts[owners] + positions]
    shared = np.flatnonzero((np.bincount(ranks) > 1)[ranks])
    return owners[shared], positions[shared], ranks[shared]


def _at_least(share: float, sizes: _Positions) -> _Positions:
    """⌈share x size⌉, or one less where rounding leaves a doubt."""
    least: _Positions = np.ceil(sizes * (share * (1 - ROUNDING))).astype(np.int64)
    return least


def _candidates(prefixes: _Prefixes, sets: ShingleSets, floor: float) -> Iterator[tuple[_Keys, float]]:
    """Packed pairs of sets, each once, in blocks of bounded size, with the share of the work done by then."""
    reached = np.concatenate(([0], np.cumsum(prefixes.count)))
    first_rows = np.append(np.flatnonzero(np.diff(prefixes.row_sets, prepend=-1)), len(prefixes.row_sets))
    cuts = np.searchsorted(reached[first_rows], np.arange(0, reached[-1] + _BLOCK, _BLOCK))
    rows = np.unique(first_rows[np.minimum(cuts, len(first_rows) - 1)]).tolist()
    gathered: list[_Keys] = []
    for begin, end in pairwise(rows):
        gathered.append(_block(prefixes, sets, floor, reached, begin, end))
        if end == rows[-1] or sum(map(len, gathered)) >= _BLOCK:
            yield np.concatenate(gathered), end / rows[-1]
            gathered.clear()


def _block(
    prefixes: _Prefixes, sets: ShingleSets, floor: float, reached: _Positions, begin: int, end: int
) -> _Keys:
    """The candidates of some rows. Too many partners for one block are halved and the results merged."""
    if reached[end] - reached[begin] > 2 * _BLOCK and end - begin > 1:
        middle = (begin + end) // 2
        halves = [_block(prefixes, sets, floor, reached, *half) for half in ((begin, middle), (middle, end))]
        return sort_distinct(np.concatenate(halves))
    count = prefixes.count[begin:end]
    partners = ranges(prefixes.low[begin:end], count)
    one, other = np.repeat(prefixes.row_sets[begin:end], count), prefixes.posting_sets[partners]
    before = np.repeat(prefixes.row_positions[begin:end], count)
    other_before = prefixes.posting_positions[partners]
    size, other_size = sets.sizes[one], sets.sizes[other]
    most_shared = np.minimum(before, other_before) + np.minimum(size - before, other_size - other_before)
    possible = most_shared >= (size + other_size) * (floor / (1 + floor) * (1 - ROUNDING))
    return sort_distinct(pack(one[possible], other[possible]))


def _verify(
    candidates: _Keys, sets: ShingleSets, floor: float
) -> tuple[_Positions, _Positions, NDArray[np.float64]]:
    """The candidates that are similar enough, with their exact Jaccard similarity."""
    one, other = unpack(candidates)
    shared = num_shared(sets, one, other)
    jaccard = shared / (sets.sizes[one] + sets.sizes[other] - shared)
    similar = jaccard >= floor
    return one[similar], other[similar], jaccard[similar]


class _Found:
    """Collects verified pairs of group leaders and spreads them over the members of their groups."""

    def __init__(self, sets: ShingleSets, groups: EqualSets, max_pairs: int) -> None:
        self._texts = sets.texts[groups.members]
        self._starts = groups.starts[:-1]
        self._sizes = np.diff(groups.starts)
        self._num_spread = np.where(self._sizes > LARGE_GROUP, 1, self._sizes)  # members in outside pairs
        self._group = np.empty(len(sets.texts), np.int64)
        self._group[groups.members] = np.repeat(np.arange(len(self._sizes)), self._sizes)
        self._max_pairs = max_pairs
        self._num_pairs = 0
        self._keys: list[_Keys] = []
        self._jaccard: list[NDArray[np.float64]] = []
        self._add_equal()

    def add(self, one: _Positions, other: _Positions, jaccard: NDArray[np.float64]) -> None:
        one, other = self._group[one], self._group[other]
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
