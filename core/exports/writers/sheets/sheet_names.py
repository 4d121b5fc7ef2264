"""Names that a workbook accepts for its sheets and tables: short, safe and each once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
_RESERVED = ("history",)


@dataclass(slots=True)
class SheetNames:
    """
    >>> names = SheetNames()
    >>> [names.take("Costs: 2026/27"), names.take("costs 2026 27")]
    ['Costs 2026 27', 'costs 2026 27 (2)']
    """

    _taken: set[str] = field(default_factory=set)

    def take(self, wanted: str, otherwise: str = "Sheet") -> str:
        plain = " ".join(_FORBIDDEN.sub(" ", wanted).split()).strip("' ")
        plain = plain if plain and plain.casefold() not in _RESERVED else otherwise
        name = _cut(plain, LONGEST)
        number = 2
        while name.casefold() in self._taken:
            suffix = f" ({number})"
            name, number = _cut(plain, LONGEST - len(suffix)) + suffix, number + 1
        self._taken.add(name.casefold())
        return name


def _cut(name: str, length: int) -> str:
    """A sheet's name is counted in UTF-16 units."""
    while len(name.encode("utf-16-le")) // 2 > length:
        name = name[:-1]
    return name.rstrip(" '")


def reference(name: str) -> str:
    """The first cell of the sheet, as a link names it."""
    escaped = name.replace("'", "''")
    return f"internal:'{escaped}'!A1"
