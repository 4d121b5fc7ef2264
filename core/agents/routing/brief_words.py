"""The words of a brief, by their place and by what is left of them without accents and inflection."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from core.language.glossary import normal_form
from core.language.glossary.normal_form import fold

NUMBER = "#"
"""The stem of every figure."""

_WORD = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")


class BriefWord(NamedTuple):
    """Characters `start` to `end`; `folded` in small letters without accents, `stem` without inflection."""

    text: str
    folded: str
    stem: str
    start: int
    end: int


def brief_words(text: str) -> tuple[BriefWord, ...]:
    """In reading order, figures among them.

    >>> [word.stem for word in brief_words("Propuestas de 3 páginas")]
    ['propuest', 'de', '#', 'pagin']
    """
    return tuple(BriefWord(match[0], *_forms(match[0]), *match.span()) for match in _WORD.finditer(text))


@lru_cache(maxsize=50_000)
def _forms(word: str) -> tuple[str, str]:
    return fold(word), NUMBER if word[0].isdigit() else normal_form(word)
