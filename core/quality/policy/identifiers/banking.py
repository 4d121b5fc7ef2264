"""Accounts and cards of any country: IBAN, payment cards."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, luhn, mod_97
from core.quality.policy.identifiers.detector import Detector, form

_IBAN_COUNTRIES: dict[int, str] = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTHS: dict[str, int] = {
    country: length for length, countries in _IBAN_COUNTRIES.items() for country in countries.split()
}
"""Characters of an IBAN by country: SWIFT, IBAN registry."""

_CARD_RANGES: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4000, 4999, (13, 16, 19)),  # Visa, Elo
    (5100, 5599, (16,)),  # Mastercard
    (2221, 2720, (16,)),
    (3400, 3499, (15,)),  # American Express
    (3700, 3799, (15,)),
    (6011, 6011, (16, 19)),  # Discover
    (6440, 6599, (16, 19)),
    (3000, 3059, (14, 16)),  # Diners Club
    (3600, 3699, (14, 16)),
    (3800, 3999, (14, 16)),
    (3528, 3589, (16, 19)),  # JCB
    (6200, 6299, (16, 17, 18, 19)),  # UnionPay
    (5000, 5099, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro, Elo
    (5600, 5899, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (6362, 6363, (16,)),  # Elo
    (6062, 6062, (16,)),  # Hipercard
    (6304, 6304, (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (6759, 6763, (12, 13, 14, 15, 16, 17, 18, 19)),
)
"""First four digits from, to, and the lengths that the issuer uses."""


def is_iban(written: str) -> bool:
    return mod_97(written[4:] + written[:4]) == 1


def is_card(number: str) -> bool:
    begin = int(number[:4])
    known = any(low <= begin <= high and len(number) in lengths for low, high, lengths in _CARD_RANGES)
    return known and luhn(number) and not is_one_digit(number)


def _iban_form() -> str:
    return "|".join(
        rf"(?:{countries.replace(' ', '|')})\d\d(?:[ \-]?[0-9A-Z]){{{length - 4}}}"
        for length, countries in _IBAN_COUNTRIES.items()
    )


_NOT_BEHIND, _NOT_BEFORE = r"(?<!\d{4}[ -])", r"(?![ -]\d{4}(?!\d))"  # no part of more groups of four
DETECTORS = (
    Detector("iban", form(_iban_form()), "form", is_iban),
    Detector(
        "card",
        form(rf"{_NOT_BEHIND}\d{{4}}([ -])\d{{4}}\1\d{{4}}\1\d{{1,4}}(?:\1\d{{1,3}})?{_NOT_BEFORE}"),
        "unless_other",
        is_card,
    ),
    Detector("card", form(r"3\d{3}([ -])\d{6}\1\d{4,5}"), "unless_other", is_card),
    Detector("card", form(r"\d{13,19}"), "unless_other", is_card),
)
