"""From a thing to its file and proof, clicked by widget key."""

from __future__ import annotations

import pytest

from core.gateway.roles import LOCAL_ADMINISTRATOR, Principal, Role
from core.storage.exports import COMPLETED, ListedExport
from core.use_cases import BrowseExports, BrowseLibrary, ExportDocument, TakeManifest
from core.use_cases.exportable import EXPORTABLES, Subject
from tests.pages.conftest import InlineApplication, Open, click, keys, metrics, no_exception, texts


def exports(application: InlineApplication) -> tuple[ListedExport, ...]:
    return application.gateway.ask(BrowseExports(), LOCAL_ADMINISTRATOR).exports


@pytest.fixture
def made(filled: InlineApplication) -> ListedExport:
    document = filled.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR).documents[0]
    request = ExportDocument(subject=Subject(kind="document", id=document.id), format="md")
    return filled.gateway.ask(request, LOCAL_ADMINISTRATOR)


def test_without_anything_the_page_says_what_to_do_first(
    application: InlineApplication, open_page: Open
) -> None:
    session = open_page("exports")
    assert "The library is empty. Bring documents on the page Library." in [
        each.value for each in session.info
    ]
    assert "Nothing was exported yet. Choose above what to export." in [each.value for each in session.info]


def test_a_document_is_exported_in_two_formats_and_listed(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("exports")
    session.pills(key="start_document_formats").set_value(["md", "txt"]).run()
    session = click(session, "start_document_go")
    assert sorted(each.record.format for each in exports(filled)) == ["md", "txt"]
    assert all(each.state == COMPLETED for each in exports(filled))
    assert "**Markdown**" in texts(session)
    assert "made in" in texts(session)


def test_every_kind_of_thing_can_be_chosen(filled: InlineApplication, open_page: Open) -> None:
    for kind in EXPORTABLES:
        session = open_page("exports")
        session.segmented_control(key="export_kind").set_value(kind).run()
        no_exception(session)


def test_what_cannot_be_exported_is_said_with_its_remedy(
    application: InlineApplication, open_page: Open
) -> None:
    session = open_page("exports")
    session.segmented_control(key="export_kind").set_value("decisions").run()
    session = click(session, "start_decisions_go")
    assert "Nothing has been decided yet." in str([each.value for each in session.error])
    assert not exports(application)


def test_letters_ask_for_their_head(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("exports")
    session.selectbox(key="start_document_design").set_value("letter").run()
    session.text_input(key="start_document_field_to").set_value("Marlow Dairy").run()
    session.pills(key="start_document_formats").set_value(["html"]).run()
    click(session, "start_document_go")
    assert exports(filled)[0].record.request["options"]["fields"] == {"to": "Marlow Dairy"}


def test_an_export_shows_its_preview_its_proof_and_what_broke(
    filled: InlineApplication, made: ListedExport, open_page: Open
) -> None:
    session = open_page("exports", export=made.record.id)
    assert "It passes level Standard" in str([each.value for each in session.success])
    assert session.code[0].value
    assert "**The company's name and logo are on it**" in texts(session)
    assert "Asked for from level Premium on." in texts(session)
    assert made.record.sha256 in texts(session)
    assert {"repeat", "remove", "back"} <= keys(session)
    assert len(metrics(session)) == 4


def test_an_export_is_repeated_and_removed(
    filled: InlineApplication, made: ListedExport, open_page: Open
) -> None:
    session = open_page("exports", export=made.record.id)
    click(session, "repeat")
    again = exports(filled)[0]
    assert again.record.is_repeat
    session = open_page("exports", export=again.record.id)
    click(session, "remove")
    assert [each.record.id for each in exports(filled)] == [made.record.id]


def test_an_unknown_export_says_so(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("exports", export="0" * 32)
    assert "There is no such export." in str([each.value for each in session.error])


def test_figures_count_what_was_exported(
    filled: InlineApplication, made: ListedExport, open_page: Open
) -> None:
    session = open_page("exports", view="figures")
    assert metrics(session)["Exports"] == "1"
    assert metrics(session)["Failed"] == "0"


def test_a_genuine_file_is_told_from_a_changed_one(
    filled: InlineApplication, made: ListedExport, open_page: Open
) -> None:
    path = filled.workbench.artefacts.path(made.record.sha256)
    manifest = filled.gateway.ask(TakeManifest(export=made.record.id), LOCAL_ADMINISTRATOR)
    for data, said in ((path.read_bytes(), "byte for byte"), (b"other", "not the one of the manifest")):
        session = open_page("exports", view="verify")
        session.file_uploader(key="verify_file").set_value(("file.md", data, "text/markdown")).run()
        session.file_uploader(key="verify_manifest").set_value(
            ("m.json", manifest.data, "application/json")
        ).run()
        assert said in str(
            [*(each.value for each in session.success), *(each.value for each in session.error)]
        )


def test_a_viewer_may_take_files_and_not_remove_them(
    filled: InlineApplication, made: ListedExport, open_page: Open
) -> None:
    filled.assumed_principal = Principal(user="guest", role=Role.VIEWER, workspace="default")
    session = open_page("exports", export=made.record.id)
    assert "repeat" in keys(session)
    assert "remove" not in keys(session)


@pytest.mark.parametrize("page", ["library", "redundancy", "quality", "cache"])
def test_every_page_with_something_to_keep_offers_its_export(
    page: str, filled: InlineApplication, open_page: Open
) -> None:
    address = {}
    if page == "library":
        address["doc"] = filled.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR).documents[0].id
    session = open_page(page, **address)
    assert any(key.endswith("_export_go") for key in keys(session))
