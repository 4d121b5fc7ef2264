"""Who must do what, who will do what by when, what was decided, and what may go wrong: whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.documents.facts.fact import Fact
from core.documents.template import FactKind
from core.language.entities import find_entities
from core.language.stop_words import Language

_OBLIGATION = re.compile(
    r"\b(?:shall|must|(?:is|are) (?:required|obliged|bound) to|has to|have to|"
    r"undertakes? to|agrees? to|may not|"
    r"(?:is|are) (?:prohibited|forbidden)|mandatory|"
    r"deber[áa]n?|debe[ns]?|tendr[áa]n? que|tienen? que|est[áa]n? obligad[oa]s? a|se obligan? a|"
    r"se comprometen? a|queda prohibido|obligatori[oa]s?|hay que|no podr[áa]n?|no pueden?|"
    r"dever[áa](?:o)?|deverão|deve[m]?|ter[áa] (?:de|que)|t[êe]m (?:de|que)|obriga(?:m)?-se a|"
    r"compromete(?:m)?-se a|fica(?:m)? obrigad[oa]s? a|é proibid[oa]|"
    r"obrigatóri[oa]s?|não pode[m]?|não poder[ãá]o?)\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:will|to be (?:done|delivered|completed|sent|closed) by|action items?|next steps?|"
    r"due(?: date)?|owner|"
    r"responsible|assigned to|"
    r"[a-zà-ÿ]{2,}(?:ará|erá|irá|arán|erán|irán)|a cargo de|responsable|se encargar[áa]|plazo|acuerdo:|"
    r"vai|v[ãa]o|[a-zà-ÿ]{2,}(?:arão|erão|irão)|responsável|fica(?:rá)? de|encarregad[oa]|prazo)\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:by|before|until|no later than|within|a más tardar|antes del?|hasta el?|para el|dentro de|"
    r"até o?|antes d[eo]|no prazo de|em até)\b",
    re.IGNORECASE,
)
_DECISION = re.compile(
    r"\b(?:(?:it (?:was|is) |we |the (?:board|committee|team|parties) |they )?(?:have |has )?"
    r"(?:agreed|decided|resolved|approved|rejected|chose|voted)|decisions?:|"
    r"se (?:acordó|acuerda|decidió|decide|resolvió|aprobó|aprueba|rechazó|autorizó)|acordaron|decidieron|"
    r"acordamos|decidimos|aprobaron|(?:queda|fue|quedó) (?:acordado|aprobad[oa]|autorizad[oa]|decidido)|"
    r"acuerdos?:|aprobado por|"
    r"fic(?:a|ou) (?:decidido|acordado|definido|aprovad[oa]|estabelecido)|"
    r"foi (?:decidido|aprovad[oa]|acordado)|"
    r"foram aprovad[oa]s|decidiu(?:-se)?|decidiram|aprovou(?:-se)?|deliberou(?:-se)?|resolveu(?:-se)?|"
    r"resolveram|aprovaram|concordaram|decisões?:|decisão)\b",
    re.IGNORECASE,
)
_RISK = re.compile(
    r"\b(?:risks?|threats?|vulnerab\w+|exposure|at stake|hazards?|"
    r"riesgos?|amenazas?|peligros?|exposición|"
    r"riscos?|ameaças?|perigos?|exposição|"
    r"(?:may|might|could|can) (?:fail|delay|cause|lead|be lost|break|stop|exceed|run out)|"
    r"(?:puede[n]?|podría[n]?) (?:fallar|retrasar|causar|provocar|perder|agotar|exceder|deten)\w*|"
    r"(?:pode[m]?|poderia[m]?) (?:falhar|atrasar|causar|provocar|perder|esgotar|exceder|parar)\w*)\b",
    re.IGNORECASE,
)


def find_obligations(text: str, language: Language) -> Iterator[Fact]:
    del language
    yield from _whole("obligation", text, _OBLIGATION)


def find_actions(text: str, language: Language) -> Iterator[Fact]:
    """A sentence that says who will do something, or what will be done by a date."""
    del language
    if _ACTION.search(text) is None:
        return
    told = {entity.kind for entity in find_entities(text)}
    if told & {"person", "organisation"} or ("date" in told and _BY.search(text)) or ":" in text:
        yield from _whole("action", text, _ACTION)


def find_decisions(text: str, language: Language) -> Iterator[Fact]:
    del language
    yield from _whole("decision", text, _DECISION)


def find_risks(text: str, language: Language) -> Iterator[Fact]:
    del language
    yield from _whole("risk", text, _RISK)


def _whole(kind: FactKind, text: str, sign: re.Pattern[str]) -> Iterator[Fact]:
    """The whole sentence once, if it has the sign."""
    if sign.search(text):
        yield Fact(kind, text, 0, len(text), " ".join(text.casefold().split()))
