"""What is looked for in the sources on behalf of a section."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.vocabulary import WORD, is_telling, stop_words
from core.documents.plan import PlannedFact, PlannedSection
from core.documents.template import SlotForm
from core.language.stop_words import LANGUAGES, STOP_WORDS, Language

MOST_BRIEF_WORDS = 24
"""Words of the brief that are looked for: of a longer one the most telling."""

FORM_WORDS: dict[SlotForm, tuple[str, ...]] = {
    "steps": ("steps", "procedure", "pasos", "procedimiento", "passos", "procedimento"),
    "timeline": ("timeline", "chronology", "cronología", "línea de tiempo", "cronologia", "linha do tempo"),
    "questions": ("frequently asked questions", "FAQ", "preguntas frecuentes", "perguntas frequentes"),
}
"""Words that stand over what such a section asks for, whatever its subject."""

_MOST_BRIEF_CHARACTERS = 20_000  # from which they are chosen
_MOST_WISH_WORDS = 40
_TITLE, _HINT, _FACT_HINT, _WISH, _BRIEF = 1.0, 1.0, 0.5, 1.5, 0.15
_COMMON = 0.35  # of a word that stands in texts on everything
_PART = 0.6  # of what a word says that is asked for only within a phrase
_IN_PHRASE = 0.75  # of a word that is looked for together with others


@dataclass(frozen=True, slots=True)
class Wording:
    """A title or a hint as it is read in one language. Of its `size` words the sources have `terms`."""

    terms: tuple[int, ...]
    size: int

    @property
    def is_whole(self) -> bool:
        return len(self.terms) == self.size


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """`weights` are of the section alone, `brief` those of the document's subject.

    `text` is what an embedding model is asked.
    """

    wordings: tuple[Wording, ...]
    weights: Mapping[int, float]
    telling: Mapping[int, float]
    """How much a term says about this section among the sections of the plan, from 0 to 1."""

    brief: Mapping[int, float]
    text: str = ""
    affinity: tuple[float, ...] = ()
    """How near each source is to the brief, from 0 to 1 for the nearest."""


class QueryDesk:
    """Words the queries of one plan: a word that many sections ask for says little about each."""

    def __init__(
        self, shelf: SourceShelf, sections: Sequence[PlannedSection], brief: str, language: Language
    ) -> None:
        self._shelf = shelf
        self._language = language
        self._asked = Counter(term for section in sections for term in self._terms(section))
        self._num_sections = max(2, len(sections))
        self._brief = self._brief_weights(brief)
        self.affinity = shelf.affinity(self._brief)

    def section_query(self, section: PlannedSection) -> SlotQuery:
        wordings: dict[Wording, None] = {}
        weights: dict[int, float] = {}
        telling: dict[int, float] = {}
        for text, weight in _texts(section):
            for reading in self._readings(text):
                wordings[Wording(tuple(term for _, term in reading), len(_words(text)))] = None
                for word, term in reading:
                    says = self._telling(word, term)
                    alone = says * (_PART if len(reading) > 1 else 1.0)
                    telling[term] = max(alone, telling.get(term, 0.0))
                    share = weight * says * (_IN_PHRASE if len(reading) > 1 else 1.0)
                    weights[term] = max(weights.get(term, 0.0), share)
        return SlotQuery(tuple(wordings), weights, telling, self._brief, _question(section), self.affinity)

    def fact_query(self, fact: PlannedFact) -> SlotQuery:
        return self.section_query(PlannedSection(key=fact.key, title=fact.label, hints=fact.hints))

    def _terms(self, section: PlannedSection) -> set[int]:
        return {
            term for text, _ in _texts(section) for reading in self._readings(text) for _, term in reading
        }

    def _readings(self, text: str) -> list[tuple[tuple[str, int], ...]]:
        """Its words that the sources have, with their terms, as read in each language, none twice."""
        words = _words(text)
        languages = (self._language, *(each for each in LANGUAGES if each != self._language))
        found: dict[frozenset[int], tuple[tuple[str, int], ...]] = {}
        for language in languages:
            terms = [(word, self._shelf.vocabulary.find(word, language)) for word in words]
            reading = tuple((word, term) for word, term in terms if term is not None)
            if reading:
                found.setdefault(frozenset(term for _, term in reading), reading)
        return list(found.values())

    def _telling(self, word: str, term: int) -> float:
        asked = max(1, self._asked[term])
        spread = min(1.0, math.log1p(self._num_sections / asked) / math.log1p(self._num_sections))
        return spread * (1.0 if is_telling(word) else _COMMON)

    def _brief_weights(self, brief: str) -> dict[int, float]:
        counts: Counter[int] = Counter()
        for word in WORD.findall(brief[:_MOST_BRIEF_CHARACTERS].lower()):
            if word not in STOP_WORDS[self._language] and is_telling(word):
                term = self._shelf.vocabulary.find(word, self._language)
                counts.update([] if term is None else [term])
        rarity = self._shelf.postings.rarity
        best = sorted(counts, key=lambda term: (-rarity(term) * min(3, counts[term]), term))
        return dict.fromkeys(best[:MOST_BRIEF_WORDS], _BRIEF)


def _texts(section: PlannedSection) -> Iterator[tuple[str, float]]:
    yield section.title, _TITLE
    yield from ((hint, _HINT) for hint in (*section.hints, *FORM_WORDS.get(section.form, ())))
    yield from ((word, _WISH) for word in _words(section.wish)[:_MOST_WISH_WORDS] if is_telling(word))
    for fact in section.facts:
        yield fact.label, _FACT_HINT
        yield from ((hint, _FACT_HINT) for hint in fact.hints)


def _words(text: str) -> list[str]:
    """In small letters, none twice, without the stop words of any language."""
    return [word for word in dict.fromkeys(WORD.findall(text.lower())) if word not in stop_words()]


def _question(section: PlannedSection) -> str:
    return " ".join((section.title, section.question, section.wish, " ".join(section.hints[:12])))[:600]
