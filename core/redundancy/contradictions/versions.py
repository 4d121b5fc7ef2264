"""How two documents are related: versions of one another, copies of one template, or neither."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from core.language.glossary import concepts
from core.language.glossary.normal_form import fold
from core.language.stop_words import Language, known_language
from core.redundancy.facts import differing_facts, facts
from core.redundancy.formal_facts import formal_facts
from core.redundancy.subject import WORD, Subject


class Relationship(Enum):
    """How the facts of two documents relate.

    TEMPLATE: both fill in one form, or are records of two events; their facts are about different things.
    VERSION: one replaces the other. DEAL: one of them is about one deal or event, so that amounts and
    dates are its own. NONE: anything else.
    """

    NONE = "none"
    DEAL = "deal"
    VERSION = "version"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is needed of a document to relate it to others; its triples only where two are compared."""

    text: str
    language: Language
    title: frozenset[str]
    title_words: frozenset[str]
    periods: frozenset[str]
    subject_names: frozenset[str]
    is_record: bool

    @staticmethod
    def of(subject: Subject) -> Profile:
        title = title_of(subject)
        language = known_language(subject.text, subject.language)
        said = {concept.id for concept in concepts(title, language)}
        return Profile(
            subject.text,
            language,
            frozenset(said),
            frozenset(_title_words(title)),
            frozenset(_PERIOD.findall(fold(title))),
            frozenset(_subject_names(title, said)),
            bool(said & _RECORDS)
            or _is_narrated(subject.text)
            or title.lower().startswith(("re:", "fw:", "fwd:", "rv:", "res:")),
        )


def are_apart(a: Profile, b: Profile) -> bool:
    """Whether both are records of events or deals and their titles name nobody and nothing in common."""
    return a.is_record and b.is_record and not a.subject_names & b.subject_names


def relationship(a: Profile, b: Profile) -> Relationship:
    """By titles, by the names at the top, and by the share of phrases that both have."""
    if a.periods and b.periods and a.periods != b.periods:
        return Relationship.TEMPLATE
    are_records = a.is_record and b.is_record
    is_near_copy = _overlap(a.text, b.text) >= (_NEAR_COPY_OF_RECORD if are_records else _NEAR_COPY)
    if is_near_copy and not _subjects_differ(a, b):
        return Relationship.VERSION
    if is_near_copy or are_records:
        return Relationship.TEMPLATE
    return Relationship.DEAL if a.is_record or b.is_record else Relationship.NONE


_RECORDS = {
    *("minutes of meeting", "report an incident", "annual report", "financial report", "invoice"),
    *("budget", "job offer", "proposal", "commercial proposal", "press release", "newsletter"),
    *("release note", "pipeline", "strategic plan", "contract", "agreement", "confidentiality agreement"),
    *("free loan", "lease", "letter document", "presentation", "case study", "survey", "status report"),
    *("incident report", "quarterly report", "quarter", "cost report", "media plan", "account plan"),
    *("partnership", "product roadmap", "roadmap", "sales pipeline", "request for proposal"),
    *("corporate presentation", "content calendar", "campaign brief", "brief", "decision"),
    *("maintenance notice", "risk register", "campaign", "job description"),
}
"""Titles of documents about one deal, event or period."""

_NEAR_COPY, _LEAST_TRIPLES = 0.45, 25  # share of phrases, and how many make a document
_NEAR_COPY_OF_RECORD = 0.75  # reports on two days have much in common and are no versions
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
    if min(len(one), len(other)) < _LEAST_TRIPLES:
        return 0.0
    return len(one & other) / max(1, min(len(one), len(other)))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _subjects_differ(a: Profile, b: Profile) -> bool:
    """Whether their titles name different things (years and editions apart), or their first lines."""
    titles_differ = bool(a.title_words - b.title_words) and bool(b.title_words - a.title_words)
    if titles_differ:
        return True
    one, other = _head_names(a.text), _head_names(b.text)
    if not (one - other and other - one):
        return False
    return len(differing_facts(a.text, b.text)) > _ONE_CHANGE


def _title_words(title: str) -> set[str]:
    identifiers = {fact.value.lower() for fact in formal_facts(title, None) if fact.kind == "identifier"}
    words = WORD.findall(_YEAR.sub(" ", title.lower()))
    named = {word for word in words if word not in _EDITIONS and not word.isdigit() and len(word) > 1}
    return {word for word in named | identifiers if not _VERSION_NUMBER.fullmatch(word)}


def _head_names(text: str) -> set[str]:
    """Names in the first lines; those after a label (Owner: ...) are of people who keep the document."""
    parts = re.split(r"[\n·]", text[:_HEAD])[1:]
    told = "\n".join(part.strip() for part in parts if not _KEEPER.match(part))
    return {fact.value for fact in facts(told) if fact.kind == "name"}


_HEAD = 700  # characters of a text that say whom it is about
_ONE_CHANGE = 2  # differing facts: one on either side; a form that was filled in again differs in more
_KEEPER = re.compile(
    r"\W*(?:owner|author|editor|contact|approved|approved by|prepared by|responsible|version|date|revision|"
    r"edition|autora?|editora?|contacto|aprobó|elaboró|preparó|revisó|responsable|versión|fecha|"
    r"vigencia|contato|aprovação|aprovou|elaborou|preparou|responsável|versão|data)\W*:",
    re.IGNORECASE,
)


def _subject_names(title: str, said: set[str]) -> set[str]:
    """Who or what a title names, and any other word that is not in the glossary."""
    return {concept for concept in said if concept[0] in "=~"} | set(_title_words(title))


def _is_narrated(text: str) -> bool:
    """Whether the text tells what happened or who said what, as news does, rather than what holds."""
    told = len(_TOLD.findall(text, 0, _READ))
    return told >= _LEAST_TOLD and told * _WORDS_TOLD >= text.count(" ", 0, _READ)


_TOLD = re.compile(
    r"\b(?:said|told|reported|announced|rose|fell|declined|vs|versus|added|according to|"
    r"dijo|declaró|anunció|informó|subió|cayó|disse|declarou|anunciou|informou|subiu|caiu)\b",
    re.IGNORECASE,
)
_READ, _LEAST_TOLD, _WORDS_TOLD = 4000, 1, 120  # characters read; such words in all, and one in so many
_VERSION_NUMBER = re.compile(r"v\d+(?:\.\d+)*")


def title_of(subject: Subject) -> str:
    """The title, else the first line if it reads like one."""
    first = subject.text.split("\n", 1)[0].strip()
    return subject.title or ("" if first.endswith((".", "!", "?", ":", ";")) else first)
