"""What a cell's text is: a number, a share, a date, or text. In doubt it is text, as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

CellKind = Literal["text", "number", "percent", "date"]
_COMMA = (
    "es",
    "pt",
    "fr",
    "de",
    "it",
    "nl",
    "pl",
    "ca",
    "gl",
    "sv",
    "da",
    "nb",
    "fi",
    "cs",
    "ro",
    "tr",
    "id",
)
"""Languages that write 1.234,50."""

_POINT_NUMBER = re.compile(r"[-−]?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?")
_COMMA_NUMBER = re.compile(r"[-−]?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:[. \u00a0\u202f]\d{3})+)(?:,(\d+))?")
_ISO_DATE = re.compile(r"(1[6-9]\d\d|[2-9]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_LONGEST = 15
"""A spreadsheet keeps fifteen digits; a longer number is an identifier."""

_FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets count a day that never was


@dataclass(frozen=True, slots=True)
class TypedCell:
    """`value` is a number, or the day; `format` shows it with the decimals and groups that it had."""

    kind: CellKind
    value: float | date | None = None
    format: str = ""


TEXT = TypedCell("text")


def typed(text: str, language: str) -> TypedCell:
    """The cell. A number that starts with a nought, a plus or a bracket, or has more digits than a sheet
    keeps, is text: it is a code or a telephone number.

    >>> [typed(text, "en").value for text in ("1,200.50", "25 %", "007", "1,20")]
    [1200.5, 0.25, None, None]
    >>> typed("1.234,50", "es").value
    1234.5
    """
    bare = text.strip()
    if len(bare) > 24 or not bare or not (bare[-1].isdecimal() or bare[-1] == "%") or not bare.isprintable():
        return TEXT
    if found := _ISO_DATE.fullmatch(bare):
        return _day(*map(int, found.groups()))
    is_share = bare.endswith("%")
    number = bare.removesuffix("%").rstrip(" \u00a0\u202f") if is_share else bare
    uses_comma = language.partition("-")[0].lower() in _COMMA
    match = (_COMMA_NUMBER if uses_comma else _POINT_NUMBER).fullmatch(number)
    if match is None or (not number.isascii() and not _is_plain(number)):
        return TEXT
    return _number(number, match[1] or "", is_share, uses_comma)


def shown(cell: TypedCell) -> str:
    """The value alone, for comparing: as Python writes it."""
    return cell.value.isoformat() if isinstance(cell.value, date) else repr(cell.value)


def _number(number: str, decimals: str, is_share: bool, uses_comma: bool) -> TypedCell:
    digits = re.sub(r"\D", "", number)
    if len(digits.lstrip("0")) > _LONGEST:
        return TEXT
    whole = re.split("," if uses_comma else r"\.", number)[0]
    is_grouped = re.search(r"\d\D\d", whole) is not None
    plain = (
        ("-" if number[0] in "-−" else "") + re.sub(r"\D", "", whole) + (f".{decimals}" if decimals else "")
    )
    code = ("#,##0" if is_grouped else "0") + ("." + "0" * len(decimals) if decimals else "")
    if is_share:
        return TypedCell("percent", float(f"{plain}e-2"), code + "%")
    return TypedCell("number", float(plain), code)


def _day(year: int, month: int, day: int) -> TypedCell:
    try:
        found = date(year, month, day)
    except ValueError:
        return TEXT
    return TypedCell("date", found, "yyyy-mm-dd") if found >= _FIRST_DAY else TEXT


def _is_plain(number: str) -> bool:
    """Digits of other scripts would be lost in a number."""
    return all(letter.isascii() or letter in "−\u00a0\u202f" for letter in number)
