"""What a document says already, so that it says nothing twice: not in nearly equal words, not translated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sized
from typing import NamedTuple

from core.documents.draft import Origin
from core.language.stop_words import Language

NEARLY_EQUAL = 0.75
"""Share of the words, or of the terms, of two sentences that are in both, from which they say the same."""

CONTAINED = 0.9
"""Share of the terms of the shorter one that the longer one has, from which it adds nothing."""

TRANSLATED = 0.4
"""Share of the terms of sentences of two languages from which one is the other translated: of the pairs of
the sample library every one above it was."""

ANOTHER_VALUE = 0.85
"""Share of the terms that are no numbers, from which sentences of two sources give one thing two values."""

_FEWEST_BARE = 4
_FEWEST = 5  # words or terms; fewer must be equal


class Said(NamedTuple):
    """A sentence of a source by its letters, its words and its terms, which are the same in all languages.

    `bare` are the terms without numbers.
    """

    source: int
    letters: str
    words: frozenset[str]
    terms: frozenset[int]
    bare: frozenset[int]
    language: Language


class UsedSentences:
    """The sentences of a document, and the places of its sources that it quotes."""

    def __init__(self) -> None:
        self._sentences: list[Said] = []
        self._equal: set[str] = set()
        self._with: dict[int, list[int]] = defaultdict(list)
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add(self, said: Said, origins: Iterable[Origin] = ()) -> None:
        self._equal.add(said.letters)
        for term in said.terms:
            self._with[term].append(len(self._sentences))
        self._sentences.append(said)
        self.add_places(origins)

    def add_places(self, origins: Iterable[Origin]) -> None:
        for origin in origins:
            self._places[origin.source].append((origin.start, origin.end))

    def has(self, said: Said) -> bool:
        """Whether the document says it, in these or nearly these words or in another language."""
        if said.letters in self._equal:
            return True
        shared = Counter(at for term in said.terms for at in self._with.get(term, ()))
        return any(_say_the_same(said, self._sentences[at], number) for at, number in shared.items())

    def has_place(self, source: int, start: int, end: int) -> bool:
        """Whether most of these characters are quoted; a value that is quoted out of them is not most."""
        places = self._places.get(source, ())
        overlaps = (min(end, until) - max(start, begin) for begin, until in places)
        return any(2 * overlap >= end - start > 0 for overlap in overlaps)


def are_nearly_equal(one: Said, other: Said) -> bool:
    return one.letters == other.letters or _say_the_same(one, other, len(one.terms & other.terms))


def _say_the_same(one: Said, other: Said, shared: int) -> bool:
    if _is_most(len(one.words & other.words), one.words, other.words, NEARLY_EQUAL):
        return True
    if one.source != other.source and _is_most(
        len(one.bare & other.bare), one.bare, other.bare, ANOTHER_VALUE, _FEWEST_BARE
    ):
        return True
    least = NEARLY_EQUAL if one.language == other.language else TRANSLATED
    return _is_most(shared, one.terms, other.terms, least) or _is_contained(shared, one, other)


def _is_contained(shared: int, one: Said, other: Said) -> bool:
    fewest = min(len(one.terms), len(other.terms))
    return fewest >= _FEWEST and shared >= CONTAINED * fewest


def _is_most(shared: int, one: Sized, other: Sized, least: float, fewest: int = _FEWEST) -> bool:
    """Whether what is shared is at least this share of what either has."""
    if min(len(one), len(other)) < fewest:
        return False
    return shared >= least * (len(one) + len(other) - shared)
