"""What a cell's text is: a number, a share, a date, or text. In doubt it is text, as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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

_DIGITS = re.compile(r"\d")
_NUMBERS = {True: "[$-C0A]", False: "[$-409]"}
"""Spanish and English as a number format names them, by whether they write 1.234,50."""

_FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets count a day that never was


@dataclass(frozen=True, slots=True)
class TypedCell:
    """`value` is a number, or the day; `format` shows it with the signs and decimals that it had."""

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
    if not 0 < len(bare) <= 24 or not (bare[-1].isdecimal() or bare[-1] == "%"):
        return TEXT
    if found := _ISO_DATE.fullmatch(bare):
        return _day(*map(int, found.groups()))
    number = bare.removesuffix("%").rstrip(" \u00a0\u202f")
    suffix = bare[len(number) :]
    match = (_COMMA_NUMBER if uses_comma(language) else _POINT_NUMBER).fullmatch(number)
    if match is None or (not number.isascii() and not _is_plain(number)):
        return TEXT
    return _number(number, match[1] or "", suffix, "," if uses_comma(language) else ".")


def uses_comma(language: str) -> bool:
    return language.partition("-")[0].lower() in _COMMA


def in_document(cell: TypedCell, language: str, document: str) -> TypedCell:
    """The cell in a document of another language: its format says so where numbers are written otherwise."""
    if cell.kind in ("text", "date") or uses_comma(language) == uses_comma(document):
        return cell
    sections = [_NUMBERS[uses_comma(language)] + section for section in cell.format.split(";")]
    return replace(cell, format=";".join(sections))


def shown(cell: TypedCell) -> str:
    """The value alone, for comparing: as Python writes it."""
    return cell.value.isoformat() if isinstance(cell.value, date) else repr(cell.value)


def _number(number: str, decimals: str, suffix: str, point: str) -> TypedCell:
    digits = "".join(_DIGITS.findall(number))
    is_negative = number[0] in "-−"
    if len(digits.lstrip("0")) > _LONGEST or (is_negative and not digits.strip("0")):
        return TEXT
    whole = number.lstrip("-−").split(point)[0]
    code = _whole_format(whole) + ("." + "0" * len(decimals) if decimals else "")
    code += "".join(f"\\{letter}" if letter != "%" else letter for letter in suffix)
    if number[0] == "−":
        code = f"{code};\\−{code}"
    plain = "-" * is_negative + "".join(_DIGITS.findall(whole)) + (f".{decimals}" if decimals else "")
    if suffix:
        return TypedCell("percent", float(f"{plain}e-2"), code)
    return TypedCell("number", float(plain), code)


def _whole_format(whole: str) -> str:
    """Points and commas come from the language; blanks between the digits are kept as they are."""
    if whole.isdecimal():
        return "0"
    if "." in whole or "," in whole:
        return "#,##0"
    return "".join("0" if letter.isdecimal() else f"\\{letter}" for letter in whole)


def _day(year: int, month: int, day: int) -> TypedCell:
    try:
        found = date(year, month, day)
    except ValueError:
        return TEXT
    return TypedCell("date", found, "yyyy-mm-dd") if found >= _FIRST_DAY else TEXT


def _is_plain(number: str) -> bool:
    """Digits of other scripts would be lost in a number."""
    return all(letter.isascii() or letter in "−\u00a0\u202f" for letter in number)
