"""Holds documents against rules, and shows what was found without giving away who it is about."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Invalid
from core.quality.policy.identifiers import Identifier
from core.quality.policy.parameters import Given
from core.quality.policy.rule import SEVERITIES, Breach, PolicyDocument, PolicyFinding, PolicyRule, RuleCheck
from core.quality.policy.rules import RULES
from core.redundancy.evidence import Span

LONGEST_NAME = 200
LONGEST_TEXT = 2_000_000
MOST_EXCERPTS = 3
AROUND = 40  # characters of text on each side of a place


def read_rule(
    *, name: str, kind: str, severity: str, parameters: Mapping[str, object], id: str = ""
) -> PolicyRule:
    """A rule as somebody wrote it. Raises Invalid, saying what does not hold and what to do."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("The rule has no name, or a very long one.", remedy="Use 1 to 200 characters.")
    if severity not in SEVERITIES:
        raise Invalid(f"There is no severity {severity!r}.", remedy=f"Use one of: {', '.join(SEVERITIES)}.")
    return PolicyRule(id=id, name=name, severity=severity, check=read_check(kind, parameters))


def read_check(kind: str, parameters: Mapping[str, object]) -> RuleCheck:
    """Raises Invalid for an unknown kind, a parameter it does not have, or a value it cannot take."""
    if kind not in RULES:
        raise Invalid(f"There is no kind of rule {kind!r}.", remedy=f"Use one of: {', '.join(RULES)}.")
    given = Given(parameters)
    check = RULES[kind].read(given)
    given.close()
    return check


def check(rule: PolicyRule, document: PolicyDocument) -> tuple[PolicyFinding, ...]:
    """What the rule finds in the document; of a very long text only the first LONGEST_TEXT characters.

    Time is linear in the text, whatever the rule.

    >>> rule = read_rule(name="Mail", kind="personal_data", severity="high",
    ...                  parameters={"identifiers": ["email"]})
    >>> [found] = check(rule, PolicyDocument("1", "Write to ana.ruiz@example.com, please."))
    >>> found.num_places, found.excerpts
    (1, ('Write to a•••••••@example.com, please.',))
    """
    if len(document.text) > LONGEST_TEXT:
        document = PolicyDocument(document.id, document.text[:LONGEST_TEXT], document.language)
    return tuple(_finding(rule, document, breach) for breach in rule.check.breaches(document))


def _finding(rule: PolicyRule, document: PolicyDocument, breach: Breach) -> PolicyFinding:
    return PolicyFinding(
        rule_id=rule.id,
        rule_name=rule.name,
        kind=rule.kind,
        severity=rule.severity,
        document_id=document.id,
        code=breach.code,
        parameters=breach.parameters,
        num_places=int(breach.parameters.get("num_places", len(breach.places))),
        places=breach.places,
        excerpts=tuple(excerpt(document, place) for place in breach.places[:MOST_EXCERPTS]),
    )


def excerpt(document: PolicyDocument, place: Span) -> str:
    """The place on one line with some words around it, every identifier masked."""
    text = document.text
    start, end = max(0, place.start - AROUND), min(len(text), place.end + AROUND, place.start + 4 * AROUND)
    start, end = _word_begins(text, start), _word_ends(text, end)
    shown = " ".join(_masked(text, start, end, document.identifiers).split())
    return f"{'… ' if start > 0 else ''}{shown}{' …' if end < len(text) else ''}"


def _masked(text: str, start: int, end: int, identifiers: tuple[Identifier, ...]) -> str:
    """text[start:end]; an identifier that reaches over its edge is masked as far as it is shown."""
    pieces, position = [], start
    for found in identifiers:
        if found.end <= start or found.start >= end:
            continue
        pieces.append(text[position : max(position, found.start)])
        shown_from, shown_to = max(start, found.start) - found.start, min(end, found.end) - found.start
        pieces.append(found.masked[shown_from:shown_to])
        position = min(end, found.end)
    return "".join([*pieces, text[position:end]])


def _word_begins(text: str, position: int) -> int:
    """Not in the middle of a word, unless it is very long."""
    if position == 0:
        return 0
    space = text.find(" ", position, position + AROUND // 2)
    return position if space < 0 else space + 1


def _word_ends(text: str, position: int) -> int:
    if position == len(text):
        return position
    space = text.rfind(" ", position - AROUND // 2, position)
    return position if space < 0 else space
