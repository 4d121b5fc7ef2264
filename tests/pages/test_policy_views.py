"""Rules stand on the settings page, and what the active ones find on the quality page."""

from __future__ import annotations

from core.gateway.roles import LOCAL_ADMINISTRATOR, Role
from core.use_cases import ListPolicyRules, SavePolicyRule, SwitchPolicyRule
from tests.conftest import as_role
from tests.pages.conftest import InlineApplication, Open, keys, texts


def add_rule(application: InlineApplication, *, on: bool) -> None:
    saved = application.gateway.ask(
        SavePolicyRule(name="No dollars", kind="terms", severity="high", parameters={"blocked": ["dollars"]}),
        LOCAL_ADMINISTRATOR,
    )
    if on:
        application.gateway.ask(
            SwitchPolicyRule(rule=saved.id, revision=saved.revision, on=True), LOCAL_ADMINISTRATOR
        )


def test_without_rules_the_pages_say_what_to_do(filled: InlineApplication, open_page: Open) -> None:
    assert "There is no rule yet" in texts(open_page("settings"))
    assert "No rule is on" in texts(open_page("quality", view="policy"))


def test_a_rule_is_listed_and_counts_once_it_is_on(filled: InlineApplication, open_page: Open) -> None:
    add_rule(filled, on=False)
    assert "No dollars" in texts(open_page("settings"))
    assert "No rule is on" in texts(open_page("quality", view="policy"))
    (rule,) = filled.gateway.ask(ListPolicyRules(), LOCAL_ADMINISTRATOR).rules
    assert rule.name == "No dollars"


def test_what_an_active_rule_finds_stands_on_the_quality_page(
    filled: InlineApplication, open_page: Open
) -> None:
    add_rule(filled, on=True)
    said = texts(open_page("quality", view="policy"))
    assert "No dollars" in said
    assert "Travel policy" in said


def test_a_viewer_changes_no_rule(filled: InlineApplication, open_page: Open) -> None:
    add_rule(filled, on=True)
    before = keys(open_page("settings"))
    filled.assumed_principal = as_role(Role.VIEWER)
    after = keys(open_page("settings"))
    assert len(after) < len(before)
