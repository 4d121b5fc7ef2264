"""The one document that a group becomes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core.errors import Forbidden, Invalid, NotFound
from core.exports.design import designs
from core.exports.preparation import Around, prepare
from core.exports.writers import WRITERS
from core.gateway.roles import Principal, Role
from core.storage.documents import DocumentFilter, DocumentSummary
from core.use_cases import (
    ApproveDraft,
    BrowseLibrary,
    Consolidate,
    DraftGroup,
    ReadDraft,
    ReadHistory,
    SettleDisagreement,
    approve_draft,
    browse_library,
    consolidate,
    draft_group,
    read_draft,
    read_history,
    settle_disagreement,
)
from core.use_cases.exportable import Subject
from core.use_cases.exportable.drafts import Drafts
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
    cited = {each.text: each.origins[0].source for each in made.draft.statements}
    assert cited[CAR] == 2
    assert [source.name for source in made.sources] == ["policy.md", "old/policy.md"]
    assert made.num_new >= 1
    assert made.num_covered >= 4


def test_every_sentence_stands_word_for_word_where_its_origin_says(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    made = consolidate(request_of, analyst, workbench)
    assert made.contexts
    for each in made.draft.statements:
        assert made.contexts[each.origins[0]].text == each.text


def test_facts_that_differ_are_listed_and_not_settled(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    made = consolidate(request_of, analyst, workbench)
    readings = [(each.reading.text, each.other_reading.text) for each in made.disagreements]
    assert any("ten days" in one and "14 days" in other for one, other in readings), readings
    assert "14 days" not in made.draft.content().text


def test_the_files_escape_what_the_documents_say_and_cite_each_sentence(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    older_first = Consolidate(canonical=request_of.members[0], members=(request_of.canonical,))
    record = draft_group(DraftGroup(group=older_first), analyst, workbench)
    found = Drafts().gather(Subject(kind="draft", id=record.id), "en", analyst, workbench)
    written = {
        name: WRITERS[name].write(
            prepare(found.content, Around(title=found.title)).manuscript, designs()["report"]
        )
        for name in ("html", "md")
    }
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(written["html"].decode())
    assert not {"b", "script", "img", "iframe"} & set(tags)
    assert "To be reconciled" in written["html"].decode()
    assert CAR in written["md"].decode()
    assert "<b>" not in written["md"].decode().replace("\\<b", "")


def test_its_approval_retires_the_documents_it_was_made_from(
    workbench: Workbench, analyst: Principal, request_of: Consolidate
) -> None:
    record = draft_group(DraftGroup(group=request_of), analyst, workbench)
    with pytest.raises(Invalid, match="contradict"):
        approve_draft(ApproveDraft(draft=record.id, version=1), analyst, workbench)
    version = 1
    for section in read_draft(ReadDraft(draft=record.id), analyst, workbench).draft.sections:
        for number in range(len(section.disagreements)):
            settle = SettleDisagreement(
                draft=record.id, base=version, section=section.key, number=number, act="replaced"
            )
            version = settle_disagreement(settle, analyst, workbench).number
    approved = approve_draft(ApproveDraft(draft=record.id, version=version), analyst, workbench)
    assert approved.approved_by == analyst.user
    [document] = browse_library(
        BrowseLibrary(wanted=DocumentFilter(origins=("draft",))), analyst, workbench
    ).documents
    decisions = read_history(ReadHistory(), analyst, workbench).decisions
    assert {each.document for each in decisions} == {request_of.canonical, *request_of.members}
    assert {each.act for each in decisions} == {"merge"}
    assert {each.against for each in decisions} == {document.id}
    text = read_draft(ReadDraft(draft=record.id), analyst, workbench).draft.content().text
    assert "14 days" in text
    assert "ten days" not in text


def test_a_viewer_makes_no_draft_of_it(workbench: Workbench, request_of: Consolidate) -> None:
    with pytest.raises(Forbidden):
        draft_group(DraftGroup(group=request_of), as_role(Role.VIEWER), workbench)


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
