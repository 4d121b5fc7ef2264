"""Facts that their form alone gives away: numbers, dates and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from core.redundancy.fact import Fact
from core.redundancy.fact_words import CURRENCIES, MONTHS, UNITS

DecimalSign = Literal["point", "comma"]


def formal_facts(text: str, sign: DecimalSign | None) -> tuple[Fact, ...]:
    """In reading order. `sign` settles numbers like 1.234, which otherwise stay as they are written."""
    return tuple(_fact(text, match, sign) for match in _FORM.finditer(text))


def decimal_sign(text: str) -> DecimalSign | None:
    """The sign that the unmistakable numbers of the text use; None if there are none, or for both signs."""
    point, comma = _DECIMAL_POINT.search(text), _DECIMAL_COMMA.search(text)
    if (point is None) == (comma is None):
        return None
    return "point" if point else "comma"


_DECIMAL_POINT = re.compile(
    r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d+\.\d\d)(?![\w.,]?\d)"
)
_DECIMAL_COMMA = re.compile(
    r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+,\d\d)(?![\w.,]?\d)"
)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_MONTH = rf"(?:{_alternatives(MONTHS)})\b\.?"
_CURRENCY = rf"(?:{_alternatives(word.lower() for word in CURRENCIES)})"
_UNIT = rf"(?:{_alternatives({*UNITS, *map(str.lower, CURRENCIES)})})(?!\w)"
_FIGURE = r"(?:\d{1,3}(?:[\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"

_FORM = re.compile(
    rf"""
    (?<!\w) (?=[\w$€£¥+−-]) (?:
      (?P<link> (?:https?://|www\.) [^\s<>"]* [\w/] )
    | (?P<email> (?<![\w.+-]) [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)+ )
    | (?P<year_first> (?<!-) \d{{4}} (?P<dash>[-/]) \d{{1,2}} (?P=dash) \d{{1,2}} (?![\w-]) )
    | (?P<year_last> (?<![./-]) \d{{1,2}} (?P<bar>[-/.]) \d{{1,2}} (?P=bar)
        (?:\d{{4}}|\d{{2}}) (?! [\w/-] | \.\d ) )
    | (?P<day_month> \d{{1,2}} (?:st|nd|rd|th|º|°)? \s+ (?:de\s+|of\s+)? {_MONTH}
        (?: ,?\s+ (?:de\s+|del\s+)? \d{{4}}\b )? )
    | (?P<month_day> {_MONTH} \s+ \d{{1,2}} (?:st|nd|rd|th)? \b (?![.,:]?\d) (?: ,?\s+ \d{{4}}\b )? )
    | (?P<month_year> {_MONTH} ,?\s+ (?:de\s+|del\s+|of\s+)? \d{{4}}\b )
    | (?P<time> \d{{1,2}} : \d\d (?: :\d\d )? (?!\w) )
    | (?P<acronym> (?!{_CURRENCY}\b) (?-i:[A-Z]{{2,6}}) [ \u00a0] \d[\w-]*
        (?! [.,]?\d | [ \u00a0-]?{_UNIT} ) )
    | (?P<number> (?: {_CURRENCY} [ \u00a0]? )? (?: (?<!\)) [-−+] )? (?<!\w) {_FIGURE}
        (?: [ \u00a0-]? {_UNIT} ){{0,2}} (?!\w) )
    | (?P<code> (?=[\w./-]{{0,99}}\d) (?=[\w./-]{{0,99}}[^\W\d_]) \w+ (?: [-./]\w+ )* )
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _fact(text: str, match: re.Match[str], sign: DecimalSign | None) -> Fact:
    form, written = str(match.lastgroup), match.group()
    start, end = match.span()
    if form == "number":
        in_parentheses = text[max(0, start - 1) : start] + text[end : end + 1] == "()"
        return Fact("number", _amount(written, sign, in_parentheses), written, start, end)
    if form in ("link", "email", "code"):
        return Fact("identifier", written, written, start, end)
    if form == "acronym":
        return Fact("identifier", re.sub(r"\s", "-", written), written, start, end)
    return Fact("date", _date(form, written), written, start, end)


_AMOUNT = re.compile(rf"(?P<before>\D*?)(?P<sign>[-−+]?)(?P<figure>{_FIGURE})(?P<after>.*)", re.DOTALL)
_UNIT_AFTER = re.compile(_UNIT, re.IGNORECASE)


def _amount(written: str, sign: DecimalSign | None, in_parentheses: bool) -> str:
    """Sign, figure, units and currency, as in "-1234.5 million EUR".

    Parentheses stay, because in accounts they are a minus sign.
    """
    parts = _AMOUNT.fullmatch(written)
    assert parts is not None
    figure = ("-" if parts["sign"] in ("-", "−") else "") + _figure(parts["figure"], sign)
    words = [*_UNIT_AFTER.findall(parts["after"]), parts["before"].strip()]
    named = [UNITS.get(word) or CURRENCIES[word] for word in map(str.lower, words) if word]
    return " ".join([f"({figure})" if in_parentheses else figure, *named])


_GROUPING = re.compile(r"[\u00a0\u202f'’]")
_SEPARATOR = re.compile(r"[.,]")


def _figure(written: str, sign: DecimalSign | None) -> str:
    """Digits with a point before the decimals, or as written if that could be read in two ways."""
    digits = _GROUPING.sub("", written)
    separators, groups = _SEPARATOR.findall(digits), _SEPARATOR.split(digits)
    if not separators:
        return digits
    *whole, last = groups
    if len(set(separators)) == 2:
        is_regular = len(set(separators[:-1])) == 1 and _in_threes(whole)
        return _plain("".join(whole), last) if is_regular else digits
    if len(separators) > 1:
        return "".join(groups) if _in_threes(groups) else digits
    if not _in_threes(groups):
        return _plain(groups[0], last)
    if sign is None:
        return digits
    is_decimal = separators[0] == {"point": ".", "comma": ","}[sign]
    return _plain(groups[0], last) if is_decimal else "".join(groups)


def _in_threes(groups: list[str]) -> bool:
    return len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])


def _plain(whole: str, fraction: str) -> str:
    return format(Decimal(f"{whole}.{fraction}").normalize(), "f")


def _date(form: str, written: str) -> str:
    """ISO 8601 as far as the date is given.

    A date whose day and month could change places stays as it is written, and so does one with a short year.
    """
    numbers = re.findall(r"\d+", written)
    if form == "time":
        return written
    if form == "year_first":
        return _iso(numbers[0], int(numbers[1]), int(numbers[2]))
    if form == "year_last":
        low, high = sorted(map(int, numbers[:2]))
        is_plain = len(numbers[2]) == 4 and (low == high or low <= 12 < high)
        return _iso(numbers[2], low, high) if is_plain else "/".join(numbers)
    month = next(MONTHS[word] for word in re.findall(r"[^\W\d_]+", written.lower()) if word in MONTHS)
    if form == "month_year":
        return f"{numbers[0]}-{month:02d}"
    return _iso(numbers[1] if len(numbers) > 1 else "-", month, int(numbers[0]))


def _iso(year: str, month: int, day: int) -> str:
    return f"{year}-{month:02d}-{day:02d}"
