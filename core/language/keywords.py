"""What a text is about: its terms of one to four words, the weightiest first."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from core.language.content_words import MIN_LETTERS, WORD, is_content, lemma_of
from core.language.sentences import Extent, split_sentences
from core.language.stop_words import Language

MOST_WORDS = 4
MOST_PLACES = 5

_LINKS: dict[Language, frozenset[str]] = {
    "en": frozenset({"of"}),
    "es": frozenset({"de", "del", "la", "los", "las", "el"}),
    "pt": frozenset({"de", "do", "da", "dos", "das"}),
}
"""Small words that may stand inside a term, as in "plan de continuidad"."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """`text` as it stands at its first place; `count` of all places, of which the first few are kept.

    `score` only orders the keywords of one text.
    """

    text: str
    count: int
    score: float
    places: tuple[Extent, ...]


def find_keywords(text: str, language: Language, most: int = 12) -> tuple[Keyword, ...]:
    """The terms by C-value: how often a term stands on its own and not only within a longer one, times the
    logarithm of its length (Frantzi, Ananiadou, Mima: Automatic recognition of multi-word terms, 2000).

    A term does not begin or end with a stop word and does not cross a sign. One that stands inside a chosen
    term with as many places is left out. Time is linear in the words.
    """
    places = _candidates(text, language)
    lone = _lone_counts(places)
    scores = {
        term: math.log2(_num_content(term, language) + 1) * lone[term] * _weight(term, len(found))
        for term, found in places.items()
    }
    ranked = sorted(places, key=lambda term: (-scores[term], places[term][0]))
    chosen: list[tuple[str, ...]] = []
    for term in ranked:
        if len(chosen) == most or scores[term] <= 0:
            break
        if not any(_covers(other, term) or _covers(term, other) for other in chosen):
            chosen.append(term)
    return tuple(_keyword(text, places[term], scores[term]) for term in chosen)


def _candidates(text: str, language: Language) -> dict[tuple[str, ...], list[Extent]]:
    """The places of every term, by its lemmas."""
    found: dict[tuple[str, ...], list[Extent]] = defaultdict(list)
    for sentence in split_sentences(text):
        for run in _runs(text, sentence, language):
            for begin in range(len(run)):
                for end in range(begin + 1, min(begin + MOST_WORDS, len(run)) + 1):
                    words = run[begin:end]
                    if all(is_content(text[slice(*word)], language) for word in (words[0], words[-1])):
                        term = tuple(lemma_of(text[slice(*word)], language) for word in words)
                        found[term].append(Extent(words[0].start, words[-1].end))
    return found


def _runs(text: str, sentence: Extent, language: Language) -> Iterator[list[Extent]]:
    """Words of content, and links between them, with nothing but one space in between."""
    run: list[Extent] = []
    for match in WORD.finditer(text, *sentence):
        word = match[0].lower()
        fits = is_content(word, language) or word in _LINKS[language]
        if run and (not fits or text[run[-1].end : match.start()] != " "):
            yield run
            run = []
        if fits:
            run.append(Extent(*match.span()))
    if run:
        yield run


def _lone_counts(places: dict[tuple[str, ...], list[Extent]]) -> dict[tuple[str, ...], float]:
    """For each term its places less the mean places of the longer terms around it."""
    around: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for term, found in places.items():
        if len(found) < 2:
            continue
        for begin in range(len(term)):
            for end in range(begin + 1, len(term) + 1):
                if (part := term[begin:end]) != term and part in places:
                    around[part].append(len(found))
    return {
        term: len(found) - (sum(around[term]) / len(around[term]) if term in around else 0.0)
        for term, found in places.items()
    }


def _num_content(term: tuple[str, ...], language: Language) -> int:
    return sum(word not in _LINKS[language] for word in term)


def _weight(term: tuple[str, ...], num_places: int) -> float:
    """Long terms that stand once are mere chance; short words and names of people are weak."""
    if len(term) > 1 and num_places < 2:
        return 0.45 if len(term) == 2 else 0.25
    return 0.8 if max(map(len, term)) <= MIN_LETTERS else 1.0


def _covers(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    size = len(shorter)
    return any(longer[at : at + size] == shorter for at in range(len(longer) - size + 1))


def _keyword(text: str, places: list[Extent], score: float) -> Keyword:
    written = re.sub(r"\s+", " ", text[slice(*places[0])])
    shown = written if sum(letter.isupper() for letter in written) > 1 else written.lower()
    return Keyword(shown, len(places), round(score, 3), tuple(places[:MOST_PLACES]))
