"""What people read: findings, kinds of rules, severities and identifiers, in English."""

from __future__ import annotations

FINDINGS: dict[str, str] = {
    "too_short": "It has {num_words} words; {least} are the least.",
    "too_long": "It has {num_words} words; {most} are the most.",
    "blocked_term": "“{term}” stands here.",
    "missing_term": "“{term}” stands nowhere.",
    "pattern_found": "The pattern fits here.",
    "pattern_missing": "The pattern fits nowhere.",
    "blocked_domain": "It points to {domain}.",
    "language_not_allowed": "It is written in a language that is not allowed: {language}.",
    "language_unknown": "Its language is not recognised.",
    "personal_data": "It holds personal data: {identifier}.",
    "spam": "It reads like spam: {score:.0%} (from {least_score:.0%} on it counts).",
}
"""Every finding by its code. `identifier` is a key of IDENTIFIERS, `language` a code of two letters."""

KINDS: dict[str, str] = {
    "length": "Length",
    "terms": "Words and phrases",
    "pattern": "Pattern",
    "domains": "Domains",
    "languages": "Languages",
    "personal_data": "Personal data",
    "spam": "Spam",
}

SEVERITY_NAMES: dict[str, str] = {"low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"}

SIGNALS: dict[str, str] = {
    "links": "Many links",
    "shouting": "Capitals and exclamation marks",
    "repetition": "Repeated phrases",
    "phrases": "Phrases of advertising mail",
    "invisible": "Invisible or disguised letters",
}
"""The parts of the score for spam, each a parameter of the finding from 0 to 1."""
