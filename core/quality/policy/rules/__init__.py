"""The kinds of rules. A member of the family is one module here and one line in RULES."""

from __future__ import annotations

from core.quality.policy.rule import RuleCheck
from core.quality.policy.rules.domains import Domains
from core.quality.policy.rules.languages import Languages
from core.quality.policy.rules.length import Length
from core.quality.policy.rules.pattern import Pattern
from core.quality.policy.rules.personal_data import PersonalData
from core.quality.policy.rules.spam import Spam
from core.quality.policy.rules.terms import Terms

RULES: dict[str, type[RuleCheck]] = {
    rule.kind: rule for rule in (PersonalData, Terms, Pattern, Domains, Languages, Length, Spam)
}
"""Every kind of rule by its name."""
