"""Finds facts of a kind in a sentence by rules. Knows what the three languages write, and no template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from core.documents.facts.amounts import IN_WORDS, plain, read_amount, read_words
from core.documents.facts.dates import read_day
from core.documents.facts.duties import find_actions, find_decisions, find_obligations, find_risks
from core.documents.facts.fact import Fact
from core.documents.facts.measures import find_durations, find_percentages, find_quantities
from core.documents.facts.parties import find_parties
from core.documents.template import FACT_KINDS, FactKind
from core.language.entities import Entity, find_entities
from core.language.stop_words import Language

Finder = Callable[[str, Language], Iterator[Fact]]


def find_facts(text: str, language: Language, kinds: Iterable[FactKind] = FACT_KINDS) -> tuple[Fact, ...]:
    """The facts of these kinds in a sentence or a cell, in reading order; time is linear.

    >>> [(fact.kind, fact.value) for fact in find_facts("La renta es de 1.200,00 euros.", "es", ["money"])]
    [('money', 'EUR 1200')]
    """
    return tuple(
        sorted(
            (fact for kind in kinds for fact in FINDERS[kind](text, language)),
            key=lambda fact: (fact.start, fact.end),
        )
    )


def _money(text: str, language: Language) -> Iterator[Fact]:
    for entity in _entities(text, "money"):
        amount = read_amount(entity.text)
        if amount is not None:
            yield _fact("money", entity, f"{_currency(entity.text)} {plain(amount)}".strip())
    for match in _MONEY_IN_WORDS[language].finditer(text):
        amount = read_words(match[0], language)
        if amount is not None:
            yield Fact("money", match[0], *match.span(), f"{_currency(match[0])} {plain(amount)}")


_CURRENCIES = (
    ("EUR", re.compile(r"€|\beuros?\b|\bEUR\b", re.IGNORECASE)),
    ("GBP", re.compile(r"£|\bGBP\b|\bpounds?\b|\blibras?\b", re.IGNORECASE)),
    ("BRL", re.compile(r"R\$|\bBRL\b|\breais\b|\breal\b", re.IGNORECASE)),
    ("USD", re.compile(r"US\$|\bUSD\b|\bd[oó]lares?\b|\bdollars?\b", re.IGNORECASE)),
    ("MXN", re.compile(r"MX\$|\bMXN\b", re.IGNORECASE)),
    ("peso", re.compile(r"\bpesos?\b", re.IGNORECASE)),
    ("$", re.compile(r"\$")),
)
_MONEY_IN_WORDS = {
    language: re.compile(
        rf"\b(?:{words})\s(?:de\s|of\s)?(?:pesos|d[oó]lares|dollars|euros|reais|pounds|libras|soles)\b",
        re.IGNORECASE,
    )
    for language, words in IN_WORDS.items()
}


def _currency(written: str) -> str:
    return next((code for code, sign in _CURRENCIES if sign.search(written)), "")


def _dates(text: str, language: Language) -> Iterator[Fact]:
    for entity in _entities(text, "date"):
        day = read_day(entity.text, language)
        if day is not None:
            yield _fact("date", entity, str(day))


def _identifiers(text: str, language: Language) -> Iterator[Fact]:
    del language
    seen: set[int] = set()
    for match in _NUMBERED.finditer(text):
        seen.add(match.start("id"))
        yield Fact("identifier", match["id"], *match.span("id"), match["id"].upper())
    for entity in _entities(text, "identifier"):
        if entity.start not in seen:
            yield _fact("identifier", entity, entity.text.upper())


_NUMBERED = re.compile(
    r"(?:\b(?:no|nº|n\.º|n\.o|num|núm|nro|number|número|numero|folio|ref|reference|referencia|"
    r"referência|code|código|id|CNPJ|RFC|NIT|CUIT|VAT)\b\.?|[#№]|n\.?[º°]) ?:? ?"
    r"(?P<id>(?=[\w./-]*\d)[A-Z0-9][\w./-]*\w)",
    re.IGNORECASE,
)


def _people(text: str, language: Language) -> Iterator[Fact]:
    del language
    yield from (_fact("person", one, one.text.casefold()) for one in _entities(text, "person"))


def _places(text: str, language: Language) -> Iterator[Fact]:
    del language
    yield from (_fact("place", one, one.text.casefold()) for one in _entities(text, "place"))
    for match in _ADDRESS.finditer(text):
        yield Fact("place", match[0], *match.span(), match[0].casefold())


_ADDRESS = re.compile(
    r"\b(?:Rua|Avenida|Av\.|Alameda|Praça|Calle|Calzada|Paseo|Boulevard|Blvd\.|Carretera|Plaza|Camino|"
    r"\d+\s(?:[A-Z]\w+\s){1,3}(?:Street|St\.|Road|Rd\.|Avenue|Ave\.|Drive|Lane|Way))"
    r"(?:,?\s(?:d[aeo]s?\s|del\s|la\s|las\s|los\s)*[A-ZÀ-Ý0-9][\w.ºª-]*)*"
)


def _entities(text: str, kind: str) -> Iterator[Entity]:
    return (entity for entity in find_entities(text) if entity.kind == kind)


def _fact(kind: FactKind, entity: Entity, value: str) -> Fact:
    return Fact(kind, entity.text, entity.start, entity.end, value)


FINDERS: dict[FactKind, Finder] = {
    "party": find_parties,
    "person": _people,
    "place": _places,
    "date": _dates,
    "duration": find_durations,
    "money": _money,
    "percentage": find_percentages,
    "quantity": find_quantities,
    "identifier": _identifiers,
    "obligation": find_obligations,
    "action": find_actions,
    "decision": find_decisions,
    "risk": find_risks,
}
