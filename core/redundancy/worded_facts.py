"""Facts that are words: names, weekdays, months without a day, and negations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from core.redundancy.fact import Fact
from core.redundancy.fact_words import MONTHS, NEGATIONS, PARTICLES, SENTENCE_OPENERS, WEEKDAYS

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"[.!?:;¡¿•|\t\n\"“«]")
_WITHIN_NAME = re.compile(r"[ \u00a0]+(?:& )?")
_SOFT_BREAK = re.compile(r"(?<=[^\n]{40}[^\n.!?:;])\n(?=\S)")
_PORTUGUESE_NOT = re.compile(r"\bnão\b", re.IGNORECASE)
_LONGEST_CAPITALS = 3


def worded_facts(text: str, formal: tuple[Fact, ...]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The facts outside the formal ones, and the words that may be names or not.

    Names are runs of capitalised words, with particles between them (Juan de la Cruz, Bank of Spain).
    Doubtful are a single one at the beginning of a sentence, and the words of a heading all in capitals.
    """
    certain: list[Fact] = []
    doubtful: list[Fact] = []
    no_is_negation = not _is_portuguese(text)
    for run in _runs(_SOFT_BREAK.sub(" ", text), formal):
        lowered = run[0].word.lower()
        if _is_calendar_word(run[0]):
            certain.append(_fact("date", _calendar_value(lowered), run, text))
        elif _is_negation(run[0]):
            if lowered != "no" or no_is_negation:
                certain.append(_fact("negation", lowered, run, text))
        elif len(run) > _LONGEST_CAPITALS and all(
            place.word.isupper() for place in run if _is_capitalised(place)
        ):
            doubtful += [_fact("name", place.word.casefold(), [place], text) for place in run]
        elif name := _without_opener(run):
            is_doubtful = len(name) == 1 and name[0].starts_sentence
            value = " ".join(place.word for place in name).casefold()
            (doubtful if is_doubtful else certain).append(_fact("name", value, name, text))
    return tuple(certain), tuple(doubtful)


class _Place(NamedTuple):
    word: str
    start: int
    end: int
    starts_sentence: bool


def _fact(kind: Literal["date", "name", "negation"], value: str, run: list[_Place], text: str) -> Fact:
    start, end = run[0].start, run[-1].end
    return Fact(kind, value, text[start:end], start, end)


def _runs(text: str, formal: tuple[Fact, ...]) -> Iterator[list[_Place]]:
    """Names as runs of words; weekdays, months and negations as runs of one word."""
    run: list[_Place] = []
    for place in _places(text, formal):
        alone = _is_calendar_word(place) or _is_negation(place)
        if run and (alone or not _continues(run, place, text)):
            yield _trimmed(run)
            run = []
        if alone:
            yield [place]
        elif run or _is_capitalised(place):
            run.append(place)
    if run:
        yield _trimmed(run)


def _places(text: str, formal: tuple[Fact, ...]) -> Iterator[_Place]:
    taken = bytearray(len(text))
    for fact in formal:
        taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
    before = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        starts_sentence = before == 0 or _SENTENCE_START.search(text, before, start) is not None
        before = end
        if 1 not in taken[start:end]:
            yield _Place(match.group(), start, end, starts_sentence)


def _is_capitalised(place: _Place) -> bool:
    return place.word[0].isupper() and (len(place.word) > 1 or not place.starts_sentence)


def _is_calendar_word(place: _Place) -> bool:
    """A weekday, or a month written in full. March and May may also be verbs, so only within a sentence."""
    lowered = place.word.lower()
    if lowered in ("may", "march"):
        return place.word.istitle() and not place.starts_sentence
    return lowered in WEEKDAYS or (lowered in MONTHS and len(lowered) > 4)


def _calendar_value(word: str) -> str:
    return f"weekday {WEEKDAYS[word]}" if word in WEEKDAYS else f"--{MONTHS[word]:02d}"


def _is_negation(place: _Place) -> bool:
    lowered = place.word.lower()
    return lowered in NEGATIONS or lowered.endswith(("n't", "n’t"))


def _is_portuguese(text: str) -> bool:
    """Whether the word "no" is em + o here, and not a negation: the text has another word for that."""
    return _PORTUGUESE_NOT.search(text) is not None


def _continues(run: list[_Place], place: _Place, text: str) -> bool:
    if place.starts_sentence or not (_is_capitalised(place) or place.word.lower() in PARTICLES):
        return False
    return _WITHIN_NAME.fullmatch(text, run[-1].end, place.start) is not None


def _trimmed(run: list[_Place]) -> list[_Place]:
    """Without particles at the end. A run begins with a capital, so something is left."""
    last = max(index for index, place in enumerate(run) if _is_capitalised(place))
    return run[: last + 1]


def _without_opener(run: list[_Place]) -> list[_Place]:
    """Without the ordinary word that opens a sentence, and the particles after it: perhaps nothing."""
    if not run[0].starts_sentence or run[0].word.lower() not in SENTENCE_OPENERS:
        return run
    following = range(1, len(run))
    first = next((index for index in following if _is_capitalised(run[index])), len(run))
    return run[first:]
