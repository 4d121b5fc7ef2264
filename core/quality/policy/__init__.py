"""Policy checks: rules that people write, held against documents, with the places and masked excerpts."""

from core.quality.policy.checking import check, read_check, read_rule
from core.quality.policy.identifiers import IDENTIFIERS, Identifier, IdentifierKind, find_identifiers
from core.quality.policy.rule import (
    MOST_PLACES,
    SEVERITIES,
    Breach,
    PolicyDocument,
    PolicyFinding,
    PolicyRule,
    RuleCheck,
)
from core.quality.policy.rules import RULES
from core.quality.policy.sentences import FINDINGS, KINDS, SEVERITY_NAMES, SIGNALS
from core.quality.policy.templates import TEMPLATES, RuleTemplate

__all__ = [
    "FINDINGS",
    "IDENTIFIERS",
    "KINDS",
    "MOST_PLACES",
    "RULES",
    "SEVERITIES",
    "SEVERITY_NAMES",
    "SIGNALS",
    "TEMPLATES",
    "Breach",
    "Identifier",
    "IdentifierKind",
    "PolicyDocument",
    "PolicyFinding",
    "PolicyRule",
    "RuleCheck",
    "RuleTemplate",
    "check",
    "find_identifiers",
    "read_check",
    "read_rule",
]
