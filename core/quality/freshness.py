"""How old a document is on a given day, and whether it says of itself that it should have been looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.quality.document import AssessedDocument
from core.quality.part import Evidence, Fix, Parameters, QualityPart, clamped
from core.redundancy.evidence import Span
from core.redundancy.formal_facts import decimal_sign, formal_facts

SCORES_BY_AGE = ((1.0, 100), (2.0, 85), (3.0, 70), (5.0, 45), (8.0, 20), (12.0, 0))
"""Years of age and the score at that age; a straight line in between."""

IN_FORCE_YEARS = 3
NO_NEWER_YEARS = 4

COSTS = {"in_force_but_old": 30, "review_passed": 25, "validity_passed": 35, "no_newer_year": 10}

_HEAD_CHARACTERS = 900  # of the beginning, where documents say their own date
_LABEL_CHARACTERS = 48  # before a date, in which its label stands
_OWN_DATE = re.compile(
    r"\b(?:fecha|data|date|dated|emisión|emissão|issued|effective|version|versión|versão|vigencia|vigência|"
    r"actualiza\w+|atualiza\w+|updated|revised|elaborad\w+|aprobad\w+|aprovad\w+|published|publicad\w+)\b",
    re.IGNORECASE,
)
_IN_FORCE = re.compile(
    r"\b(?:status|state|estado|estatus|situação|situación|vigencia|vigência|validity)\W{1,6}"
    r"(?:vigente|en vigor|em vigor|in force|in effect|activ[eoa]|ativ[oa]|current|actual|atual)\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(
    r"\b(?:next review|review (?:date|due|by|before)|to be reviewed (?:by|before|on)|próxima revisi[óo]n|"
    r"próxima revisão|fecha de revisión|data (?:de|da) (?:próxima )?revisão|revisar antes de[l]?|"
    r"se revisa(?:rá)? antes del?|rever até|revisar até)\b",
    re.IGNORECASE,
)
_VALID = re.compile(
    r"\b(?:valid (?:until|through|to)|válid[oa]s? (?:hasta|até)|vigente (?:hasta|até)|vigencia hasta|"
    r"vigência até|em vigor até|en vigor hasta|in force until|expires? on|expiry date|expiration date|"
    r"fecha de vencimiento del documento|validade até|caduca el)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.,/-])(?:19[89]\d|20\d\d)(?![\w]|[.,/-]\d)")
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class DatedPlace:
    """A date of the text, as exactly as it is written: a day, else the end of its month or year."""

    day: date
    span: Span
    label: str


class _OwnDate(NamedTuple):
    day: date
    code: str
    span: Span | None


def judge_freshness(document: AssessedDocument, today: date) -> QualityPart:
    """By the document's own date: the newest that it states at its beginning, else that of the file, else
    the newest in the text that is not in the future. Less the COSTS of what it says of itself. No date, no
    score.
    """
    text = document.content.text
    dates = list(_dates(text))
    own = _own_date(document, text, dates, today)
    if own is None:
        return QualityPart("freshness", None, (Evidence("no_date"),), (Fix("add_date"),))
    years = max(0.0, (today - own.day).days / _DAYS_A_YEAR)
    stated: Parameters = {"date": own.day.isoformat(), "years": round(years, 1)}
    findings = list(_findings(document, text, dates, years, today))
    score = _score_at(years) - sum(COSTS[code] for code in {evidence.code for evidence in findings})
    fixes = tuple(dict.fromkeys(_FIXES[evidence.code] for evidence in findings))
    if not fixes and years > IN_FORCE_YEARS:
        fixes = ("confirm_or_retire",)
    return QualityPart(
        "freshness",
        clamped(score),
        (Evidence(own.code, stated, own.span), *findings),
        tuple(Fix(code, {"years": round(years, 1)}) for code in fixes),
    )


_FIXES = {
    "in_force_but_old": "renew_or_retire",
    "review_passed": "review_now",
    "validity_passed": "renew_or_retire",
    "no_newer_year": "confirm_or_retire",
}


def _dates(text: str) -> Iterator[DatedPlace]:
    for fact in formal_facts(text, decimal_sign(text)):
        if fact.kind == "date" and (day := _day(fact.value)) is not None:
            line = text.rfind("\n", 0, fact.start) + 1
            label = text[max(line, fact.start - _LABEL_CHARACTERS) : fact.start]
            yield DatedPlace(day, Span(fact.start, fact.end), label)


def _day(value: str) -> date | None:
    """Of an ISO value or of one whose day and month could change places; None without a year."""
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", value)
    if found is None:
        loose = re.fullmatch(r"(?:\d{1,2}/){2}(\d{4})", value)
        return date(int(loose[1]), 12, 31) if loose and 1980 <= int(loose[1]) <= 2099 else None
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 28))
    except ValueError:
        return None


def _own_date(document: AssessedDocument, text: str, dates: list[DatedPlace], today: date) -> _OwnDate | None:
    head = [place for place in dates if place.span.start < _HEAD_CHARACTERS and place.day <= today]
    labelled = [place for place in head if _OWN_DATE.search(place.label) and not _VALID.search(place.label)]
    if labelled:
        newest = max(labelled, key=lambda place: place.day)
        return _OwnDate(newest.day, "stated_date", newest.span)
    if document.modified is not None and document.modified <= today:
        return _OwnDate(document.modified, "file_date", None)
    past = [place for place in dates if place.day <= today]
    if past:
        newest = max(past, key=lambda place: place.day)
        return _OwnDate(newest.day, "newest_date", newest.span)
    years = [(int(match[0]), Span(*match.span())) for match in _YEAR.finditer(text)]
    old = [(year, span) for year, span in years if year <= today.year]
    if not old:
        return None
    year, span = max(old)
    return _OwnDate(min(today, date(year, 12, 31)), "newest_year", span)


def _findings(
    document: AssessedDocument, text: str, dates: list[DatedPlace], years: float, today: date
) -> Iterator[Evidence]:
    if years > IN_FORCE_YEARS and (status := _IN_FORCE.search(text, 0, 3 * _HEAD_CHARACTERS)):
        parameters: Parameters = {"status": status[0], "years": round(years, 1)}
        yield Evidence("in_force_but_old", parameters, Span(*status.span()))
    for place in dates:
        if place.day >= today:
            continue
        if _REVIEW.search(place.label):
            yield Evidence("review_passed", {"date": place.day.isoformat()}, place.span)
        elif _VALID.search(place.label):
            yield Evidence("validity_passed", {"date": place.day.isoformat()}, place.span)
    named = [int(match[0]) for match in _YEAR.finditer(f"{document.title}\n{text}")]
    if named and max(named) <= today.year - NO_NEWER_YEARS:
        yield Evidence("no_newer_year", {"year": max(named)})


def _score_at(years: float) -> float:
    before_years, before = 0.0, 100
    for at_years, score in SCORES_BY_AGE:
        if years <= at_years:
            share = (years - before_years) / (at_years - before_years)
            return before + share * (score - before)
        before_years, before = at_years, score
    return 0.0
