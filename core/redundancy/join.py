"""The exact all-pairs Jaccard join over word shingles: every similar pair, and no other.

Two sets of Jaccard similarity t or more must meet within their prefixes, the first n - ⌈t n⌉ + 1 elements in
one order common to all sets; with rare elements first, few pairs meet by chance. The method is the prefix
filter of Chaudhuri, Ganti and Kaushik (ICDE 2006) with the size bound of Bayardo, Ma and Srikant (WWW 2007)
and the positional bound of Xiao, Wang, Lin and Yu (WWW 2008), on whole arrays instead of one set at a time.
Before it, a few passes over the keys put aside the texts whose shingles occur nowhere else too often to have
a partner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.arrays import pack, ranges, sort_distinct, unpack
from core.redundancy.overlap import num_shared
from core.redundancy.pair_spread import MAX_PAIRS, PairSpread
from core.redundancy.pairs import PairTable
from core.redundancy.sets import ROUNDING, EqualSets, ShingleSets, gather_sets, group_equal
from core.redundancy.shingles import Progress, shingle

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
    spread = PairSpread(sets.texts[groups.members], groups.starts, max_pairs)
    group_of = _group_of(groups)
    prefixes = _index_prefixes(sets, groups, floor)
    for candidates, done in _candidates(prefixes, sets, floor):
        one, other, jaccard = _verify(candidates, sets, floor)
        spread.add(group_of[one], group_of[other], jaccard)
        report(_SHINGLING_SHARE + (1 - _SHINGLING_SHARE) * done)
    report(1.0)
    return spread.table(floor, len(texts))


def at_least(share: float, size: int) -> int:
    """⌈share x size⌉, or one less where rounding leaves a doubt."""
    return math.ceil(size * (share * (1 - ROUNDING)))


def _ignore(done: float) -> None:
    pass


def _group_of(groups: EqualSets) -> _Positions:
    """The group of every set."""
    group_of = np.empty(len(groups.members), np.int64)
    group_of[groups.members] = np.repeat(np.arange(len(groups.starts) - 1), np.diff(groups.starts))
    return group_of


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
