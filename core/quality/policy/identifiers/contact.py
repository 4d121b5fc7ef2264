"""Ways to reach somebody: mail addresses, phone numbers, addresses in the network."""

from __future__ import annotations

import re
from ipaddress import ip_address

from core.quality.policy.identifiers.checksums import is_one_digit
from core.quality.policy.identifiers.detector import Detector, form

_FILE_TYPES = (
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "pdf",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "csv",
    "zip",
    "js",
    "css",
)
_MAIL = re.compile(
    r"(?<![\w.+%-])[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,6}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w@])"
)

_CALLING_CODES = re.compile(
    r"1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|21[1-368]|2[2-6]\d|29[0179]|35\d|37[0-8]|38\d|"
    r"42[013]|50\d|59\d|67\d|68\d|69[0-2]|85[02356]|88[06]|96\d|97[0-7]|99[2-68]"
)
_BRAZILIAN_AREAS = r"[14689][1-9]|2[12478]|3[1-578]|5[1345]|7[134579]"
_BRAZILIAN = re.compile(rf"(?:{_BRAZILIAN_AREAS})(?:9\d{{8}}|[2-5]\d{{7}})")
_NORTH_AMERICAN = re.compile(r"[2-9](?!11)[0-8]\d[2-9](?!11)\d{6}")
_NATIONAL = {
    "34": re.compile(r"[6-9]\d{8}"),
    "52": re.compile(r"1?[2-9]\d{9}"),
    "54": re.compile(r"9?[1-9]\d{9}"),
    "55": _BRAZILIAN,
    "1": _NORTH_AMERICAN,
}
"""The numbers of a country behind its calling code."""


def is_mail(written: str) -> bool:
    return written.rpartition(".")[2].lower() not in _FILE_TYPES


def is_international(written: str) -> bool:
    """E.164: a calling code and up to fifteen digits in all; in the five countries the lengths they use."""
    digits = re.sub(r"^(?:\+|00)", "", written).replace("+", "")
    if not 8 <= len(digits) <= 15 or is_one_digit(digits[2:]):
        return False
    for code, own in _NATIONAL.items():
        if digits.startswith(code):
            national = digits[len(code) :]
            return bool(own.fullmatch(national) or own.fullmatch(national.removeprefix("0")))
    return _CALLING_CODES.match(digits) is not None


def is_north_american(number: str) -> bool:
    """Area and exchange begin at 2; neither ends in 11, no area has a 9 in the middle."""
    return _NORTH_AMERICAN.fullmatch(number) is not None


def is_brazilian(number: str) -> bool:
    """Area, then nine digits that begin with 9 for a mobile or eight that begin with 2 to 5."""
    return _BRAZILIAN.fullmatch(number) is not None


def is_in_parentheses(written: str) -> bool:
    """An area in parentheses and the number: Brazil, United States, Mexico, Argentina."""
    number = written.removeprefix("0")
    if is_brazilian(number) or is_north_american(number):
        return True
    return re.fullmatch(r"[1-9]\d{9}|[1-9]\d{1,3}15\d{6,8}", number) is not None


def is_any_national(written: str) -> bool:
    return 8 <= len(written) <= 13 and not is_one_digit(written)


def is_spanish(number: str) -> bool:
    return re.fullmatch(r"[6789]\d{8}", number) is not None and not is_one_digit(number)


def is_public_address(written: str) -> bool:
    """An address of the public network. Private and reserved ones point to nobody."""
    try:
        address = ip_address(written)
    except ValueError:
        return False
    return address.is_global


_INTERNATIONAL = r"[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,5}\)?){1,6}"
_DATE = r"\d{1,2}[.\-]\d{1,2}[.\-](?:19|20)\d{2}\b|(?:19|20)\d{2}[.\-]\d{1,2}[.\-]\d{1,2}\b"

DETECTORS = (
    Detector("email", _MAIL, "form", is_mail, wide=True),
    Detector(
        "phone", re.compile(rf"(?<![\w+.,])\+{_INTERNATIONAL}(?![\w@])"), "unless_other", is_international
    ),
    Detector("phone", form(rf"00[ -]?{_INTERNATIONAL}"), "label", is_international),
    Detector(
        "phone",
        re.compile(r"(?<![\w+)])\(0?\d{2,4}\)[ -]?(?:15[ -])?9?[ -]?\d{3,5}[ .-]?\d{4}(?![\w-])"),
        "unless_other",
        is_in_parentheses,
    ),
    Detector(
        "phone",
        form(r"(?:1[-. ])?\d{3}([-.])\d{3}\1\d{4}"),
        "unless_other",
        lambda n: is_north_american(n[-10:]),
    ),
    Detector("phone", form(r"\d{2} 9\d{4}-\d{4}"), "unless_other", is_brazilian),
    Detector("phone", form(r"[6789]\d{2}(?: \d{2}){3}"), "unless_other", is_spanish),
    Detector(
        "phone", form(rf"(?!{_DATE})\(?\d{{2,5}}\)?(?:[ .\-]?\d{{2,5}}){{1,4}}"), "label", is_any_national
    ),
    Detector("ip_address", form(r"\d{1,3}(?:\.\d{1,3}){3}"), "label", is_public_address),
    Detector(
        "ip_address",
        re.compile(r"(?<![\w:.])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.I),
        "unless_other",
        is_public_address,
    ),
)
