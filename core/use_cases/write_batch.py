"""Write many documents at once: a table with one brief a row, each of which becomes a draft of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

from core.content import Content
from core.documents.plan import DocumentPlan, Engine
from core.errors import Invalid, WorkbenchError
from core.gateway.roles import Permission, Principal, Role
from core.jobs.job import JobContext, JobKind
from core.language.stop_words import LANGUAGES, Language
from core.priority import Priority
from core.storage.documents import DocumentFilter
from core.storage.job_records import JobRecord
from core.use_cases import inbox
from core.use_cases.inbox import IncomingFile
from core.use_cases.plan_document import PlanDocument, plan_document
from core.use_cases.request import Request
from core.use_cases.write_document import WriteDocument, write_document
from core.workbench import Workbench

BATCH = "write_batch"
BATCH_FORMATS = ("csv", "tsv", "xlsx")
MOST_ROWS = 1_000
MOST_PROBLEMS = 100
_DRAFTS = UUID("5b0d2c34-3a5c-4b8a-8c6e-52d3a9a3a7c1")

COLUMNS: dict[str, tuple[str, ...]] = {
    "brief": ("brief", "encargo", "pedido", "briefing"),
    "type": ("type", "tipo"),
    "language": ("language", "idioma", "lengua", "língua"),
    "audience": ("audience", "audiencia", "público", "publico"),
    "sources": ("sources", "fuentes", "fontes"),
    "priority": ("priority", "prioridad", "prioridade"),
    "company": ("company", "empresa"),
}
"""What a column may be called; only the first one is needed."""

_PRIORITIES = {"1": Priority.HIGH, "2": Priority.NORMAL, "3": Priority.LOW} | {
    each.name.lower(): each for each in (Priority.HIGH, Priority.NORMAL, Priority.LOW)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBatch(Request[JobRecord]):
    """A CSV, TSV or XLSX file with a heading row. `engine` and `page_language` hold for all rows."""

    file: IncomingFile
    engine: Engine = "extractive"
    page_language: Language = "en"
    priority: Priority = Priority.LOW


def write_batch(request: WriteBatch, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that reads the file and hands the drafts in; they carry its id as their batch."""
    principal.require(Permission.CONTRIBUTE)
    if request.file.name.rsplit(".", 1)[-1].lower() not in BATCH_FORMATS:
        raise Invalid("A batch is a table.", remedy=f"Use one of these formats: {', '.join(BATCH_FORMATS)}.")
    job_id = uuid4().hex
    settings = workbench.settings
    waiting = inbox.put_in(settings.inbox_dir, job_id, [request.file], settings.max_file_mb * 1024**2)
    asked = {
        "engine": request.engine,
        "page_language": request.page_language,
        "priority": int(request.priority),
    }
    return workbench.jobs.submit(
        BATCH, waiting[0].name, asked, principal, priority=Priority.HIGH, job_id=job_id
    )


def read_batch(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: each row is planned and handed in under an id that follows from the job and the row."""
    rows = job.step("read", partial(_read, workbench, job))
    if "fault" in rows:
        raise Invalid(str(rows["fault"]), remedy=str(rows["remedy"]))
    outcome: dict[str, Any] = {"drafts": 0, "problems": []}
    for number, row in enumerate(rows["rows"], 2):
        answer = job.step(f"row {number}", partial(_hand_in, workbench, job, number, row))
        if "problem" in answer:
            outcome["problems"] = [*outcome["problems"], answer][:MOST_PROBLEMS]
        else:
            outcome["drafts"] += 1
        job.progress(number - 1, len(rows["rows"]))
    inbox.clear(workbench.settings.inbox_dir, job.job.id)
    return outcome


BATCH_KIND = JobKind(BATCH, read_batch)


def _read(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The rows of the first table as plain values; what is wrong with the file comes as a result."""
    [file] = inbox.waiting(workbench.settings.inbox_dir, job.job.id)
    if file.is_too_large:
        return {"fault": "The file is too large.", "remedy": "Divide it into several."}
    with workbench.parsers() as parsers:
        outcome = next(parsers.read_many([(file.name, file.path)]))[1]
    if not outcome.readings:
        problem = outcome.problems[0]
        return {"fault": problem.message, "remedy": problem.remedy}
    try:
        return {"rows": list(batch_rows(outcome.readings[0].content))}
    except Invalid as error:
        return {"fault": error.message, "remedy": error.remedy}


def batch_rows(content: Content) -> Iterator[dict[str, str]]:
    """The filled cells of each row by column. Raises Invalid where no table has a column of briefs."""
    for block in content.blocks:
        if block.kind == "table" and block.rows and (places := _columns(block.rows[0])):
            rows = [row for row in block.rows[1:] if any(cell.strip() for cell in row)]
            if len(rows) > MOST_ROWS:
                raise Invalid(
                    f"The table has {len(rows):,} rows.", remedy=f"Divide it into parts of {MOST_ROWS:,}."
                )
            for row in rows:
                yield {
                    name: row[place].strip()
                    for name, place in places.items()
                    if place < len(row) and row[place].strip()
                }
            return
    raise Invalid(
        "No table of the file has a column called “brief”.",
        remedy="Give the first row the headings brief, type, language, audience, sources, priority, company.",
    )


def _columns(heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(heading):
        for name, words in COLUMNS.items():
            if cell.strip().lower() in words:
                found.setdefault(name, place)
    return found if "brief" in found else {}


def _hand_in(workbench: Workbench, job: JobContext, number: int, row: Mapping[str, str]) -> dict[str, Any]:
    """The draft of the row, or what is wrong with it: the other rows go on."""
    principal = Principal(user=job.job.author, role=Role.ANALYST, workspace=job.job.workspace)
    try:
        plan = _planned(workbench, principal, row, job.job.request)
        draft = uuid5(_DRAFTS, f"{job.job.id} {number}").hex
        priority = _PRIORITIES.get(row.get("priority", "").lower(), Priority(job.job.request["priority"]))
        write = WriteDocument(plan=plan, priority=priority, batch=job.job.id, draft=draft)
        return {"draft": write_document(write, principal, workbench).id}
    except WorkbenchError as error:
        return {"row": number, "problem": error.message, "remedy": error.remedy}


def _planned(
    workbench: Workbench, principal: Principal, row: Mapping[str, str], asked: Mapping[str, Any]
) -> DocumentPlan:
    language = row.get("language", "").lower()[:2]
    if language and language not in LANGUAGES:
        raise Invalid(f"No documents are written in {row['language']!r}.", remedy="Use en, es or pt.")
    request = PlanDocument(
        brief=row.get("brief", ""),
        sources=_sources(workbench, principal.workspace, row.get("sources", "")),
        page_language=asked["page_language"],
        type=row.get("type", "").lower().replace(" ", "_"),
        language=language or None,
        audience=row.get("audience") or None,
        company=_company(workbench, principal.workspace, row.get("company", "")),
        engine=asked["engine"],
    )
    view = plan_document(request, principal, workbench)
    if view.plan.sources or not view.suggested:
        return view.plan
    suggested = tuple(each.document.id for each in view.suggested)
    return plan_document(replace(request, sources=suggested), principal, workbench).plan


def _sources(workbench: Workbench, workspace: str, written: str) -> tuple[str, ...]:
    """The documents that are named, by file name or title, with a semicolon or a line between them."""
    names = [name.strip() for name in written.replace("\n", ";").split(";") if name.strip()]
    found: list[str] = []
    with workbench.storage.transaction(readonly=True) as work:
        for name in names:
            near = work.documents.find(workspace, DocumentFilter(search=name), limit=50)
            exact = [each.id for each in near if name.lower() in _names_of(each.name, each.title)]
            if not exact:
                raise Invalid(f"No document is called “{name}”.", remedy="Write its file name or its title.")
            found += exact
    return tuple(dict.fromkeys(found))


def _names_of(name: str, title: str) -> set[str]:
    file = name.rsplit("/", 1)[-1]
    return {each.lower() for each in (name, file, file.rsplit(".", 1)[0], title)}


def _company(workbench: Workbench, workspace: str, name: str) -> str:
    if not name:
        return ""
    with workbench.storage.transaction(readonly=True) as work:
        profiles = work.company_profiles.all(workspace)
    for profile in profiles:
        if profile.name.lower() == name.lower():
            return profile.id
    raise Invalid(f"No company is called “{name}”.", remedy="Add it on the page Settings.")
