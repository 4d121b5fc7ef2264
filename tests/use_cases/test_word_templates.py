"""Word templates of a workspace, and drafts taken away in them."""

from __future__ import annotations

import io

import pytest
from docx import Document

from core.documents.plan import Company, DocumentPlan, PlannedFact, PlannedSection
from core.documents.word_templates import FreeVariable, Value, starter_template
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.gateway.roles import Principal
from core.storage.documents import DocumentSummary
from core.storage.drafts import DraftRecord
from core.use_cases import (
    AddWordTemplate,
    FillWordTemplate,
    ListWordTemplates,
    RemoveWordTemplate,
    WriteDocument,
    add_word_template,
    fill_word_template,
    list_word_templates,
    remove_word_template,
    write_document,
)
from core.use_cases import word_templates as module
from core.workbench import Workbench


def word(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def said(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


LETTER = word(
    "{{ client.name }}: {{ title }}", "{{ company.name }} / {{ author }} / {{ date }}", "{{ body }}"
)


@pytest.fixture
def record(workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]) -> DraftRecord:
    trains = PlannedSection(
        key="trains",
        title="Trains",
        question="What about trains?",
        hints=("train", "journey", "book", "second class"),
        min_words=5,
        max_words=80,
        facts=(PlannedFact(key="owner", kind="person", label="Owner", question="Who owns it?"),),
    )
    plan = DocumentPlan(
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
        sections=(trains,),
        sources=(library["policy long.md"].id,),
        company=Company(name="Acme"),
    )
    return write_document(WriteDocument(plan=plan), analyst, workbench)


def add(workbench: Workbench, principal: Principal, name: str = "Letter", file: bytes = LETTER) -> str:
    return add_word_template(AddWordTemplate(name=name, file=file), principal, workbench).id


def fill(record: DraftRecord, template: str, **values: Value) -> FillWordTemplate:
    return FillWordTemplate(
        draft=record.id, version=1, template=template, values={"client.name": "Hanover"} | values
    )


def test_a_template_is_brought_listed_and_removed(workbench: Workbench, analyst: Principal) -> None:
    first = add(workbench, analyst, "  Our   letter ", starter_template())
    [view] = list_word_templates(ListWordTemplates(), analyst, workbench)
    assert (view.id, view.name, view.author) == (first, "Our letter", analyst.user)
    assert set(view.variables) == {
        FreeVariable("client"),
        FreeVariable("recipients", "lines"),
        FreeVariable("is_confidential", "yes_no"),
    }
    with pytest.raises(Conflict, match="Our letter"):
        add(workbench, analyst, "Our letter")
    remove_word_template(RemoveWordTemplate(template=first), analyst, workbench)
    assert list_word_templates(ListWordTemplates(), analyst, workbench) == ()
    with pytest.raises(NotFound):
        remove_word_template(RemoveWordTemplate(template=first), analyst, workbench)


def test_what_is_no_template_is_refused_and_not_kept(workbench: Workbench, analyst: Principal) -> None:
    for name, file in (("", LETTER), ("x" * 121, LETTER), ("a", b"text"), ("b", word("{% if a %}"))):
        with pytest.raises(Invalid):
            add(workbench, analyst, name, file)
    assert list_word_templates(ListWordTemplates(), analyst, workbench) == ()


def test_a_workspace_has_so_many_templates_and_no_more(
    workbench: Workbench, analyst: Principal, stranger: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TEMPLATES", 1)
    add(workbench, analyst)
    with pytest.raises(Invalid, match="at most 1"):
        add(workbench, analyst, "Another")
    assert add(workbench, stranger)


def test_a_draft_is_taken_away_in_a_template(
    workbench: Workbench, viewer: Principal, analyst: Principal, record: DraftRecord
) -> None:
    template = add(workbench, analyst)
    filled = fill_word_template(fill(record, template), viewer, workbench)
    assert filled.download.name == "Rules for trips.docx"
    assert filled.download.media_type.endswith("wordprocessingml.document")
    assert filled.missing == ()
    lines = said(filled.download.data)
    assert lines[0] == "Hanover: Rules for trips"
    assert lines[1].startswith(f"Acme / {analyst.user} / ")
    assert lines[2] == "Trains"
    assert any("second class" in line for line in lines[3:])
    assert fill_word_template(fill(record, template), viewer, workbench) == filled


def test_what_was_left_blank_is_told(workbench: Workbench, analyst: Principal, record: DraftRecord) -> None:
    template = add(
        workbench, analyst, file=word("{{ client.name }} {{ company.industry }} {{ facts.owner }}")
    )
    blank: dict[str, Value] = {"client.name": "  "}
    filled = fill_word_template(fill(record, template, **blank), analyst, workbench)
    assert filled.missing == ("client.name", "company.industry", "facts.owner")
    assert said(filled.download.data) == ["⟦client.name⟧ ⟦company.industry⟧ ⟦facts.owner⟧"]


def test_a_value_that_is_too_long_is_refused(
    workbench: Workbench, analyst: Principal, record: DraftRecord
) -> None:
    template = add(workbench, analyst)
    for long in ("x" * 20_001, ("x",) * 501):
        values: dict[str, Value] = {"client.name": long}
        with pytest.raises(Invalid, match=r"client\.name is too long"):
            fill_word_template(fill(record, template, **values), analyst, workbench)


def test_workspaces_do_not_see_each_others_templates_or_drafts(
    workbench: Workbench, analyst: Principal, stranger: Principal, record: DraftRecord
) -> None:
    mine, theirs = add(workbench, analyst), add(workbench, stranger)
    assert [each.id for each in list_word_templates(ListWordTemplates(), stranger, workbench)] == [theirs]
    with pytest.raises(NotFound, match="template is gone"):
        fill_word_template(fill(record, theirs), analyst, workbench)
    for template in (mine, theirs):
        with pytest.raises(NotFound):
            fill_word_template(fill(record, template), stranger, workbench)
    with pytest.raises(NotFound):
        remove_word_template(RemoveWordTemplate(template=mine), stranger, workbench)
    assert [each.id for each in list_word_templates(ListWordTemplates(), analyst, workbench)] == [mine]


def test_who_only_reads_brings_and_removes_nothing(
    workbench: Workbench, analyst: Principal, viewer: Principal
) -> None:
    template = add(workbench, analyst)
    with pytest.raises(Forbidden):
        add(workbench, viewer, "Another")
    with pytest.raises(Forbidden):
        remove_word_template(RemoveWordTemplate(template=template), viewer, workbench)
    assert len(list_word_templates(ListWordTemplates(), viewer, workbench)) == 1
