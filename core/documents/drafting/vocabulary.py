"""The words of all sources as numbers; words that say the same in another language have the same number."""

from __future__ import annotations

import itertools
import re
from functools import cache, lru_cache

from core.language.content_words import is_content
from core.language.glossary import area_of, concepts
from core.language.number_words import SCALES, SMALL
from core.language.stop_words import LANGUAGES, STOP_WORDS, Language

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")

_MEASURES = ("units", "time")  # subject areas of the glossary
_SUBJECTS = frozenset(
    ("duration", "frequency", "period", "beginning", "end", "date", "anniversary", "quantity")
)
"""Concepts of those areas that a section can be about."""

_FEW_LETTERS = 3


class Vocabulary:
    """Gives out numbers from 0 as words come in; several threads may ask at once."""

    def __init__(self) -> None:
        self._next = itertools.count()
        self._numbers: dict[str, int] = {}
        self._by_word: dict[Language, dict[str, int]] = {language: {} for language in LANGUAGES}

    @property
    def size(self) -> int:
        """More than any number given out so far."""
        return max(self._numbers.values(), default=-1) + 1

    def read(self, text: str, language: Language) -> list[int]:
        """The numbers of the words in reading order, without stop words; new words are taken in."""
        known = self._by_word[language]
        found = []
        for word in WORD.findall(text):
            number = known.get(word)
            if number is None:
                number = known[word] = self._take_in(word, language)
            if number >= 0:
                found.append(number)
        return found

    def find(self, word: str, language: Language) -> int | None:
        """The number of a word in small letters; None if no text has it or it is a stop word."""
        return self._numbers.get(term_of(word, language))

    def _take_in(self, word: str, language: Language) -> int:
        """Its number; -1 for a stop word."""
        term = term_of(word.lower(), language)
        return self._numbers.setdefault(term, next(self._next)) if term else -1


@lru_cache(maxsize=200_000)
def term_of(word: str, language: Language) -> str:
    """What a word in small letters stands for in every language; empty for a stop word.

    >>> term_of("contraseña", "es") == term_of("senhas", "pt") == term_of("password", "en")
    True
    """
    if word in STOP_WORDS[language]:
        return ""
    found = concepts(word, language)
    return found[0].id if found else ""


def is_number(word: str, language: Language) -> bool:
    """Whether a word in small letters is figures or a number spelt out."""
    return word[0].isdigit() or word in SMALL[language] or word in SCALES[language]


@cache
def stop_words() -> frozenset[str]:
    """Those of all languages, for words whose language nobody said."""
    return frozenset().union(*STOP_WORDS.values())


@lru_cache(maxsize=50_000)
def is_telling(word: str) -> bool:
    """Whether a word in small letters can name a subject: not one of every text, and no unit or stretch of
    time. A word of three letters must be in the glossary.
    """
    terms = [term_of(word, language) for language in LANGUAGES]
    known = [term for term in terms if area_of(term)]
    if _SUBJECTS.intersection(known):
        return True
    if len(word) <= _FEW_LETTERS and not known:
        return False
    is_measure = any(area_of(term) in _MEASURES for term in known)
    return not is_measure and all(is_content(word, language) for language in LANGUAGES)
