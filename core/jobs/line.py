"""What both runners do with the line in which jobs wait: hold it up, open it, move a job in it."""

from __future__ import annotations

from datetime import UTC, datetime

from core.errors import Conflict
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.queues import QueueMode, QueueState


def set_queue(storage: Storage, workspace: str, state: QueueMode, user: str) -> None:
    """Once this returns, starts of the workspace's jobs follow the new state."""
    with storage.transaction() as work:
        work.line.lock()
        work.queues.set(workspace, QueueState(state, user, datetime.now(UTC)))


def move(storage: Storage, job: JobRecord, priority: Priority) -> None:
    """Raises Conflict for a job that does not wait."""
    with storage.transaction() as work:
        work.line.lock()
        if not work.jobs.move(job.id, int(priority)):
            raise Conflict("Only a waiting job changes its place.", remedy="Load the page again.")


def redrive(storage: Storage, job: JobRecord) -> None:
    """Raises Conflict for a job that neither failed nor was cancelled."""
    with storage.transaction() as work:
        if not work.jobs.redrive(job.id):
            raise Conflict("Only a failed or cancelled job runs again.")
