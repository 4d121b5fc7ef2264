"""Numbers as people write them in the three languages, in digits and in words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from core.language.number_words import SCALES, SMALL, read_number
from core.language.stop_words import LANGUAGES, Language

NUMBER = r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d+(?:[.,]\d+)?"
"""A pattern of numbers in figures."""

_SINGLE = {
    language: "|".join(
        sorted(map(re.escape, {*SMALL[language], *SCALES[language]}), key=lambda word: (-len(word), word))
    )
    for language in LANGUAGES
}
IN_WORDS: dict[Language, str] = {
    language: rf"(?:{words})(?:[\s-](?:y\s|e\s|and\s)?(?:{words}))*" for language, words in _SINGLE.items()
}
"""Patterns of numbers in words."""

_GROUPED = re.compile(r"\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d{1,4})?")
_SCALE = re.compile(
    r"\s?(?:(?P<thousand>thousand|k|mil)(?P<both>\s(?:millones|milh[õo]es|mill[oó]n))?|"
    r"(?P<million>millions?|millones|mill[oó]n|milh[õo]es|milh[ãa]o|mn|m)|"
    r"(?P<billion>billions?|bn|bilh[õo]es|bilh[ãa]o))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


def read_amount(written: str) -> Decimal | None:
    """The number that figures stand for: the last of two different signs parts the decimals; one sign does
    so unless three digits follow it. A scale behind it counts ("1,2 millones"). None where there is none.

    >>> read_amount("1.234,50"), read_amount("1,234.50"), read_amount("12 500"), read_amount("2.5 million")
    (Decimal('1234.50'), Decimal('1234.50'), Decimal('12500'), Decimal('2500000.0'))
    """
    found = re.search(NUMBER, written)
    if found is None:
        return None
    number = _digits(found[0])
    scale = _SCALE.match(written, found.end())
    return None if number is None else number * _factor(scale)


def read_words(written: str, language: Language) -> Decimal | None:
    """The number of the words at the beginning, as of "treinta y seis meses"; None if there is none."""
    words = _WORD.findall(written.lower())
    value, length = read_number(words, 0, language)
    if not length or (words[0] in SCALES[language] and words[0] != "mil"):
        return None
    return Decimal(value)


def plain(number: Decimal) -> str:
    """Without an exponent or idle zeros."""
    return f"{number.normalize():f}"


def _digits(written: str) -> Decimal | None:
    grouped = _GROUPED.fullmatch(written)
    if grouped and not (written[0] == "0" and grouped[1] in ".,"):
        sign = grouped[1]
        written = written.replace(sign, "").replace(",", ".")
    else:
        written = written.replace(",", ".")
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def _factor(scale: re.Match[str] | None) -> Decimal:
    if scale is None:
        return Decimal(1)
    if scale["thousand"]:
        return Decimal(10**9 if scale["both"] else 10**3)
    return Decimal(10**6 if scale["million"] else 10**9)
