"""How long the document should be, as far as the brief says it, and how many things it should hold."""

from __future__ import annotations

import re

from core.documents.plan import Complexity
from core.documents.planning.wishes.said import Said, level, said

FEW_PAGES, MANY_PAGES = 2, 8
FEW_WORDS, MANY_WORDS = 600, 2500

_NUMBERS = {
    **dict.fromkeys(("one", "a single", "una", "una sola", "uma", "uma so", "single"), 1),
    **dict.fromkeys(("two", "dos", "duas"), 2),
    **dict.fromkeys(("three", "tres"), 3),
    **dict.fromkeys(("four", "cuatro", "quatro"), 4),
    **dict.fromkeys(("five", "cinco"), 5),
    **dict.fromkeys(("six", "seis"), 6),
    **dict.fromkeys(("eight", "ocho", "oito"), 8),
    **dict.fromkeys(("ten", "diez", "dez"), 10),
    **dict.fromkeys(("twelve", "doce", "doze"), 12),
    **dict.fromkeys(("fifteen", "quince", "quinze"), 15),
    **dict.fromkeys(("twenty", "veinte", "vinte"), 20),
}
_COUNT = rf"(?P<count>\d{{1,6}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_LIMIT = (
    r"(?:in|about|around|some|max\.?|maximum|up to|no more than|at most|only|just|en|unas|maximo|"
    r"maximum|hasta|"
    r"como de|solo|em|cerca de|umas|ate|no maximo|apenas|so)"
)
_UNIT = r"(?P<unit>pages?|paginas?|hojas?|folhas?|words|palabras|palavras|pager)"
_AMOUNT = re.compile(
    rf"\b{_LIMIT}\s+(?:a\s+)?{_COUNT}[\s-]+{_UNIT}\b|"
    rf"(?:[,;:(]|^)\s*{_COUNT.replace('count', 'bare')}[\s-]+{_UNIT.replace('unit', 'bare_unit')}"
    rf"\s*(?=[.,;:)!]|$)|\b(?P<pager>one[- ]pager)\b"
)
_SHORT = re.compile(
    r"\b(?:short(?![- ](?:term|list|circuit|sell))|concise|succinct|in brief|(?:keep it|be|very) brief|"
    r"brief (?=summary|note|report|overview|memo|version)|cort[oa]s?(?! (?:plazo|circuito))|breves?|"
    r"en pocas palabras|"
    r"concis[oa]|resumid[oa]|curt[oa]s?(?! prazo)|enxut[oa]|em poucas palavras)\b"
)
_LONG = re.compile(
    r"\b(?:detailed|in detail|in[- ]depth|thorough|comprehensive|exhaustive|extensive|"
    r"long(?= (?:version|document|"
    r"report|paper))|detallad[oa]s?|con (?:mucho )?detalle|exhaustiv[oa]|a fondo|extens[oa]|minucios[oa]|"
    r"detalhad[oa]s?|com (?:muito )?detalhe|aprofundad[oa]s?|complet(?:o|a)(?<!tiempo completo)(?! de))\b"
)
_JOIN = re.compile(r",|;|\band\b|\by\b|\be\b|\s\+\s")
_CLAUSE = re.compile(r"[.!?\n:()]+")


def find_length(brief: str) -> Said[Complexity] | None:
    """A number of pages or words before "short" or "detailed". The length of another document is none.

    >>> find_length("Summary of the 80 page report, in one page").value
    'simple'
    """
    text = level(brief)
    if match := _AMOUNT.search(text):
        return said(_by_amount(match), brief, match)
    if match := _SHORT.search(text):
        return said("simple", brief, match)
    if match := _LONG.search(text):
        return said("complex", brief, match)
    return None


def count_asks(brief: str) -> int:
    """The most things that are named in a row: "with scope, dates, prices and warranty" has four."""
    return max((len(_JOIN.findall(clause)) + 1 for clause in _CLAUSE.split(level(brief))), default=1)


def _by_amount(match: re.Match[str]) -> Complexity:
    if match["pager"]:
        return "simple"
    count = match["count"] or match["bare"]
    number = int(count) if count.isdigit() else _NUMBERS[count]
    is_words = (match["unit"] or match["bare_unit"])[:3] in ("wor", "pal")
    few, many = (FEW_WORDS, MANY_WORDS) if is_words else (FEW_PAGES, MANY_PAGES)
    if number <= few:
        return "simple"
    return "complex" if number >= many else "moderate"
