"""The concepts that a text names, whatever its language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from core.language.glossary.normal_form import fold, normal_form
from core.language.glossary.terms import terms
from core.language.lemmas import regular_forms
from core.language.stop_words import STOP_WORDS, Language, known_language


class Concept(NamedTuple):
    """Characters `start` to `end` name the concept `id`.

    The id of a glossary row is its English word. A word outside the glossary has "~" and its normal form, a
    name "=" and its letters, a number "#" and its digits as they are written.
    """

    id: str
    start: int
    end: int


def concepts(text: str, language: str = "") -> tuple[Concept, ...]:
    """The concepts in reading order, the longest phrase first; articles and the like are left out.

    A language that is not one of the three is guessed from the text. Time is linear.

    >>> [concept.id for concept in concepts("dentro de diez días hábiles", "es")]
    ['within', 'ten', 'working day']
    """
    spoken = known_language(text, language)
    lexicon = _lexicon(spoken)
    places = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    words = [_word(token, spoken) for token, _, _ in places]
    found: list[Concept] = []
    at = 0
    while at < len(places):
        length, concept = lexicon.longest(words, at)
        if concept is None:
            concept = words[at].alone
        if concept:
            found.append(Concept(concept, places[at][1], places[at + length - 1][2]))
        at += length
    return tuple(found)


def gloss(text: str, language: str = "") -> str:
    """An English word-by-word reading. English comes back as it is; what is unknown stays as it is written.

    >>> gloss("La contraseña tiene al menos 12 caracteres", "es")
    'password have minimum 12 character'
    """
    spoken = known_language(text, language)
    if spoken == "en":
        return text
    return " ".join(
        text[concept.start : concept.end] if concept.id[0] in "~=#" else concept.id
        for concept in concepts(text, spoken)
    )


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")
_FAMILIAR_CAPITALS = 1  # a name has more letters


class _Word(NamedTuple):
    """A word as it is looked up: as it stands, by its lemma, and its id when no row has it."""

    surface: str
    lemma: str
    alone: str  # empty for a stop word


@dataclass(slots=True)
class _Lexicon:
    by_words: dict[tuple[str, ...], str] = field(default_factory=dict)
    num_words: dict[str, int] = field(default_factory=dict)  # of the longest phrase with this first word

    def add(self, words: tuple[str, ...], concept: str) -> None:
        self.by_words.setdefault(words, concept)
        self.num_words[words[0]] = max(self.num_words.get(words[0], 0), len(words))

    def longest(self, words: list[_Word], at: int) -> tuple[int, str | None]:
        """How many words from `at` name a concept, and which; one word and None if none do."""
        first = words[at]
        most = max(self.num_words.get(first.surface, 0), self.num_words.get(first.lemma, 0))
        for length in range(min(most, len(words) - at), 0, -1):
            stretch = words[at : at + length]
            concept = self.by_words.get(tuple(word.surface for word in stretch)) or self.by_words.get(
                tuple(word.lemma for word in stretch)
            )
            if concept is not None:
                return length, concept
        return 1, None


@cache
def _lexicon(language: Language) -> _Lexicon:
    """Words as they stand come first, then lemmas, then inflected verbs; the first row to claim it wins."""
    lexicon = _Lexicon()
    spelled = [
        ([_word(token, language) for token in _TOKEN.findall(phrase)], term.id)
        for term in terms()
        for phrase in term.words[language]
    ]
    for words, concept in spelled:
        lexicon.add(tuple(word.surface for word in words), concept)
    for words, concept in spelled:
        lexicon.add(tuple(word.lemma for word in words), concept)
    unspoken = {fold(word) for word in STOP_WORDS[language]}
    for term in terms():
        for phrase in term.words[language]:
            for form in {fold(form) for form in regular_forms(phrase, language)} - unspoken:
                lexicon.add((form,), term.id)
    return lexicon


@lru_cache(maxsize=200_000)
def _word(token: str, language: Language) -> _Word:
    if token[0].isdigit():
        return _Word(token, token, f"#{token}")
    import simplemma

    lowered = token.lower()
    surface = fold(lowered)
    if lowered in STOP_WORDS[language]:
        return _Word(surface, surface, "")
    lemma = fold(simplemma.lemmatize(lowered, lang=language))
    if simplemma.is_known(lowered, language):
        return _Word(surface, lemma, f"~{normal_form(lemma)}")
    if language != "en" and simplemma.is_known(lowered, "en"):
        lemma = fold(simplemma.lemmatize(lowered, lang="en"))  # a word that was taken over: backups, gateway
    is_name = token[0].isupper() and len(token) > _FAMILIAR_CAPITALS
    return _Word(surface, lemma, f"={surface}" if is_name else f"~{normal_form(lemma)}")
