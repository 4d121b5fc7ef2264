"""Phrases that one text repeats, as long as they are the same everywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

PHRASE_WORDS = 4
PHRASE_TIMES = 3

_CONTENT_WORDS = 2


class Phrase(NamedTuple):
    """`length` words in a row, from each of these words on; no two lie over each other."""

    places: tuple[int, ...]
    length: int


def repeated_phrases(words: Sequence[str], free: Sequence[bool], grammar: frozenset[str]) -> list[Phrase]:
    """Phrases of PHRASE_WORDS words and more that stand at PHRASE_TIMES places and more.

    None can be made longer without losing a place. Only words that are free are looked at, and words of
    grammar at either end are left off; at least two of the rest are none. The phrases with the most words
    come first and take their words away from the others.
    """
    found = []
    taken = [not is_free for is_free in free]
    for phrase in sorted(_longest(words, free), key=_most_words_first):
        trimmed = _trimmed(words, phrase, grammar)
        places = _apart(
            (place for place in trimmed.places if not any(taken[place : place + trimmed.length])),
            trimmed.length,
        )
        if len(places) >= PHRASE_TIMES and trimmed.length >= PHRASE_WORDS:
            found.append(Phrase(tuple(places), trimmed.length))
            for place in places:
                taken[place : place + trimmed.length] = [True] * trimmed.length
    return found


def _most_words_first(phrase: Phrase) -> tuple[int, int, tuple[int, ...]]:
    return -(len(phrase.places) - 1) * phrase.length, -phrase.length, phrase.places


def _longest(words: Sequence[str], free: Sequence[bool]) -> Iterator[Phrase]:
    """Each group of equal short phrases, made longer as long as all its places agree."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place in range(len(words) - PHRASE_WORDS + 1):
        if all(free[place : place + PHRASE_WORDS]):
            places[tuple(words[place : place + PHRASE_WORDS])].append(place)
    seen: set[tuple[str, ...]] = set()
    for short, where in places.items():
        if short in seen or len(_apart(where, PHRASE_WORDS)) < PHRASE_TIMES:
            continue
        before = _num_agreeing(words, free, where, -1, -1)
        after = _num_agreeing(words, free, where, PHRASE_WORDS, 1)
        first, length = where[0] - before, PHRASE_WORDS + before + after
        for offset in range(length - PHRASE_WORDS + 1):
            inner = tuple(words[first + offset : first + offset + PHRASE_WORDS])
            if len(places[inner]) == len(where):
                seen.add(inner)
        yield Phrase(tuple(place - before for place in where), length)


def _num_agreeing(
    words: Sequence[str], free: Sequence[bool], where: Sequence[int], begin: int, step: int
) -> int:
    """How many words further in this direction are free and the same at all places."""
    num = 0
    while True:
        beside = [place + begin + num * step for place in where]
        if min(beside) < 0 or max(beside) >= len(words) or not all(free[place] for place in beside):
            return num
        if len({words[place] for place in beside}) > 1:
            return num
        num += 1


def _apart(places: Iterable[int], length: int) -> list[int]:
    """Those that do not lie over an earlier one."""
    apart: list[int] = []
    for place in places:
        if not apart or place >= apart[-1] + length:
            apart.append(place)
    return apart


def _trimmed(words: Sequence[str], phrase: Phrase, grammar: frozenset[str]) -> Phrase:
    own = words[phrase.places[0] : phrase.places[0] + phrase.length]
    content = [number for number, word in enumerate(own) if word not in grammar and not word.isdigit()]
    if len(content) < _CONTENT_WORDS:
        return Phrase((), 0)
    first, length = content[0], content[-1] - content[0] + 1
    return Phrase(tuple(place + first for place in phrase.places), length)
