"""Rules that most libraries want, ready to be added; each is switched off until somebody has tested it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.quality.policy.identifiers import IDENTIFIERS
from core.quality.policy.parameters import Value


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """`name` and `purpose` are English sentences that a page translates."""

    code: str
    name: str
    purpose: str
    kind: str
    severity: str
    parameters: Mapping[str, Value]


_PLACEHOLDERS = (
    r"\bTBD\b|\bTBC\b|\bTODO:|\bFIXME\b|\bX{3,}\b|(?i:lorem ipsum)|\{\{[^{}]{1,60}\}\}|<<[^<>]{1,60}>>|_{6,}"
    r"|(?i:\[(?:insert|add|your|fill|insertar|inserte|nombre|fecha|completar|rellenar|inserir|nome|data"
    r"|preencher)\b[^\[\]]{0,60}\])"
)

TEMPLATES: tuple[RuleTemplate, ...] = (
    RuleTemplate(
        "personal_identifiers",
        "Personal identifiers",
        "Numbers that name one person or one account: identity, tax, social security, passport, bank, card.",
        "personal_data",
        "critical",
        {
            "identifiers": [
                code for code, kind in IDENTIFIERS.items() if kind.names in ("person", "account")
            ],
            "least_places": 1,
        },
    ),
    RuleTemplate(
        "contact_data",
        "Contact data",
        "Mail addresses, phone numbers and network addresses.",
        "personal_data",
        "low",
        {
            "identifiers": [code for code, kind in IDENTIFIERS.items() if kind.names == "contact"],
            "least_places": 1,
        },
    ),
    RuleTemplate(
        "placeholders",
        "Placeholders left",
        "Text that waits to be filled in: TBD, [insert name], lorem ipsum.",
        "pattern",
        "medium",
        {"pattern": _PLACEHOLDERS, "must": "not_occur", "ignore_case": False},
    ),
    RuleTemplate(
        "very_short",
        "Very short documents",
        "Fewer than 20 words: an empty page, a scan without text, a file saved by mistake.",
        "length",
        "low",
        {"least": 20, "most": None},
    ),
    RuleTemplate(
        "other_languages",
        "Languages other than English, Spanish and Portuguese",
        "Texts that most readers here cannot read.",
        "languages",
        "medium",
        {"allowed": ["en", "es", "pt"], "accept_unknown": False},
    ),
    RuleTemplate(
        "confidential",
        "Marked as confidential",
        "Documents that call themselves confidential or internal.",
        "terms",
        "high",
        {
            "blocked": [
                "strictly confidential", "company confidential", "confidential document",
                "strictly internal", "internal use only", "not for distribution",
                "estrictamente confidencial", "documento confidencial", "confidencial de la empresa",
                "uso interno", "prohibida su difusión",
                "estritamente confidencial", "confidencial da empresa", "proibida a divulgação",
            ],
            "required": [],
        },
    ),
    RuleTemplate(
        "spam",
        "Advertising mail",
        "Texts that read like spam by links, capitals, repetition, phrases and disguised letters.",
        "spam",
        "medium",
        {"least_score": 0.6},
    ),
)  # fmt: skip
"""In the order in which they are offered."""
