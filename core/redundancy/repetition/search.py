"""What one document says more than once, and how to say it once: paragraphs, sentences, then phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.language.sentences import split_paragraphs, split_sentences
from core.language.stop_words import STOP_WORDS, known_language
from core.redundancy.evidence import Span
from core.redundancy.facts import DifferingFact, differing_facts
from core.redundancy.repetition.phrases import repeated_phrases
from core.redundancy.repetition.plan import RewriteStep, plan_rewrite
from core.redundancy.repetition.repeat import Repeat, RepeatKind
from core.redundancy.repetition.units import Unit, groups_of_likes, likeness
from core.redundancy.subject import WORD

PARAGRAPH_WORDS, SENTENCE_WORDS = 12, 6
"""Shorter paragraphs and sentences may stand several times, as headings and labels do."""

LIKE_PARAGRAPHS, LIKE_SENTENCES = 0.7, 0.85
"""Share of equal words from which two are nearly the same."""

_CONTENT_WORDS = 3
_WORDS_OF_REFERENCE = 2  # that stand in for a phrase once it is defined
_OF_SET_PHRASES = frozenset(
    ("case", "end", "part", "order", "well", "caso", "fin", "fim", "parte", "orden", "ordem", "vez", "través")
)
"""Words of “in the case of”, “por parte de”, “a fim de”: grammar too."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """`repeats` in the order of the text, of different places; one step of the plan for each.

    `num_removable_words` of the `num_words` of the text could go.
    """

    repeats: tuple[Repeat, ...]
    plan: tuple[RewriteStep, ...]
    num_words: int
    num_removable_words: int


def find_repetition(text: str, language: str = "") -> Repetition:
    """The repeats of a text and the plan to rewrite it. `language` is en, es, pt or empty if not known.

    Places of a longer repeat are not looked at again for shorter ones. Nearly equal sentences that name
    different things are no repeat. Repeats of which only words of grammar
    are the same are left out.

    >>> rule = "Returned devices stay in the yellow area until triage has looked at them."
    >>> found = find_repetition(f"{rule} Ask the depot. {rule}", "en")
    >>> found.repeats[0].kind, len(found.repeats[0].places), found.num_removable_words
    ('sentence', 2, 13)
    """
    grammar = STOP_WORDS[known_language(text, language)] | _OF_SET_PHRASES
    paragraphs = list(_repeated_paragraphs(text, grammar))
    sentences = list(_repeated_sentences(text, grammar, _places(paragraphs)))
    phrases = list(_repeated_phrases(text, grammar, _places([*paragraphs, *sentences])))
    repeats = tuple(sorted([*paragraphs, *sentences, *phrases], key=lambda repeat: repeat.places))
    return Repetition(
        repeats=repeats,
        plan=plan_rewrite(text, repeats),
        num_words=len(WORD.findall(text)),
        num_removable_words=sum(repeat.num_removable_words for repeat in repeats),
    )


def _places(repeats: Sequence[Repeat]) -> list[Span]:
    return [place for repeat in repeats for place in repeat.places]


def _repeated_paragraphs(text: str, grammar: frozenset[str]) -> Iterator[Repeat]:
    """Those of several sentences; a paragraph of one is looked at as a sentence."""
    units = [Unit.of(text, paragraph) for paragraph in split_paragraphs(text)]
    for group in groups_of_likes(_telling(units, PARAGRAPH_WORDS, grammar), LIKE_PARAGRAPHS):
        same = _about_the_same(text, group)
        sentences = [_sentences_in(text, unit.span) for unit in same]
        if len(same) > 1 and max(map(len, sentences)) > 1:
            yield _repeat(text, "paragraph", same, _only_later(sentences))


def _repeated_sentences(text: str, grammar: frozenset[str], taken: Sequence[Span]) -> Iterator[Repeat]:
    units = [Unit.of(text, sentence) for sentence in split_sentences(text)]
    free = [unit for unit in units if not _lies_over(unit.span, taken)]
    for group in groups_of_likes(_telling(free, SENTENCE_WORDS, grammar), LIKE_SENTENCES):
        same = _about_the_same(text, group)
        if len(same) > 1:
            yield _repeat(text, "sentence", same, [])


def _telling(units: Sequence[Unit], least: int, grammar: frozenset[str]) -> list[Unit]:
    """Those that are long enough and say something."""
    return [
        unit
        for unit in units
        if len(unit.words) >= least and len(set(unit.words) - grammar) >= _CONTENT_WORDS
    ]


def _about_the_same(text: str, group: Sequence[Unit]) -> list[Unit]:
    """The first of the group and those that do not put another name or identifier in the place of its own.

    “Choose Ship on the Transfer Order page” and “Choose Ship on the Sales Order page” say two things.
    """
    first = group[0]
    return [first, *(unit for unit in group[1:] if not _names_another(text, first.span, unit.span))]


def _names_another(text: str, one: Span, other: Span) -> bool:
    differing = differing_facts(text[slice(*one)], text[slice(*other)])
    return {found.side for found in differing if found.fact.kind in ("name", "identifier")} == {"a", "b"}


def _sentences_in(text: str, span: Span) -> list[Unit]:
    inner = split_sentences(text[span.start : span.end])
    return [Unit.of(text, (span.start + start, span.start + end)) for start, end in inner]


def _only_later(sentences: Sequence[Sequence[Unit]]) -> list[Unit]:
    """Sentences of the later paragraphs that are like none before them."""
    known = list(sentences[0])
    only: list[Unit] = []
    for later in sentences[1:]:
        new = [
            unit for unit in later if all(likeness(unit.words, one.words) < LIKE_SENTENCES for one in known)
        ]
        only += new
        known += new
    return only


def _repeat(text: str, kind: RepeatKind, group: Sequence[Unit], only: Sequence[Unit]) -> Repeat:
    first, later = group[0], group[1:]
    differing = _differing(text, first.span, [unit.span for unit in later])
    num_later, num_only = (sum(len(unit.words) for unit in units) for units in (later, only))
    return Repeat(
        kind=kind,
        places=tuple(unit.span for unit in group),
        num_words=len(first.words),
        is_exact=all(unit.words == first.words for unit in later),
        num_removable_words=0 if differing else num_later - num_only,
        only_there=tuple(unit.span for unit in only),
        differing_facts=differing,
    )


def _differing(text: str, first: Span, later: Sequence[Span]) -> tuple[DifferingFact, ...]:
    for place in later:
        differing = differing_facts(text[slice(*first)], text[slice(*place)])
        if differing:
            return differing
    return ()


def _lies_over(span: Span, taken: Sequence[Span]) -> bool:
    return any(start < span.end and span.start < end for start, end in taken)


def _repeated_phrases(text: str, grammar: frozenset[str], taken: Sequence[Span]) -> Iterator[Repeat]:
    matches = list(WORD.finditer(text))
    words = [match[0].lower() for match in matches]
    for phrase in repeated_phrases(words, _free(matches, taken), grammar):
        spans = [
            Span(matches[place].start(), matches[place + phrase.length - 1].end()) for place in phrase.places
        ]
        num_removable = (len(spans) - 1) * (phrase.length - _WORDS_OF_REFERENCE)
        yield Repeat("phrase", tuple(spans), phrase.length, True, num_removable)


def _free(matches: Sequence[re.Match[str]], taken: Sequence[Span]) -> list[bool]:
    """Which words lie in nothing taken. What is taken does not overlap."""
    free = []
    ahead = sorted(taken, reverse=True)
    for match in matches:
        while ahead and ahead[-1].end <= match.start():
            ahead.pop()
        free.append(not ahead or match.end() <= ahead[-1].start)
    return free
