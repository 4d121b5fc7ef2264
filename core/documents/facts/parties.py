"""The parties of an agreement: by their names and by the roles that documents give them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.documents.facts.fact import Fact
from core.language.entities import find_entities
from core.language.stop_words import Language

_ROLE = re.compile(
    r"\b(?:[Tt]he\s(?P<en>Supplier|Customer|Client|Provider|Seller|Buyer|Contractor|Company|Employer|Employee|"
    r"Landlord|Tenant|Lessor|Lessee|Licensor|Licensee|Discloser|Recipient|Disclosing Party|Receiving Party|"
    r"Processor|Controller|Consultant|Vendor)"
    r"|(?:[Ee]l|[Ll]a)\s(?P<es>Proveedor(?:a)?|Cliente|Prestador(?:a)?|Vendedor(?:a)?|Comprador(?:a)?|"
    r"Contratante|Contratista|Empresa|Arrendador(?:a)?|Arrendatari[oa]|Licenciante|Comodante|Comodatari[oa]|"
    r"Parte Reveladora|Parte Receptora|Emisor|Receptor|Farmacia|Empleador|Trabajador)"
    r"|(?:[OoAa])\s(?P<pt>Fornecedora?|Cliente|Prestadora?|Vendedora?|Compradora?|Contratante|Contratada|"
    r"Empresa|Locadora?|Locatári[oa]|Licenciante|Comodante|Comodatári[oa]|Parte Reveladora|Parte Receptora|"
    r"Empregadora?))\b"
)
_BETWEEN = re.compile(
    r"\b(?:between|entre|celebran|celebram|firmam)\s"
    r"(?:(?:la|el|por una parte|de um lado|on the one hand),?\s)?"
    r"(?P<one>[A-ZÀ-Ý][^;\n]{2,80}?)(?:\s\([^)]{1,60}\))?,?\s(?:and|y|e|with|con|com)\s"
    r"(?:(?:la|el|por otra(?: parte)?|de outro lado|on the other hand),?\s)?"
    r"(?P<other>[A-ZÀ-Ý][^;:\n(]{2,80}?)(?=\s\(|[,;:.](?:\s|$)|\s(?:for|para|acuerdan|agree|acordam|que)\b|$)"
)


def find_parties(text: str, language: Language) -> Iterator[Fact]:
    """Organisations by name, what stands on both sides of "between ... and ...", and roles; people where no
    organisation is named, for then they sign for themselves.
    """
    del language
    seen: list[tuple[int, int]] = []
    for match in _BETWEEN.finditer(text):
        for side in ("one", "other"):
            if len(match[side].split()) <= 9:
                seen.append(match.span(side))
                yield _fact(text, *match.span(side))
    named = find_entities(text)
    kind = "organisation" if any(one.kind == "organisation" for one in named) or seen else "person"
    for entity in named:
        if entity.kind == kind and not _is_taken(entity.start, seen):
            seen.append((entity.start, entity.end))
            yield _fact(text, entity.start, entity.end)
    for match in _ROLE.finditer(text):
        if not _is_taken(match.start(), seen):
            yield _fact(text, *match.span())


def _is_taken(start: int, seen: list[tuple[int, int]]) -> bool:
    return any(begin <= start < end for begin, end in seen)


def _fact(text: str, start: int, end: int) -> Fact:
    return Fact("party", text[start:end], start, end, text[start:end].casefold())
