"""Read what the active rules find in the library. Each document is checked once for each rule as it reads."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.quality.policy import RULES, SEVERITIES, PolicyDocument, PolicyFinding, PolicyRule, check
from core.redundancy import Span
from core.storage.documents import DocumentSummary
from core.storage.policy_rules import StoredRule
from core.use_cases.manage_policies import policy_rule
from core.use_cases.request import Request
from core.use_cases.review_meanings import mentions
from core.workbench import Workbench

METHOD = 1  # grows when a kind of rule begins to find other things
SLICE_DOCUMENTS = 50
MOST_SECONDS = 5.0
PLACES_KEPT = 20
MOST_FINDINGS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicyFindings(Request["PolicyBoard"]):
    """`limit` findings from the `offset`th, the most severe first.

    `rules` are ids; `search` are words of titles and names; `document` keeps one document. What was not yet
    checked is checked now, for about `seconds`: ask again while `is_complete` is False.
    """

    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    search: str = ""
    document: str | None = None
    limit: int = 50
    offset: int = 0
    seconds: float = 1.5


@dataclass(frozen=True, slots=True)
class FoundInDocument:
    document: DocumentSummary
    finding: PolicyFinding


@dataclass(frozen=True, slots=True)
class PolicyBoard:
    """`num_findings` counts what fits the filter. The counts by severity, kind and rule are of all findings,
    `rule_names` of the active rules by id. `num_hit` of `num_checked` documents have a finding.
    """

    findings: tuple[FoundInDocument, ...]
    num_findings: int
    severities: dict[str, int]
    kinds: dict[str, int]
    rules: dict[str, int]
    rule_names: dict[str, str]
    num_rules: int
    num_hit: int
    num_checked: int
    num_documents: int

    @property
    def is_complete(self) -> bool:
        return self.num_checked == self.num_documents


def read_policy_findings(
    request: ReadPolicyFindings, principal: Principal, workbench: Workbench
) -> PolicyBoard:
    principal.require(Permission.READ)
    if not 1 <= request.limit <= MOST_FINDINGS or request.offset < 0:
        raise Invalid("There is no such page of findings.", remedy="Load the page again.")
    if not set(request.severities) <= set(SEVERITIES) or not set(request.kinds) <= set(RULES):
        raise Invalid("There is no such filter.", remedy=f"Use {SEVERITIES} and {tuple(RULES)}.")
    with workbench.storage.transaction(readonly=True) as work:
        active = [rule for rule in work.policy_rules.all(principal.workspace) if rule.is_active]
        revision = work.documents.revision(principal.workspace)
    checked = _checked(active, revision, principal, workbench)
    checked.advance(min(request.seconds, MOST_SECONDS), workbench)
    return _board(request, active, checked, principal, workbench)


def _board(
    request: ReadPolicyFindings,
    active: list[StoredRule],
    checked: _CheckedLibrary,
    principal: Principal,
    workbench: Workbench,
) -> PolicyBoard:
    findings = [finding for rule in active for finding in checked.findings(rule)]
    with workbench.storage.transaction(readonly=True) as work:
        documents = work.documents.summaries(
            principal.workspace, dict.fromkeys(each.document_id for each in findings)
        )
    found = [
        FoundInDocument(documents[each.document_id], each)
        for each in findings
        if each.document_id in documents
    ]
    fitting = sorted((each for each in found if _fits(each, request)), key=_order)
    return PolicyBoard(
        findings=tuple(fitting[request.offset : request.offset + request.limit]),
        num_findings=len(fitting),
        severities=_counted(each.finding.severity for each in found),
        kinds=_counted(each.finding.kind for each in found),
        rules=_counted(each.finding.rule_id for each in found),
        rule_names={rule.id: rule.name for rule in active},
        num_rules=len(active),
        num_hit=len({each.document.id for each in found}),
        num_checked=checked.num_checked,
        num_documents=checked.num_documents,
    )


def _fits(each: FoundInDocument, request: ReadPolicyFindings) -> bool:
    finding = each.finding
    return (
        (not request.severities or finding.severity in request.severities)
        and (not request.kinds or finding.kind in request.kinds)
        and (not request.rules or finding.rule_id in request.rules)
        and request.document in (None, finding.document_id)
        and mentions(request.search, each.document)
    )


def _order(each: FoundInDocument) -> tuple[int, str, str, str]:
    finding = each.finding
    return -SEVERITIES.index(finding.severity), finding.rule_name, each.document.title, finding.document_id


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values))


@dataclass(slots=True)
class _CheckedLibrary:
    """What the rules found in one state of the library, as far as it was checked. Thread-safe.

    Findings are kept by what a rule checks, not by its name, so that a new name checks nothing again.
    """

    workspace: str
    rules: dict[str, PolicyRule]
    num_documents: int
    missing: list[str]
    found: dict[str, dict[str, list[dict[str, Any]]]]
    known: dict[str, set[str]]
    lock: Lock = field(default_factory=Lock)

    @property
    def num_checked(self) -> int:
        return self.num_documents - len(self.missing)

    def advance(self, seconds: float, workbench: Workbench) -> None:
        """Check more documents for about so long, at least one slice; the database keeps what was found."""
        begun = time.monotonic()
        with self.lock:
            while self.missing:
                self._check(self.missing[-SLICE_DOCUMENTS:], workbench)
                del self.missing[-SLICE_DOCUMENTS:]
                if time.monotonic() - begun >= seconds:
                    return

    def findings(self, rule: StoredRule) -> Iterable[PolicyFinding]:
        found = self.found.get(_version(policy_rule(rule)), {})
        for document, kept in list(found.items()):
            for values in kept:
                yield _finding(rule, document, values)

    def _check(self, ids: list[str], workbench: Workbench) -> None:
        with workbench.storage.transaction(readonly=True) as work:
            texts = work.documents.compared_texts(self.workspace, ids)
        made: dict[str, dict[str, list[dict[str, Any]]]] = {version: {} for version in self.rules}
        for text in texts:
            document = PolicyDocument(text.id, text.text, text.language)
            for version, rule in self.rules.items():
                if text.id not in self.known[version]:
                    made[version][text.id] = [_values(each) for each in check(rule, document)]
        with workbench.storage.transaction() as work:
            for version, by_document in made.items():
                facts = {document: {"findings": kept} for document, kept in by_document.items()}
                work.document_facts.add(self.workspace, version, facts)
        for version, by_document in made.items():
            self.found[version] |= {document: kept for document, kept in by_document.items() if kept}


def _checked(
    active: list[StoredRule], revision: tuple[int, int], principal: Principal, workbench: Workbench
) -> _CheckedLibrary:
    rules = {_version(rule): rule for rule in map(policy_rule, active)}
    state = f"{principal.workspace} {revision}"

    def load() -> _CheckedLibrary:
        with workbench.storage.transaction(readonly=True) as work:
            present = work.documents.present_ids(principal.workspace)
            facts = {
                version: work.document_facts.of_workspace(principal.workspace, version) for version in rules
            }
        known = {version: set(of_rule) for version, of_rule in facts.items()}
        missing = [each for each in present if any(each not in of_rule for of_rule in known.values())]
        found = {
            version: {document: kept["findings"] for document, kept in of_rule.items() if kept["findings"]}
            for version, of_rule in facts.items()
        }
        return _CheckedLibrary(principal.workspace, rules, len(present), missing[::-1], found, known)

    checked: _CheckedLibrary = workbench.kept_findings.get((state, "policy " + " ".join(sorted(rules))), load)
    return checked


def _version(rule: PolicyRule) -> str:
    """Names what the rule checks: the same for equal parameters, whatever its name and severity."""
    written = json.dumps([METHOD, rule.kind, rule.check.parameters()], sort_keys=True)
    return f"policy-{hashlib.sha256(written.encode()).hexdigest()[:40]}"


def _values(finding: PolicyFinding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "parameters": dict(finding.parameters),
        "num_places": finding.num_places,
        "places": [list(place) for place in finding.places[:PLACES_KEPT]],
        "excerpts": list(finding.excerpts),
    }


def _finding(rule: StoredRule, document: str, values: dict[str, Any]) -> PolicyFinding:
    return PolicyFinding(
        rule_id=rule.id,
        rule_name=rule.name,
        kind=rule.kind,
        severity=rule.severity,
        document_id=document,
        code=values["code"],
        parameters=values["parameters"],
        num_places=values["num_places"],
        places=tuple(Span(*place) for place in values["places"]),
        excerpts=tuple(values["excerpts"]),
    )
