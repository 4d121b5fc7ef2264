"""Brazil: CPF, CNPJ in digits and in letters, PIS and PASEP, RG. A postcode (CEP) names no person."""

from __future__ import annotations

from core.quality.policy.identifiers.checksums import is_one_digit, weighted
from core.quality.policy.identifiers.detector import Detector, form

_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_PIS_WEIGHTS = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_SIGN = "[0-9A-Z]"
_STATES = "AC|AL|AP|AM|BA|CE|DF|ES|GO|MA|MT|MS|MG|PA|PB|PR|PE|PI|RJ|RN|RS|RO|RR|SC|SP|SE|TO"


def is_cpf(number: str) -> bool:
    first = _check(weighted(number, range(10, 1, -1)))
    second = _check(weighted(number, range(11, 1, -1)))
    return number[9:] == f"{first}{second}" and not is_one_digit(number)


def is_cnpj(written: str) -> bool:
    """Receita Federal, Instrução Normativa 2229 of 2024: a letter counts as its ASCII code less 48."""
    values = [ord(sign) - 48 for sign in written]
    first = _check(sum(map(int.__mul__, values[:12], _CNPJ_WEIGHTS[1:])))
    second = _check(sum(map(int.__mul__, values[:13], _CNPJ_WEIGHTS)))
    return written[12:] == f"{first}{second}" and not is_one_digit(written)


def is_pis(number: str) -> bool:
    return _check(weighted(number, _PIS_WEIGHTS)) == int(number[10]) and not is_one_digit(number)


def is_rg(number: str) -> bool:
    """States number in their own ways, so only the length and the label speak."""
    return 7 <= len(number) <= 10 and not is_one_digit(number[:-1])


def _check(total: int) -> int:
    rest = total % 11
    return 0 if rest < 2 else 11 - rest


DETECTORS = (
    Detector("br_cpf", form(r"\d{3}\.\d{3}\.\d{3}[-/. ]\d{2}"), "form", is_cpf),
    Detector("br_cpf", form(r"\d{3}[ -]?\d{3}[ -]?\d{3}[ -/]?\d{2}"), "label", is_cpf),
    Detector(
        "br_cnpj",
        form(rf"{_SIGN}{{2}}\.{_SIGN}{{3}}\.{_SIGN}{{3}}/{_SIGN}{{4}}-\d{{2}}"),
        "form",
        is_cnpj,
        wide=True,
    ),
    Detector("br_cnpj", form(rf"{_SIGN}{{8}}[/ ]?{_SIGN}{{4}}[- ]?\d{{2}}"), "label", is_cnpj),
    Detector("br_pis", form(r"\d{3}\.\d{5}\.\d{2}-\d"), "unless_other", is_pis),
    Detector("br_pis", form(r"\d{3}[. ]?\d{5}[. ]?\d{2}[- ]?\d"), "label", is_pis),
    Detector(
        "br_rg", form(rf"(?:(?:{_STATES})[- ]?)?\d{{1,2}}\.?\d{{3}}\.?\d{{3}}(?:-?[0-9X])?"), "label", is_rg
    ),
)
