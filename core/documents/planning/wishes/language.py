"""The language that a brief asks for, in whatever language it does."""

from __future__ import annotations

import re

from core.documents.planning.wishes.said import Said, level, said
from core.language.stop_words import Language

_LANGUAGES: dict[str, Language] = {
    "english": "en",
    "ingles": "en",
    "spanish": "es",
    "espanol": "es",
    "castellano": "es",
    "espanhol": "es",
    "castelhano": "es",
    "portuguese": "pt",
    "portugues": "pt",
}
_BEFORE = (
    r"(?:\b(?:in(?:to)?|en|em|al|para o|idioma|language|lengua|lingua)\s*:?\s+"
    r"(?:(?:el|la|o|plain|simple|neutral|latin american|american|british|us|uk|brazilian|european)\s+){0,2})"
)
_WISH = re.compile(rf"{_BEFORE}(?P<language>{'|'.join(_LANGUAGES)})\b")
_UNWRITTEN = re.compile(
    rf"{_BEFORE}(?P<language>french|german|italian|chinese|japanese|dutch|russian|arabic|catalan|polish|"
    r"frances|aleman|italiano|chino|japones|holandes|ruso|arabe|polaco|alemao|chines|russo|catalao)\b"
)


def find_language(brief: str) -> Said[Language] | None:
    """The last one that is asked for: whoever corrects themselves, does so later.

    >>> find_language("una carta, mejor en inglés").value
    'en'
    """
    found = list(_WISH.finditer(level(brief)))
    return said(_LANGUAGES[found[-1]["language"]], brief, found[-1]) if found else None


def find_unwritten_language(brief: str) -> Said[str] | None:
    """A language that is asked for and that documents are not written in."""
    found = _UNWRITTEN.search(level(brief))
    return said(found["language"], brief, found) if found else None
