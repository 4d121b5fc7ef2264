"""Sentences or paragraphs of one text that are equal or nearly so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from core.redundancy.evidence import Span
from core.redundancy.subject import WORD

_MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or paragraph with its words in lower case."""

    span: Span
    words: tuple[str, ...]

    @staticmethod
    def of(text: str, span: tuple[int, int]) -> Unit:
        place = Span(*span)
        return Unit(place, tuple(WORD.findall(text[place.start : place.end].lower())))


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Equal words in the same order, of the words of both: 0 to 1."""
    return float(Indel.normalized_similarity(one, other))


def groups_of_likes(units: Sequence[Unit], least: float) -> list[list[Unit]]:
    """Groups of two and more, in the order of their first unit, to which all others are like.

    A unit joins the first earlier one that it is like at least by `least`, among those with which it shares
    three words in a row.
    """
    groups: list[list[Unit]] = []
    by_phrase: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for unit in units:
        phrases = set(_phrases(unit.words))
        candidates = sorted({number for phrase in phrases for number in by_phrase.get(phrase, ())})
        like = (number for number in candidates if likeness(groups[number][0].words, unit.words) >= least)
        number = next(like, None)
        if number is not None:
            groups[number].append(unit)
            continue
        for phrase in phrases:
            if len(by_phrase[phrase]) < _MOST_CANDIDATES:
                by_phrase[phrase].append(len(groups))
        groups.append([unit])
    return [group for group in groups if len(group) > 1]


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
