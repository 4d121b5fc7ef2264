"""What the cells of a table are: figures, days, or words; and whether the first row names the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from core.documents.facts import read_amount

_FIGURE = re.compile(
    r"^[\s(]*(?P<before>(?:US|R|MX|AR|CA)?\$|[€£¥]|USD|EUR|BRL|MXN|GBP)?\s*(?P<sign>[-−+])?\s*"
    r"(?P<number>\d[\d.,'\s\u00a0\u202f]*)\s*(?P<after>%|[^\W\d_]+[²³]?(?:\s[^\W\d_]+){0,2}|[€£°]\w?)?[\s)*]*$"
)
_TIME = re.compile(
    r"^\W*(?:(?:19|20)\d\d|(?:Q|T)[1-4](?:\W+(?:19|20)?\d\d)?|[1-4](?:Q|T|º trimestre)(?:\W*\d{2,4})?|"
    r"(?:jan|ene|feb|fev|mar|apr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|out|nov|dec|dic|dez)[a-zçãé]*\.?"
    r"(?:\W+(?:de\W+)?\d{1,4})?|\d{4}-\d\d(?:-\d\d)?|\d{1,2}/\d{1,2}/\d{2,4}|"
    r"(?:week|semana|day|d[ií]a|month|mes|mês|year|año|ano|quarter|trimestre)\W+\d+|"
    r"(?:first|second|third|fourth|primer|segundo|tercer|cuarto|primeiro|terceiro|"
    r"quarto) (?:quarter|trimestre))\W*$",
    re.IGNORECASE,
)


class Figure(NamedTuple):
    """A number of a table; `unit` is what stands beside it, in small letters."""

    number: Decimal
    unit: str


def read_figure(cell: str) -> Figure | None:
    """The number of a cell that is nothing but a number and its unit ("1.234,50", "US$ 1,200", "12 %")."""
    match = _FIGURE.match(cell)
    number = read_amount(cell) if match and len(cell) <= 40 else None
    if match is None or number is None:
        return None
    unit = (match["before"] or match["after"] or "").lower()
    return Figure(-number if match["sign"] in ("-", "−") else number, unit)


def is_time(cell: str) -> bool:
    """Whether a cell names a point or stretch of time: a year, a month, a quarter, a day."""
    return bool(_TIME.match(cell))


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: words in every cell, and rows that differ from it below."""
    if len(rows) < 2 or not all(cell.strip() for cell in rows[0][1:]):
        return False
    return not any(read_figure(cell) for cell in rows[0] if not is_time(cell))
