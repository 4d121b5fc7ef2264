"""Read the drafts of a workspace: the list with facets, one with all that belongs to it, the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.documents.draft import Draft, DraftSection, Origin
from core.documents.plan import DocumentPlan
from core.gateway.roles import Permission, Principal
from core.storage.documents import DocumentSummary
from core.storage.drafts import (
    WRITING,
    AreaFigures,
    DraftComment,
    DraftFilter,
    DraftRecord,
    DraftVersion,
    VersionSummary,
)
from core.storage.job_records import FAILED, JobRecord
from core.use_cases.check_draft import Verdict
from core.use_cases.draft_contexts import Context, contexts_of
from core.use_cases.request import Request
from core.use_cases.source_shelves import source_contents
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDrafts(Request["DraftList"]):
    """`limit` drafts from the `offset`th, the one changed last first."""

    wanted: DraftFilter = field(default_factory=DraftFilter)
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class DraftList:
    """`num_drafts` fit; `facets` counts each facet as if it were not filtered itself. `jobs` are those of the
    drafts that are still written, by draft.
    """

    drafts: tuple[DraftRecord, ...]
    num_drafts: int
    facets: dict[str, dict[str, int]]
    jobs: dict[str, JobRecord]


def list_drafts(request: ListDrafts, principal: Principal, workbench: Workbench) -> DraftList:
    principal.require(Permission.READ)
    workspace = principal.workspace
    with workbench.storage.transaction(readonly=True) as work:
        found = work.drafts.find(workspace, request.wanted, limit=request.limit, offset=request.offset)
        jobs = {
            each.id: job
            for each in found
            if each.state == WRITING and (job := work.jobs.find(each.job, workspace)) is not None
        }
        return DraftList(
            tuple(found),
            work.drafts.count(workspace, request.wanted),
            work.drafts.counts(workspace, request.wanted),
            jobs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDraft(Request["DraftView"]):
    """The newest version, or the one with this number."""

    draft: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft. While its first version is written, `version` is None and `sections` are those that are there,
    by their place in the plan. `job` writes it, rewrites a section of it, or failed at that.

    `sources` are those of its sources that are still in the library, by id, and `contexts` the places in them
    that it cites; `replaced` are the documents that it takes the place of.
    """

    record: DraftRecord
    plan: DocumentPlan
    version: DraftVersion | None
    verdict: Verdict | None
    sections: dict[int, DraftSection]
    versions: tuple[VersionSummary, ...]
    comments: tuple[DraftComment, ...]
    sources: dict[str, DocumentSummary]
    contexts: Mapping[Origin, Context]
    replaced: tuple[DocumentSummary, ...]
    job: JobRecord | None

    @property
    def draft(self) -> Draft:
        """The version's text, or what there is of it."""
        if self.version is not None:
            return self.version.draft
        written = tuple(self.sections[place] for place in sorted(self.sections))
        return Draft(self.plan.title, self.plan.language, written)


def read_draft(request: ReadDraft, principal: Principal, workbench: Workbench) -> DraftView:
    """Raises NotFound for a draft or a version that is not there."""
    principal.require(Permission.READ)
    workspace = principal.workspace
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(workspace, request.draft)
        number = record.version if request.version is None else request.version
        version = work.drafts.version(workspace, record.id, number) if number else None
        job = work.jobs.find(record.job, workspace)
        named = [source.id for source in version.draft.sources] if version else []
        plan = record.planned()
        documents = work.documents.summaries(workspace, {*named, *plan.sources, *record.replaces})
        revision = work.documents.revision(workspace)
        sections = {} if version else work.drafts.written_sections(record.id)
        versions = tuple(work.drafts.versions(workspace, record.id))
        comments = tuple(work.drafts.comments(workspace, record.id))
    return DraftView(
        record=record,
        plan=plan,
        version=version,
        verdict=Verdict.from_json(version.verdict) if version and version.verdict else None,
        sections=sections,
        versions=versions,
        comments=comments,
        sources=documents,
        contexts=_contexts(version.draft, revision, workspace, workbench) if version else {},
        replaced=tuple(documents[each] for each in record.replaces if each in documents),
        job=job if job is not None and _concerns(job, record) else None,
    )


def _concerns(job: JobRecord, record: DraftRecord) -> bool:
    """Whether it works on the draft, or ended without what it was for and nothing came after it."""
    if job.is_open or not record.version:
        return True
    return job.state == FAILED and job.finished_at is not None and job.finished_at > record.changed_at


def _contexts(
    draft: Draft, revision: tuple[int, int], workspace: str, workbench: Workbench
) -> Mapping[Origin, Context]:
    """Kept for the next look, as long as the library stays as it is."""
    found: Mapping[Origin, Context] = workbench.kept_drafts.get(
        (workspace, revision, draft), lambda: contexts_of(draft, source_contents(workbench, workspace, draft))
    )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDraftFigures(Request[tuple[AreaFigures, ...]]):
    """What was written in each business area, from the stored drafts."""


def read_draft_figures(
    _request: ReadDraftFigures, principal: Principal, workbench: Workbench
) -> tuple[AreaFigures, ...]:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        return tuple(work.drafts.figures(principal.workspace))
