"""The words of all sources as numbers; words that say the same in another language have the same number."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from core.language.content_words import common_words
from core.language.glossary import concepts
from core.language.stop_words import LANGUAGES, STOP_WORDS, Language

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")


class Vocabulary:
    """Gives out numbers from 0 as words come in."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._by_word: dict[Language, dict[str, int]] = {language: {} for language in LANGUAGES}

    def __len__(self) -> int:
        return len(self._numbers)

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
        return self._numbers.setdefault(term, len(self._numbers)) if term else -1


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


@cache
def stop_words() -> frozenset[str]:
    """Those of all languages, for words whose language nobody said."""
    return frozenset().union(*STOP_WORDS.values())


def is_telling(word: str) -> bool:
    """Whether a word in small letters can name a subject in at least one language."""
    return len(word) > 2 and not any(word in common_words(language) for language in LANGUAGES)
