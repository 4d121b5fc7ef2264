"""The words of a text that carry its subject, by their dictionary form and their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from core.language.stop_words import STOP_WORDS, Language

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
MIN_LETTERS = 3


class ContentWord(NamedTuple):
    """`lemma` in lower case; characters `start` to `end` of the text."""

    lemma: str
    start: int
    end: int


def content_words(
    text: str, language: Language, begin: int = 0, end: int | None = None
) -> Iterator[ContentWord]:
    """In reading order, without stop words, common words of any business text, and figures."""
    for match in WORD.finditer(text, begin, len(text) if end is None else end):
        if is_content(match[0], language):
            yield ContentWord(lemma_of(match[0], language), *match.span())


def is_content(word: str, language: Language) -> bool:
    lowered = word.lower()
    if len(lowered) < MIN_LETTERS or lowered in STOP_WORDS[language]:
        return False
    return lowered not in common_words(language) and lemma_of(word, language) not in common_words(language)


@lru_cache(maxsize=200_000)
def lemma_of(word: str, language: Language) -> str:
    """The dictionary form by simplemma, in lower case; an unknown word stays."""
    import simplemma

    return str(simplemma.lemmatize(word.lower(), lang=language)).lower()


@cache
def common_words(language: Language) -> frozenset[str]:
    """Our own list of words that stand in texts of every subject and name none."""
    written = (files("core.language") / "lists" / f"common_words_{language}.txt").read_text(encoding="utf-8")
    return frozenset(written.split())
