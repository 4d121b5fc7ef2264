"""Redundancy, clicked by widget key: compare, regroup, open a group, decide, take back, filter."""

from __future__ import annotations

import pytest

from core.gateway.roles import LOCAL_ADMINISTRATOR, Role
from core.storage.decisions import Decision
from core.use_cases import BrowseLibrary, ReadHistory
from tests.conftest import as_role
from tests.pages.conftest import (
    DOCUMENTS,
    InlineApplication,
    Open,
    add,
    click,
    first_table,
    keys,
    metrics,
    no_exception,
    texts,
)

COPY = "support/second line/Runbook (copy).txt"


def document(application: InlineApplication, name: str) -> str:
    view = application.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR)
    return next(each.id for each in view.documents if each.name == name)


def decisions(application: InlineApplication) -> list[Decision]:
    return list(application.gateway.ask(ReadHistory(), LOCAL_ADMINISTRATOR).decisions)


def test_comparing_a_library_shows_its_groups(application: InlineApplication, open_page: Open) -> None:
    add(application.workbench, DOCUMENTS, analyse=False)
    session = open_page("redundancy")
    click(session, "analyse")
    assert metrics(session)["Groups"] == "2"


def test_new_documents_are_announced_until_they_are_compared(
    filled: InlineApplication, open_page: Open
) -> None:
    add(filled.workbench, {"new.md": "# New\n\nIt came later."}, analyse=False)
    session = open_page("redundancy")
    assert "1 not compared yet" in texts(session)
    click(session, "analyse")
    assert "not compared yet" not in texts(session)


def test_a_role_that_may_not_compare_is_refused(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy")
    filled.assumed_principal = as_role(Role.VIEWER)
    click(session, "analyse")
    assert "Not allowed" in session.error[0].value


def test_moving_the_threshold_regroups(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy")
    assert metrics(session)["Documents in them"] == "5"
    no_exception(session.slider(key="threshold").set_value(1.0).run())
    assert metrics(session)["Documents in them"] == "4"


def test_the_address_carries_the_threshold(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", threshold="1.0")
    assert session.slider(key="threshold").value == 1.0
    assert metrics(session)["Documents in them"] == "4"


@pytest.mark.parametrize("nonsense", ["abc", "nan", "-4", "inf", "7"])
def test_a_threshold_that_makes_no_sense_is_put_right(
    nonsense: str, filled: InlineApplication, open_page: Open
) -> None:
    assert open_page("redundancy", threshold=nonsense).error == []


def test_another_rule_keeps_another_document(application: InlineApplication, open_page: Open) -> None:
    longer = DOCUMENTS["support/Runbook.md"] + "One more sentence for the people of the night shift.\n"
    add(application.workbench, {"short.md": DOCUMENTS["support/Runbook.md"], "long.md": longer})
    session = open_page("redundancy")
    no_exception(session.selectbox(key="rule").set_value("longest").run())
    assert first_table(session)[0]["Words in the others"] == len(DOCUMENTS["support/Runbook.md"].split()) - 1
    no_exception(session.selectbox(key="rule").set_value("first").run())
    assert first_table(session)[0]["Words in the others"] == len(longer.split()) - 1


def test_a_ticked_group_opens_and_closes(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy")
    session.session_state["clusters"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    session.run()
    click(session, "open_group")
    assert session.subheader[0].value == "Gateway offline and 1 other"
    click(session, "back")
    assert metrics(session)["Groups"] == "2"


def test_a_group_that_fell_apart_says_so(filled: InlineApplication, open_page: Open) -> None:
    session = open_page(
        "redundancy", group=document(filled, "finance/Travel policy 2026.md"), threshold="1.0"
    )
    assert "At this least similarity the document stands alone" in texts(session)


@pytest.mark.parametrize(
    ("act", "shown"),
    [("drop", "Dropped"), ("merge", "To be merged"), ("keep", "Kept"), ("ignore", "Ignored")],
)
def test_a_decision_is_kept_with_its_reason_and_taken_back(
    act: str, shown: str, filled: InlineApplication, open_page: Open
) -> None:
    session = open_page("redundancy", group=document(filled, COPY))
    reason = next(field for field in session.text_input if field.key and field.key.startswith("reason_"))
    reason.set_value("agreed with *support*").run()
    click(session, f"decide_{act}")
    made = decisions(filled)[0]
    assert (made.act, made.reason, made.author) == (act, "agreed with *support*", "local")
    assert f"**{shown}** · local" in texts(session)
    assert "agreed with \\*support\\*" in texts(session)
    click(session, "undo")
    assert [each.act for each in decisions(filled)] == ["undo", act]
    assert f"**{shown}**" not in texts(session)


def test_a_decision_of_a_role_that_was_taken_away_is_refused(
    filled: InlineApplication, open_page: Open
) -> None:
    session = open_page("redundancy", group=document(filled, COPY))
    filled.assumed_principal = as_role(Role.VIEWER)
    click(session, "decide_drop")
    assert decisions(filled) == []
    assert "Not allowed" in session.error[0].value


def test_a_decision_about_a_removed_document_is_refused(filled: InlineApplication, open_page: Open) -> None:
    from core.use_cases import RemoveDocuments

    session = open_page("redundancy", group=document(filled, COPY))
    filled.gateway.ask(RemoveDocuments(documents=(document(filled, COPY),)), LOCAL_ADMINISTRATOR)
    click(session, "decide_drop")
    assert decisions(filled) == []
    assert "no longer in the library" in session.error[0].value


def test_the_history_takes_back_what_was_decided(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", group=document(filled, COPY))
    click(session, "decide_drop")
    click(session, "back")
    assert metrics(session)["Words saved"] == "56"
    made = decisions(filled)[0]
    click(session, f"undo_{made.id}")
    assert metrics(session)["Words saved"] == "0"
    assert "*taken back*" in texts(session)
    assert f"undo_{made.id}" not in keys(session)


def test_filters_narrow_the_groups(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy")
    no_exception(session.button_group(key="kind").set_value("identical").run())
    assert metrics(session)["Groups"] == "1"
    no_exception(session.text_input(key="q").set_value("travel").run())
    assert "No group fits" in texts(session)


def test_a_decided_group_leaves_the_open_ones(filled: InlineApplication, open_page: Open) -> None:
    click(open_page("redundancy", group=document(filled, COPY)), "decide_drop")
    assert metrics(open_page("redundancy", state="open"))["Groups"] == "1"
    assert metrics(open_page("redundancy", state="decided"))["Groups"] == "1"


def test_the_address_carries_every_filter_as_a_code(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", kind="identical", rule="longest", q="gateway", lang="pt")
    assert session.button_group(key="kind").value == "identical"
    assert session.selectbox(key="rule").value == "longest"
    assert len(first_table(session)) == 1
    no_exception(session.button_group(key="kind").set_value("near").run())
    assert session.query_params["kind"] == "near"
    no_exception(session.button_group(key="kind").set_value("all").run())
    assert "kind" not in session.query_params


def test_a_filter_that_is_none_is_left_out(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", kind="x", rule="y", state="z", language="![](http://a.b/c.png)")
    assert session.error == []
    assert metrics(session)["Groups"] == "2"


def test_the_advice_of_a_group_counts_its_copies_too(filled: InlineApplication, open_page: Open) -> None:
    advice = {row["Document that would stay"]: row["Advice"] for row in first_table(open_page("redundancy"))}
    assert advice["Gateway offline"] == "1 drop"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("newest", "None of them has a date, so the longest stays."),
        ("longest", "It stays because it is the longest."),
        ("first", "It stays because it came first."),
    ],
)
def test_a_group_says_which_rule_chose_the_document_that_stays(
    filled: InlineApplication, open_page: Open, rule: str, said: str
) -> None:
    group = document(filled, COPY)
    assert said in texts(open_page("redundancy", group=group, rule=rule))
