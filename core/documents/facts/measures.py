"""Durations, shares and quantities, in figures and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from core.documents.facts.amounts import IN_WORDS, NUMBER, plain, read_amount, read_words
from core.documents.facts.fact import Fact
from core.language.entities import find_entities
from core.language.stop_words import Language

_UNITS: tuple[tuple[str, str], ...] = (
    (
        "working day",
        r"(?:working|business|labou?r) days?|d[ií]as? (?:h[aá]bil(?:es)?|laborables?|[uú]til|[uú]teis)",
    ),
    ("day", r"(?:calendar |natural )?days?|d[ií]as?(?: naturales| corridos| calend[aá]rio)?|jornadas?"),
    ("week", r"weeks?|semanas?"),
    ("month", r"months?|mes(?:es)?|mês"),
    ("quarter", r"quarters?|trimestres?"),
    ("year", r"years?|años?|anos?|ano"),
    ("hour", r"(?:working |business )?hours?|horas?"),
    ("minute", r"minutes?|minutos?"),
)
_UNIT = "|".join(f"(?:{written})" for _, written in _UNITS)
_DURATION = {
    language: re.compile(
        rf"(?<![\w.,])(?P<number>{NUMBER}|{words})(?:\s?\([^)]{{1,40}}\))?[\s-]+(?P<unit>{_UNIT})(?!\w)",
        re.IGNORECASE,
    )
    for language, words in IN_WORDS.items()
}
_PERCENTAGE = {
    language: re.compile(
        rf"(?<![\w.,])(?P<number>{NUMBER}|{words})(?:\s?%|\s(?:per\s?cent|percent|por\sciento|por\scento)\b)",
        re.IGNORECASE,
    )
    for language, words in IN_WORDS.items()
}
_QUANTITY = {
    language: re.compile(
        rf"(?<![\w.,$€£/-])(?P<number>{NUMBER}|{words})\s(?P<thing>(?!(?:de|of|a|o|y|e|and|or|to|per|por|en|em|in|on|at|del|do|da)\b)"
        r"[^\W\d_]{2,}(?:\s[^\W\d_]{4,})?|[°µ]?[A-Za-z]{1,3}[²³]?)(?![\w%])",
        re.IGNORECASE,
    )
    for language, words in IN_WORDS.items()
}


def find_durations(text: str, language: Language) -> Iterator[Fact]:
    for match in _DURATION[language].finditer(text):
        number = _number(match["number"], language)
        if number is not None:
            yield Fact("duration", match[0], *match.span(), _length(number, match["unit"]))


def find_percentages(text: str, language: Language) -> Iterator[Fact]:
    for match in _PERCENTAGE[language].finditer(text):
        number = _number(match["number"], language)
        if number is not None:
            yield Fact("percentage", match[0], *match.span(), f"{plain(number)}%")


def find_quantities(text: str, language: Language) -> Iterator[Fact]:
    """Numbers of things: no money, dates, shares, or lengths of time."""
    taken = bytearray(len(text) + 1)
    others = [
        (one.start, one.end) for one in find_entities(text) if one.kind in ("money", "date", "identifier")
    ]
    others += [(one.start, one.end) for one in find_durations(text, language)]
    for start, end in others:
        taken[start:end] = b"\1" * (end - start)
    for match in _QUANTITY[language].finditer(text):
        number = _number(match["number"], language)
        if number is None or any(taken[match.start() : match.end("number")]):
            continue
        if match["number"].lower() in ("un", "una", "uno", "um", "uma", "one"):
            continue
        thing = match["thing"].split()[0]
        end = match.start("thing") + len(thing)
        yield Fact("quantity", text[match.start() : end], match.start(), end, plain(number))


def _number(written: str, language: Language) -> Decimal | None:
    return read_amount(written) if written[0].isdigit() else read_words(written, language)


def _length(number: Decimal, unit: str) -> str:
    """Years and quarters in months, weeks in days: what is the same length has the same value."""
    name = next(name for name, written in _UNITS if re.fullmatch(written, unit, re.IGNORECASE))
    factor, base = {"year": (12, "month"), "quarter": (3, "month"), "week": (7, "day")}.get(name, (1, name))
    return f"{plain(number * factor)} {base}"
