"""United States: social security number, employer identification number, routing number of a bank."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, weighted
from core.quality.policy.identifiers.detector import Detector, form

_ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
_EIN_PREFIXES = frozenset(
    f"{prefix:02}"
    for first, last in (
        (1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77), (80, 88), (90, 95), (98, 99),
    )
    for prefix in range(first, last + 1)
)  # fmt: skip


def is_ssn(number: str) -> bool:
    """It has no check digit. 000 and 666 are no areas, those from 900 are ITINs; 00 and 0000 do not occur."""
    area, group, serial = number[:3], number[3:5], number[5:]
    if area in ("000", "666") or group == "00" or serial == "0000" or is_one_digit(number):
        return False
    return area < "900" or "50" <= group <= "99"


def is_ein(number: str) -> bool:
    return number[:2] in _EIN_PREFIXES and not is_one_digit(number)


def is_routing(number: str) -> bool:
    district = int(number[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and weighted(number, _ROUTING_WEIGHTS) % 10 == 0 and not is_one_digit(number)


DETECTORS = (
    Detector("us_ssn", form(r"\d{3}-\d{2}-\d{4}"), "unless_other", is_ssn),
    Detector("us_ssn", form(r"\d{3}[ .]?\d{2}[ .]?\d{4}"), "label", is_ssn),
    Detector("us_ein", form(r"\d{2}-?\d{7}"), "label", is_ein),
    Detector("us_routing", form(r"\d{4}[ -]?\d{4}[ -]?\d"), "label", is_routing),
)
