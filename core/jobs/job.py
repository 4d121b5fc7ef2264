"""What a job is, whoever runs it: its kind, its body, and what the body may ask of the runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.gateway.roles import Principal
from core.priority import Priority
from core.storage.job_records import JobRecord


class JobStopped(Exception):
    """Raised inside a body by `step`, `progress` and `check_cancelled`; the body lets it pass."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class JobHandedBack(JobStopped):
    """The job waits in the line again: its queue was stopped, or its worker ends."""


class JobTaken(JobStopped):
    """This start holds the job no more: its worker was taken for dead. What it writes counts for nothing."""


class JobTimedOut(JobStopped):
    """The start took longer than its kind may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class JobContext(Protocol):
    """What a body sees of the one that runs it."""

    job: JobRecord

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The act's result, recorded: a job that resumes after a crash does not run a finished step again.

        An act that was cut runs once more from its start, so its effects must be idempotent.
        Errors of the moment are tried again with a wait that doubles; what is left after that ends the job.
        The result is plain JSON values.
        """

    def progress(self, done: int, total: int) -> None:
        """Tell the people who wait; also checks as `check_cancelled` does."""

    def check_cancelled(self) -> None:
        """Raises JobStopped once the job was cancelled, handed back or took too long.

        Cheap enough for a loop. A body that never checks runs to its end, however long.
        """


JobBody = Callable[[Any, JobContext], dict[str, Any]]
"""(workbench, context) -> result of the job, plain JSON values."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """`timeout_seconds` is the longest that one start may take; None: as the settings say.

    `max_running` is how many of the kind one worker runs at a time; None: as many as it has places.
    A kind that `can_schedule` may be run by the clock; `check_request` then raises Invalid, naming the field,
    for a request that its body could not work with.
    """

    name: str
    body: JobBody
    timeout_seconds: float | None = None
    max_running: int | None = None
    can_schedule: bool = False
    check_request: Callable[[dict[str, Any]], None] | None = None


class JobQueue(Protocol):
    """Where jobs are handed in. The record in storage is what people see."""

    def submit(
        self,
        kind: str,
        title: str,
        request: dict[str, Any],
        principal: Principal,
        *,
        priority: Priority = Priority.NORMAL,
        job_id: str | None = None,
    ) -> JobRecord:
        """Record the job and have it run. The same `job_id` again gives the same job, run once."""

    def cancel(self, job: JobRecord) -> None:
        """A waiting job never starts; a running one stops at its next check. Otherwise nothing changes."""

    def redrive(self, job: JobRecord) -> None:
        """Run a failed or cancelled job again from its start. Raises Conflict for any other."""

    def pause(self, workspace: str, user: str) -> None:
        """From now on none of the workspace's jobs starts; those that run go on. Lasts over a restart."""

    def stop(self, workspace: str, user: str) -> None:
        """The same, and those that run wait again at their next check, with the steps they have done."""

    def resume(self, workspace: str, user: str) -> None:
        """The jobs of the workspace start again, the most urgent first, then the one that came first."""

    def move(self, job: JobRecord, priority: Priority) -> None:
        """Give a waiting job another priority; it keeps its arrival. Raises Conflict for any other."""

    def reconcile(self) -> None:
        """Give back to the line what nobody runs any more after a crash. Safe to repeat, and to race."""
