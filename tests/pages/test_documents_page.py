"""From a brief to an approved draft, clicked by widget key."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.documents.catalogue import load_catalogue
from core.gateway.roles import LOCAL_ADMINISTRATOR, Principal, Role
from core.storage.drafts import DraftRecord
from core.use_cases import ListDrafts, ListSchedules, ListTypes, ReadDraft, SaveProfile
from core.use_cases.read_drafts import DraftView
from pages.components.live import plain
from tests.pages.conftest import InlineApplication, Open, click, keys, metrics, no_exception, texts

BRIEF = "HR policy on travel and hotels for all employees, based on our travel policy"


@pytest.fixture
def planned(filled: InlineApplication, open_page: Open) -> AppTest:
    session = open_page("documents")
    session.text_area(key="brief").set_value(BRIEF).run()
    return click(session, "plan")


def drafts(application: InlineApplication) -> tuple[DraftRecord, ...]:
    return application.gateway.ask(ListDrafts(), LOCAL_ADMINISTRATOR).drafts


def view_of(application: InlineApplication) -> DraftView:
    return application.gateway.ask(ReadDraft(draft=drafts(application)[0].id), LOCAL_ADMINISTRATOR)


def test_a_brief_becomes_a_plan_that_says_why(planned: AppTest) -> None:
    assert planned.selectbox(key="plan_type").value == "hr_policy"
    assert planned.selectbox(key="plan_area").value == "hr"
    said = texts(planned)
    assert "**Human resources**" in said
    assert "From the documents that fit best" in str([each.label for each in planned.expander])


def test_a_plan_is_changed_before_it_is_written(planned: AppTest, filled: InlineApplication) -> None:
    planned.selectbox(key="plan_type").set_value("memo").run()
    planned.selectbox(key="plan_language").set_value("pt").run()
    click(planned, "write")
    [record] = drafts(filled)
    assert (record.type, record.language, record.area) == ("memo", "pt", "hr")


def test_area_and_tone_follow_the_type_that_is_chosen(planned: AppTest) -> None:
    planned.selectbox(key="plan_tone").set_value("casual").run()
    planned.selectbox(key="plan_type").set_value("press_release").run()
    template = load_catalogue()["press_release"]
    assert planned.selectbox(key="plan_tone").value == template.tone
    assert planned.selectbox(key="plan_area").value in template.areas


def test_a_draft_is_written_read_edited_and_approved(planned: AppTest, filled: InlineApplication) -> None:
    click(planned, "write")
    view = view_of(filled)
    assert view.record.num_words > 20
    assert planned.title[0].value == plain(view.record.title)
    assert any("What the sources did not say" in line for line in texts(planned).splitlines())
    gap = next(number for number in range(20) if f"put_in_{number}" in keys(planned))
    planned.text_input(key=f"answer_1_{gap}").set_value("Marta Ruiz owns the policy.").run()
    click(planned, f"put_in_{gap}")
    after = view_of(filled)
    assert [each.act for each in after.versions] == ["answered", "written"]
    assert any(each.support == "own" for each in after.draft.statements)
    click(planned, "approve")
    assert view_of(filled).record.approved_by == "local"
    assert "approve" not in keys(planned)
    click(planned, "reopen")
    assert view_of(filled).record.approved_by is None


def test_a_section_is_opened_for_editing_and_left(planned: AppTest, filled: InlineApplication) -> None:
    click(planned, "write")
    click(planned, "edit_0")
    assert {"save_section", "cancel_edit"} <= keys(planned)
    click(planned, "save_section")
    assert view_of(filled).versions[0].act == "edited"
    assert "edit_0" in keys(planned)


def test_the_check_and_the_versions_are_shown(planned: AppTest, filled: InlineApplication) -> None:
    click(planned, "write")
    click(planned, "rewrite_1")
    assert view_of(filled).record.version == 2
    planned.button_group(key="part").set_value("check").run()
    assert "Sources of the sentences" in texts(planned)
    planned.button_group(key="part").set_value("versions").run()
    assert no_exception(planned)
    click(planned, "restore")
    assert view_of(filled).versions[0].act == "restored"


def test_the_same_plan_is_copied(planned: AppTest, filled: InlineApplication) -> None:
    click(planned, "write")
    click(planned, "back")
    planned.text_area(key="brief").set_value(BRIEF).run()
    click(planned, "plan")
    click(planned, "write")
    assert len(drafts(filled)) == 2
    assert view_of(filled).versions[0].act == "reused"


def test_a_removed_draft_leads_back_to_the_list(planned: AppTest, filled: InlineApplication) -> None:
    click(planned, "write")
    click(planned, "remove_draft")
    assert not drafts(filled)
    assert planned.title[0].value == "Documents"


def test_the_queue_is_paused_and_resumed(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("documents", view="queue")
    assert metrics(session)["Waiting"] == "0"
    click(session, "pause_queue")
    assert "Paused by local" in texts(session)
    click(session, "resume_queue")
    assert "pause_queue" in keys(session)


def test_a_plan_is_written_by_the_clock(planned: AppTest, filled: InlineApplication) -> None:
    planned.button_group(key="view").set_value("queue").run()
    planned.selectbox(key="rhythm").set_value("0 9 * * 1").run()
    planned.selectbox(key="zone").set_value("America/Bogota").run()
    click(planned, "save_schedule")
    [view] = filled.gateway.ask(ListSchedules(), LOCAL_ADMINISTRATOR).schedules
    assert (view.schedule.cron, view.schedule.time_zone) == ("0 9 * * 1", "America/Bogota")
    assert {run.hour for run in view.timing.next_runs} == {14}
    click(planned, f"now_{view.schedule.id}")
    assert [each.type for each in drafts(filled)] == ["hr_policy"]
    click(planned, f"unschedule_{view.schedule.id}")
    assert not filled.gateway.ask(ListSchedules(), LOCAL_ADMINISTRATOR).schedules


def test_a_type_is_made_from_another_and_faults_are_told(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("documents", view="types")
    click(session, "edit_type_memo")
    box = session.text_area[-1]
    box.set_value(box.value.replace('tone = "professional"', 'tone = "loud"')).run()
    assert "Line 4" in texts(session)
    assert session.button(key="save_type").disabled
    box = session.text_area[-1]
    box.set_value(box.value.replace('tone = "loud"', 'tone = "formal"')).run()
    click(session, "save_type")
    own = [view for view in filled.gateway.ask(ListTypes(), LOCAL_ADMINISTRATOR) if view.is_own]
    assert [view.template.key for view in own] == ["own_memo"]
    click(session, "remove_type_own_memo")
    assert not [view for view in filled.gateway.ask(ListTypes(), LOCAL_ADMINISTRATOR) if view.is_own]


def test_the_figures_are_of_stored_drafts(
    planned: AppTest, filled: InlineApplication, open_page: Open
) -> None:
    click(planned, "write")
    session = open_page("documents", view="figures")
    assert metrics(session)["Drafts"] == "1"
    assert metrics(session)["Words"] == str(drafts(filled)[0].num_words)


def test_a_company_gives_its_tone_to_the_plan(filled: InlineApplication, open_page: Open) -> None:
    profile = filled.gateway.ask(SaveProfile(name="Nevada", tone="friendly"), LOCAL_ADMINISTRATOR)
    session = open_page("documents")
    session.text_area(key="brief").set_value(BRIEF).run()
    click(session, "plan")
    session.selectbox(key="plan_company").set_value(profile.id).run()
    click(session, "write")
    assert view_of(filled).plan.company.name == "Nevada"


def test_a_viewer_reads_and_does_not_write(
    planned: AppTest, filled: InlineApplication, open_page: Open
) -> None:
    click(planned, "write")
    filled.assumed_principal = Principal(user="vera", role=Role.VIEWER, workspace="default")
    session = open_page("documents", draft=drafts(filled)[0].id)
    assert session.title[0].value == plain(drafts(filled)[0].title)
    assert not {key for key in keys(session) if key.startswith(("edit_", "rewrite_", "put_in_", "approve"))}
    assert "plan" not in keys(open_page("documents"))


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
@pytest.mark.parametrize("view", ["drafts", "queue", "types", "figures"])
def test_an_empty_workspace_says_what_to_do(
    application: InlineApplication, open_page: Open, lang: str, view: str
) -> None:
    session = open_page("documents", lang=lang, view=view)
    assert session.title[0].value
