"""The library, clicked by widget key: bring in, search, read, remove."""

from __future__ import annotations

from core.gateway.roles import LOCAL_ADMINISTRATOR, Role
from core.use_cases import BrowseLibrary
from tests.conftest import as_role
from tests.pages.conftest import InlineApplication, Open, add, click, first_table, keys, no_exception, texts


def names(application: InlineApplication) -> set[str]:
    view = application.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR)
    return {document.name for document in view.documents}


def select(*rows: int) -> dict[str, object]:
    return {"selection": {"rows": list(rows), "columns": [], "cells": []}}


def test_files_that_are_handed_in_become_documents(application: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    session.file_uploader[0].upload(
        "note.md", b"# A note\n\nNine words that a page can find again.", "text/markdown"
    )
    session.run()
    click(session, "add_files")
    assert [row["File"] for row in first_table(session)] == ["note.md"]
    assert names(application) == {"note.md"}


def test_the_uploader_is_empty_after_the_files_were_taken(
    application: InlineApplication, open_page: Open
) -> None:
    session = open_page("library")
    session.file_uploader[0].upload("note.md", b"# A note\n\nWords.", "text/markdown")
    session.run()
    click(session, "add_files")
    assert "add_files" not in keys(session)


def test_search_and_facets_narrow_the_list(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    no_exception(session.text_input(key="q").set_value("gateway").run())
    assert {row["File"] for row in first_table(session)} == {
        "support/Runbook.md",
        "support/second line/Runbook (copy).txt",
    }
    no_exception(session.button_group(key="format").set_value(["txt"]).run())
    assert [row["File"] for row in first_table(session)] == ["support/second line/Runbook (copy).txt"]


def test_the_address_carries_search_and_facets(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library", q="gateway", format="txt", lang="es")
    assert session.button_group(key="format").value == ["txt"]
    assert len(first_table(session)) == 1


def test_a_search_that_finds_nothing_says_so(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    no_exception(session.text_input(key="q").set_value("zeppelin").run())
    assert "No document fits these filters" in texts(session)


def test_a_ticked_document_opens_and_closes(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    rows = [row["File"] for row in first_table(session)]
    session.session_state["documents"] = select(rows.index("support/Runbook.md"))
    session.run()
    click(session, "read")
    assert session.title[0].value == "Gateway offline"
    assert "read the status lamp" in texts(session)
    click(session, "back")
    assert session.title[0].value == "Library"


def test_markup_in_a_document_is_shown_not_obeyed(application: InlineApplication, open_page: Open) -> None:
    add(application.workbench, {"odd.txt": "First line\n\n# not a title <script>alert(1)</script> [x](y)"})
    document = application.gateway.ask(BrowseLibrary(), LOCAL_ADMINISTRATOR).documents[0]
    session = open_page("library", doc=document.id)
    assert "\\<script\\>alert\\(1\\)\\</script\\>" in texts(session)


def test_ticked_documents_are_removed(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    rows = [row["File"] for row in first_table(session)]
    session.session_state["documents"] = select(0, 1)
    session.run()
    click(session, "remove")
    assert names(filled) == set(rows[2:])


def test_a_role_that_was_taken_away_can_no_longer_remove(filled: InlineApplication, open_page: Open) -> None:
    session = open_page("library")
    before = names(filled)
    session.session_state["documents"] = select(0)
    session.run()
    filled.assumed_principal = as_role(Role.VIEWER)
    click(session, "remove")
    assert names(filled) == before
    assert "Not allowed" in session.error[0].value


def test_remarks_are_listed_with_their_reason_and_put_aside(
    application: InlineApplication, open_page: Open
) -> None:
    add(application.workbench, {"empty.md": b"", "fine.md": "# Fine\n\nThis one can be read."})
    session = open_page("library")
    assert "**empty\\.md** — " in texts(session)
    click(session, "dismiss")
    assert "empty\\.md" not in texts(session)


def test_the_samples_are_removed_and_ones_own_stay(filled: InlineApplication, open_page: Open) -> None:
    from core.use_cases import IngestFiles
    from core.use_cases.inbox import IncomingFile

    sample = IngestFiles(files=[IncomingFile("sample.md", b"# Sample\n\nInvented.")], origin="sample")
    filled.gateway.ask(sample, LOCAL_ADMINISTRATOR)
    session = open_page("overview")
    assert "1 document belongs to the sample library" in texts(session)
    click(session, "remove_samples")
    assert "sample.md" not in names(filled)
    assert len(names(filled)) == 6
    assert "sample library" not in texts(session)
