"""What a brief is about: what is left of it without instructions, the type's name and wishes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from core.agents.routing import BriefWord, brief_words
from core.documents.planning.wishes import Said
from core.documents.planning.word_sets import BREAKS, INSTRUCTIONS, OUTER
from core.documents.template import DocumentTemplate
from core.language.content_words import is_content
from core.language.glossary import area_of, concepts
from core.language.stop_words import LANGUAGES, STOP_WORDS, Language

MOST_TITLE_WORDS = 11
MOST_KEYWORDS = 12

_FULL_STOP = r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bDra)(?<!\bSr)(?<!\bSra)(?<!\bSt)\.(?!\w)"
_SIGN = re.compile(rf"{_FULL_STOP}|[,;:!?()\n\r\t—–«»“”\"|/]|\s-\s")
_INFINITIVE = re.compile(r"[^\W\d_]{3,}(?:ar|er|ir|arle|arles|arlo|arla|arlos|erle|irle|erlo|irlo)$")
_FIGURES = re.compile(r"\d")
_SMALL = frozenset(word for language in LANGUAGES for word in STOP_WORDS[language])
_STOP = re.compile(rf"{_FULL_STOP}|[!?:\n¿¡]")
_NEAR = 4
_LEAST_SCORE = 1.0
_IDLE_AREAS = ("connectives", "time", "units", "verbs", "adjectives", "mind")

T = TypeVar("T")


class Run(NamedTuple):
    """The words from place `start` to `end`, and how likely they are the subject."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Subject:
    """`title` as it stands in the brief, empty if nothing is left; `keywords` with the weightiest first."""

    title: str = ""
    keywords: tuple[str, ...] = ()


def find_subject(
    brief: str,
    language: Language,
    template: DocumentTemplate,
    wishes: Iterable[Said[object]],
    readers: Said[str] | None = None,
) -> Subject:
    """Those for whom it is are the subject only right behind the type's name. Time is linear in the brief."""
    words = brief_words(brief)
    named = _named_places(words, template)
    idle = _places_of(words, wishes) | {
        place
        for place, word in enumerate(words)
        if word.folded in INSTRUCTIONS and (word.text.islower() or _opens_sentence(brief, words, place))
    }
    asked = _places_of(words, [readers]) if readers else set()
    if asked and named.isdisjoint(range(min(asked) - _NEAR, min(asked))):
        idle |= asked
    runs = list(_runs(brief, words, idle | named, named, _heads(template)))
    best = max(runs, key=lambda run: (run.score, -run.start), default=None)
    if best is None or best.score < _LEAST_SCORE:
        return Subject("", _keywords(brief, words, language, idle | named, None))
    return Subject(_written(brief, words, best), _keywords(brief, words, language, idle | named, best))


def title_of(template: DocumentTemplate, subject: str, language: Language) -> str:
    """ "Propuesta comercial: hotel Miralunas"; the name of the type alone where there is no subject."""
    name = template.name(language)
    return f"{name}: {subject}" if subject else name


def _named_places(words: Sequence[BriefWord], template: DocumentTemplate) -> set[int]:
    """Where the type is named, in any language."""
    stems = [word.stem for word in words]
    names = {
        tuple(word.stem for word in brief_words(name))
        for called in template.names.values()
        for name in called
    }
    longest = max(map(len, names))
    places: set[int] = set()
    at = 0
    while at < len(stems):
        length = next((size for size in range(longest, 0, -1) if tuple(stems[at : at + size]) in names), 0)
        places.update(range(at, min(at + length, len(stems))))
        at += max(1, length)
    return places


def _heads(template: DocumentTemplate) -> frozenset[str]:
    """The first words of the type's names: "resumo" of "resumo de contrato"."""
    return frozenset(
        words[0].stem for called in template.names.values() for name in called if (words := brief_words(name))
    )


def _places_of(words: Sequence[BriefWord], wishes: Iterable[Said[T]]) -> set[int]:
    spans = [(wish.start, wish.end) for wish in wishes]
    return {
        place
        for place, word in enumerate(words)
        if any(start <= word.start and word.end <= end for start, end in spans)
    }


def _runs(
    brief: str, words: Sequence[BriefWord], idle: set[int], named: set[int], heads: frozenset[str]
) -> Iterator[Run]:
    """Stretches of words without a sign, a break or an idle word in between."""
    start: int | None = None
    for place, word in enumerate(words):
        is_cut = place > 0 and _SIGN.search(brief, words[place - 1].end, word.start)
        if start is not None and (is_cut or place in idle or word.folded in BREAKS):
            yield _run(brief, words, start, place, named, heads)
            start = None
        if start is None and place not in idle and word.folded not in BREAKS:
            start = place
    if start is not None:
        yield _run(brief, words, start, len(words), named, heads)


def _run(
    brief: str, words: Sequence[BriefWord], start: int, end: int, named: set[int], heads: frozenset[str]
) -> Run:
    """Without small words at its ends and the type's own word at its beginning.

    Names, nearness to the type's name and an early place speak for it, pronouns and the like against it.
    """
    is_after_name = start - 1 in named or words[start].stem in heads
    if words[start].stem in heads and end - start > 1:
        start += 1
    while start < end and (words[start].folded in OUTER or _is_verb(words, start, end)):
        start += 1
    end = min(end, start + MOST_TITLE_WORDS)
    while end > start and (words[end - 1].folded in OUTER or words[end - 1].text in _SMALL):
        end -= 1
    content = [place for place in range(start, end) if words[place].text.lower() not in _SMALL]
    if not content or all(_FIGURES.search(words[place].text) for place in content):
        return Run(start, end, -1.0)
    capitals = sum(_is_capital(brief, words, place) for place in content)
    pronouns = end - start - len(content) - sum(words[place].folded in OUTER for place in range(start, end))
    score = min(4, len(content)) + 1.5 * min(3, capitals) + 3.0 * is_after_name - 1.5 * pronouns
    return Run(start, end, score - 0.06 * start)


def _is_capital(brief: str, words: Sequence[BriefWord], place: int) -> bool:
    return words[place].text[0].isupper() and not _opens_sentence(brief, words, place)


def _opens_sentence(brief: str, words: Sequence[BriefWord], place: int) -> bool:
    return place == 0 or bool(_STOP.search(brief, words[place - 1].end, words[place].start))


def _is_verb(words: Sequence[BriefWord], place: int, end: int) -> bool:
    """An infinitive at the beginning of a run is an instruction, if something follows."""
    return end - place > 1 and words[place].text.islower() and bool(_INFINITIVE.match(words[place].folded))


def _written(brief: str, words: Sequence[BriefWord], run: Run) -> str:
    if run.score < 0 or run.start >= run.end:
        return ""
    return " ".join(brief[words[run.start].start : words[run.end - 1].end].split())


def _keywords(
    brief: str, words: Sequence[BriefWord], language: Language, idle: set[int], best: Run | None
) -> tuple[str, ...]:
    """Names first, then the terms of the subject, then others; terms of the glossary stay whole."""
    ranked: dict[str, float] = {}
    for start, end in _terms(brief, words, language, idle):
        text = " ".join(brief[words[start].start : words[end - 1].end].split())
        is_name = all(_is_capital(brief, words, place) for place in range(start, end))
        is_subject = best is not None and best.start <= start < best.end
        shown = text if is_name or any(map(str.isupper, text[1:])) else text.lower()
        weight = 3.0 * is_name + 2.0 * is_subject + 0.3 * (end - start) - 0.001 * start
        ranked[shown] = max(weight, ranked.get(shown, -1.0))
    order = sorted(ranked, key=lambda term: -ranked[term])
    return tuple(order[:MOST_KEYWORDS])


def _terms(
    brief: str, words: Sequence[BriefWord], language: Language, idle: set[int]
) -> Iterator[tuple[int, int]]:
    """Phrases of the glossary, names of several words, and words of content; by place."""
    starts = {word.start: place for place, word in enumerate(words)}
    ends = {word.end: place + 1 for place, word in enumerate(words)}
    used: set[int] = set(idle)
    for concept in concepts(brief, language):
        if concept.id[0] in "~=#" or concept.start not in starts or concept.end not in ends:
            continue
        start, end = starts[concept.start], ends[concept.end]
        if used.isdisjoint(range(start, end)):
            is_idle = area_of(concept.id) in _IDLE_AREAS
            is_name = _is_capital(brief, words, start)
            if is_idle and not is_name:
                used.update(range(start, end))
            elif end - start > 1:
                used.update(range(start, end))
                yield start, end
    yield from _names_and_words(brief, words, language, used)


def _names_and_words(
    brief: str, words: Sequence[BriefWord], language: Language, used: set[int]
) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and end not in used and _is_name(brief, words, at, end):
            end += 1
        if end > at + 1 or (end > at and len(words[at].text) > 2 and words[at].folded not in _SMALL):
            yield at, end
        elif at not in used and _is_term(words[at], language):
            yield at, at + 1
            end = at + 1
        at = max(end, at + 1)


def _is_name(brief: str, words: Sequence[BriefWord], first: int, place: int) -> bool:
    """Whether the words from `first` to `place` are one name: capitals with nothing but a space between."""
    if not _is_capital(brief, words, place):
        return False
    return place == first or brief[words[place - 1].end : words[place].start] == " "


def _is_term(word: BriefWord, language: Language) -> bool:
    return not _FIGURES.search(word.text) and len(word.text) > 3 and is_content(word.text, language)
