"""Mexico: CURP, RFC, CLABE, social security number."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, is_short_date, luhn
from core.quality.policy.identifiers.detector import Detector, form

_CURP_SIGNS = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_RFC_SIGNS = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
_STATES = "AS|BC|BS|CC|CL|CM|CS|CH|DF|DG|GT|GR|HG|JC|MC|MN|MS|NT|NL|OC|PL|QT|QR|SP|SL|SR|TC|TS|TL|VZ|YN|ZS|NE"


def is_curp(curp: str) -> bool:
    total = sum(_CURP_SIGNS.index(sign) * (18 - place) for place, sign in enumerate(curp[:17]))
    return is_short_date(curp[4:10]) and str(-total % 10) == curp[17]


def is_rfc(rfc: str) -> bool:
    """Twelve signs for a company, thirteen for a person; the last is a check sign by 11."""
    padded = rfc.rjust(13)
    total = sum(_RFC_SIGNS.index(sign) * (13 - place) for place, sign in enumerate(padded[:12]))
    return is_short_date(padded[4:10]) and "0123456789A"[-total % 11] == padded[12]


def is_clabe(number: str) -> bool:
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(number[:17]))
    return -total % 10 == int(number[17]) and not is_one_digit(number)


def is_social_security(number: str) -> bool:
    return luhn(number) and not is_one_digit(number)


DETECTORS = (
    Detector(
        "mx_curp",
        form(rf"[A-Z][AEIOUX][A-Z]{{2}}\d{{6}}[HMX](?:{_STATES})[B-DF-HJ-NP-TV-ZÑ]{{3}}[0-9A-Z]\d"),
        "form",
        is_curp,
    ),
    Detector("mx_rfc", form(r"[A-ZÑ&]{3,4}[ -]?\d{6}[ -]?[0-9A-Z]{2}[0-9A]"), "unless_other", is_rfc),
    Detector("mx_clabe", form(r"\d{3}([ -]?)\d{3}\1\d{11}\1\d"), "label", is_clabe),
    Detector("mx_clabe", form(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}\1\d{2}"), "label", is_clabe),
    Detector("mx_nss", form(r"\d{2}([ -]?)\d{2}\1\d{2}\1\d{4}\1\d"), "label", is_social_security),
    Detector("mx_nss", form(r"\d{10}-\d"), "label", is_social_security),
)
