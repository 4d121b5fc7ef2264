"""Text without case and accents, character by character, so that a place in it is a place in the text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

WORD = re.compile(r"\w+")


class FoldedWord(NamedTuple):
    """A word as it is compared, and where it stands in the text."""

    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """As long as the text. Letters outside the Latin alphabets only lose their case.

    >>> fold("Año ÚLTIMO")
    'ano ultimo'
    """
    return text.translate(_FOLDED)


def folded_words(text: str) -> list[FoldedWord]:
    folded = fold(text)
    return [FoldedWord(match[0], *match.span()) for match in WORD.finditer(folded)]


def _base(letter: str) -> str:
    lower = unicodedata.normalize("NFD", letter)[0].lower()
    return lower if len(lower) == 1 else letter


_LATIN_GREEK_CYRILLIC = (*range(0x41, 0x5B), *range(0xC0, 0x530), *range(0x1E00, 0x2000))
_FOLDED = {code: _base(chr(code)) for code in _LATIN_GREEK_CYRILLIC if chr(code).isalpha()}
