"""What day a written date means."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.language.stop_words import Language


class Day(NamedTuple):
    """A date as far as it is said; 0 for what is not. Days compare in the order of time."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}-{self.day:02}"


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene",
            "feb fev",
            "mar",
            "apr abr",
            "may mai",
            "jun",
            "jul",
            "aug ago",
            "sep set",
            "oct out",
            "nov",
            "dec dic dez",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|º|°)?\b")
_LETTERS = re.compile(r"[^\W\d_]{3,}")


def read_day(written: str, language: Language) -> Day | None:
    """The day; in figures alone the month comes first in English unless it could be none.

    >>> str(read_day("3 de marzo de 2026", "es")), str(read_day("03/14/2026", "en"))
    ('2026-03-03', '2026-03-14')
    """
    if iso := _ISO.search(written):
        return _checked(int(iso[1]), int(iso[2]), int(iso[3]))
    if figures := _FIGURES.search(written):
        return _from_figures(int(figures[1]), int(figures[2]), int(figures[3]), language)
    month = next(
        (_MONTHS[word[:3].lower()] for word in _LETTERS.findall(written) if word[:3].lower() in _MONTHS), 0
    )
    if not month:
        return None
    year = _YEAR.search(written)
    day = _DAY.search(_YEAR.sub("", written))
    return _checked(int(year[0]) if year else 0, month, int(day[1]) if day else 0)


def _from_figures(first: int, second: int, year: int, language: Language) -> Day | None:
    whole = year + 2000 if year < 100 else year
    month_first = (language == "en" and first <= 12) or second > 12
    return _checked(whole, first, second) if month_first else _checked(whole, second, first)


def _checked(year: int, month: int, day: int) -> Day | None:
    return Day(year, month, day) if 1 <= month <= 12 and 0 <= day <= 31 else None


def are_same_day(one: str, other: str) -> bool:
    """Whether two written-out days agree as far as both are said: "2026-03-00" and "2026-03-14" do."""
    parts = zip(one.split("-"), other.split("-"), strict=True)
    return all(mine == theirs or not int(mine) or not int(theirs) for mine, theirs in parts)
