"""Spain: DNI and NIF, NIE, tax number of companies (CIF), social security number."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, luhn
from core.quality.policy.identifiers.detector import Detector, form

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_COMPANY_LETTERS = "JABCDEFGHI"
_LETTER_ONLY, _DIGIT_ONLY = "NPQRSW", "ABEH"


def is_dni(number: str) -> bool:
    """Eight digits and the letter that their remainder by 23 names; K, L or M and seven digits alike."""
    digits = number[:-1] if number[0].isdigit() else number[1:-1]
    return not is_one_digit(digits) and _LETTERS[int(digits) % 23] == number[-1]


def is_nie(number: str) -> bool:
    return _LETTERS[int(str("XYZ".index(number[0])) + number[1:-1]) % 23] == number[-1]


def is_cif(number: str) -> bool:
    """The check digit is Luhn's over seven digits; by the kind of organisation it is written as a letter."""
    digits, written = number[1:-1], number[-1]
    expected = next(digit for digit in range(10) if luhn(f"{digits}{digit}"))
    as_letter = written == _COMPANY_LETTERS[expected]
    as_digit = written == str(expected)
    if number[0] in _LETTER_ONLY:
        return as_letter
    return as_digit if number[0] in _DIGIT_ONLY else as_letter or as_digit


def is_social_security(number: str) -> bool:
    """Province, eight digits, and the remainder of both by 97."""
    province, own, check = number[:2], int(number[2:10]), int(number[10:])
    if not (1 <= int(province) <= 53 or province == "66"):
        return False
    whole = int(province) * 10_000_000 + own if own < 10_000_000 else int(number[:10])
    return whole % 97 == check


DETECTORS = (
    Detector("es_dni", form(r"\d{8}[ -]?[A-HJ-NP-TV-Z]"), "unless_other", is_dni),
    Detector("es_dni", form(r"\d{2}([. ])\d{3}\1\d{3}[ -]?[A-HJ-NP-TV-Z]"), "unless_other", is_dni),
    Detector("es_dni", form(r"[KLM][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]"), "label", is_dni),
    Detector("es_nie", form(r"[XYZ][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]"), "unless_other", is_nie),
    Detector("es_nie", form(r"[XYZ][ -]?\d\.\d{3}\.\d{3}[ -]?[A-HJ-NP-TV-Z]"), "unless_other", is_nie),
    Detector(
        "es_cif", form(r"(?:ES)?[A-HJNP-SUVW][ -]?\d{7}[ -]?[0-9A-J]"), "label", lambda n: is_cif(n[-9:])
    ),
    Detector("es_cif", form(r"[A-HJNP-SUVW][ -]?\d{2}\.\d{3}\.\d{2}[0-9A-J]"), "label", is_cif),
    Detector("es_nss", form(r"\d{2}([ /-])\d{8}\1\d{2}"), "unless_other", is_social_security),
    Detector("es_nss", form(r"\d{2}[ /-]?\d{8}[ /-]?\d{2}"), "label", is_social_security),
)
