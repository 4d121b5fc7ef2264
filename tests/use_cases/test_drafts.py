"""A draft from its plan to its approval, and everything that may happen to it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.documents.catalogue import load_catalogue
from core.documents.markdown_form import section_markdown
from core.documents.plan import DocumentPlan, PlannedSection, sections_of
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.storage.documents import DocumentFilter, DocumentSummary
from core.storage.drafts import DraftFilter, DraftRecord
from core.use_cases import (
    AnswerGap,
    ApproveDraft,
    BrowseLibrary,
    CommentDraft,
    CompareVersions,
    ListDrafts,
    ReadDraft,
    ReadDraftFigures,
    RemoveDocuments,
    RemoveDraft,
    ReopenDraft,
    ResolveComment,
    RestoreVersion,
    RewriteSection,
    SaveSection,
    WriteDocument,
    answer_gap,
    approve_draft,
    browse_library,
    comment_draft,
    compare_versions,
    list_drafts,
    read_draft,
    read_draft_figures,
    remove_documents,
    remove_draft,
    reopen_draft,
    resolve_comment,
    restore_version,
    rewrite_section,
    save_section,
    write_document,
)
from core.use_cases.exportable import Subject
from core.use_cases.exportable.drafts import Drafts
from core.use_cases.read_drafts import DraftView
from core.workbench import Workbench
from tests.conftest import as_role

Write = Callable[..., DraftRecord]


def section(key: str, title: str, *hints: str) -> PlannedSection:
    return PlannedSection(
        key=key, title=title, hints=hints, question=f"What about {title.lower()}?", min_words=5, max_words=80
    )


SECTIONS = (
    section("trains", "Trains", "train", "journey", "book", "second class"),
    section("receipts", "Receipts", "receipt", "form", "month", "keep every receipt"),
    section("satellites", "Satellites", "satellite", "orbit", "rocket launch"),
)


@pytest.fixture
def plan(library: dict[str, DocumentSummary]) -> DocumentPlan:
    return DocumentPlan(
        brief="The rules for trips",
        title="Rules for trips",
        type="report",
        template_version=1,
        areas=("hr",),
        language="en",
        audience="",
        tone="formal",
        complexity="simple",
        engine="extractive",
        sections=SECTIONS,
        sources=(library["policy long.md"].id, library["alone.md"].id),
    )


@pytest.fixture
def write(workbench: Workbench, analyst: Principal, plan: DocumentPlan) -> Write:
    def write_it(**changes: object) -> DraftRecord:
        asked = {"plan": plan, **changes}
        return write_document(WriteDocument(**asked), analyst, workbench)  # type: ignore[arg-type]

    return write_it


@pytest.fixture
def read(workbench: Workbench, analyst: Principal) -> Callable[[DraftRecord], DraftView]:
    return lambda record: read_draft(ReadDraft(draft=record.id), analyst, workbench)


def test_each_sentence_of_a_draft_stands_in_its_source(
    write: Write, read: Callable[[DraftRecord], DraftView]
) -> None:
    view = read(write())
    statements = list(view.draft.statements)
    assert len(statements) >= 2
    for each in statements:
        assert each.support == "quoted"
        assert view.contexts[each.origins[0]].text == each.text
    assert any("second class" in each.text for each in view.draft.sections[0].statements)


def test_what_no_source_says_is_asked(write: Write, read: Callable[[DraftRecord], DraftView]) -> None:
    record = write()
    view = read(record)
    assert [(gap.section, gap.question) for gap in view.draft.gaps] == [
        ("satellites", "What about satellites?")
    ]
    assert record.num_gaps == 1
    assert view.verdict is not None
    outcomes = {check.name: check.outcome for check in view.verdict.checks}
    assert outcomes["gaps"] == "failed"
    assert outcomes["support"] == outcomes["figures"] == "passed"


def test_the_same_again_is_copied_and_a_change_is_not(write: Write, plan: DocumentPlan) -> None:
    first = write()
    assert write().digest == first.digest
    again = write()
    assert again.id != first.id
    assert again.seconds is None
    assert write(is_fresh=True).seconds is not None
    other = write(plan=replace(plan, audience="new colleagues"))
    assert other.digest != first.digest
    assert other.seconds is not None


def test_a_source_that_is_gone_is_told(
    write: Write, workbench: Workbench, analyst: Principal, plan: DocumentPlan
) -> None:
    record = write()
    remove_documents(RemoveDocuments(documents=plan.sources[:1]), analyst, workbench)
    with pytest.raises(NotFound, match="no longer in the library"):
        write()
    view = read_draft(ReadDraft(draft=record.id), analyst, workbench)
    assert plan.sources[0] not in view.sources
    assert not any(origin.source == 1 for origin in view.contexts)


def test_a_source_that_goes_leaves_the_others_their_numbers(
    write: Write,
    read: Callable[[DraftRecord], DraftView],
    workbench: Workbench,
    analyst: Principal,
    plan: DocumentPlan,
) -> None:
    record = write()
    remove_documents(RemoveDocuments(documents=plan.sources[:1]), analyst, workbench)
    soup = "On Fridays the canteen serves fish, and on all other days there is soup."
    save = SaveSection(draft=record.id, base=1, section="receipts", markdown=soup)
    [said] = save_section(save, analyst, workbench).draft.sections[1].statements
    assert [origin.source for origin in said.origins] == [2]
    asked = RewriteSection(draft=record.id, base=1, section="satellites", wish="fish and soup of the canteen")
    rewrite_section(asked, analyst, workbench)
    view = read(record)
    cited = {origin.source for each in view.draft.sections[2].statements for origin in each.origins}
    assert cited <= {2}
    assert all(view.draft.sources[number - 1].title == "Canteen" for number in cited)


def test_a_rewrite_that_came_too_late_is_told(
    write: Write, read: Callable[[DraftRecord], DraftView], workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    save_section(SaveSection(draft=record.id, base=1, section="trains", markdown="Go."), analyst, workbench)
    rewrite_section(RewriteSection(draft=record.id, base=1, section="trains"), analyst, workbench)
    view = read(record)
    assert view.job is not None
    assert view.job.state == "failed"
    assert "changed this section" in (view.job.error or "")
    restore_version(RestoreVersion(draft=record.id, version=1), analyst, workbench)
    assert read(record).job is None


def test_a_plan_that_cannot_be_written_is_refused(write: Write, plan: DocumentPlan) -> None:
    with pytest.raises(Invalid, match="no sections"):
        write(plan=replace(plan, sections=()))
    with pytest.raises(Invalid, match="title and a key"):
        write(plan=replace(plan, sections=(SECTIONS[0], SECTIONS[0])))
    with pytest.raises(Invalid, match="200,000"):
        write(plan=replace(plan, brief="x" * 200_001))
    with pytest.raises(Forbidden):
        write_document(WriteDocument(plan=plan), as_role(Role.VIEWER), None)  # type: ignore[arg-type]


def test_without_sources_every_section_is_a_question(
    write: Write, plan: DocumentPlan, read: Callable[[DraftRecord], DraftView]
) -> None:
    view = read(write(plan=replace(plan, sources=())))
    assert len(view.draft.gaps) == len(SECTIONS)
    assert view.draft.confidence is None


def test_an_edit_keeps_the_sources_of_what_it_leaves_and_looks_for_the_rest(
    write: Write, read: Callable[[DraftRecord], DraftView], workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    before = read(record).draft.sections[0]
    own = "Night trains are never paid."
    found = "Managers approve within a week."
    markdown = f"{section_markdown(before)}\n\n{own} {found}"
    save = SaveSection(draft=record.id, base=1, section="trains", markdown=markdown, title="By train")
    after = save_section(save, analyst, workbench).draft.sections[0]
    support = {each.text: each.support for each in after.statements}
    assert all(support[each.text] == "quoted" for each in before.statements)
    assert support[own] == "own"
    assert support[found] == "quoted"
    assert after.title == "By train"
    view = read(record)
    assert [each.act for each in view.versions] == ["edited", "written"]
    assert (
        view.contexts[next(each for each in after.statements if each.text == found).origins[0]].text == found
    )


def test_two_people_disturb_each_other_only_in_the_same_section(
    write: Write, workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    save_section(
        SaveSection(draft=record.id, base=1, section="trains", markdown="Go by train."), analyst, workbench
    )
    other = SaveSection(draft=record.id, base=1, section="receipts", markdown="Keep them all.")
    merged = save_section(other, analyst, workbench)
    assert merged.number == 3
    texts = [each.text for each in merged.draft.statements]
    assert "Go by train." in texts
    assert "Keep them all." in texts
    with pytest.raises(Conflict, match="changed this section"):
        save_section(
            SaveSection(draft=record.id, base=1, section="trains", markdown="Fly."), analyst, workbench
        )


def test_an_answer_closes_its_gap_and_counts_as_a_persons_words(
    write: Write, workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    answer = AnswerGap(draft=record.id, base=1, section="satellites", gap=0, answer="We have 3 of them.")
    version = answer_gap(answer, analyst, workbench)
    assert not version.draft.gaps
    [said] = version.draft.sections[2].statements
    assert (said.text, said.support) == ("We have 3 of them.", "own")
    outcomes = {check["name"]: check["outcome"] for check in version.verdict["checks"]}
    assert outcomes["figures"] == outcomes["support"] == "attention"
    with pytest.raises(Conflict, match="answered already"):
        answer_gap(replace(answer, base=2), analyst, workbench)


def test_a_section_is_written_anew_and_the_others_stay(
    write: Write, read: Callable[[DraftRecord], DraftView], workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    before = read(record).draft
    asked = RewriteSection(draft=record.id, base=1, section="satellites", wish="fish and soup of the canteen")
    rewrite_section(asked, analyst, workbench)
    view = read(record)
    assert view.record.version == 2
    assert view.draft.sections[:2] == before.sections[:2]
    assert any("soup" in each.text for each in view.draft.sections[2].statements)
    assert not view.draft.gaps


def test_an_earlier_version_comes_back_as_a_new_one(
    write: Write, read: Callable[[DraftRecord], DraftView], workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    first = read(record).draft
    save_section(SaveSection(draft=record.id, base=1, section="trains", markdown="Go."), analyst, workbench)
    changes = compare_versions(CompareVersions(draft=record.id, before=1, after=2), analyst, workbench)
    assert [change.key for change in changes if change.is_changed] == ["trains"]
    restored = restore_version(RestoreVersion(draft=record.id, version=1), analyst, workbench)
    assert restored.number == 3
    assert read(record).draft == first


def test_comments_are_kept_and_resolved(
    write: Write, read: Callable[[DraftRecord], DraftView], workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    comment = comment_draft(
        CommentDraft(draft=record.id, text="Too short.", section="trains"), analyst, workbench
    )
    resolve_comment(ResolveComment(comment=comment.id), analyst, workbench)
    [found] = read(record).comments
    assert (found.text, found.section, found.version) == ("Too short.", "trains", 1)
    assert found.resolved_at is not None
    with pytest.raises(Invalid, match="comment"):
        comment_draft(CommentDraft(draft=record.id, text="  "), analyst, workbench)


def test_an_approval_is_of_the_newest_version_and_ends_with_a_change(
    write: Write, workbench: Workbench, analyst: Principal
) -> None:
    record = write()
    approve_draft(ApproveDraft(draft=record.id, version=1, keep=True), analyst, workbench)
    wanted = DocumentFilter(origins=("draft",))
    [document] = browse_library(BrowseLibrary(wanted=wanted), analyst, workbench).documents
    assert document.title == "Rules for trips"
    reopen_draft(ReopenDraft(draft=record.id), analyst, workbench)
    save_section(SaveSection(draft=record.id, base=1, section="trains", markdown="Go."), analyst, workbench)
    with pytest.raises(Conflict, match="newest"):
        approve_draft(ApproveDraft(draft=record.id, version=1), analyst, workbench)


def test_the_list_finds_drafts_and_counts_facets(
    write: Write, plan: DocumentPlan, workbench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    record = write()
    write(plan=replace(plan, title="Otra cosa", language="es", areas=("legal",)))
    view = list_drafts(ListDrafts(wanted=DraftFilter(search="trips")), analyst, workbench)
    assert [each.id for each in view.drafts] == [record.id]
    assert view.facets["area"] == {"hr": 1}
    everything = list_drafts(ListDrafts(), analyst, workbench)
    assert everything.facets["language"] == {"en": 1, "es": 1}
    assert not list_drafts(ListDrafts(), stranger, workbench).drafts
    with pytest.raises(NotFound):
        read_draft(ReadDraft(draft=record.id), stranger, workbench)
    figures = {each.area: each for each in read_draft_figures(ReadDraftFigures(), analyst, workbench)}
    assert figures["hr"].num_words == record.num_words
    assert figures["hr"].seconds is not None


def test_a_removed_draft_is_gone(write: Write, workbench: Workbench, analyst: Principal) -> None:
    record = write()
    remove_draft(RemoveDraft(draft=record.id), analyst, workbench)
    with pytest.raises(NotFound):
        read_draft(ReadDraft(draft=record.id), analyst, workbench)


def test_a_file_cites_and_asks(write: Write, workbench: Workbench, analyst: Principal) -> None:
    record = write()
    found = Drafts().gather(Subject(kind="draft", id=record.id), "en", analyst, workbench)
    assert found.title == "Rules for trips"
    references = [(block.key, block.text) for block in found.content.blocks if block.kind == "reference"]
    assert ("1", "Travel policy (policy long.md)") in references
    assert any(mark.kind == "citation" for block in found.content.blocks for mark in block.marks)
    assert "Not said by any source: What about satellites?" in found.content.text


@pytest.mark.parametrize("key", ["meeting_minutes", "business_plan"])
def test_a_shipped_type_can_be_written(
    key: str, write: Write, plan: DocumentPlan, read: Callable[[DraftRecord], DraftView]
) -> None:
    template = load_catalogue()[key]
    view = read(write(plan=replace(plan, type=key, sections=sections_of(template, "es"), language="es")))
    assert [section.title for section in view.draft.sections] == [slot.title["es"] for slot in template.slots]
