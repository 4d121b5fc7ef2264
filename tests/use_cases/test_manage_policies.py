"""Rules are written, tried, switched on after a test, and what they find is read."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.gateway.roles import Principal
from core.storage.documents import DocumentSummary
from core.use_cases.browse_library import BrowseLibrary, RemoveDocuments, browse_library, remove_documents
from core.use_cases.manage_policies import (
    ListPolicyRules,
    PolicyRuleView,
    RemovePolicyRule,
    SavePolicyRule,
    SwitchPolicyRule,
    TryPolicyRule,
    list_policy_rules,
    remove_policy_rule,
    save_policy_rule,
    switch_policy_rule,
    try_policy_rule,
)
from core.use_cases.read_policy_findings import PolicyBoard, ReadPolicyFindings, read_policy_findings
from core.workbench import Workbench
from tests.use_cases.conftest import add

CANTEEN = SavePolicyRule(name="Fish", kind="terms", severity="high", parameters={"blocked": ["fish"]})
LETTER = "# Letter\n\nMy CPF is 111.444.777-35 and my name stands below; please keep both to yourselves.\n"


def saved(
    bench: Workbench, principal: Principal, request: SavePolicyRule = CANTEEN, *, on: bool = True
) -> PolicyRuleView:
    rule = save_policy_rule(request, principal, bench)
    if not on:
        return rule
    return switch_policy_rule(
        SwitchPolicyRule(rule=rule.id, revision=rule.revision, on=True), principal, bench
    )


def board(bench: Workbench, principal: Principal, **filters: object) -> PolicyBoard:
    return read_policy_findings(ReadPolicyFindings(**filters), principal, bench)  # type: ignore[arg-type]


def test_a_new_rule_is_off_and_finds_nothing(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    rule = saved(workbench, analyst, on=False)
    assert (rule.is_active, rule.test, rule.revision) == (False, None, 1)
    assert board(workbench, analyst).num_findings == 0


def test_switching_on_tests_the_rule_and_keeps_what_came_of_it(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    rule = saved(workbench, analyst)
    assert rule.is_active
    assert rule.test is not None
    assert (rule.test.num_documents, rule.test.num_hit, rule.test.tested_by) == (len(library), 1, "analyst")
    [found] = board(workbench, analyst).findings
    assert (found.document.name, found.finding.code) == ("alone.md", "blocked_term")
    assert "fish" in found.finding.excerpts[0]


def test_a_client_cannot_forge_the_test(workbench: Workbench, analyst: Principal) -> None:
    forged = replace(CANTEEN, parameters={"blocked": ["fish"], "test": {"num_documents": 9}})
    with pytest.raises(Invalid, match="test"):
        save_policy_rule(forged, analyst, workbench)


def test_changing_what_a_rule_checks_switches_it_off(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    rule = saved(workbench, analyst)
    renamed = save_policy_rule(
        replace(CANTEEN, name="Food", severity="low", rule=rule.id, revision=rule.revision),
        analyst,
        workbench,
    )
    assert renamed.is_active
    assert renamed.test == rule.test
    changed = save_policy_rule(
        replace(CANTEEN, parameters={"blocked": ["soup"]}, rule=rule.id, revision=renamed.revision),
        analyst,
        workbench,
    )
    assert (changed.is_active, changed.test) == (False, None)


def test_two_people_do_not_overwrite_each_other(workbench: Workbench, analyst: Principal) -> None:
    rule = saved(workbench, analyst, on=False)
    change = replace(CANTEEN, severity="low", rule=rule.id, revision=rule.revision)
    save_policy_rule(change, analyst, workbench)
    with pytest.raises(Conflict):
        save_policy_rule(change, analyst, workbench)
    with pytest.raises(Conflict):
        switch_policy_rule(
            SwitchPolicyRule(rule=rule.id, revision=rule.revision, on=True), analyst, workbench
        )


def test_a_removed_rule_finds_nothing_more(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    rule = saved(workbench, analyst)
    remove_policy_rule(RemovePolicyRule(rule=rule.id), analyst, workbench)
    assert board(workbench, analyst).num_findings == 0
    with pytest.raises(NotFound):
        remove_policy_rule(RemovePolicyRule(rule=rule.id), analyst, workbench)


def test_a_trial_says_what_a_rule_would_find_and_keeps_nothing(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    request = TryPolicyRule(kind="terms", parameters={"blocked": ["fish"]}, text="Fish and more fish.")
    trial = try_policy_rule(request, analyst, workbench)
    assert trial.of_text is not None
    assert [finding.num_places for finding in trial.of_text] == [2]
    assert (trial.num_documents, trial.num_hit, trial.documents[0].name) == (len(library), 1, "alone.md")
    assert list_policy_rules(ListPolicyRules(), analyst, workbench).rules == ()


def test_a_rule_that_cannot_hold_is_refused_with_a_remedy(workbench: Workbench, analyst: Principal) -> None:
    with pytest.raises(Invalid) as refused:
        try_policy_rule(TryPolicyRule(kind="pattern", parameters={"pattern": "(a"}), analyst, workbench)
    assert refused.value.remedy


def test_every_template_can_be_added_and_switched_on(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    for template in list_policy_rules(ListPolicyRules(), analyst, workbench).templates:
        request = SavePolicyRule(
            name=template.name,
            kind=template.kind,
            severity=template.severity,
            parameters=template.parameters,
        )
        assert saved(workbench, analyst, request).is_active
    assert board(workbench, analyst).rules.keys() <= board(workbench, analyst).rule_names.keys()


def test_findings_follow_the_library(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    saved(workbench, analyst)
    add(workbench, analyst, {"more fish.md": "# Kitchen\n\nWe buy the fish on Thursdays at the harbour.\n"})
    assert {each.document.name for each in board(workbench, analyst).findings} == {"alone.md", "more fish.md"}
    remove_documents(RemoveDocuments(documents=(library["alone.md"].id,)), analyst, workbench)
    assert [each.document.name for each in board(workbench, analyst).findings] == ["more fish.md"]


def test_no_identifier_is_shown_or_stored_whole(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {"letter.md": LETTER})
    personal = SavePolicyRule(
        name="People", kind="personal_data", severity="critical", parameters={"identifiers": ["br_cpf"]}
    )
    saved(workbench, analyst, personal)
    pattern = SavePolicyRule(name="Digits", kind="pattern", severity="low", parameters={"pattern": r"CPF"})
    saved(workbench, analyst, pattern)
    found = board(workbench, analyst)
    assert found.num_findings == 2
    assert found.findings[0].finding.severity == "critical"
    with closing(sqlite3.connect(workbench.settings.data_dir / "workbench.sqlite")) as database:
        kept = [json.loads(facts) for (facts,) in database.execute("SELECT facts FROM document_facts")]
    for shown in (str(found), str(kept)):
        assert "•••.•••.•••-35" in shown
        assert "111.444" not in shown


def test_findings_are_filtered_and_counted(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    saved(workbench, analyst)
    short = SavePolicyRule(name="Short", kind="length", severity="low", parameters={"least": 30})
    rule = saved(workbench, analyst, short)
    everything = board(workbench, analyst)
    assert everything.severities == {"high": 1, "low": 1}
    assert everything.is_complete
    assert board(workbench, analyst, severities=("low",)).findings[0].finding.code == "too_short"
    assert board(workbench, analyst, severities=("high",)).findings[0].finding.code == "blocked_term"
    assert board(workbench, analyst, rules=(rule.id,)).num_findings == 1
    assert board(workbench, analyst, kinds=("spam",)).num_findings == 0
    assert board(workbench, analyst, search="nowhere").num_findings == 0
    assert len(board(workbench, analyst, limit=1, offset=1).findings) == 1


def test_a_long_check_goes_on_with_the_next_request(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {f"{place}.md": f"# Day {place}\n\nWe had fish." for place in range(60)})
    saved(workbench, analyst)
    first = board(workbench, analyst, seconds=0)
    assert (first.num_checked, first.num_documents, first.is_complete) == (50, 60, False)
    last = board(workbench, analyst, seconds=0)
    assert (last.is_complete, last.num_findings) == (True, 60)


def test_viewers_read_findings_and_change_nothing(
    workbench: Workbench, viewer: Principal, library: dict[str, DocumentSummary]
) -> None:
    assert board(workbench, viewer).num_rules == 0
    with pytest.raises(Forbidden):
        save_policy_rule(CANTEEN, viewer, workbench)


def test_rules_stay_in_their_workspace(
    workbench: Workbench, analyst: Principal, stranger: Principal, library: dict[str, DocumentSummary]
) -> None:
    rule = saved(workbench, analyst)
    assert list_policy_rules(ListPolicyRules(), stranger, workbench).rules == ()
    assert board(workbench, stranger).num_findings == 0
    with pytest.raises(NotFound):
        switch_policy_rule(
            SwitchPolicyRule(rule=rule.id, revision=rule.revision, on=False), stranger, workbench
        )
    assert len(browse_library(BrowseLibrary(), analyst, workbench).documents) == len(library)
