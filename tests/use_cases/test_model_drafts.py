"""Drafts that a language model writes: supported by sources, within a budget, never lost to its faults."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

import pytest

from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.writing import WRITING_REASONS
from core.gateway.roles import Principal
from core.inference import Deterministic, GenerateText, InferenceEngine, Piece
from core.inference.engine import never
from core.inference.errors import EngineFailed
from core.storage.documents import DocumentSummary
from core.use_cases import (
    ListJobs,
    ReadDraft,
    RewriteSection,
    WriteDocument,
    list_jobs,
    read_draft,
    rewrite_section,
    write_document,
)
from core.use_cases.read_drafts import DraftView
from core.workbench import Workbench
from tests.fakes.waiting import wait_until

SECTION = PlannedSection(
    key="trains",
    title="Trains",
    hints=("train", "journey", "book", "second class"),
    question="How do people travel?",
    min_words=5,
    max_words=80,
)
TRUE = "Book trains at least ten days before the trip."
FALSE = "The company pays first class for every director on all 37 journeys."


class Broken(Deterministic):
    """An engine that stops half way."""

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        yield Piece("Half a", 2)
        raise EngineFailed("The engine stopped.", remedy="Try again.")


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
        engine="model",
        sections=(SECTION,),
        sources=(library["policy long.md"].id,),
    )


Write = Callable[[InferenceEngine], DraftView]


@pytest.fixture
def write(workbench: Workbench, analyst: Principal, plan: DocumentPlan) -> Write:
    def write_with(engine: InferenceEngine, **settings: object) -> DraftView:
        bench = replace(workbench, engine=engine, settings=workbench.settings.model_copy(update=settings))
        bench.jobs.workbench = bench  # type: ignore[attr-defined]
        record = write_document(WriteDocument(plan=plan, is_fresh=True), analyst, bench)
        return read_draft(ReadDraft(draft=record.id), analyst, bench)

    return write_with


def says(text: str) -> Deterministic:
    """A model that says the same whatever it is asked for."""
    return Deterministic([(".", text)])


def test_a_sentence_that_the_sources_have_is_cited(write: Write) -> None:
    view = write(says(TRUE))
    [section] = view.draft.sections
    assert section.engine == "model", section.reason
    assert all(each.support in ("quoted", "supported") for each in section.statements)
    assert view.record.spent["prompt_tokens"] > 0
    assert view.record.spent["calls"] >= 1
    assert view.record.engine == "model"


def test_a_model_that_makes_things_up_is_replaced_by_quotations(write: Write) -> None:
    view = write(says(FALSE))
    [section] = view.draft.sections
    assert section.engine == "extractive"
    assert section.reason in WRITING_REASONS.values()
    assert all(each.support == "quoted" for each in section.statements)
    assert FALSE not in view.draft.content().text


def test_a_model_that_stops_half_way_loses_no_section(write: Write) -> None:
    view = write(Broken())
    [section] = view.draft.sections
    assert section.reason == WRITING_REASONS["failed"]
    assert section.num_words > 5


def test_the_tokens_of_a_day_end_the_models_work(write: Write, workbench: Workbench) -> None:
    first = write(says(TRUE), document_tokens_a_day=1_000_000)  # type: ignore[call-arg]
    used = int(first.record.spent["prompt_tokens"] + first.record.spent["new_tokens"])
    second = write(says(TRUE), document_tokens_a_day=used)  # type: ignore[call-arg]
    assert second.draft.sections[0].reason == WRITING_REASONS["budget"]
    assert second.record.spent.get("calls", 0) == 0


def test_another_model_gives_another_draft(
    workbench: Workbench, analyst: Principal, plan: DocumentPlan
) -> None:
    def digest(engine: InferenceEngine) -> str:
        bench = replace(workbench, engine=engine)
        bench.jobs.workbench = bench  # type: ignore[attr-defined]
        return write_document(WriteDocument(plan=plan), analyst, bench).digest

    assert digest(says(TRUE)) == digest(says(TRUE))
    assert digest(says(TRUE)) != digest(says(FALSE))


def test_a_section_rewritten_by_the_model_adds_to_what_was_spent(
    write: Write, workbench: Workbench, analyst: Principal
) -> None:
    view = write(says(TRUE))
    bench = replace(workbench, engine=says(TRUE))
    bench.jobs.workbench = bench  # type: ignore[attr-defined]
    rewrite_section(RewriteSection(draft=view.record.id, base=1, section="trains"), analyst, bench)
    after = read_draft(ReadDraft(draft=view.record.id), analyst, bench)
    assert after.record.version == 2
    assert after.record.spent["calls"] > view.record.spent["calls"]


def test_a_cancelled_draft_stops_between_words(
    workbench: Workbench, analyst: Principal, plan: DocumentPlan
) -> None:
    class Slow(Deterministic):
        def generate(
            self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
        ) -> Generator[Piece, None, None]:
            [job] = list_jobs(ListJobs(only_open=True), analyst, bench)
            with bench.storage.transaction() as work:
                work.jobs.request_cancel(job.id)
            wait_until(is_cancelled, 10)
            yield from super().generate(request, is_cancelled=is_cancelled)

    bench = replace(workbench, engine=Slow([(".", TRUE)]))
    bench.jobs.workbench = bench  # type: ignore[attr-defined]
    record = write_document(WriteDocument(plan=plan), analyst, bench)
    view = read_draft(ReadDraft(draft=record.id), analyst, bench)
    assert view.version is None
    assert view.job is not None
    assert view.job.state == "cancelled"
