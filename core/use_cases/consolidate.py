"""Draft the one document that a group becomes: what all of them say, once, each sentence with its source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from uuid import uuid4

from core.documents.draft import Disagreement, Draft, DraftBlock, DraftSection, DraftSource, Origin, Statement
from core.documents.plan import DocumentPlan, PlannedSection
from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.language.stop_words import known_language
from core.redundancy.consolidation import ConsolidatedDraft, SourceDocument, draft_consolidated
from core.redundancy.consolidation.draft import Citation
from core.redundancy.consolidation.draft import Origin as Place
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.drafts import READY, DraftRecord, DraftVersion
from core.use_cases.check_draft import check_draft
from core.use_cases.draft_contexts import Context, contexts_of
from core.use_cases.request import Request
from core.workbench import Workbench

MOST_MEMBERS = 50
MERGED = "consolidation"
"""The type of a draft that was put together from a group; no template stands behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidate(Request["Consolidation"]):
    """One document from `canonical` and `members`, in this order of authority."""

    canonical: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consolidation:
    """The sources of the draft are the canonical document and the members in this order. `num_new` sentences
    come from the members, `num_covered` of theirs are in the canonical document already.
    """

    draft: Draft
    sources: tuple[DocumentSummary, ...]
    num_new: int
    num_covered: int
    contexts: Mapping[Origin, Context]

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        return tuple(each for section in self.draft.sections for each in section.disagreements)


def consolidate(request: Consolidate, principal: Principal, workbench: Workbench) -> Consolidation:
    """Nothing is stored. Raises Invalid without members, NotFound for a document that is gone."""
    principal.require(Permission.READ)
    stored = _sources(request, principal, workbench)
    sources = [SourceDocument(each.summary.id, each.summary.title, each.content) for each in stored]
    made = draft_consolidated(sources[0], sources[1:])
    new = sum(citation.origin.id != request.canonical for citation in made.citations)
    covered = sum(trace.fate == "covered" for trace in made.traces if trace.origin.id != request.canonical)
    draft = as_draft(made, stored)
    contexts = contexts_of(draft, {each.summary.id: each.content for each in stored})
    return Consolidation(draft, tuple(each.summary for each in stored), new, covered, contexts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftGroup(Request[DraftRecord]):
    """Make the one document of a group a draft among the others, to be edited and approved. The documents it
    was made from retire with its approval.
    """

    group: Consolidate


def draft_group(request: DraftGroup, principal: Principal, workbench: Workbench) -> DraftRecord:
    principal.require(Permission.CONTRIBUTE)
    made = consolidate(request.group, principal, workbench)
    plan = _plan(made)
    workspace, now, draft = principal.workspace, datetime.now(UTC), uuid4().hex
    with workbench.storage.transaction(readonly=True) as work:
        contents = work.documents.contents(workspace, plan.sources)
    verdict = check_draft(made.draft, plan, contents, workspace, workbench)
    record = DraftRecord(
        id=draft,
        job=draft,
        batch="",
        digest=hashlib.sha256(draft.encode()).hexdigest(),
        state=READY,
        title=plan.title,
        type=plan.type,
        area=plan.areas[0],
        language=plan.language,
        engine=plan.engine,
        author=principal.user,
        created_at=now,
        changed_at=now,
        plan=plan.to_json(),
        replaces=plan.sources,
    )
    version = DraftVersion(
        number=1,
        act="merged",
        section="",
        author=principal.user,
        created_at=now,
        verdict=verdict.to_json(),
        draft=made.draft,
    )
    with workbench.storage.transaction() as work:
        work.drafts.add(workspace, record)
        work.drafts.append(workspace, draft, version)
        return work.drafts.get(workspace, draft)


def as_draft(made: ConsolidatedDraft, stored: Sequence[StoredDocument]) -> Draft:
    """The same as sections: each heading of the first two levels begins one."""
    sources = tuple(_source(each) for each in stored)
    places = _Places({source.id: number for number, source in enumerate(sources, 1)}, tuple(stored))
    title = stored[0].summary.title
    sections: list[DraftSection] = []
    keys: dict[int, str] = {}
    for block, citations in _cited_blocks(made):
        written = made.content.blocks[block]
        statements = tuple(places.statement(made, citation) for citation in citations)
        starts_section = written.kind == "heading" and written.level <= 2
        if starts_section and not sections and written.text.strip() == title.strip():
            keys[block] = "part-1"
            continue
        if starts_section or not sections:
            heading = " ".join(written.text.split()) if starts_section else title
            sections.append(DraftSection(f"part-{len(sections) + 1}", heading, ()))
        keys[block] = sections[-1].key
        if not starts_section:
            drafted = DraftBlock(written.kind, statements, level=written.level)
            last = sections[-1]
            sections[-1] = DraftSection(last.key, last.title, (*last.blocks, drafted))
    open_ones: dict[str, list[Disagreement]] = {}
    for conflict in made.conflicts:
        key = keys[conflict.citation.block]
        reading = places.statement(made, conflict.citation)
        other = places.quoted(conflict.other_reading, conflict.other)
        open_ones.setdefault(key, []).append(Disagreement(key, reading, other))
    settled = tuple(
        DraftSection(each.key, each.title, each.blocks, disagreements=tuple(open_ones.get(each.key, ())))
        for each in sections
    )
    return Draft(title, known_language(made.content.text, stored[0].summary.language), settled, sources)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where sentences of documents stand, by the number that the draft gives the document."""

    numbers: dict[str, int]
    stored: tuple[StoredDocument, ...]

    def statement(self, made: ConsolidatedDraft, citation: Citation) -> Statement:
        return self.quoted(made.content.text[slice(*citation.span)], citation.origin)

    def quoted(self, text: str, place: Place) -> Statement:
        number = self.numbers[place.id]
        start, end = place.span
        page = self.stored[number - 1].content.locate(start, end).page
        cells = tuple(text.split("\t")) if "\t" in text else ()
        return Statement(text, "quoted", (Origin(number, start, end, page),), cells=cells)


def _cited_blocks(made: ConsolidatedDraft) -> Iterator[tuple[int, list[Citation]]]:
    for block, citations in groupby(made.citations, key=lambda citation: citation.block):
        yield block, list(citations)


def _sources(request: Consolidate, principal: Principal, workbench: Workbench) -> list[StoredDocument]:
    members = tuple(dict.fromkeys(each for each in request.members if each != request.canonical))
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise Invalid(
            f"Between 1 and {MOST_MEMBERS} documents are merged into another.",
            remedy="Choose some of the group.",
        )
    with workbench.storage.transaction(readonly=True) as work:
        return [work.documents.get(principal.workspace, each) for each in (request.canonical, *members)]


def _source(stored: StoredDocument) -> DraftSource:
    summary = stored.summary
    digest = hashlib.sha256(stored.content.text.encode()).hexdigest()
    return DraftSource(summary.id, summary.title, summary.name, summary.language, digest)


def _plan(made: Consolidation) -> DocumentPlan:
    """What stands for the plan of a draft that nobody briefed: its own sections."""
    return DocumentPlan(
        brief="",
        title=made.draft.title,
        type=MERGED,
        template_version=0,
        areas=("content",),
        language=made.draft.language,
        audience="",
        tone="professional",
        complexity="moderate",
        engine="extractive",
        sections=tuple(
            PlannedSection(key=section.key, title=section.title, max_words=100_000)
            for section in made.draft.sections
        ),
        sources=tuple(source.id for source in made.sources),
    )
