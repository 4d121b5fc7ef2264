"""Where the sources state a fact that a section must state, and where they state it differently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.documents.draft import Disagreement, Origin, Statement
from core.documents.drafting.passages import Passage
from core.documents.drafting.query import SlotQuery
from core.documents.drafting.relevance import LEAST_EVIDENCE, evidence, nearness, rank
from core.documents.drafting.shelf import HEADING_WEIGHT, SourceShelf
from core.documents.facts import agree, find_facts
from core.documents.plan import PlannedFact
from core.documents.template import FactKind
from core.language.stop_words import Language

LEAST_CERTAINTY = 0.8
"""Certainty from which a value is taken for the fact that is asked for."""

_CERTAIN = 1.2  # from which another value is a disagreement
_NEARLY_AS_CERTAIN = 0.8  # share of the best certainty, within which the order of the sources decides
_SAME_LABEL = 0.6  # share of the words that a label and a hint have in common
_LABEL, _SENTENCE, _HEADING = 2.0, 1.3, 0.9
_WIDTHS = (40, 90, 180)  # characters beside a value in which its hint may stand
_FAR = 120  # characters by which a hint counts half
_OFF_SUBJECT = 0.6  # of a value whose sentence is not on the subject of the section

_WHOLE_SENTENCES: frozenset[FactKind] = frozenset(("obligation", "action", "decision", "risk"))
_NAMES: frozenset[FactKind] = frozenset(("party", "person", "place", "identifier"))
_COMPARED: frozenset[FactKind] = frozenset(
    ("money", "date", "duration", "percentage", "quantity", "identifier")
)
_PAIR = re.compile(
    r"(?:^|[·|;•\t\n]|\s[-–—]\s)\s*(?P<label>[^:·|;•\t\n]{2,60}?)\s*(?::\s|\t)\s*(?P<value>[^·|•\t\n]+)"
)
_LONGEST_NAME, _LONGEST_NUMBER = 10, 3  # words


class FactReading(NamedTuple):
    """A value of a fact: characters `start` to `end` of the source of the passage."""

    passage: Passage
    start: int
    end: int
    text: str
    value: str
    certainty: float


@dataclass(frozen=True, slots=True)
class FoundFact:
    """A required fact with the reading that the draft keeps, and the other readings of other sources."""

    fact: PlannedFact
    reading: FactReading
    others: tuple[FactReading, ...] = ()


def search_fact(
    shelf: SourceShelf,
    section: SlotQuery,
    query: SlotQuery,
    fact: PlannedFact,
    order: Sequence[int],
    language: Language,
) -> FoundFact | None:
    """The reading of the first source among those that state it about as plainly; None if none does.

    `order` are the numbers of the sources, the most trusted first.
    """
    best: dict[int, FactReading] = {}
    for passage, _ in rank(shelf, query, language):
        if passage.number in shelf.left_out:
            continue
        for found in _readings(shelf, query, fact, passage):
            reading = _weighed(shelf, section, found)
            known = best.get(passage.source)
            if reading.certainty >= LEAST_CERTAINTY and (
                known is None or known.certainty < reading.certainty
            ):
                best[passage.source] = reading
    if not best:
        return None
    top = max(reading.certainty for reading in best.values())
    trusted = [best[at] for at in order if at in best and best[at].certainty >= _NEARLY_AS_CERTAIN * top]
    kept = trusted[0]
    return FoundFact(fact, kept, tuple(_others(fact.kind, kept, trusted[1:])))


def disagreements(section: str, found: Iterable[FoundFact]) -> tuple[Disagreement, ...]:
    return tuple(
        Disagreement(section, quoted(one.reading, one.fact.label), quoted(other, one.fact.label))
        for one in found
        for other in one.others
    )


def quoted(reading: FactReading, label: str = "") -> Statement:
    origin = Origin(reading.passage.source, reading.start, reading.end, reading.passage.page)
    return Statement(" ".join(reading.text.split()), "quoted", (origin,), label=label)


def _weighed(shelf: SourceShelf, section: SlotQuery, reading: FactReading) -> FactReading:
    """Less certain where the sentence is not on the section's subject, or its source not on the brief's."""
    on_subject = evidence(section, shelf, reading.passage) >= LEAST_EVIDENCE
    worth = nearness(section, reading.passage.source) * (1.0 if on_subject else _OFF_SUBJECT)
    return reading._replace(certainty=reading.certainty * worth)


def _others(kind: FactKind, kept: FactReading, readings: Iterable[FactReading]) -> Iterator[FactReading]:
    """Those that say otherwise, each value once."""
    if kind not in _COMPARED or kept.certainty < _CERTAIN:
        return
    told = [kept.value]
    for reading in readings:
        if reading.certainty >= _CERTAIN and not any(agree(kind, reading.value, value) for value in told):
            told.append(reading.value)
            yield reading


def _readings(
    shelf: SourceShelf, query: SlotQuery, fact: PlannedFact, passage: Passage
) -> Iterator[FactReading]:
    if fact.kind in _WHOLE_SENTENCES:
        yield from _sentence_readings(shelf, query, fact, passage)
        return
    language = shelf.language(passage)
    over = _HEADING * _coverage(query, _heading(shelf, passage))
    pairs = list(_pairs(passage))
    facts = find_facts(passage.text, language, (fact.kind,))
    for label, start, end in pairs:
        named = _LABEL * _likeness(query, set(shelf.vocabulary.read(label, language)))
        if named < _LABEL * _SAME_LABEL:
            continue
        inside = [one for one in facts if start <= one.start and one.end <= end]
        if inside:
            yield from (_reading(passage, one.start, one.end, one.value, named + over) for one in inside[:1])
        elif _is_name(fact.kind, text := passage.text[start:end], language):
            yield _reading(passage, start, end, text.casefold(), named + over)
    if "\t" in passage.text or passage.kind == "heading":
        return
    for one in facts:
        near = _nearness(shelf, query, passage, one.start, one.end)
        if (near or over) and not any(start <= one.start < end for _, start, end in pairs):
            yield _reading(passage, one.start, one.end, one.value, _SENTENCE * near + over)


def _sentence_readings(
    shelf: SourceShelf, query: SlotQuery, fact: PlannedFact, passage: Passage
) -> Iterator[FactReading]:
    """The sentence itself, if it is of the kind, or stands under a heading that says so."""
    if passage.kind in ("heading", "table"):
        return
    language = shelf.language(passage)
    own = _coverage(query, set(shelf.terms(passage)))
    over = _coverage(query, _heading(shelf, passage))
    is_of_kind = bool(find_facts(passage.text, language, (fact.kind,)))
    if (is_of_kind and own + over) or over:
        certainty = own + over + (0.5 if is_of_kind else 0.0)
        value = " ".join(passage.text.casefold().split())
        yield _reading(passage, 0, len(passage.text), value, certainty)


def _reading(passage: Passage, start: int, end: int, value: str, certainty: float) -> FactReading:
    begin = passage.start
    return FactReading(passage, begin + start, begin + end, passage.text[start:end], value, certainty)


def _pairs(passage: Passage) -> Iterator[tuple[str, int, int]]:
    """Labels and where their values stand in the passage: "Label: value", or the cells of a row."""
    for match in _PAIR.finditer(passage.text):
        value = match["value"].rstrip().rstrip(".;,")
        yield match["label"], match.start("value"), match.start("value") + len(value)


def _is_name(kind: FactKind, text: str, language: Language) -> bool:
    """Whether what stands behind a label can be the name that it promises."""
    if kind not in _NAMES or not 0 < len(text.split()) <= _LONGEST_NAME or text[-1] in "?!":
        return False
    if kind == "identifier":
        return any(letter.isdigit() for letter in text) and len(text.split()) <= _LONGEST_NUMBER
    is_proper = text[0].isupper() or (kind == "place" and text[0].isdigit())
    return is_proper and not find_facts(text, language, ("date", "money", "percentage", "duration"))


def _heading(shelf: SourceShelf, passage: Passage) -> set[int]:
    return {term for term, weight in shelf.terms_over(passage.heading).items() if weight >= HEADING_WEIGHT}


def _coverage(query: SlotQuery, terms: set[int]) -> float:
    """How much of the wording that stands most wholly among the terms: 1 if whole and telling."""
    best = 0.0
    for wording in query.wordings:
        here = [query.telling[term] for term in wording.terms if term in terms]
        if here and len(here) >= wording.size - (wording.size > 2):
            best = max(best, sum(here) / wording.size)
    return best


def _likeness(query: SlotQuery, label: set[int]) -> float:
    """How much a label is one of the wordings: the share of their words that both have."""
    whole = (set(wording.terms) for wording in query.wordings if wording.is_whole)
    return max((len(terms & label) / len(terms | label) for terms in whole), default=0.0)


def _nearness(shelf: SourceShelf, query: SlotQuery, passage: Passage, start: int, end: int) -> float:
    """Coverage by the words around the value, the less the farther they stand from it."""
    language, text = shelf.language(passage), passage.text
    best = 0.0
    for width in _WIDTHS:
        around = f"{text[max(0, start - width) : start]} | {text[end : end + width]}"
        covered = _coverage(query, set(shelf.vocabulary.read(around, language)))
        best = max(best, covered / (1 + (width - _WIDTHS[0]) / _FAR))
    return best
