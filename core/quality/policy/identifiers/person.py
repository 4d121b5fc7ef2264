"""What passports and civil registers say: passport numbers, dates of birth. Both need their label."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.quality.policy.folding import fold
from core.quality.policy.identifiers.checksums import is_date, is_one_digit
from core.quality.policy.identifiers.detector import Detector, form

_MONTHS = (
    "january enero janeiro jan ene; february febrero fevereiro feb fev; march marzo marco mar; "
    "april abril apr abr; may mayo maio mai; june junio junho jun; july julio julho jul; "
    "august agosto aug ago; september septiembre setiembre setembro sep sept set; "
    "october octubre outubro oct out; november noviembre novembro nov; "
    "december diciembre dezembro dec dic dez"
)
_MONTH_OF = {name: month for month, names in enumerate(_MONTHS.split(";"), start=1) for name in names.split()}
_MONTH = r"[A-Za-zç]{3,10}\.?"
_OLDEST = 1900


def is_birth_date(written: str) -> bool:
    """A day that was, in figures of either order or with the name of the month."""
    words = re.findall(r"\d+|[a-z]+", fold(written))
    years = [int(word) for word in words if len(word) == 4 and word.isdigit()]
    if len(years) != 1 or not _OLDEST <= years[0] <= datetime.now(UTC).year:
        return False
    rest = [word for word in words if not (word.isdigit() and len(word) == 4)]
    months = [_MONTH_OF[word] for word in rest if word in _MONTH_OF]
    figures = [int(word) for word in rest if word.isdigit()]
    if months:
        return len(figures) == 1 and is_date(years[0], months[0], figures[0])
    if len(figures) != 2:
        return False
    one, other = figures
    return is_date(years[0], one, other) or is_date(years[0], other, one)


def is_passport(number: str) -> bool:
    return not is_one_digit(re.sub(r"\D", "", number))


DETECTORS = (
    Detector(
        "passport",
        form(r"[A-Z]{3}[ -]?\d{6}|[A-Z]{2}[ -]?\d{6,7}|[A-Z][ -]?\d{8}|\d{9}", exact_case=True),
        "label",
        is_passport,
    ),
    Detector(
        "birth_date",
        form(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}"),
        "label",
        is_birth_date,
    ),
    Detector(
        "birth_date",
        form(
            rf"\d{{1,2}}(?:st|nd|rd|th|º|°)?(?: of| de)? {_MONTH}(?: of| de| del)?,? \d{{4}}"
            rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
        ),
        "label",
        is_birth_date,
    ),
)
