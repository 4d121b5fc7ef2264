"""Numbers written as words, with the unit that follows: "ten days" states what "10 days" states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.language.number_words import SCALES, SMALL, read_number
from core.language.stop_words import known_language
from core.redundancy.fact import Fact
from core.redundancy.fact_words import CURRENCIES, UNITS

LEAST = 2
"""One is also an article, in three languages."""

_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[ \u00a0\n-]+")


def spelt_numbers(text: str, formal: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """In reading order, outside the formal facts. The language is that of most words of the text."""
    language = known_language(text)
    words = _Words(text, formal)
    first = SMALL[language].keys() | SCALES[language].keys()
    found: list[Fact] = []
    place = 0
    while place < len(words.lowered):
        if words.lowered[place] in first:
            run = words.run_from(place)
            value, length = read_number(run, 0, language)
            if length and value >= LEAST:
                found.append(words.fact(place, length, value))
                place += length
                continue
        place += 1
    return tuple(found)


class _Words:
    """The words of a text that stand in no formal fact, with where they stand."""

    def __init__(self, text: str, formal: tuple[Fact, ...]) -> None:
        self._text = text
        self._spans = list(_free(text, formal))
        self.lowered = [text[start:end].lower() for start, end in self._spans]

    def run_from(self, place: int) -> list[str]:
        """The words from `place` on between which nothing but spaces and hyphens stands, at most ten."""
        end = place + 1
        while end < min(len(self._spans), place + 10) and self._is_next(end):
            end += 1
        return self.lowered[place:end]

    def fact(self, place: int, length: int, value: int) -> Fact:
        """The number with the unit or currency after it."""
        last = place + length - 1
        parts = [str(value)]
        following = last + 1
        if following < len(self._spans) and self._is_next(following):
            word = self.lowered[following]
            unit = UNITS.get(word) or CURRENCIES.get(word)
            if unit:
                parts.append(unit)
                last = following
        start, end = self._spans[place][0], self._spans[last][1]
        return Fact("number", " ".join(parts), self._text[start:end], start, end)

    def _is_next(self, place: int) -> bool:
        between = self._text[self._spans[place - 1][1] : self._spans[place][0]]
        return _GAP.fullmatch(between) is not None


def _free(text: str, formal: tuple[Fact, ...]) -> Iterator[tuple[int, int]]:
    facts = iter((*formal, Fact("number", "", "", len(text), len(text))))
    fact = next(facts)
    for match in _WORD.finditer(text):
        start, end = match.span()
        while fact.end <= start and fact.start < len(text):
            fact = next(facts)
        if end <= fact.start:
            yield start, end
