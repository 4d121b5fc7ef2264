"""Write a document from its plan: hand it in, and the job that drafts it section by section."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from core.documents.draft import DraftSection
from core.documents.drafting import ExtractiveWriter
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.writing import ModelWriter, Spent, TokenBudget
from core.documents.writing.writer import ignore
from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal, Role
from core.inference.errors import Cancelled
from core.jobs.job import JobContext, JobKind, JobStopped
from core.priority import Priority
from core.storage.drafts import READY, WRITING, DraftRecord, DraftVersion
from core.storage.job_records import JobRecord
from core.use_cases.check_draft import check_draft
from core.use_cases.request import Request
from core.use_cases.source_shelves import shelf_of, source_contents
from core.workbench import Workbench

WRITE = "write_document"
PLAN = "plan"
"""What a schedule hands in instead of a draft."""

METHOD = 1
"""Grows when the same plan and sources begin to give another draft."""

WRITING_SECONDS = 1_800.0
"""A draft of quotations takes about a second; a model on a processor takes minutes for a section."""

TELL_SECONDS = 0.5
SPENT = ("calls", "prompt_tokens", "cached_tokens", "new_tokens", "seconds", "saved_seconds")
MOST_SECTIONS = 60
MOST_SOURCES = 200
LONGEST_BRIEF = 200_000
LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDocument(Request[DraftRecord]):
    """Draft what was planned. A draft that was written before from exactly the same is copied at once, unless
    `is_fresh`. `batch` ties drafts together that were asked for at once. The same `draft` again is the same
    draft: it is its id.
    """

    plan: DocumentPlan
    priority: Priority = Priority.NORMAL
    is_fresh: bool = False
    batch: str = ""
    draft: str = ""


def write_document(request: WriteDocument, principal: Principal, workbench: Workbench) -> DraftRecord:
    """The draft, which the job of the same id writes. Raises Invalid for a plan that cannot be written, and
    NotFound for a source that is not in the library.
    """
    principal.require(Permission.CONTRIBUTE)
    record = _record(request, principal, workbench)
    with workbench.storage.transaction(readonly=True) as work:
        there = work.drafts.find_one(principal.workspace, record.id)
    if there is None and not request.is_fresh and (copied := _copy(record, principal, workbench)):
        return copied
    if there is None:
        with workbench.storage.transaction() as work:
            work.drafts.add(principal.workspace, record)
    workbench.jobs.submit(
        WRITE, record.title, {"draft": record.id}, principal, priority=request.priority, job_id=record.id
    )
    with workbench.storage.transaction(readonly=True) as work:
        return work.drafts.get(principal.workspace, record.id)


def write_draft(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: section after section, each kept as soon as it is there, then the check of the whole.

    A job that was cut goes on behind the last section that is there. One that a schedule hands in brings its
    plan, and makes its draft first.
    """
    workspace = job.job.workspace
    if PLAN in job.job.request:
        job.step("draft", partial(_make_draft, workbench, job))
    draft = draft_of(job.job)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(workspace, draft)
        there = work.drafts.written_sections(draft, only_whole=True)
    if record.version:
        return _account(record)
    plan = record.planned()
    started = time.monotonic()
    live = LiveSection(workbench, workspace, draft)
    desk = open_writer(workbench, workspace, plan, job, live.tell)
    for written in there.values():
        desk.writer.take_over(written)
    left = [place for place in range(len(plan.sections)) if place not in there]
    desk.announce([plan.sections[place] for place in left])
    try:
        for place in left:
            live.place = place
            job.step(f"section {place}", partial(_write, workbench, job, desk, plan.sections[place], place))
            job.progress(place + 1, len(plan.sections) + 1)
    finally:
        desk.withdraw()
    job.step("finish", lambda: _finish(workbench, job, desk, plan, time.monotonic() - started))
    job.progress(len(plan.sections) + 1, len(plan.sections) + 1)
    with workbench.storage.transaction(readonly=True) as work:
        return _account(work.drafts.get(workspace, draft))


@dataclass(slots=True)
class LiveSection:
    """Keeps a section while it grows, for those who watch, at most twice a second."""

    workbench: Workbench
    workspace: str
    draft: str
    place: int = 0
    told: float = 0.0

    def tell(self, section: DraftSection) -> None:
        if time.monotonic() - self.told < TELL_SECONDS:
            return
        self.told = time.monotonic()
        with self.workbench.storage.transaction() as work:
            work.drafts.write_section(self.workspace, self.draft, self.place, section, is_whole=False)


def check_scheduled(request: dict[str, Any]) -> None:
    """Raises Invalid for what no draft can be written from by the clock."""
    try:
        _checked(DocumentPlan.from_json(request.get(PLAN, {})))
    except ValueError as error:
        raise Invalid("request: it holds no plan of a document.", remedy="Plan it again.") from error


def draft_of(job: JobRecord) -> str:
    """The draft that a job writes."""
    return str(job.request.get("draft", job.id))


WRITE_KIND = JobKind(
    WRITE,
    write_draft,
    timeout_seconds=WRITING_SECONDS,
    can_schedule=True,
    check_request=check_scheduled,
)


def open_writer(
    workbench: Workbench,
    workspace: str,
    plan: DocumentPlan,
    job: JobContext,
    tell: Callable[[DraftSection], None] = ignore,
) -> DraftDesk:
    """What writes the sections of a plan: quotations, or the model if that is planned."""
    shelf = shelf_of(workbench, workspace, plan.sources)
    if plan.engine == "extractive":
        return DraftDesk(ExtractiveWriter(shelf, plan))
    stop = Stop(job)
    writer = ModelWriter(
        shelf,
        plan,
        workbench.engine,
        tenant=workspace,
        priority=Priority(job.job.priority),
        label=f"document:{draft_of(job.job)}",
        is_cancelled=stop,
        budget=_budget(workbench, workspace),
        tell=tell,
    )
    return DraftDesk(writer, stop)


@dataclass(slots=True)
class Stop:
    """Asks the job whether it goes on, and keeps what it answered."""

    job: JobContext
    reason: JobStopped | None = None

    def __call__(self) -> bool:
        try:
            self.job.check_cancelled()
        except JobStopped as stopped:
            self.reason = stopped
        return self.reason is not None


@dataclass(slots=True)
class DraftDesk:
    """A writer and how it is stopped."""

    writer: ExtractiveWriter | ModelWriter
    stop: Stop | None = None
    _spent: Spent = field(default_factory=Spent)

    def announce(self, sections: Sequence[PlannedSection]) -> None:
        """The model's engine hears what comes next."""
        if isinstance(self.writer, ModelWriter):
            self.writer.announce(sections)

    def withdraw(self) -> None:
        if isinstance(self.writer, ModelWriter):
            self.writer.withdraw()

    def write(self, section: PlannedSection) -> DraftSection:
        """Raises JobStopped when the job is not to go on."""
        try:
            return self.writer.write(section)
        except Cancelled as cancelled:
            if self.stop is None or self.stop.reason is None:
                raise
            raise self.stop.reason from cancelled

    def newly_spent(self) -> dict[str, float]:
        """What the engine was used for since this was asked last."""
        if not isinstance(self.writer, ModelWriter):
            return {}
        before, self._spent = self._spent, self.writer.spent
        return {name: (getattr(self._spent, name) or 0) - (getattr(before, name) or 0) for name in SPENT}


def _checked(plan: DocumentPlan) -> DocumentPlan:
    title = " ".join(plan.title.split())[:LONGEST_TITLE]
    if not plan.sections:
        raise Invalid("The plan has no sections.", remedy="Add at least one section.")
    if len(plan.sections) > MOST_SECTIONS:
        raise Invalid(f"A document has at most {MOST_SECTIONS} sections.", remedy="Take some out.")
    keys = [section.key for section in plan.sections]
    if len(set(keys)) < len(keys) or not all(section.title.strip() for section in plan.sections):
        raise Invalid("Every section needs a title and a key of its own.", remedy="Name the new sections.")
    if len(plan.sources) > MOST_SOURCES:
        raise Invalid(f"A draft rests on at most {MOST_SOURCES} documents.", remedy="Choose fewer sources.")
    if len(plan.brief) > LONGEST_BRIEF:
        raise Invalid(
            f"A brief has at most {LONGEST_BRIEF:,} characters.",
            remedy="Put the material into the library as a source, and say in a few lines what to write.",
        )
    if not plan.areas:
        raise Invalid("The plan names no business area.", remedy="Choose one.")
    return replace(plan, title=title or plan.type.replace("_", " ").capitalize())


def _budget(workbench: Workbench, workspace: str) -> TokenBudget | None:
    """What is left of the tokens of today; None where there is no limit."""
    allowed = workbench.settings.document_tokens_a_day
    if not allowed:
        return None
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with workbench.storage.transaction(readonly=True) as work:
        used = work.drafts.tokens_since(workspace, midnight)
    return TokenBudget(max(0, allowed - used))


def _record(request: WriteDocument, principal: Principal, workbench: Workbench) -> DraftRecord:
    plan = _checked(request.plan)
    draft, now = request.draft or uuid4().hex, datetime.now(UTC)
    return DraftRecord(
        id=draft,
        job=draft,
        batch=request.batch,
        digest=_digest(plan, principal.workspace, workbench),
        state=WRITING,
        title=plan.title,
        type=plan.type,
        area=plan.areas[0],
        language=plan.language,
        engine=plan.engine,
        author=principal.user,
        created_at=now,
        changed_at=now,
        plan=plan.to_json(),
    )


def _digest(plan: DocumentPlan, workspace: str, workbench: Workbench) -> str:
    """Over all that the draft follows from: the plan with company, language and audience, the version of the
    type, the bytes of the sources, the model, the workspace.
    """
    with workbench.storage.transaction(readonly=True) as work:
        present = work.documents.summaries(workspace, plan.sources)
    if missing := [source for source in plan.sources if source not in present]:
        raise NotFound(
            f"{len(missing)} of the chosen sources are no longer in the library.",
            remedy="Choose the sources again.",
        )
    model = workbench.engine.identity().fingerprint if plan.engine == "model" else ""
    sources = [(source, present[source].sha256) for source in plan.sources]
    inputs = json.dumps([METHOD, workspace, plan.to_json(), sources, model], sort_keys=True)
    return hashlib.sha256(inputs.encode()).hexdigest()


def _copy(record: DraftRecord, principal: Principal, workbench: Workbench) -> DraftRecord | None:
    """A draft of its own with the first version of an equal one; None where there is none."""
    with workbench.storage.transaction() as work:
        known = work.drafts.same(principal.workspace, record.digest)
        if known is None:
            return None
        first = work.drafts.version(principal.workspace, known.id, 1)
        work.drafts.add(principal.workspace, replace(record, state=READY))
        version = replace(first, act="reused", author=principal.user, created_at=record.created_at)
        work.drafts.append(principal.workspace, record.id, version)
        return work.drafts.get(principal.workspace, record.id)


def _make_draft(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The draft of a job that the clock handed in. A source that is gone by now is left out."""
    author = Principal(user=job.job.author, role=Role.ANALYST, workspace=job.job.workspace)
    plan = DocumentPlan.from_json(job.job.request[PLAN])
    with workbench.storage.transaction(readonly=True) as work:
        present = work.documents.summaries(author.workspace, plan.sources)
        there = work.drafts.find_one(author.workspace, job.job.id)
    if there is None:
        plan = replace(plan, sources=tuple(source for source in plan.sources if source in present))
        record = _record(WriteDocument(plan=plan, draft=job.job.id), author, workbench)
        with workbench.storage.transaction() as work:
            work.drafts.add(author.workspace, record)
    return {}


def _write(
    workbench: Workbench, job: JobContext, desk: DraftDesk, section: PlannedSection, position: int
) -> dict[str, Any]:
    written = desk.write(section)
    spent = desk.newly_spent()
    with workbench.storage.transaction() as work:
        work.drafts.write_section(job.job.workspace, draft_of(job.job), position, written)
        if spent:
            work.drafts.spend(job.job.workspace, draft_of(job.job), spent)
    return {}


def _finish(
    workbench: Workbench, job: JobContext, desk: DraftDesk, plan: DocumentPlan, seconds: float
) -> dict[str, Any]:
    workspace, draft = job.job.workspace, draft_of(job.job)
    with workbench.storage.transaction(readonly=True) as work:
        if work.drafts.get(workspace, draft).version:
            return {}
        sections = work.drafts.written_sections(draft, only_whole=True)
    body = desk.writer.finish([sections[position] for position in sorted(sections)])
    verdict = check_draft(body, plan, source_contents(workbench, workspace, body), workspace, workbench)
    version = DraftVersion(
        number=1,
        act="written",
        section="",
        author=job.job.author,
        created_at=datetime.now(UTC),
        verdict=verdict.to_json(),
        draft=body,
    )
    with workbench.storage.transaction() as work:
        work.drafts.append(workspace, draft, version, seconds=round(seconds, 3))
        work.drafts.discard_sections(draft)
    return {}


def _account(record: DraftRecord) -> dict[str, Any]:
    """What the list of jobs says of a finished draft."""
    return {"draft": record.id, "words": record.num_words, "gaps": record.num_gaps}
