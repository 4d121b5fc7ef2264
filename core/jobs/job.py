"""What a job is, whoever runs it: its kind, its body, and what the body may ask of the runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.gateway.roles import Principal
from core.priority import Priority
from core.storage.job_records import JobRecord


class JobCancelled(Exception):
    """Raised inside a body by `check_cancelled`; the body lets it pass."""


class JobContext(Protocol):
    """What a body sees of the one that runs it."""

    job: JobRecord

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The act's result, recorded: a job that resumes after a crash does not run a finished step again.

        An act that was cut runs once more from its start, so its effects must be idempotent.
        Errors of the moment are retried with a growing wait; what is left after that ends the job.
        The result is plain JSON values.
        """

    def progress(self, done: int, total: int) -> None:
        """Tell the people who wait; also looks whether the job was cancelled."""

    def check_cancelled(self) -> None:
        """Raises JobCancelled once somebody asked for it. Cheap enough for a loop."""


JobBody = Callable[[Any, JobContext], dict[str, Any]]
"""(workbench, context) -> result of the job, plain JSON values."""


@dataclass(frozen=True, slots=True)
class JobKind:
    name: str
    body: JobBody


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

    def reconcile(self) -> None:
        """Make records and runs agree after a crash between the two. Safe to repeat."""
