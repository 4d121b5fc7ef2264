"""The similar pairs of a library that changes: one document more or less, without comparing the rest again.

The same pairs as `find_pairs` gives for the same texts. Both rest on the prefix filter, which is exact under
any one order of the shingles: here rare shingles of the texts at the last rebuild come first, and the order
stays as it is until the next one, whatever is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.join import at_least
from core.redundancy.pair_spread import PairSpread
from core.redundancy.pairs import PairTable
from core.redundancy.sets import ROUNDING
from core.redundancy.shingles import Shingles, shingle

REBUILD_SHARE = 0.25
"""Once this share of the groups came after the order was made, it is made anew: lookups are short again."""

_FEWEST_FOR_REBUILD = 2_000

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class _Group:
    """Documents with equal sets of shingles. `partners` are the similar groups with their similarity."""

    keys: _Keys  # (num_shingles,) ascending, distinct
    members: dict[str, None] = field(default_factory=dict)  # in order of arrival
    partners: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What the index keeps of one document, enough to put it back without comparing.

    `keys` are its distinct shingles, ascending; `partners` were the similar documents when it came, one of
    each group of equal ones.
    """

    document: str
    keys: _Keys
    partners: tuple[tuple[str, float], ...]


class PairIndex:
    """Pairs of at least `floor` among documents that come and go.

    >>> index = PairIndex(0.5)
    >>> _ = index.add("a", "pay the invoice within thirty days")
    >>> index.add("b", "pay the invoice within thirty days of its date").partners
    (('a', 0.5714285714285714),)
    >>> index.remove("a")
    >>> len(index.table(["b"]))
    0
    """

    def __init__(self, floor: float) -> None:
        if not 0 < floor <= 1:
            raise Invalid(
                f"A similarity of {floor} cannot be asked for.", remedy="Choose a floor above 0, at most 1."
            )
        self.floor = floor
        self._groups: dict[int, _Group] = {}
        self._group_of: dict[str, int | None] = {}  # None: a document without words
        self._by_digest: dict[bytes, int] = {}
        self._next_group = 0
        self._order = _Order.of([])
        self._postings = _Postings.of([], [])
        self._num_late = 0

    def __len__(self) -> int:
        return len(self._group_of)

    def __contains__(self, document: str) -> bool:
        return document in self._group_of

    @property
    def documents(self) -> Iterable[str]:
        return self._group_of.keys()

    def add(self, document: str, text: str) -> Entry:
        """Take one document in and find its pairs. Raises Invalid when the name is taken."""
        entry = self._enter(document, _distinct(shingle([text]).keys))
        if self._num_late > max(_FEWEST_FOR_REBUILD, REBUILD_SHARE * len(self._groups)):
            self.reorder()
        return entry

    def remove(self, document: str) -> None:
        """Let one document go. Raises Invalid for one that is not here."""
        if document not in self._group_of:
            raise Invalid(f"The index holds no document {document!r}.", remedy="Add it first.")
        number = self._group_of.pop(document)
        if number is None:
            return
        group = self._groups[number]
        del group.members[document]
        if not group.members:
            self._drop_group(number)

    def put_back(self, entry: Entry) -> None:
        """Take in a document whose pairs are known. Partners that are gone are passed over.

        Lookups find it after `reorder`, which is to be called once all are back.
        """
        number, is_new = self._claim(entry.document, entry.keys)
        if number is None or not is_new:
            return
        for partner, jaccard in entry.partners:
            other = self._group_of.get(partner)
            if other is not None and other != number:
                self._tie(number, other, jaccard)

    def add_many(self, documents: Sequence[str], texts: Sequence[str]) -> list[Entry]:
        """Take many in at once, found like those that come one by one."""
        shingles = shingle(texts)
        entries = [
            self._enter(document, keys) for document, keys in zip(documents, _sets(shingles), strict=True)
        ]
        self.reorder()
        return entries

    @staticmethod
    def build(documents: Sequence[str], texts: Sequence[str], pairs: PairTable) -> PairIndex:
        """The index of texts whose pairs `find_pairs` has found: faster than to add them one by one."""
        index = PairIndex(pairs.floor)
        for document, keys in zip(documents, _sets(shingle(texts)), strict=True):
            index._claim(document, keys)
        for first, second, jaccard in zip(
            pairs.first.tolist(), pairs.second.tolist(), pairs.jaccard.tolist(), strict=True
        ):
            one, other = index._group_of[documents[first]], index._group_of[documents[second]]
            if one is not None and other is not None and one != other:
                index._tie(one, other, jaccard)
        index.reorder()
        return index

    def entries(self) -> Iterator[Entry]:
        """Everything that `put_back` needs, in an order in which partners come before."""
        seen: set[int] = set()
        for document, number in self._group_of.items():
            if number is None:
                yield Entry(document, _NO_KEYS, ())
                continue
            group = self._groups[number]
            seen.add(number)
            partners = [(other, jaccard) for other, jaccard in group.partners.items() if other in seen]
            yield Entry(document, group.keys, self._named(partners))

    def partners(self, document: str) -> dict[str, float]:
        """Every similar document with its similarity, equal ones included."""
        number = self._group_of[document]
        if number is None:
            return {}
        group = self._groups[number]
        found = dict.fromkeys(group.members.keys() - {document}, 1.0)
        for other, jaccard in group.partners.items():
            found |= dict.fromkeys(self._groups[other].members, jaccard)
        return found

    def table(self, documents: Sequence[str]) -> PairTable:
        """All pairs as `find_pairs` writes them for the texts in this order. Raises Invalid unless
        `documents` are those of the index, and for too many pairs.
        """
        if len(documents) != len(self._group_of) or any(each not in self._group_of for each in documents):
            raise Invalid("These are not the documents of the index.", remedy="Bring it up to date first.")
        positions: dict[int, list[int]] = {}
        for position, document in enumerate(documents):
            number = self._group_of[document]
            if number is not None:
                positions.setdefault(number, []).append(position)
        place = {number: row for row, number in enumerate(positions)}
        members = np.array([each for group in positions.values() for each in group], np.int64)
        starts = np.concatenate(([0], np.cumsum([len(group) for group in positions.values()]))).astype(
            np.int64
        )
        spread = PairSpread(members, starts)
        tied = [
            (place[number], place[other], jaccard)
            for number in positions
            for other, jaccard in self._groups[number].partners.items()
            if number < other
        ]
        if tied:
            one, other, jaccard = zip(*tied, strict=True)
            spread.add(np.array(one), np.array(other), np.array(jaccard))
        return spread.table(self.floor, len(documents))

    def reorder(self) -> None:
        """Order the shingles by how rare they are now, and file every group anew under its rarest."""
        numbers = list(self._groups)
        keys = [self._groups[number].keys for number in numbers]
        self._order = _Order.of(keys)
        self._postings = _Postings.of([self._order.prefix(each, self.floor) for each in keys], numbers)
        self._num_late = 0

    def check_integrity(self) -> None:
        """Raises AssertionError where two of the structures disagree."""
        assert set(self._by_digest.values()) == set(self._groups)
        for number, group in self._groups.items():
            assert group.members
            assert all(self._group_of[member] == number for member in group.members)
            for other, jaccard in group.partners.items():
                assert self._groups[other].partners[number] == jaccard >= self.floor
        grouped = [document for document, number in self._group_of.items() if number is not None]
        assert sum(len(group.members) for group in self._groups.values()) == len(grouped)

    def _enter(self, document: str, keys: _Keys) -> Entry:
        number, is_new = self._claim(document, keys)
        if number is None:
            return Entry(document, keys, ())
        if is_new:
            prefix = self._order.prefix(keys, self.floor)
            for other, jaccard in self._similar(keys, self._postings.find(prefix)):
                self._tie(number, other, jaccard)
            self._postings.add(prefix, number)
            self._num_late += 1
        return Entry(document, keys, self._named(self._groups[number].partners.items()))

    def _claim(self, document: str, keys: _Keys) -> tuple[int | None, bool]:
        """The group of the document, and whether it is new."""
        if document in self._group_of:
            raise Invalid(f"The index holds {document!r} already.", remedy="Remove it first.")
        if not len(keys):
            self._group_of[document] = None
            return None, False
        digest = blake2b(keys.tobytes(), digest_size=16).digest()
        number = self._by_digest.get(digest)
        is_new = number is None
        if number is None:
            number, self._next_group = self._next_group, self._next_group + 1
            self._groups[number] = _Group(keys)
            self._by_digest[digest] = number
        self._group_of[document] = number
        self._groups[number].members[document] = None
        return number, is_new

    def _similar(self, keys: _Keys, candidates: Iterable[int]) -> list[tuple[int, float]]:
        least, most = at_least(self.floor, len(keys)), len(keys) / (self.floor * (1 - ROUNDING))
        sized = [
            (number, group)
            for number in candidates
            if (group := self._groups.get(number)) is not None and least <= len(group.keys) <= most
        ]
        found = []
        for number, group in sized:
            num_shared = _num_shared(keys, group.keys)
            jaccard = num_shared / (len(keys) + len(group.keys) - num_shared)
            if jaccard >= self.floor:
                found.append((number, jaccard))
        return found

    def _tie(self, one: int, other: int, jaccard: float) -> None:
        self._groups[one].partners[other] = jaccard
        self._groups[other].partners[one] = jaccard

    def _drop_group(self, number: int) -> None:
        group = self._groups.pop(number)
        del self._by_digest[blake2b(group.keys.tobytes(), digest_size=16).digest()]
        for other in group.partners:
            del self._groups[other].partners[number]

    def _named(self, partners: Iterable[tuple[int, float]]) -> tuple[tuple[str, float], ...]:
        return tuple((next(iter(self._groups[other].members)), jaccard) for other, jaccard in partners)


_NO_KEYS = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """How often each shingle stood in a group when the order was made; one that did not is rarest."""

    keys: _Keys  # ascending
    counts: _Positions

    @staticmethod
    def of(sets: Sequence[_Keys]) -> _Order:
        keys, counts = np.unique(np.concatenate(sets), return_counts=True) if sets else (_NO_KEYS, _NO_KEYS)
        return _Order(keys, counts.astype(np.int64))

    def prefix(self, keys: _Keys, floor: float) -> _Keys:
        """The first n - ceil(floor n) + 1 shingles of a set in this order."""
        length = len(keys) - at_least(floor, len(keys)) + 1
        if not len(self.keys):
            return keys[:length]
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        counts = np.where(self.keys[places] == keys, self.counts[places], 0)
        prefix: _Keys = keys[np.lexsort((keys, counts))[:length]]
        return prefix


class _Postings:
    """Which groups have a shingle in their prefix: arrays for those of the last rebuild, a dict since."""

    def __init__(self, keys: _Keys, groups: _Positions) -> None:
        self._keys = keys
        self._groups = groups
        self._late: dict[int, list[int]] = {}

    @staticmethod
    def of(prefixes: Sequence[_Keys], numbers: Sequence[int]) -> _Postings:
        if not prefixes:
            return _Postings(_NO_KEYS, np.empty(0, np.int64))
        keys = np.concatenate(prefixes)
        groups = np.repeat(np.array(numbers, np.int64), [len(prefix) for prefix in prefixes])
        order = np.argsort(keys, kind="stable")
        return _Postings(keys[order], groups[order])

    def find(self, prefix: _Keys) -> set[int]:
        """Groups that share a shingle of their prefix with this one; some may be gone."""
        begins = np.searchsorted(self._keys, prefix, "left")
        ends = np.searchsorted(self._keys, prefix, "right")
        found: set[int] = set()
        for begin, end in zip(begins[ends > begins].tolist(), ends[ends > begins].tolist(), strict=True):
            found.update(self._groups[begin:end].tolist())
        for key in prefix.tolist():
            if key in self._late:
                found.update(self._late[key])
        return found

    def add(self, prefix: _Keys, number: int) -> None:
        for key in prefix.tolist():
            self._late.setdefault(key, []).append(number)


def _num_shared(one: _Keys, other: _Keys) -> int:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    places = np.minimum(np.searchsorted(large, small), len(large) - 1)
    return int(np.count_nonzero(large[places] == small))


def _sets(shingles: Shingles) -> Iterator[_Keys]:
    for begin, end in zip(shingles.starts[:-1].tolist(), shingles.starts[1:].tolist(), strict=True):
        yield _distinct(shingles.keys[begin:end])


def _distinct(keys: _Keys) -> _Keys:
    distinct: _Keys = np.unique(keys)
    return distinct
