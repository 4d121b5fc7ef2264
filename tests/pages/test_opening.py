"""Every page opens in every state of the library, in every language, for every role."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.bootstrap import set_running
from core.gateway.roles import Role
from core.telemetry.health import Health, PartHealth
from core.telemetry.monitoring import Monitoring
from core.use_cases import BrowseLibrary
from tests.conftest import as_role
from tests.pages.conftest import DOCUMENTS, InlineApplication, Open, add, first_table, keys, metrics, texts

PAGES = ("overview", "library", "redundancy", "compare", "quality", "cache", "tuning", "settings")


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_an_empty_library(
    page: str, lang: str, application: InlineApplication, open_page: Open
) -> None:
    assert len(open_page(page, lang=lang).title) == 1


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_after_an_analysis(
    page: str, lang: str, filled: InlineApplication, open_page: Open
) -> None:
    session = open_page(page, lang=lang)
    assert len(session.title) == 1
    assert session.error == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_documents_that_were_not_compared(
    page: str, application: InlineApplication, open_page: Open
) -> None:
    add(application.workbench, DOCUMENTS, analyse=False)
    assert open_page(page).error == []


def test_an_empty_library_says_what_to_do_first(application: InlineApplication, open_page: Open) -> None:
    assert "Add files above" in texts(open_page("library"))
    assert "Nothing has been compared yet" in texts(open_page("redundancy"))
    assert "The library is empty." in texts(open_page("overview"))


def test_a_page_says_what_went_wrong_instead_of_breaking(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library", doc="no-such-document")
    assert "This did not work" in session.error[0].value


def test_the_overview_says_that_the_worker_is_away(filled: InlineApplication, open_page: Open) -> None:
    now = datetime.now(UTC)
    worker = PartHealth(
        kind="worker", state="offline", cause="It has *ended*.", checked_at=now, changed_at=now
    )
    health = Health("warning", "healthy", "offline", 2, "healthy", (worker,))
    monitoring = Monitoring(health=lambda: health)
    set_running(InlineApplication(replace(filled.workbench, monitoring=monitoring)))  # type: ignore[arg-type]
    said = texts(open_page("overview"))
    assert "**Worker** · offline" in said
    assert "2 restarts" in said
    assert "It has \\*ended\\*" in said


def test_a_failed_job_waits_on_the_overview(filled: InlineApplication, open_page: Open) -> None:
    broken = {"broken.docx": b"PK\x03\x04 no package"}
    add(filled.workbench, broken)
    assert "1 file has a remark or could not be read" in texts(open_page("overview"))


def test_numbers_follow_the_language(filled: InlineApplication, open_page: Open) -> None:
    words = {f"long/{number}.md": f"alpha{number} " * 900 for number in range(3)}
    add(filled.workbench, words)
    shown = {lang: set(metrics(open_page("overview", lang=lang)).values()) for lang in ("en", "es", "pt")}
    assert "3,051" in shown["en"]
    assert "3.051" in shown["pt"]
    assert "3051" in shown["es"] or "3.051" in shown["es"]
    decimals = {lang: texts(open_page("redundancy", lang=lang)) for lang in ("en", "es")}
    assert decimals["en"] != decimals["es"]


@pytest.mark.parametrize("lang", ["es", "pt"])
def test_the_similarity_of_a_group_has_a_decimal_comma(
    lang: str, filled: InlineApplication, open_page: Open
) -> None:
    rows = first_table(open_page("redundancy", lang=lang))
    assert any("0,91" in str(value) for value in rows[0].values())


def test_a_viewer_sees_no_acting_buttons(filled: InlineApplication, open_page: Open) -> None:
    filled.assumed_principal = as_role(Role.VIEWER)
    group = filled.gateway.ask(BrowseLibrary(), as_role(Role.VIEWER)).documents[0].id
    acting = {"analyse", "dismiss", "remove", "remove_samples", "add_files", "undo"}
    for session in (
        open_page("overview"),
        open_page("library"),
        open_page("redundancy"),
        open_page("redundancy", group=group),
    ):
        assert not any(key in acting or key.startswith(("decide_", "drop_")) for key in keys(session))
        assert len(session.file_uploader) == 0
    assert "Your role may look, not decide" in texts(open_page("redundancy", group=group))
