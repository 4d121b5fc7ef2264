"""Identifiers of persons, companies and accounts in a text, by form, check digits and the words around them.

Spain, Mexico, Argentina, the United States and Brazil, and what is the same everywhere. Asks no register: an
identifier that holds together is taken for one, whether or not it was ever given to somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.quality.policy.identifiers import (
    argentina,
    banking,
    brazil,
    contact,
    mexico,
    person,
    spain,
    united_states,
)
from core.quality.policy.identifiers.detector import Detector, compact
from core.quality.policy.identifiers.labels import LabelledText

Names = Literal["person", "company", "account", "contact"]


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """`title` in English; `country` is a code of two letters, empty for those of every country.

    `names` says what it points to.
    """

    title: str
    country: str
    names: Names


IDENTIFIERS: dict[str, IdentifierKind] = {
    "es_dni": IdentifierKind("identity number (DNI, NIF)", "ES", "person"),
    "es_nie": IdentifierKind("identity number of foreigners (NIE)", "ES", "person"),
    "es_nss": IdentifierKind("social security number (NSS)", "ES", "person"),
    "es_cif": IdentifierKind("tax number of a company (NIF, CIF)", "ES", "company"),
    "mx_curp": IdentifierKind("population register key (CURP)", "MX", "person"),
    "mx_rfc": IdentifierKind("tax number (RFC)", "MX", "person"),
    "mx_nss": IdentifierKind("social security number (NSS)", "MX", "person"),
    "mx_clabe": IdentifierKind("bank account (CLABE)", "MX", "account"),
    "ar_dni": IdentifierKind("identity number (DNI)", "AR", "person"),
    "ar_cuit": IdentifierKind("tax or labour number (CUIT, CUIL)", "AR", "person"),
    "us_ssn": IdentifierKind("social security number (SSN)", "US", "person"),
    "us_ein": IdentifierKind("employer number (EIN)", "US", "company"),
    "us_routing": IdentifierKind("bank routing number (ABA)", "US", "company"),
    "br_cpf": IdentifierKind("tax number of a person (CPF)", "BR", "person"),
    "br_rg": IdentifierKind("identity card (RG)", "BR", "person"),
    "br_pis": IdentifierKind("labour number (PIS, PASEP, NIT)", "BR", "person"),
    "br_cnpj": IdentifierKind("tax number of a company (CNPJ)", "BR", "company"),
    "passport": IdentifierKind("passport number", "", "person"),
    "birth_date": IdentifierKind("date of birth", "", "person"),
    "iban": IdentifierKind("bank account (IBAN)", "", "account"),
    "card": IdentifierKind("payment card", "", "account"),
    "email": IdentifierKind("mail address", "", "contact"),
    "phone": IdentifierKind("phone number", "", "contact"),
    "ip_address": IdentifierKind("network address (IP)", "", "contact"),
}

DETECTORS: tuple[Detector, ...] = tuple(
    detector
    for module in (spain, mexico, argentina, united_states, brazil, banking, contact, person)
    for detector in module.DETECTORS
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """text[start:end] is an identifier of `kind`; `masked` is as long and may be shown."""

    kind: str
    start: int
    end: int
    masked: str


def find_identifiers(text: str) -> tuple[Identifier, ...]:
    """In reading order, without overlaps. Time is linear in the text.

    >>> [(found.kind, found.masked) for found in find_identifiers("DNI 12345678Z, pedido 87654321X")]
    [('es_dni', '•••••••8Z')]
    """
    kept: list[_Candidate] = []
    is_taken = bytearray(len(text))
    for candidate in sorted(_candidates(text), key=_Candidate.precedence):
        if not any(is_taken[candidate.start : candidate.end]):
            is_taken[candidate.start : candidate.end] = b"\x01" * (candidate.end - candidate.start)
            kept.append(candidate)
    found = (
        Identifier(each.kind, each.start, each.end, mask(each.kind, text[each.start : each.end]))
        for each in kept
    )
    return tuple(sorted(found, key=lambda each: each.start))


@dataclass(frozen=True, slots=True)
class _Candidate:
    kind: str
    start: int
    end: int
    is_labelled: bool
    evidence: str

    def precedence(self) -> tuple[bool, bool, int, int]:
        """A label that names the kind first, then the form alone, then the longer one."""
        return (not self.is_labelled, self.evidence != "form", self.start - self.end, self.start)


_STRETCH = re.compile(r"\d(?:[^\n\d]{0,4}\d){3,}")
_MARGIN = 40
_MONEY_BEFORE = re.compile(r"(?:[$€£¥]|\b(?:US|R|MX|AR)\$|\b(?:USD|EUR|MXN|ARS|BRL|GBP))\s?$")
_MONEY_BEHIND = re.compile(
    r"\s?(?:[%€$£]|(?:USD|EUR|MXN|ARS|BRL|GBP|euros?|pesos|reais|dollars|kWh|km|kg)\b)"
)


def _candidates(text: str) -> Iterator[_Candidate]:
    stretches, labelled = list(_stretches(text)), LabelledText(text)
    for detector in DETECTORS:
        for start, end in [(0, len(text))] if detector.wide else stretches:
            for match in detector.pattern.finditer(text, start, end):
                candidate = _judged(text, labelled, detector, *match.span())
                if candidate is not None:
                    yield candidate


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where digits stand close together, with what may belong to them; no word is cut."""
    start = end = -1
    for match in _STRETCH.finditer(text):
        low, high = _to_space(text, match.start(), -1), _to_space(text, match.end(), 1)
        if low > end:
            if end >= 0:
                yield start, end
            start = low
        end = max(end, high)
    if end >= 0:
        yield start, end


def _to_space(text: str, position: int, step: int) -> int:
    """About _MARGIN characters away, at a line break or behind a space."""
    limit = max(0, position - 2 * _MARGIN) if step < 0 else min(len(text), position + 2 * _MARGIN)
    if step < 0:
        line = text.rfind("\n", limit, position) + 1
        space = text.rfind(" ", limit, max(limit, position - _MARGIN)) + 1
        return max(line, space, limit)
    line, space = text.find("\n", position, limit), text.find(" ", min(limit, position + _MARGIN), limit)
    return min(each for each in (line, space, limit) if each >= 0)


def _judged(text: str, labelled: LabelledText, detector: Detector, start: int, end: int) -> _Candidate | None:
    written = text[start:end] if detector.kind in _AS_WRITTEN else compact(text[start:end])
    if not (_is_plain(written) and detector.holds(written)):
        return None
    if detector.evidence == "form":
        return _Candidate(detector.kind, start, end, False, "form")
    label = labelled.label_of(start, end)
    is_labelled = detector.kind in label.names
    if not is_labelled and (detector.evidence == "label" or label.is_other or _is_money(text, start, end)):
        return None
    return _Candidate(detector.kind, start, end, is_labelled, detector.evidence)


_AS_WRITTEN = frozenset(("email", "ip_address", "birth_date"))


def _is_plain(written: str) -> bool:
    """Of Latin letters: patterns let digits of other scripts through, which check sums do not know."""
    return all(sign < "\u0250" for sign in written)


def _is_money(text: str, start: int, end: int) -> bool:
    before = _MONEY_BEFORE.search(text[max(0, start - 6) : start])
    return before is not None or _MONEY_BEHIND.match(text, end) is not None


_SIGNS_SHOWN = 2
_HIDDEN = "•"


def mask(kind: str, written: str) -> str:
    """As long as what was written, with its last two signs; of a mail address the first and the domain.

    >>> mask("br_cpf", "111.444.777-35"), mask("email", "ana@example.com"), mask("birth_date", "03/04/1985")
    ('•••.•••.•••-35', 'a••@example.com', '••/••/••••')
    """
    if kind == "email":
        name, at, domain = written.partition("@")
        return name[0] + _HIDDEN * (len(name) - 1) + at + domain
    shown = 0 if kind in ("birth_date", "ip_address") else _SIGNS_SHOWN
    signs = [place for place, sign in enumerate(written) if sign.isalnum()]
    hidden = set(signs[:-shown] if shown else signs)
    return "".join(_HIDDEN if place in hidden else sign for place, sign in enumerate(written))
