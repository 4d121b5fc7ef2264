"""Which sentence of a draft says what another sentence says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from core.language.stop_words import STOP_WORDS
from core.redundancy.consolidation.units import Unit
from core.redundancy.facts import DifferingFact, differing_facts

NEARLY_EQUAL = 0.85
"""Share of equal words in the same order from which two sentences say the same, if their facts do too."""

SAME_PLACE = 0.6
"""Share from which two sentences rule the same thing, if each states a fact where the other has another."""

_LEAST_WORDS = 5  # fewer must be equal
_MOST_CANDIDATES = 50
_GRAMMAR = frozenset().union(*STOP_WORDS.values())
_OBLIGATIONS = frozenset(
    (
        *("must", "may", "shall", "should", "can", "cannot", "optional", "mandatory", "required"),
        *(
            "debe",
            "deben",
            "deberá",
            "deberán",
            "puede",
            "pueden",
            "podrá",
            "podrán",
            "obligatorio",
            "opcional",
        ),
        *("deve", "devem", "deverá", "deverão", "pode", "podem", "poderá", "poderão", "obrigatório"),
    )
)

_NUMBER_WORDS = frozenset(
    (
        *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        *("thirteen", "fourteen", "fifteen", "sixteen", "eighteen", "twenty", "thirty", "forty", "fifty"),
        *("sixty", "ninety", "hundred", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
        *("diez", "once", "doce", "trece", "catorce", "quince", "dieciséis", "dieciocho", "veinte"),
        *("veinticuatro", "treinta", "cuarenta", "cincuenta", "sesenta", "noventa", "cien", "duas", "dois"),
        *("três", "quatro", "sete", "oito", "nove", "dez", "onze", "doze", "treze", "quatorze", "quinze"),
        *("dezesseis", "dezoito", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "cem"),
    )
)
"""Figures in words, which are no facts by themselves: too many of them count nothing."""


class Match(NamedTuple):
    """A sentence of the draft; `is_conflict` if it says otherwise."""

    unit: Unit
    is_exact: bool
    is_conflict: bool
    differing_facts: tuple[DifferingFact, ...] = ()


class SentenceIndex:
    """The sentences of a draft, found by three words in a row."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, ...], Unit] = {}
        self._by_phrase: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
        self._rows: dict[tuple[str, int], list[Unit]] = defaultdict(list)

    def add(self, unit: Unit) -> None:
        self._exact.setdefault(unit.words, unit)
        if unit.cells:
            self._rows[_row_key(unit)].append(unit)
        for phrase in set(_phrases(unit.words)):
            if len(self._by_phrase[phrase]) < _MOST_CANDIDATES:
                self._by_phrase[phrase].append(unit)

    def match(self, unit: Unit) -> Match | None:
        """The sentence with the most equal words that says the same or otherwise; None if there is none.

        Sentences of one document match only if they are equal: it does not contradict itself here. Rows of
        tables that say something about the same thing, named in their first cell, match as well.
        """
        equal = self._exact.get(unit.words)
        if equal is not None and (found := self._judged(equal, unit, 1.0)):
            return found
        if unit.cells and (row := self._row_on(unit)):
            return Match(row, False, True, differing_facts(row.text, unit.text))
        if len(unit.words) < _LEAST_WORDS:
            return None
        candidates = {
            id(known): known for phrase in _phrases(unit.words) for known in self._by_phrase.get(phrase, ())
        }
        ranked = [
            (Indel.normalized_similarity(known.words, unit.words), known) for known in candidates.values()
        ]
        for likeness, known in sorted(ranked, key=lambda one: -one[0]):
            if likeness < SAME_PLACE:
                return None
            if found := self._judged(known, unit, likeness):
                return found
        return None

    def _row_on(self, unit: Unit) -> Unit | None:
        """The one row of another document about the same thing."""
        rows = self._rows.get(_row_key(unit), [])
        is_telling = len(unit.cells) > 1 and any(character.isalpha() for character in unit.cells[0])
        return rows[0] if is_telling and len(rows) == 1 and rows[0].origin.id != unit.origin.id else None

    def _judged(self, known: Unit, unit: Unit, likeness: float) -> Match | None:
        differing = differing_facts(known.text, unit.text)
        if known.words == unit.words and not differing:
            return Match(known, True, False)
        if known.origin.id == unit.origin.id or _name_different_things(differing):
            return None
        if likeness >= NEARLY_EQUAL:
            is_conflict = bool(differing) or _differ_in(_OBLIGATIONS | _NUMBER_WORDS, known, unit)
            return Match(known, False, is_conflict, differing)
        is_conflict = _face_each_other(differing) or _have_other_figures(known, unit)
        return Match(known, False, True, differing) if is_conflict else None


def other_reading(unit: Unit, candidates: Sequence[Unit]) -> Match | None:
    """The sentence at the same place in the draft that gives another figure or date for the same thing.

    `candidates` stand between the same neighbours as the unit and say nothing that its document says. They
    share words with it that carry meaning, two and a third of the shorter one's at least.
    """
    own = _meaning(unit)
    best, num_best = None, 1
    for known in candidates:
        other = _meaning(known)
        num_shared = len(own & other)
        if num_shared > num_best and 3 * num_shared >= min(len(own), len(other)):
            differing = differing_facts(known.text, unit.text)
            is_conflict = _face_each_other(differing) or _have_other_figures(known, unit)
            if is_conflict and not _name_different_things(differing):
                best, num_best = Match(known, False, True, differing), num_shared
    return best


def _meaning(unit: Unit) -> frozenset[str]:
    return frozenset(word for word in unit.words if len(word) > 2 and not word.isdigit()) - _GRAMMAR


def _row_key(unit: Unit) -> tuple[str, int]:
    return unit.cells[0].strip().lower(), len(unit.cells)


def _name_different_things(differing: Sequence[DifferingFact]) -> bool:
    """Whether each side has a name or identifier of its own: meals in one city, meals in another."""
    return {one.side for one in differing if one.fact.kind in ("name", "identifier")} == {"a", "b"}


def _face_each_other(differing: Sequence[DifferingFact]) -> bool:
    """Whether each side states a figure or date of its own, or one of them a negation."""
    by_side = {side: {one.fact.kind for one in differing if one.side == side} for side in ("a", "b")}
    if any(kinds & {"name", "identifier"} for kinds in by_side.values()):
        return False
    return bool(by_side["a"] & by_side["b"]) or any("negation" in kinds for kinds in by_side.values())


def _differ_in(words: frozenset[str], one: Unit, other: Unit) -> bool:
    return words.intersection(one.words) != words.intersection(other.words)


def _have_other_figures(one: Unit, other: Unit) -> bool:
    """Whether each has a figure in words that the other does not have."""
    figures, others = _NUMBER_WORDS.intersection(one.words), _NUMBER_WORDS.intersection(other.words)
    return bool(figures - others) and bool(others - figures)


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
