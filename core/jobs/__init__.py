"""Work longer than a click: durable jobs with priority, progress, retry, cancel and redrive, on DBOS."""

from core.jobs.job import JobBody, JobCancelled, JobContext, JobKind, JobQueue, JobStopped
from core.priority import Priority

__all__ = ["JobBody", "JobCancelled", "JobContext", "JobKind", "JobQueue", "JobStopped", "Priority"]
