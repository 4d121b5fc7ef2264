"""Write one section of a draft anew; the others stay as they are, and nothing that they say is said again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from core.documents.plan import PlannedSection
from core.errors import Conflict, NotFound
from core.gateway.roles import Permission, Principal, Role
from core.jobs.job import JobContext, JobKind
from core.priority import Priority
from core.storage.drafts import DraftRecord
from core.storage.job_records import JobRecord
from core.use_cases.edit_draft import replace_section
from core.use_cases.request import Request
from core.use_cases.write_document import WRITING_SECONDS, open_writer
from core.workbench import Workbench

REWRITE = "rewrite_section"
REGENERATED = "regenerated"
LONGEST_WISH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteSection(Request[JobRecord]):
    """`wish` are words that it should be about, besides those of the plan. `base` is the version that the
    person read.
    """

    draft: str
    base: int
    section: str
    wish: str = ""


def rewrite_section(request: RewriteSection, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that writes it. Raises NotFound for a section that the plan does not have."""
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(principal.workspace, request.draft)
        if record.version < request.base or not request.base:
            raise Conflict("There is no such version yet.", remedy="Load the page again.")
        planned = _planned(record, request.section)
    job_id = uuid4().hex
    asked = {
        "draft": record.id,
        "base": request.base,
        "section": request.section,
        "wish": " ".join(request.wish.split())[:LONGEST_WISH],
    }
    with workbench.storage.transaction() as work:
        work.drafts.assign(principal.workspace, record.id, job_id)
    return workbench.jobs.submit(
        REWRITE,
        f"{record.title}: {planned.title}"[:500],
        asked,
        principal,
        priority=Priority.HIGH,
        job_id=job_id,
    )


def write_anew(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job. Raises Conflict when somebody changed the section in the meantime: their text stays."""
    job.step("section", partial(_write, workbench, job))
    job.progress(1, 1)
    return {"draft": job.job.request["draft"]}


REWRITE_KIND = JobKind(REWRITE, write_anew, timeout_seconds=WRITING_SECONDS)


def _write(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    workspace, asked = job.job.workspace, job.job.request
    with workbench.storage.transaction(readonly=True) as work:
        record = work.drafts.get(workspace, asked["draft"])
        newest = work.drafts.versions(workspace, record.id)[0]
        base = work.drafts.version(workspace, record.id, asked["base"]).draft
    was_cut = newest.number > asked["base"] and newest.created_at > job.job.created_at
    if was_cut and newest.act == REGENERATED and newest.section == asked["section"]:
        return {}  # the last attempt ended between its version and the record of the step
    plan = record.planned()
    planned = replace(_planned(record, asked["section"]), wish=asked["wish"])
    desk = open_writer(workbench, workspace, plan, job)
    for section in base.sections:
        if section.key != planned.key:
            desk.writer.take_over(section)
    author = Principal(user=job.job.author, role=Role.ANALYST, workspace=workspace)
    replace_section(record.id, asked["base"], desk.write(planned), REGENERATED, author, workbench)
    if spent := desk.newly_spent():
        with workbench.storage.transaction() as work:
            work.drafts.spend(workspace, record.id, spent)
    return {}


def _planned(record: DraftRecord, key: str) -> PlannedSection:
    for section in record.planned().sections:
        if section.key == key:
            return section
    raise NotFound("The plan has no such section.", remedy="Load the page again.")
