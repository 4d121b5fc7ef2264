"""How hard a text is to read: the formula of each language on its prose, and the sentences that make it so.

The formulas see the length of sentences and words only. They do not know whether a text makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.content import Content
from core.language.sentences import split_sentences
from core.language.stop_words import LANGUAGES, Language
from core.language.syllables import WORD, count_syllables
from core.quality.document import AssessedDocument, placed_blocks
from core.quality.part import Evidence, Fix, QualityPart, clamped
from core.redundancy.evidence import Span

MIN_WORDS = 30
"""Words of prose below which a formula says nothing; its authors took samples of a hundred."""

EASY = 80
"""Score from which there is nothing to do."""

LONG_SENTENCE: dict[Language, int] = {"en": 25, "es": 30, "pt": 30}
LONG_WORDS: dict[Language, float] = {"en": 1.75, "es": 2.25, "pt": 2.3}
"""Syllables a word from which the words, not the sentences, make a text hard."""

_PROSE = ("paragraph", "list_item", "quote")
_MOST_SENTENCES = 5
_FEWEST_WORDS = 12  # of a sentence that can be called hard
_HARD = 40.0


class Counts(NamedTuple):
    words: int
    sentences: int
    syllables: int

    @property
    def words_per_sentence(self) -> float:
        return self.words / self.sentences

    @property
    def syllables_per_word(self) -> float:
        return self.syllables / self.words


Formula = Callable[[Counts], float]


def flesch(counts: Counts) -> float:
    """Flesch Reading Ease (R. Flesch, A New Readability Yardstick, J. of Applied Psychology 32, 1948)."""
    return 206.835 - 1.015 * counts.words_per_sentence - 84.6 * counts.syllables_per_word


def flesch_kincaid(counts: Counts) -> float:
    """School grade (Kincaid, Fishburne, Rogers, Chissom, Navy Research Branch Report 8-75, 1975)."""
    return 0.39 * counts.words_per_sentence + 11.8 * counts.syllables_per_word - 15.59


def fernandez_huerta(counts: Counts) -> float:
    """206.84 - 0.60 P - 1.02 F with P syllables in 100 words and F words a sentence.

    J. Fernández Huerta, Medidas sencillas de lecturabilidad, Consigna 214, 1959. Many copies say that F is
    the number of sentences in 100 words, by which longer sentences would be easier: G. Law, Error in the
    Fernandez Huerta Readability Formula, LINGUIST List 22.2332, 2011.
    """
    return 206.84 - 0.60 * (100 * counts.syllables_per_word) - 1.02 * counts.words_per_sentence


def szigriszt_pazos(counts: Counts) -> float:
    """Perspicuity (F. Szigriszt Pazos, Sistemas predictivos de legibilidad, thesis, Madrid 1993)."""
    return 206.835 - 62.3 * counts.syllables_per_word - counts.words_per_sentence


def martins(counts: Counts) -> float:
    """Flesch for Brazilian Portuguese: 42 points above (T. Martins et al., Notas do ICMSC-USP 28, 1996)."""
    return 248.835 - 84.6 * counts.syllables_per_word - 1.015 * counts.words_per_sentence


FORMULAS: dict[Language, dict[str, Formula]] = {
    "en": {"flesch": flesch, "flesch_kincaid": flesch_kincaid},
    "es": {"fernandez_huerta": fernandez_huerta, "szigriszt_pazos": szigriszt_pazos},
    "pt": {"martins": martins},
}
"""The formulas of each language; the first gives the score, the others are shown beside it."""


@dataclass(frozen=True, slots=True)
class SentenceCounts:
    """A sentence of prose and its place in the text."""

    span: Span
    words: int
    syllables: int


def count(text: str, language: Language) -> Counts | None:
    """Words, sentences and syllables of a plain text; None if it has no words."""
    return _sum(list(_sentences(text, 0, language)))


def judge_readability(document: AssessedDocument) -> QualityPart:
    """The language's formula over paragraphs, list items and quotes, with the hardest sentences.

    No score for headings, tables and code alone, for fewer than MIN_WORDS words, or another language.
    """
    if document.language not in LANGUAGES:
        return _unjudged(Evidence("language_without_formula", {"language": document.language}))
    language: Language = next(known for known in LANGUAGES if known == document.language)
    sentences = prose_sentences(document.content, language)
    counts = _sum(sentences)
    if counts is None or counts.words < MIN_WORDS:
        return _unjudged(_why_not(document.content, counts.words if counts else 0))
    first, *others = FORMULAS[language]
    raw = FORMULAS[language][first](counts)
    long = [one for one in sentences if one.words > LONG_SENTENCE[language]]
    hardest = _hardest(sentences, language)
    evidence = [
        Evidence(first, {"value": round(raw, 1)}),
        *(Evidence(name, {"value": round(FORMULAS[language][name](counts), 1)}) for name in others),
        Evidence("sentence_length", {"words": round(counts.words_per_sentence, 1)}),
        Evidence("word_length", {"syllables": round(counts.syllables_per_word, 2)}),
        *(_hard_sentence(one) for one in hardest),
    ]
    fixes = _fixes(counts, raw, len(long), language)
    if raw < EASY and hardest and not fixes:
        fixes = (Fix("shorter_hard_sentences"),)
    return QualityPart("readability", clamped(raw), tuple(evidence), fixes)


def prose_sentences(content: Content, language: Language) -> list[SentenceCounts]:
    return [
        sentence
        for placed in placed_blocks(content)
        if placed.block.kind in _PROSE
        for sentence in _sentences(placed.block.text, placed.span.start, language)
    ]


def _sentences(text: str, offset: int, language: Language) -> Iterator[SentenceCounts]:
    for start, end in split_sentences(text):
        words = WORD.findall(text, start, end)
        if words:
            syllables = sum(count_syllables(word, language) for word in words)
            yield SentenceCounts(Span(offset + start, offset + end), len(words), syllables)


def _sum(sentences: list[SentenceCounts]) -> Counts | None:
    if not sentences:
        return None
    words, syllables = (sum(getattr(one, name) for one in sentences) for name in ("words", "syllables"))
    return Counts(words, len(sentences), syllables)


def _unjudged(why: Evidence) -> QualityPart:
    return QualityPart("readability", None, (why,))


def _why_not(content: Content, num_words: int) -> Evidence:
    kinds = {block.kind for block in content.blocks}
    code = "only_tables" if "table" in kinds else "only_code" if "code" in kinds else "too_short"
    return Evidence(code, {"words": num_words, "least": MIN_WORDS})


def _hardest(sentences: list[SentenceCounts], language: Language) -> list[SentenceCounts]:
    """Those with the lowest values by the language's own formula, if they are hard at all."""
    formula = next(iter(FORMULAS[language].values()))
    valued = [
        (formula(Counts(one.words, 1, one.syllables)), one.span, one)
        for one in sentences
        if one.words >= _FEWEST_WORDS
    ]
    return [one for value, _, one in sorted(valued)[:_MOST_SENTENCES] if value < _HARD]


def _hard_sentence(one: SentenceCounts) -> Evidence:
    syllables = round(one.syllables / one.words, 2)
    return Evidence("hard_sentence", {"words": one.words, "syllables": syllables}, one.span)


def _fixes(counts: Counts, raw: float, num_long: int, language: Language) -> tuple[Fix, ...]:
    if raw >= EASY:
        return ()
    fixes = []
    if num_long:
        fixes.append(Fix("split_sentences", {"count": num_long, "words": LONG_SENTENCE[language]}))
    if counts.syllables_per_word > LONG_WORDS[language]:
        fixes.append(Fix("shorter_words", {"syllables": round(counts.syllables_per_word, 2)}))
    return tuple(fixes)
