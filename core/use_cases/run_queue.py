"""See what waits and what runs, hold a workspace's queue up, and change the place of a job in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from core.gateway.roles import Permission, Principal
from core.jobs.estimate import Capacity, estimate_starts
from core.priority import Priority
from core.storage import UnitOfWork
from core.storage.job_records import RUNNING, JobRecord
from core.storage.queues import QueueState
from core.storage.workers import WorkerRow
from core.use_cases.request import Request
from core.workbench import Workbench

LAST_JOBS = 20
"""So many durations of a kind make its median."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """`position` is 1 for the job that starts next, None for one that runs.

    `age_seconds` is since it was handed in. `starts_at` follows from the median of what the last jobs of the
    same kind took; None for one that runs, and where there is nothing to tell it from.
    """

    job: JobRecord
    position: int | None
    age_seconds: float
    starts_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """`jobs` are those that run, then those that wait in the order of their start; of a long line its front.

    `places` is how many jobs all workers run at a time, 0 when there is none. `counts` are all jobs of the
    workspace by state, and `num_done_last_hour` those that were done in the last hour.
    """

    queue: QueueState
    jobs: tuple[QueuedJob, ...]
    counts: dict[str, int]
    num_done_last_hour: int
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadQueue(Request[QueueView]):
    """The queue of the workspace as it is now."""


def read_queue(request: ReadQueue, principal: Principal, workbench: Workbench) -> QueueView:
    principal.require(Permission.READ)
    now = datetime.now(UTC)
    with workbench.storage.transaction(readonly=True) as work:
        front, workers = work.line.front(), work.workers.all()
        capacity = _capacity(workers)
        starts = estimate_starts(front, _usual_seconds(work, front), capacity, work.queues.held_up(), now)
        return QueueView(
            queue=work.queues.get(principal.workspace),
            jobs=_queued([job for job in front if job.workspace == principal.workspace], starts, now),
            counts=work.line.counts(principal.workspace),
            num_done_last_hour=work.line.num_finished_since(principal.workspace, now - HOUR),
            places=capacity.places,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseQueue(Request[QueueState]):
    """Start no more jobs of the workspace; those that run go on to their end."""


def pause_queue(request: PauseQueue, principal: Principal, workbench: Workbench) -> QueueState:
    principal.require(Permission.OPERATE)
    workbench.jobs.pause(principal.workspace, principal.user)
    return _state(principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopQueue(Request[QueueState]):
    """The same, and those that run wait again with the steps they have done."""


def stop_queue(request: StopQueue, principal: Principal, workbench: Workbench) -> QueueState:
    principal.require(Permission.OPERATE)
    workbench.jobs.stop(principal.workspace, principal.user)
    return _state(principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeQueue(Request[QueueState]):
    """Start the jobs of the workspace again: the most urgent first, then the one that came first."""


def resume_queue(request: ResumeQueue, principal: Principal, workbench: Workbench) -> QueueState:
    principal.require(Permission.OPERATE)
    workbench.jobs.resume(principal.workspace, principal.user)
    return _state(principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveJob(Request[None]):
    """Give a waiting job another priority. Whose it is may; for another's it takes one who may operate.

    Raises Conflict for a job that does not wait.
    """

    job: str
    priority: Priority


def move_job(request: MoveJob, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(request.job, principal.workspace)
    if job.author != principal.user:
        principal.require(Permission.OPERATE)
    workbench.jobs.move(job, request.priority)


def _capacity(workers: list[WorkerRow]) -> Capacity:
    from core.use_cases import JOB_KINDS  # the table is made of the modules beside this one

    num_workers = sum(1 for worker in workers if worker.places)
    limits = {name: kind.max_running for name, kind in JOB_KINDS.items()}
    return Capacity(
        sum(worker.places for worker in workers),
        {kind: most * num_workers for kind, most in limits.items() if most and num_workers},
    )


def _usual_seconds(work: UnitOfWork, front: list[JobRecord]) -> dict[tuple[str, str], float]:
    """The median of what the last jobs took, of each workspace and kind that is in the line."""
    found = {}
    for workspace, kind in {(job.workspace, job.kind) for job in front}:
        if lasted := work.line.last_seconds(workspace, kind, LAST_JOBS):
            found[workspace, kind] = median(lasted)
    return found


def _queued(jobs: list[JobRecord], starts: dict[str, datetime], now: datetime) -> tuple[QueuedJob, ...]:
    num_running = sum(job.state == RUNNING for job in jobs)
    return tuple(
        QueuedJob(
            job=job,
            position=None if job.state == RUNNING else number - num_running,
            age_seconds=(now - job.created_at).total_seconds(),
            starts_at=starts.get(job.id),
        )
        for number, job in enumerate(jobs, start=1)
    )


def _state(principal: Principal, workbench: Workbench) -> QueueState:
    with workbench.storage.transaction(readonly=True) as work:
        return work.queues.get(principal.workspace)
