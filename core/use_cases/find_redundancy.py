"""Compare all documents of the library with each other: a job that stores the pairs at the floor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from core.gateway.roles import Permission, Principal
from core.jobs import JobContext, JobKind, Priority
from core.redundancy.encoding import decode_pairs
from core.storage import UnitOfWork
from core.storage.job_records import OPEN_STATES, JobRecord
from core.use_cases.analysis_steps import STEPS
from core.use_cases.request import Request
from core.workbench import AnalysedPairs, Workbench

ANALYSE = "analyse"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRedundancy(Request[JobRecord]):
    """Analyse the library as it is now."""


def find_redundancy(request: FindRedundancy, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that compares; one that still waits is returned instead of a second."""
    principal.require(Permission.CONTRIBUTE)
    return submit_analysis(workbench, principal)


def submit_analysis(workbench: Workbench, principal: Principal, job_id: str | None = None) -> JobRecord:
    with workbench.storage.transaction(readonly=True) as work:
        waiting = work.jobs.latest(principal.workspace, states=OPEN_STATES[:1], kind=ANALYSE)
    if waiting:
        return waiting[0]
    return workbench.jobs.submit(
        ANALYSE, "Redundancy of the library", {}, principal, priority=Priority.NORMAL, job_id=job_id
    )


def analyse_library(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: each step's only effect are rows under an id that follows from the job's own."""
    result: dict[str, Any] = {}
    for name, act in STEPS.items():
        result |= job.step(name, partial(act, workbench, job))
    return result


ANALYSE_KIND = JobKind(ANALYSE, analyse_library, timeout_seconds=12 * 3600, max_running=2, can_schedule=True)


def read_pairs(workbench: Workbench, work: UnitOfWork, workspace: str, analysis: str) -> AnalysedPairs:
    """The pairs of a stored analysis; the last few stay in memory."""

    def load() -> AnalysedPairs:
        stored = work.analyses.get(workspace, analysis)
        return AnalysedPairs(stored.documents, decode_pairs(stored.pairs))

    return workbench.kept_pairs.get(analysis, load)
