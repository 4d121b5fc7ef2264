"""Argentina: DNI, CUIT and CUIL."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, weighted
from core.quality.policy.identifiers.detector import Detector, form

_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_PREFIXES = frozenset(("20", "23", "24", "25", "26", "27", "30", "33", "34", "50", "51", "55"))


def is_cuit(number: str) -> bool:
    check = -weighted(number, _WEIGHTS) % 11
    return number[:2] in _PREFIXES and check == int(number[10])


def is_dni(number: str) -> bool:
    """It has no check digit; those in use begin at one million."""
    return 1_000_000 <= int(number) < 100_000_000 and not is_one_digit(number)


DETECTORS = (
    Detector("ar_cuit", form(r"\d{2}([- /])\d{8}\1\d"), "unless_other", is_cuit),
    Detector("ar_cuit", form(r"\d{2}[- .]?\d{2}\.\d{3}\.\d{3}[- .]?\d"), "unless_other", is_cuit),
    Detector("ar_cuit", form(r"\d{11}"), "label", is_cuit),
    Detector(
        "ar_dni",
        form(r"\d{1,2}([. ]?)\d{3}\1\d{3}(?![ -]?[A-Z]\b)", exact_case=True),  # a letter makes it Spanish
        "label",
        is_dni,
    ),
)
