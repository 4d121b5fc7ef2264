"""The one document that a group becomes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core.errors import Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.storage.documents import DocumentSummary
from core.use_cases import (
    BrowseLibrary,
    Consolidate,
    DownloadDraft,
    KeepDraft,
    browse_library,
    consolidate,
    download_draft,
    keep_draft,
)
from core.use_cases.draft_files import DraftWords
from core.workbench import Workbench
from tests.conftest import as_role
from tests.use_cases.conftest import POLICY, add

CAR = "Whoever travels by car writes down the distance, and claims it on the same form as the rest."
OLDER = (
    POLICY.replace("at least ten days", "at least 14 days").replace("# Travel", "# <b>Travel</b>")
    + f"\n{CAR}\n"
)


@pytest.fixture
def versions(workbench: Workbench, analyst: Principal) -> dict[str, DocumentSummary]:
    add(workbench, analyst, {"policy.md": POLICY, "old/policy.md": OLDER})
    found = browse_library(BrowseLibrary(), analyst, workbench).documents
    return {document.name: document for document in found}


@pytest.fixture
def request_of(versions: dict[str, DocumentSummary]) -> Consolidate:
    return Consolidate(canonical=versions["policy.md"].id, members=(versions["old/policy.md"].id,))


def test_what_only_the_member_says_is_taken_over_and_cited(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    made = consolidate(request_of, analyst, workbench)
    assert CAR in made.draft.content.text
    cited = {made.draft.content.text[slice(*each.span)]: each.origin.id for each in made.draft.citations}
    assert cited[CAR] == request_of.members[0]
    assert [source.name for source in made.sources] == ["policy.md", "old/policy.md"]
    assert made.num_new >= 1
    assert made.num_covered >= 4


def test_facts_that_differ_are_listed_and_not_settled(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    made = consolidate(request_of, analyst, workbench)
    readings = [(each.reading, each.other_reading) for each in made.draft.conflicts]
    assert any("ten days" in one and "14 days" in other for one, other in readings), readings
    assert "14 days" not in made.draft.content.text


def test_the_files_escape_what_the_documents_say_and_cite_each_sentence(
    workbench: Workbench, analyst: Principal, versions: dict[str, DocumentSummary], request_of: Consolidate
) -> None:
    older_first = Consolidate(canonical=request_of.members[0], members=(request_of.canonical,))
    words = DraftWords(sources="Fuentes", conflicts="Por conciliar")
    html = download_draft(DownloadDraft(draft=older_first, format="html", words=words), analyst, workbench)
    written = html.data.decode()
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(written)
    assert not {"b", "script", "img", "link", "iframe"} & set(tags)
    assert "Por conciliar" in written
    markdown = download_draft(DownloadDraft(draft=older_first, format="md", words=words), analyst, workbench)
    text = markdown.data.decode()
    assert "## Fuentes" in text
    assert f"{CAR} [1]" in text
    assert "<b>" not in text.replace("\\<b\\>", "")
    with pytest.raises(Invalid, match="md, html"):
        download_draft(DownloadDraft(draft=older_first, format="exe"), analyst, workbench)


def test_a_kept_draft_is_a_document_of_the_library(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    keep_draft(KeepDraft(draft=request_of), analyst, workbench)
    names = [document.name for document in browse_library(BrowseLibrary(), analyst, workbench).documents]
    assert "policy (consolidated).md" in names
    with pytest.raises(Forbidden):
        keep_draft(KeepDraft(draft=request_of), as_role(Role.VIEWER), workbench)


def test_a_draft_needs_members_of_the_own_library(
    workbench: Workbench, analyst: Principal, stranger: Principal, request_of: Consolidate
) -> None:
    with pytest.raises(Invalid, match="merged"):
        consolidate(Consolidate(canonical=request_of.canonical, members=()), analyst, workbench)
    with pytest.raises(Invalid, match="merged"):
        consolidate(
            Consolidate(canonical=request_of.canonical, members=(request_of.canonical,)), analyst, workbench
        )
    with pytest.raises(NotFound):
        consolidate(request_of, stranger, workbench)
