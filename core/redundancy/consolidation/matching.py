"""Which sentence of a draft says what another sentence says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from core.redundancy.consolidation.units import Unit
from core.redundancy.facts import DifferingFact, differing_facts

NEARLY_EQUAL = 0.85
"""Share of equal words in the same order from which two sentences say the same, if their facts do too."""

SAME_PLACE = 0.6
"""Share from which two sentences rule the same thing, if each states a fact where the other has another."""

_LEAST_WORDS = 5  # fewer must be equal
_MOST_CANDIDATES = 50
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

    def add(self, unit: Unit) -> None:
        self._exact.setdefault(unit.words, unit)
        for phrase in set(_phrases(unit.words)):
            if len(self._by_phrase[phrase]) < _MOST_CANDIDATES:
                self._by_phrase[phrase].append(unit)

    def match(self, unit: Unit) -> Match | None:
        """The sentence with the most equal words that says the same or otherwise; None if there is none.

        Sentences of one document match only if they are equal: it does not contradict itself here.
        """
        equal = self._exact.get(unit.words)
        if equal is not None and (found := self._judged(equal, unit, 1.0)):
            return found
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

    def _judged(self, known: Unit, unit: Unit, likeness: float) -> Match | None:
        differing = differing_facts(known.text, unit.text)
        if known.words == unit.words and not differing:
            return Match(known, True, False)
        if known.origin.id == unit.origin.id or _name_different_things(differing):
            return None
        duties = (set(words.words) & _OBLIGATIONS for words in (known, unit))
        if likeness >= NEARLY_EQUAL:
            is_conflict = bool(differing) or next(duties) != next(duties)
            return Match(known, False, is_conflict, differing)
        return Match(known, False, True, differing) if _face_each_other(differing) else None


def _name_different_things(differing: Sequence[DifferingFact]) -> bool:
    """Whether each side has a name or identifier of its own: meals in one city, meals in another."""
    return {one.side for one in differing if one.fact.kind in ("name", "identifier")} == {"a", "b"}


def _face_each_other(differing: Sequence[DifferingFact]) -> bool:
    """Whether each side states a figure or date of its own, or one of them a negation."""
    by_side = {side: {one.fact.kind for one in differing if one.side == side} for side in ("a", "b")}
    if any(kinds & {"name", "identifier"} for kinds in by_side.values()):
        return False
    return bool(by_side["a"] & by_side["b"]) or any("negation" in kinds for kinds in by_side.values())


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
