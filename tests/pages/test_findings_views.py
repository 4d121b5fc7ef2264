"""The views of the redundancy page beyond groups, clicked by widget key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bootstrap import set_running
from core.gateway.roles import LOCAL_ADMINISTRATOR, Role
from core.use_cases import ExportDocument, ListDrafts, ReadLabels, ReviewConflicts, ReviewPassages
from core.use_cases.exportable import Subject
from tests.conftest import as_role
from tests.pages.conftest import (
    InlineApplication,
    Open,
    add,
    click,
    keys,
    metrics,
    no_exception,
    texts,
)
from tests.use_cases.test_review_meanings_and_conflicts import ANSWERS, POLICY, SAME, WARM, TwoMeanings
from tests.use_cases.test_review_passages import HYMN, MANUAL, MINUTES, OWN

NOTICES = {f"notice {number}.md": f"# Notice\n\n{own}\n\n{HYMN}\n" for number, own in enumerate(OWN, 1)}
LIBRARY = {
    "manual.md": MANUAL,
    "minutes.md": MINUTES,
    "policy.md": POLICY,
    "faq.md": ANSWERS,
    "warm.md": WARM,
    "same.md": SAME,
    **NOTICES,
}


@pytest.fixture
def found(application: InlineApplication) -> InlineApplication:
    """A library in which there is something of each kind."""
    application.workbench = replace(application.workbench, embedder=TwoMeanings())
    application.workbench.jobs.workbench = application.workbench  # type: ignore[attr-defined]
    add(application.workbench, dict(LIBRARY))
    set_running(application)  # type: ignore[arg-type]
    return application


def key_of(session: object, beginning: str) -> str:
    return next(key for key in sorted(keys(session)) if key.startswith(beginning))  # type: ignore[arg-type]


def test_the_page_says_at_once_what_can_go_and_what_must_be_reconciled(
    found: InlineApplication, open_page: Open
) -> None:
    shown = metrics(open_page("redundancy"))
    assert shown["Can be deleted"] == "0"
    assert shown["To be reconciled"] == "1"


@pytest.mark.parametrize("view", ["passages", "meaning", "conflicts", "precision"])
@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_a_view_opens_from_the_address_in_every_language(
    view: str, lang: str, found: InlineApplication, open_page: Open
) -> None:
    assert open_page("redundancy", view=view, lang=lang).error == []


def test_a_passage_is_quoted_left_out_and_taken_back(found: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", view="passages")
    assert "Returned devices stay in the yellow area" in texts(session)
    click(session, key_of(session, "exclude_" + key_of(session, "open_").removeprefix("open_")))
    asked = found.gateway.ask(ReviewPassages(), LOCAL_ADMINISTRATOR)
    assert (asked.num_links, len(asked.exclusions)) == (0, 1)
    session = open_page("redundancy", view="passages")
    assert "> Returned devices stay in the yellow area" not in texts(session)
    click(session, key_of(session, "include_"))
    assert found.gateway.ask(ReviewPassages(), LOCAL_ADMINISTRATOR).num_links == 1


def test_boilerplate_is_shown_apart(found: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", view="passages")
    assert "Boilerplate" in texts(session)
    assert "Coffee is free on Fridays" in texts(session)


def test_a_pair_that_means_the_same_says_why_and_what_to_know(
    found: InlineApplication, open_page: Open
) -> None:
    said = texts(open_page("redundancy", view="meaning"))
    assert "says much the same as" in said
    assert "**Warm words**" in said or "**Other words**" in said


def test_a_contradiction_is_quoted_and_settled(found: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", view="conflicts")
    said = texts(session)
    assert ":orange-background[ten working days]" in said
    assert ":orange-background[thirty calendar days]" in said
    click(session, key_of(session, "settle_do_"))
    asked = found.gateway.ask(ReviewConflicts(with_settled=True), LOCAL_ADMINISTRATOR)
    assert (asked.num_settled, asked.conflicts[0].settled.reason) == (1, "reconciled")  # type: ignore[union-attr]
    session = open_page("redundancy", view="conflicts")
    assert "No contradiction is open" in texts(session)


def test_a_viewer_looks_and_settles_nothing(found: InlineApplication, open_page: Open) -> None:
    found.assumed_principal = as_role(Role.VIEWER)
    for view in ("passages", "conflicts", "precision"):
        offered = keys(open_page("redundancy", view=view))
        assert not [key for key in offered if key.startswith(("exclude_", "settle_do_", "verdict_"))]


def test_pairs_are_judged_one_after_the_other(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", view="precision")
    assert "Pair 1" in texts(session)
    total = len(filled.gateway.ask(ReadLabels(), LOCAL_ADMINISTRATOR).pairs)
    for _turn in range(total):
        click(session, "verdict_same")
    sheet = filled.gateway.ask(ReadLabels(), LOCAL_ADMINISTRATOR)
    assert (sheet.num_labels, sheet.num_left) == (total, 0)
    assert sheet.qualities[0].precision is not None
    click(session, "pair_previous")
    click(session, "verdict_different")
    assert "different" in {
        pair.verdict for pair in filled.gateway.ask(ReadLabels(), LOCAL_ADMINISTRATOR).pairs
    }


def test_the_draft_of_a_group_is_shown_and_made(filled: InlineApplication, open_page: Open) -> None:
    group = filled.gateway.ask(ReadLabels(), LOCAL_ADMINISTRATOR).pairs[0].first.id
    session = open_page("redundancy", group=group)
    click(session, "draft")
    assert metrics(session)["Sentences it had already"] != "0"
    click(session, "draft_group")
    [record] = filled.gateway.ask(ListDrafts(), LOCAL_ADMINISTRATOR).drafts
    assert record.replaces
    assert record.type == "consolidation"


def test_the_report_holds_every_list_and_lets_nothing_act(found: InlineApplication) -> None:
    add(
        found.workbench,
        {"bad.md": MANUAL + "\n<script>alert(1)</script> <img src=https://x.example/a.png>\n"},
    )
    request = ExportDocument(subject=Subject(kind="redundancy_report"), format="html")
    made = found.gateway.ask(request, LOCAL_ADMINISTRATOR)
    page = found.workbench.artefacts.get(made.record.sha256).decode()
    assert "Returned devices stay in the yellow area" in page
    assert "thirty calendar days" in page
    assert "says much the same as" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page or "alert(1)" not in page


def test_the_groups_are_drawn_as_a_map(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("redundancy", **{"as": "map"})
    assert "Click a circle" in texts(session)
    assert not session.dataframe


@pytest.mark.parametrize(
    ("page", "view"),
    [("redundancy", "passages"), ("redundancy", "meaning"), ("redundancy", "conflicts"), ("quality", "")],
)
def test_a_search_narrows_every_list(page: str, view: str, found: InlineApplication, open_page: Open) -> None:
    session = open_page(page, **({"view": view} if view else {}))
    no_exception(session.text_input(key="q").set_value("nothing is called like this").run())
    assert "Remove a filter" in texts(session)
