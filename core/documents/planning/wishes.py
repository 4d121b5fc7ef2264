"""What a brief says of the document's language, tone, length, readers and haste, and where it says so."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.documents.plan import Complexity
from core.language.stop_words import Language
from core.priority import Priority


class Wish(NamedTuple):
    """`value` as it is meant; characters `start` to `end` of the brief say it."""

    value: str
    start: int
    end: int


_IN = r"\b(?:in|en|em|no idioma|en idioma)\s+(?:el\s+)?"
_LANGUAGES: dict[Language, str] = {
    "en": r"english|ingl[eé]s|ingl[eê]s",
    "es": r"spanish|espa[nñ]ol|castellano|espanhol",
    "pt": r"(?:brazilian\s+)?portuguese|portugu[eé]s|portugu[eê]s",
}
_UNWRITTEN = (
    r"french|german|italian|chinese|japanese|franc[eé]s|franc[eê]s|alem[aá]n|alem[aã]o|italiano|"
    r"chino|chin[eê]s"
)
_HASTE: tuple[tuple[Priority, str], ...] = (
    (
        Priority.HIGH,
        r"urgent(?:e|ly|emente)?|asap|as soon as possible|right away|immediately|hoy mismo|cuanto antes|"
        r"lo antes posible|para ayer|ya mismo|o quanto antes|"
        r"o mais r[aá]pido poss[ií]vel|para ontem|hoje ainda",
    ),
    (
        Priority.LOW,
        r"no rush|no hurry|whenever you can|not urgent|sin prisa|sin apuro|no es urgente|"
        r"cuando (?:puedas|pueda)|"
        r"sem pressa|n[aã]o [eé] urgente|quando puder",
    ),
)
_EXTENT: tuple[tuple[Complexity, str], ...] = (
    (
        "simple",
        r"(?:one|a single|1)[- ]page|short|brief|breve|cort[oa]|curt[oa]|una (?:sola )?p[aá]gina|"
        r"uma (?:s[oó] )?p[aá]gina",
    ),
    (
        "complex",
        r"detailed|in depth|in-depth|thorough|comprehensive|detallad[oa]|exhaustiv[oa]|complet[oa]|a fondo|"
        r"detalhad[oa]|aprofundad[oa]",
    ),
)


def wished_language(brief: str) -> tuple[Language, Wish] | None:
    for language, words in _LANGUAGES.items():
        if found := re.search(rf"{_IN}(?:{words})\b", brief, re.IGNORECASE):
            return language, Wish(found[0], *found.span())
    return None


def unwritten_language(brief: str) -> Wish | None:
    found = re.search(rf"{_IN}(?:{_UNWRITTEN})\b", brief, re.IGNORECASE)
    return Wish(found[0], *found.span()) if found else None


def wished_haste(brief: str) -> tuple[Priority, Wish] | None:
    for priority, words in reversed(_HASTE):
        if found := re.search(rf"\b(?:{words})\b", brief, re.IGNORECASE):
            return priority, Wish(found[0], *found.span())
    return None


def wished_extent(brief: str) -> tuple[Complexity, Wish] | None:
    for complexity, words in _EXTENT:
        if found := re.search(rf"\b(?:{words})\b", brief, re.IGNORECASE):
            return complexity, Wish(found[0], *found.span())
    return None


def said_audience(brief: str) -> Wish | None:
    found = re.search(
        r"\b(?:(?:dirigid[oa]|destinad[oa])s? (?:a|al|ao|à)|aimed at|addressed to|for|para)\s+"
        r"((?:the|our|an?|el|la|los|las|un|una|nuestr[oa]s?|os?|as?|um|uma|noss[oa]s?)\s+[^\W\d_]+(?:\s[^\W\d_]{4,})?)",
        brief,
        re.IGNORECASE,
    )
    return Wish(found[1], *found.span()) if found else None
