"""Word templates on the pages: the list, the upload, the form of a template, and the finished document."""

from __future__ import annotations

import io

import pytest
from docx import Document
from streamlit.testing.v1 import AppTest

from core.documents.word_templates import starter_template
from core.gateway.roles import LOCAL_ADMINISTRATOR, Principal, Role
from core.use_cases import AddWordTemplate, ListDrafts, ListWordTemplates, PlanDocument, WriteDocument
from core.use_cases.word_templates import FilledTemplate, TemplateView
from pages.components.documents.word_templates import MADE
from tests.pages.conftest import InlineApplication, click, keys, no_exception, texts


def list_script() -> None:
    from pages.components.documents.word_templates import word_templates_view

    word_templates_view()


def draft_script() -> None:
    import streamlit as st

    from core.use_cases import ReadDraft
    from pages.components.documents.word_templates import word_download
    from pages.components.session import ask

    word_download(ask(ReadDraft(draft=str(st.query_params["draft"]))))


def run(script: object, **query: str) -> AppTest:
    session = AppTest.from_function(script, default_timeout=30)  # type: ignore[arg-type]
    for name, value in query.items():
        session.query_params[name] = value
    return no_exception(session.run())


@pytest.fixture
def starter(application: InlineApplication) -> TemplateView:
    request = AddWordTemplate(name="Our report", file=starter_template())
    return application.gateway.ask(request, LOCAL_ADMINISTRATOR)


@pytest.fixture
def drafted(filled: InlineApplication) -> str:
    ask = filled.gateway.ask
    plan = ask(PlanDocument(brief="HR policy on travel and hotels"), LOCAL_ADMINISTRATOR).plan
    ask(WriteDocument(plan=plan), LOCAL_ADMINISTRATOR)
    return ask(ListDrafts(), LOCAL_ADMINISTRATOR).drafts[0].id


def test_templates_are_listed_with_what_they_ask_for(
    application: InlineApplication, starter: TemplateView
) -> None:
    session = run(list_script)
    said = texts(session)
    assert "Our report" in said
    assert "recipients (lines)" in said.replace("\\", "")
    assert "is_confidential (yes or no)" in said.replace("\\", "")
    assert "`{{ title }}`" in str(session.table[0].value.values.tolist())
    click(session, f"remove_word_{starter.id}")
    assert application.gateway.ask(ListWordTemplates(), LOCAL_ADMINISTRATOR) == ()


def test_a_template_is_brought_in_on_the_page(application: InlineApplication) -> None:
    session = run(list_script)
    upload(session, "House style.docx", starter_template())
    assert session.text_input(key="word_name_0").value == "House style"
    session.text_input(key="word_name_0").set_value("Ours").run()
    click(session, "keep_word")
    assert [each.name for each in application.gateway.ask(ListWordTemplates(), LOCAL_ADMINISTRATOR)] == [
        "Ours"
    ]
    assert "keep_word" not in keys(session)


def test_a_file_that_may_not_be_a_template_is_refused_with_what_to_do(application: InlineApplication) -> None:
    session = run(list_script)
    upload(session, "fake.docx", b"this is no document")
    click(session, "keep_word")
    assert "This is not a Word document (.docx)." in texts(session)
    assert "save it as a Word document" in texts(session)
    assert application.gateway.ask(ListWordTemplates(), LOCAL_ADMINISTRATOR) == ()


def upload(session: AppTest, name: str, data: bytes) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    no_exception(session.file_uploader(key="word_file_0").set_value((name, data, kind)).run())


def test_a_viewer_sees_the_list_and_changes_nothing(
    application: InlineApplication, starter: TemplateView
) -> None:
    application.assumed_principal = Principal(user="guest", role=Role.VIEWER, workspace="default")
    session = run(list_script)
    assert "Our report" in texts(session)
    assert keys(session) == set()
    assert not session.file_uploader


def test_without_a_template_the_draft_says_where_to_bring_one(drafted: str) -> None:
    session = run(draft_script, draft=drafted)
    assert "There is no Word template yet." in texts(session)
    assert "word_make" not in keys(session)


def test_a_draft_is_filled_in_with_the_form_of_its_template(drafted: str, starter: TemplateView) -> None:
    session = run(draft_script, draft=drafted)
    fields = f"word_{starter.id}"
    session.text_input(key=f"{fields}_client").set_value("Hanover *Foods*").run()
    session.text_area(key=f"{fields}_recipients").set_value("Eva\n\n Juan ").run()
    session.checkbox(key=f"{fields}_is_confidential").check().run()
    click(session, "word_make")
    request, made = session.session_state[MADE]
    assert isinstance(made, FilledTemplate)
    assert request.values["recipients"] == ("Eva", "Juan")
    lines = [paragraph.text for paragraph in Document(io.BytesIO(made.download.data)).paragraphs]
    assert {"Confidential", "Hanover *Foods*", "Eva", "Juan"} <= set(lines)
    assert "client" not in made.missing
    assert downloads(session) == ["word_download"]
    session.text_input(key=f"{fields}_client").set_value("Other").run()
    assert downloads(session) == []


def test_what_was_not_given_is_told_beside_the_document(drafted: str, starter: TemplateView) -> None:
    session = run(draft_script, draft=drafted)
    click(session, "word_make")
    [warning] = [each.value for each in session.warning]
    assert warning.startswith("Marked in the document, because nothing was given: ")
    assert "client" in warning
    assert "recipients" in warning


def downloads(session: AppTest) -> list[str]:
    """The keys of the download buttons, which the test session has no words for of its own."""
    return [each.proto.id.rpartition("-")[2] for each in session.get("download_button")]
