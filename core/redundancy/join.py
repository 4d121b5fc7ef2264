"""The exact all-pairs Jaccard join over word shingles: every similar pair, and no other.

Two sets of Jaccard similarity t or more must meet within their prefixes, the first n - ⌈t n⌉ + 1 elements in one
order common to all sets; with rare elements first, few pairs meet by chance. The method is the prefix filter of
Chaudhuri, Ganti and Kaushik (ICDE 2006) with the size bound of Bayardo, Ma and Srikant (WWW 2007) and the positional
bound of Xiao, Wang, Lin and Yu (WWW 2008), on whole arrays instead of one set at a time. Before it, a few passes
over the keys put aside the texts whose shingles occur nowhere else too often to have a partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.arrays import pack, ranges, sort_distinct, unpack
from core.redundancy.pairs import PairTable
from core.redundancy.sets import ROUNDING, EqualSets, ShingleSets, gather_sets, group_equal
from core.redundancy.shingles import Progress, shingle

LARGE_GROUP = 1_000
MAX_PAIRS = 20_000_000

_Positions = NDArray[np.int64]

_SHINGLING_SHARE = 0.8
_BLOCK = 1 << 19


def find_pairs(
    texts: Sequence[str], floor: float = 0.5, *, max_pairs: int = MAX_PAIRS, progress: Progress | None = None
) -> PairTable:
    """All pairs of texts with Jaccard similarity of at least `floor` over their sets of shingles, each once.

    Exact over 64-bit keys (Shingles says how rarely keys clash). Memory beyond the result is 8 bytes a word and
    some blocks of fixed size. `progress` is called with the share done; what it raises ends the work. Raises
    Invalid when the floor is not in (0, 1], and with code "too_many_pairs" when there are more than `max_pairs`:
    nothing is ever left out in silence.

    >>> pairs = find_pairs(["one two three four", "nothing alike", "One, two, three: four!"], 0.5)
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist()
    ([0], [2], [1.0])
    """
    if not 0 < floor <= 1:
        raise Invalid(
            f"A similarity of {floor} cannot be asked for.", remedy="Choose a floor above 0, at most 1."
        )
    report = progress or _ignore
    shingles = shingle(texts, progress=lambda done: report(_SHINGLING_SHARE * done))
    sets = gather_sets(shingles, floor)
    groups = group_equal(sets)
    found = _Found(sets, groups, max_pairs)
    postings = _index_prefixes(sets, groups, floor)
    for candidates, done in _candidates(postings, sets, floor):
        found.add(*_verify(candidates, sets, floor))
        report(_SHINGLING_SHARE + (1 - _SHINGLING_SHARE) * done)
    return found.table(floor, len(texts))


def _ignore(done: float) -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class _Postings:
    """The prefix elements that sets share, once as rows by set and once as postings by (rank, size of set).

    A row's partners are the postings `low` to `low + count`: same rank, smaller or equal set, large enough.
    """

    set_of_row: _Positions
    position_of_row: _Positions  # in its set, from 0
    low: _Positions
    count: _Positions
    set_of_posting: _Positions
    position_of_posting: _Positions


def _index_prefixes(sets: ShingleSets, groups: EqualSets, floor: float) -> _Postings:
    owners, positions = _prefix_elements(sets, groups, floor)
    ranks = sets.ranks[sets.starts[owners] + positions]
    shared = (np.bincount(ranks) > 1)[ranks]
    owners, positions, ranks = owners[shared], positions[shared], ranks[shared]

    by_size = np.argsort(sets.sizes, kind="stable")
    place = np.empty(len(by_size), np.int64)
    place[by_size] = np.arange(len(by_size))
    smallest = np.ceil(floor * sets.sizes * (1 - ROUNDING)).astype(np.int64)
    first_place = np.searchsorted(sets.sizes[by_size], smallest)

    keys = pack(ranks, place[owners])
    order = np.argsort(keys)
    low, count = np.empty_like(order), np.empty_like(order)
    low[order] = np.searchsorted(keys[order], pack(ranks, first_place[owners])[order])
    count[order] = np.arange(len(order)) - low[order]
    return _Postings(owners, positions, low, count, owners[order], positions[order])


def _prefix_elements(sets: ShingleSets, groups: EqualSets, floor: float) -> tuple[_Positions, _Positions]:
    """Set and position of the first n - ⌈t n⌉ + 1 elements of every group's leader."""
    leaders = np.sort(groups.leaders)
    sizes = sets.sizes[leaders]
    lengths = sizes - np.ceil(floor * sizes * (1 - ROUNDING)).astype(np.int64) + 1
    return np.repeat(leaders, lengths), ranges(np.zeros(len(lengths), np.int64), lengths)


def _candidates(
    postings: _Postings, sets: ShingleSets, floor: float
) -> Iterator[tuple[NDArray[np.uint64], float]]:
    """Packed pairs of sets, each once, in blocks of bounded size, with the share of the work they stand for."""
    reached = np.concatenate(([0], np.cumsum(postings.count)))
    first_rows = np.append(np.flatnonzero(np.diff(postings.set_of_row, prepend=-1)), len(postings.set_of_row))
    cuts = np.searchsorted(reached[first_rows], np.arange(0, reached[-1] + _BLOCK, _BLOCK))
    rows = np.unique(first_rows[np.minimum(cuts, len(first_rows) - 1)]).tolist()
    for begin, end in zip(rows, rows[1:], strict=False):
        yield _block(postings, sets, floor, reached, begin, end), end / rows[-1]


def _block(
    postings: _Postings, sets: ShingleSets, floor: float, reached: _Positions, begin: int, end: int
) -> NDArray[np.uint64]:
    """The candidates of some rows. Rows with too many partners for one block are halved and their results merged."""
    if reached[end] - reached[begin] > 2 * _BLOCK and end - begin > 1:
        middle = (begin + end) // 2
        halves = [_block(postings, sets, floor, reached, *half) for half in ((begin, middle), (middle, end))]
        return sort_distinct(np.concatenate(halves))
    count = postings.count[begin:end]
    partner = ranges(postings.low[begin:end], count)
    one, other = np.repeat(postings.set_of_row[begin:end], count), postings.set_of_posting[partner]
    position, partner_position = (
        np.repeat(postings.position_of_row[begin:end], count),
        postings.position_of_posting[partner],
    )
    size, partner_size = sets.sizes[one], sets.sizes[other]
    most = np.minimum(position, partner_position) + np.minimum(
        size - position, partner_size - partner_position
    )
    possible = most >= (size + partner_size) * (floor / (1 + floor) * (1 - ROUNDING))
    return sort_distinct(pack(one[possible], other[possible]))


def _verify(
    candidates: NDArray[np.uint64], sets: ShingleSets, floor: float
) -> tuple[_Positions, _Positions, NDArray[np.float64]]:
    """The candidates that are similar enough, with their exact Jaccard similarity."""
    one, other = unpack(candidates)
    total = sets.sizes[one] + sets.sizes[other]
    cuts = np.searchsorted(np.cumsum(total), np.arange(0, int(total.sum()) + 4 * _BLOCK, 4 * _BLOCK)).tolist()
    shared = [
        _num_shared(sets, one[begin:end], other[begin:end])
        for begin, end in zip(cuts, cuts[1:], strict=False)
    ]
    overlap = np.concatenate([*shared, np.empty(0, np.int64)])
    jaccard = overlap / (total - overlap)
    similar = jaccard >= floor
    return one[similar], other[similar], jaccard[similar]


def _num_shared(sets: ShingleSets, one: _Positions, other: _Positions) -> _Positions:
    """The size of each intersection: both sets under one key are sorted, and equal neighbours counted."""
    pairs = np.arange(len(one))
    elements = [
        pack(np.repeat(pairs, sets.sizes[side]), sets.ranks[ranges(sets.starts[side], sets.sizes[side])])
        for side in (one, other)
    ]
    keys = np.concatenate(elements)
    keys.sort()
    pair, _ = unpack(keys[1:][keys[1:] == keys[:-1]])
    return np.bincount(pair, minlength=len(pairs))


class _Found:
    """Collects verified pairs of group leaders and spreads them over the members of their groups."""

    def __init__(self, sets: ShingleSets, groups: EqualSets, max_pairs: int) -> None:
        self._texts = sets.texts[groups.members]
        self._starts = groups.starts[:-1]
        self._sizes = np.diff(groups.starts)
        self._spread = np.where(
            self._sizes > LARGE_GROUP, 1, self._sizes
        )  # members that outside pairs are given for
        self._group = np.empty(len(sets.texts), np.int64)
        self._group[groups.members] = np.repeat(np.arange(len(self._sizes)), self._sizes)
        self._max_pairs = max_pairs
        self._num_pairs = 0
        self._keys: list[NDArray[np.uint64]] = []
        self._jaccard: list[NDArray[np.float64]] = []
        self._add_equal()

    def add(self, one: _Positions, other: _Positions, jaccard: NDArray[np.float64]) -> None:
        one, other = self._group[one], self._group[other]
        num_one, num_other = self._spread[one], self._spread[other]
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
