"""Hands scheduled work in as jobs when it is due: each due time once, whoever asks and however often."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid5

from core.errors import WorkbenchError
from core.gateway.roles import Principal, Role
from core.jobs.cron import next_after, read_timetable
from core.jobs.job import JobQueue
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.schedules import StoredSchedule

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0


class Ticker:
    """`look` is called again and again, by any number of processes.

    The job's id follows from the schedule and the time that was due, so two that look at once, or one that
    crashed in between, hand in the same job. Times that passed while nobody looked are made up by one run;
    a run whose predecessor has not ended is left out.
    """

    def __init__(
        self, storage: Storage, jobs: JobQueue, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._storage = storage
        self._jobs = jobs
        self._now = now

    def look(self) -> None:
        with self._storage.transaction(readonly=True) as work:
            due = work.schedules.due(self._now())
        for schedule in due:
            try:
                self._run(schedule)
            except WorkbenchError as error:
                log.warning("Schedule %s could not be run: %s", schedule.id, error)

    def _run(self, schedule: StoredSchedule) -> None:
        assert schedule.next_at is not None, "only a schedule with a next time is due"
        now = self._now()
        following = next_after(read_timetable(schedule.cron, schedule.time_zone), now)
        if self._is_under_way(schedule):
            job_id, moment = schedule.last_job, schedule.last_at
        else:
            job_id = uuid5(UUID(schedule.id), schedule.next_at.isoformat()).hex
            hand_in(self._jobs, schedule, job_id)
            moment = now
        with self._storage.transaction() as work:
            work.schedules.mark_run(schedule, job_id, moment, following)

    def _is_under_way(self, schedule: StoredSchedule) -> bool:
        if schedule.last_job is None:
            return False
        with self._storage.transaction(readonly=True) as work:
            last = work.jobs.find(schedule.last_job, schedule.workspace)
        return last is not None and last.is_open


def hand_in(jobs: JobQueue, schedule: StoredSchedule, job_id: str | None = None) -> JobRecord:
    """One run of the schedule, on behalf of its author."""
    author = Principal(user=schedule.author, role=Role.ANALYST, workspace=schedule.workspace)
    return jobs.submit(
        schedule.kind,
        schedule.title,
        schedule.request,
        author,
        priority=Priority(schedule.priority),
        job_id=job_id,
    )
