"""What a document says already, so that it says nothing twice, not even in nearly equal words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from core.documents.draft import Origin

NEARLY_EQUAL = 0.75
"""Share of the terms of two sentences that are in both, from which they say the same."""

CONTAINED = 0.9
"""Share of the terms of the shorter one that the longer one has, from which it adds nothing."""

_FEWEST_TERMS = 5  # fewer must be equal


class UsedSentences:
    """Sentences by their terms and their place. Terms are the same in all languages, so translations meet."""

    def __init__(self) -> None:
        self._sentences: list[frozenset[int]] = []
        self._equal: set[str] = set()
        self._with: dict[int, list[int]] = defaultdict(list)
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, text: str, terms: Iterable[int], origins: Iterable[Origin] = ()) -> None:
        known = frozenset(terms)
        self._equal.add(_letters(text))
        for term in known:
            self._with[term].append(len(self._sentences))
        self._sentences.append(known)
        for origin in origins:
            self._places[origin.source].append((origin.start, origin.end))

    def has(self, text: str, terms: Iterable[int]) -> bool:
        """Whether the document says it, in these or nearly these words."""
        known = frozenset(terms)
        if _letters(text) in self._equal:
            return True
        if len(known) < _FEWEST_TERMS:
            return False
        shared = Counter(number for term in known for number in self._with.get(term, ()))
        return any(_is_same(count, len(known), len(self._sentences[at])) for at, count in shared.items())

    def has_place(self, source: int, start: int, end: int) -> bool:
        """Whether most of these characters are quoted; a value that is quoted out of them is not most."""
        overlaps = (min(end, until) - max(start, begin) for begin, until in self._places.get(source, ()))
        return any(2 * overlap >= end - start > 0 for overlap in overlaps)


def are_nearly_equal(one: frozenset[int], other: frozenset[int]) -> bool:
    if one == other and one:
        return True
    fewest = min(len(one), len(other))
    return fewest >= _FEWEST_TERMS and _is_same(len(one & other), len(one), len(other))


def _is_same(shared: int, one: int, other: int) -> bool:
    if min(one, other) < _FEWEST_TERMS:
        return False
    return shared >= NEARLY_EQUAL * (one + other - shared) or shared >= CONTAINED * min(one, other)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
