"""What a spreadsheet shows for a number or a day in the formats that our workbooks have.

ECMA-376, part 1, 18.8.31. Knows these formats only: digits with groups and decimals, literals after a
backslash, percent, a section of its own for negative numbers, the language of its numbers, and days.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

_POINTS = {"en", "ar", "he", "fa", "ur", "yi", "ja", "ko", "zh", "th", "hi", "ms"}
"""Languages that write 1,234.50; the others write 1.234,50."""

_LANGUAGE = re.compile(r"\[\$-([0-9A-F]+)\]")
_ENGLISH = "409"
_TOKEN = re.compile(r"\\(.)|(%)|([0#,]+)|(\.)(0+)|(.)")


def wording(value: float | date, code: str, language: str) -> str:
    """The value as it is seen in a program that speaks the language."""
    if isinstance(value, datetime | date):
        return value.strftime(code.replace("yyyy", "%Y").replace("mm", "%m").replace("dd", "%d"))
    if code == "General":
        return f"{value:.15g}"
    sections = code.split(";")
    is_negative = value < 0
    section = sections[1] if is_negative and len(sections) > 1 else sections[0]
    sign = "-" if is_negative and len(sections) == 1 else ""
    named = _LANGUAGE.match(section)
    is_point = named[1] == _ENGLISH if named else language.partition("-")[0].lower() in _POINTS
    return sign + _filled(abs(value), section[named.end() if named else 0 :], is_point=is_point)


def _filled(value: float, section: str, *, is_point: bool) -> str:
    tokens = list(_TOKEN.finditer(section))
    decimals = next((len(token[5]) for token in tokens if token[4]), 0)
    number = Decimal(repr(value)).scaleb(2 if any(token[2] for token in tokens) else 0)
    whole, _, fraction = f"{number:.{decimals}f}".partition(".")
    left = sum(token[3].count("0") for token in tokens if token[3])
    group, point = (",", ".") if is_point else (".", ",")
    shown = ""
    for token in tokens:
        if token[3] and "," in token[3]:
            shown += f"{int(whole):,}".replace(",", group)
        elif token[3]:
            taken = token[3].count("0")
            left -= taken
            end = len(whole) - left
            shown += whole[max(0, end - taken) if shown.strip() else 0 : end]
        elif token[4]:
            shown += point + fraction
        else:
            shown += token[1] or token[0]
    return shown
