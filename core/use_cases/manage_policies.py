"""Write the rules that documents are checked against, try them out, switch them, and read what they find."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.ingestion.language import identify
from core.quality.policy import (
    TEMPLATES,
    PolicyDocument,
    PolicyFinding,
    PolicyRule,
    RuleTemplate,
    check,
    read_rule,
)
from core.quality.policy.parameters import Value
from core.storage import UnitOfWork
from core.storage.documents import ComparedText
from core.storage.policy_rules import StoredRule
from core.use_cases.request import Request
from core.workbench import Workbench

MOST_RULES = 200
MOST_TRIED = 200  # documents of the library that a trial looks at
MOST_SECONDS = 10.0  # that a trial takes
MOST_EXAMPLES = 20  # documents that a trial shows
LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class RuleTest:
    """What the rule found in the library when it was switched on; `num_findings` counts places."""

    num_documents: int
    num_hit: int
    num_findings: int
    seconds: float
    tested_at: str
    tested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRuleView:
    """A rule as it is kept. `test` is None until it was switched on as it reads now."""

    id: str
    name: str
    kind: str
    severity: str
    parameters: dict[str, Value]
    is_active: bool
    revision: int
    author: str
    changed_at: datetime
    test: RuleTest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPolicyRules(Request["PolicyRulesView"]):
    """All rules of the workspace."""


@dataclass(frozen=True, slots=True)
class PolicyRulesView:
    """Rules by name. `templates` are rules that can be added."""

    rules: tuple[PolicyRuleView, ...]
    templates: tuple[RuleTemplate, ...]


def list_policy_rules(
    request: ListPolicyRules, principal: Principal, workbench: Workbench
) -> PolicyRulesView:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        stored = work.policy_rules.all(principal.workspace)
    return PolicyRulesView(tuple(map(_view, stored)), TEMPLATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePolicyRule(Request[PolicyRuleView]):
    """A new rule, or a change of the one with the id `rule` whose last `revision` the author has seen."""

    name: str
    kind: str
    severity: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    rule: str | None = None
    revision: int = 0


def save_policy_rule(request: SavePolicyRule, principal: Principal, workbench: Workbench) -> PolicyRuleView:
    """A new rule is off. A change of what it checks switches it off, a new name or severity does not.

    Raises Invalid for what does not hold, Conflict for a name in use or a revision that is not the last.
    """
    principal.require(Permission.DECIDE)
    written = read_rule(
        name=request.name, kind=request.kind, severity=request.severity, parameters=request.parameters
    )
    with workbench.storage.transaction() as work:
        if request.rule is None:
            return _view(_add(written, principal, work))
        return _view(
            _change(written, _last(work, principal, request.rule, request.revision), principal, work)
        )


def _add(written: PolicyRule, principal: Principal, work: UnitOfWork) -> StoredRule:
    if len(work.policy_rules.all(principal.workspace)) >= MOST_RULES:
        raise Invalid("There are very many rules already.", remedy="Remove some, or join several in one.")
    rule = StoredRule(
        id=uuid4().hex,
        name=written.name,
        kind=written.kind,
        severity=written.severity,
        parameters=_kept(written, None),
        is_active=False,
        revision=1,
        author=principal.user,
        changed_at=datetime.now(UTC),
    )
    work.policy_rules.add(principal.workspace, rule)
    return rule


def _change(written: PolicyRule, last: StoredRule, principal: Principal, work: UnitOfWork) -> StoredRule:
    is_same_check = (written.kind, written.check.parameters()) == (last.kind, last.parameters[_CHECK])
    rule = replace(
        last,
        name=written.name,
        kind=written.kind,
        severity=written.severity,
        parameters=last.parameters if is_same_check else _kept(written, None),
        is_active=last.is_active and is_same_check,
    )
    return _put(rule, principal, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePolicyRule(Request[None]):
    rule: str


def remove_policy_rule(request: RemovePolicyRule, principal: Principal, workbench: Workbench) -> None:
    """Raises NotFound. What it found is no longer shown."""
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.policy_rules.remove(principal.workspace, request.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPolicyRule(Request["RuleTrial"]):
    """Run a rule that need not be saved: on a pasted text, and on `num_documents` spread over the library."""

    kind: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    num_documents: int = MOST_TRIED


@dataclass(frozen=True, slots=True)
class TriedDocument:
    """A document in which the rule found something."""

    id: str
    title: str
    name: str
    findings: tuple[PolicyFinding, ...]


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """`of_text` is None where no text was given. `num_hit` of `num_documents` have findings, `documents`
    shows the first of them. `is_cut` where time ran out before the last document.
    """

    of_text: tuple[PolicyFinding, ...] | None
    documents: tuple[TriedDocument, ...]
    num_documents: int
    num_hit: int
    num_findings: int
    seconds: float
    is_cut: bool


def try_policy_rule(request: TryPolicyRule, principal: Principal, workbench: Workbench) -> RuleTrial:
    """Keeps nothing. Raises Invalid for a rule that does not hold."""
    principal.require(Permission.DECIDE)
    if not 0 <= request.num_documents <= MOST_TRIED or len(request.text) > LONGEST_TEXT:
        raise Invalid("The sample is too large.", remedy="Try it on fewer documents, or on a shorter text.")
    rule = read_rule(name="trial", kind=request.kind, severity="low", parameters=request.parameters)
    of_text = None
    if request.text.strip():
        of_text = check(rule, PolicyDocument("", request.text, identify(request.text)))
    return _try_out(rule, request.num_documents, of_text, principal, workbench)


def _try_out(
    rule: PolicyRule,
    num_documents: int,
    of_text: tuple[PolicyFinding, ...] | None,
    principal: Principal,
    workbench: Workbench,
) -> RuleTrial:
    texts = _sample(num_documents, principal, workbench)
    begun, num_tried, hit = time.monotonic(), 0, []
    for text in texts:
        if time.monotonic() - begun > MOST_SECONDS:
            break
        num_tried += 1
        if findings := check(rule, _document(text)):
            hit.append(TriedDocument(text.id, text.title, text.name, findings))
    return RuleTrial(
        of_text=of_text,
        documents=tuple(hit[:MOST_EXAMPLES]),
        num_documents=num_tried,
        num_hit=len(hit),
        num_findings=sum(max(1, each.num_places) for document in hit for each in document.findings),
        seconds=time.monotonic() - begun,
        is_cut=num_tried < len(texts),
    )


def _sample(num_documents: int, principal: Principal, workbench: Workbench) -> list[ComparedText]:
    """Spread evenly over the order in which the documents arrived, so that every folder has its share."""
    if not num_documents:
        return []
    with workbench.storage.transaction(readonly=True) as work:
        ids = work.documents.present_ids(principal.workspace)
        step = max(1.0, len(ids) / num_documents)
        chosen = [ids[int(place * step)] for place in range(min(num_documents, len(ids)))]
        return work.documents.compared_texts(principal.workspace, chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPolicyRule(Request[PolicyRuleView]):
    """Switch a rule on or off, as its last `revision` reads."""

    rule: str
    revision: int
    on: bool


def switch_policy_rule(
    request: SwitchPolicyRule, principal: Principal, workbench: Workbench
) -> PolicyRuleView:
    """Switching on tries the rule on the library first and keeps what came of it beside the rule.

    Raises NotFound, and Conflict when the revision is not the last or the trial ran out of time.
    """
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction(readonly=True) as work:
        last = _last(work, principal, request.rule, request.revision)
    parameters = last.parameters
    if request.on:
        rule = policy_rule(last)
        parameters = _kept(rule, _tested(rule, principal, workbench))
    with workbench.storage.transaction() as work:
        return _view(_put(replace(last, parameters=parameters, is_active=request.on), principal, work))


def _tested(rule: PolicyRule, principal: Principal, workbench: Workbench) -> RuleTest:
    trial = _try_out(rule, MOST_TRIED, None, principal, workbench)
    if trial.is_cut:
        raise Conflict("The rule is too slow for this library.", remedy="Make it smaller, then switch it on.")
    return RuleTest(
        num_documents=trial.num_documents,
        num_hit=trial.num_hit,
        num_findings=trial.num_findings,
        seconds=round(trial.seconds, 3),
        tested_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tested_by=principal.user,
    )


_CHECK, _TEST = "check", "test"


def _kept(rule: PolicyRule, test: RuleTest | None) -> dict[str, object]:
    """What is stored beside the name: the parameters, and the test, which only `switch_policy_rule` makes."""
    return {_CHECK: rule.check.parameters(), _TEST: None if test is None else asdict(test)}


def _last(work: UnitOfWork, principal: Principal, rule: str, revision: int) -> StoredRule:
    found = [each for each in work.policy_rules.all(principal.workspace) if each.id == rule]
    if not found:
        raise NotFound("This rule is gone.", remedy="Load the page again.")
    if found[0].revision != revision:
        raise Conflict("Somebody else changed this rule.", remedy="Load the page again.")
    return found[0]


def _put(rule: StoredRule, principal: Principal, work: UnitOfWork) -> StoredRule:
    changed = replace(rule, revision=rule.revision + 1, author=principal.user, changed_at=datetime.now(UTC))
    work.policy_rules.replace(principal.workspace, changed)
    return changed


def policy_rule(stored: StoredRule) -> PolicyRule:
    """The rule that can be checked, of what is kept."""
    return read_rule(
        id=stored.id,
        name=stored.name,
        kind=stored.kind,
        severity=stored.severity,
        parameters=stored.parameters[_CHECK],
    )


def _document(text: ComparedText) -> PolicyDocument:
    return PolicyDocument(text.id, text.text, text.language)


def _view(stored: StoredRule) -> PolicyRuleView:
    test = stored.parameters[_TEST]
    values = asdict(stored) | {
        "parameters": stored.parameters[_CHECK],
        "test": None if test is None else RuleTest(**test),
    }
    return PolicyRuleView(**values)
