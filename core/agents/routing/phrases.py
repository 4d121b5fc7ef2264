"""Finds phrases of a list in a text, whatever their inflection and accents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.agents.routing.brief_words import brief_words

Stems = tuple[str, ...]


class Found(NamedTuple):
    """The words from place `start` to `end` are a phrase of each of `owners`."""

    start: int
    end: int
    owners: Mapping[str, float]


class PhraseTable:
    """Phrases by their stems, each with its owners and how much it says for them."""

    def __init__(self, phrases: Sequence[tuple[str, str, float]]) -> None:
        """Each is the phrase, its owner and its weight."""
        self._owners: dict[Stems, dict[str, float]] = defaultdict(dict)
        for phrase, owner, weight in phrases:
            if stems := stems_of(phrase):
                self._owners[stems][owner] = max(weight, self._owners[stems].get(owner, 0.0))
        self._longest: dict[str, int] = {}
        for stems in self._owners:
            self._longest[stems[0]] = max(len(stems), self._longest.get(stems[0], 0))

    def words(self) -> frozenset[str]:
        return frozenset(stem for stems in self._owners for stem in stems)

    def find(self, stems: Stems) -> Iterator[Found]:
        """From left to right the longest phrase at each place; none within another."""
        at = 0
        while at < len(stems):
            length = self._length_at(stems, at)
            if length:
                yield Found(at, at + length, self._owners[stems[at : at + length]])
            at += max(1, length)

    def _length_at(self, stems: Stems, at: int) -> int:
        for length in range(min(self._longest.get(stems[at], 0), len(stems) - at), 0, -1):
            if stems[at : at + length] in self._owners:
                return length
        return 0


@lru_cache(maxsize=20_000)
def stems_of(phrase: str) -> Stems:
    return tuple(word.stem for word in brief_words(phrase))
