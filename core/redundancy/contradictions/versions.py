"""How two documents are related: versions of one another, copies of one template, or neither."""

from __future__ import annotations

import re
from enum import Enum

from core.language.glossary.normal_form import fold
from core.redundancy.formal_facts import formal_facts
from core.redundancy.subject import WORD, Subject


class Relationship(Enum):
    """TEMPLATE: both fill in one form, or report on different periods. VERSION: one replaces the other."""

    NONE = "none"
    VERSION = "version"
    TEMPLATE = "template"


def relationship(a: Subject, b: Subject) -> Relationship:
    """By their titles and by the share of their lines' words that they have in common."""
    overlap = _overlap(a.text, b.text)
    if _periods_differ(a, b):
        return Relationship.TEMPLATE
    if overlap < _NEAR_COPY:
        return Relationship.NONE
    return Relationship.TEMPLATE if _subjects_differ(a, b) else Relationship.VERSION


_NEAR_COPY = 0.45
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PERIOD = re.compile(
    r"\b(?:q[1-4]|[1-4]q|[1-4]t|t[1-4]|[12][ºo°]? ?(?:semestre|semester|trimestre)|"
    r"\d{4}-\d\d(?:-\d\d)?|"
    r"(?:\d{1,2} )?(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|"
    r"janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|set|out|dez))\b"
)
_EDITIONS = {
    *(
        "draft",
        "borrador",
        "rascunho",
        "final",
        "copy",
        "copia",
        "cópia",
        "old",
        "new",
        "nuevo",
        "novo",
        "web",
    ),
    *("version", "versión", "versão"),
}


def _overlap(a: str, b: str) -> float:
    """Word triples of the shorter text that the other has as well."""
    one, other = _triples(a), _triples(b)
    return len(one & other) / max(1, min(len(one), len(other)))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _periods_differ(a: Subject, b: Subject) -> bool:
    """Whether both titles name a month, a quarter or a day, and not the same."""
    one, other = (set(_PERIOD.findall(fold(_title(subject)))) for subject in (a, b))
    return bool(one) and bool(other) and one != other


def _subjects_differ(a: Subject, b: Subject) -> bool:
    """Whether the titles name different things; years, editions and numbers of versions apart."""
    one, other = _title_words(a), _title_words(b)
    return bool(one - other) and bool(other - one)


def _title_words(subject: Subject) -> set[str]:
    written = _title(subject)
    identifiers = {fact.value.lower() for fact in formal_facts(written, None) if fact.kind == "identifier"}
    title = _YEAR.sub(" ", written.lower())
    return {
        word for word in WORD.findall(title) if word not in _EDITIONS and not word.isdigit() and len(word) > 1
    } | {identifier for identifier in identifiers if not re.fullmatch(r"v\d+", identifier)}


def _title(subject: Subject) -> str:
    return subject.title or subject.text.split("\n", 1)[0]
