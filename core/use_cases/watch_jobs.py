"""See what the jobs do, stop one, run a failed one again."""

from __future__ import annotations

from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.storage.job_records import OPEN_STATES, JobRecord
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobs(Request[tuple[JobRecord, ...]]):
    """Newest first; only those still waiting or running with `only_open`."""

    only_open: bool = False
    limit: int = 20


def list_jobs(request: ListJobs, principal: Principal, workbench: Workbench) -> tuple[JobRecord, ...]:
    principal.require(Permission.READ)
    states = OPEN_STATES if request.only_open else ()
    with workbench.storage.transaction(readonly=True) as work:
        return tuple(work.jobs.latest(principal.workspace, states=states, limit=request.limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJob(Request[None]):
    job: str


def cancel_job(request: CancelJob, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(request.job, principal.workspace)
    workbench.jobs.cancel(job)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedriveJob(Request[None]):
    """Run a failed or cancelled job again. Raises Conflict for any other."""

    job: str


def redrive_job(request: RedriveJob, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(request.job, principal.workspace)
    workbench.jobs.redrive(job)
