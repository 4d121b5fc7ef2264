"""Scheduled work is handed in once for each time that is due, whoever looks and whatever crashed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.jobs.durable import DurableJobs
from core.jobs.ticker import Ticker
from core.priority import Priority
from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.schedules import StoredSchedule
from tests.conftest import WORKSPACE

DUE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def schedule(storage: Storage) -> StoredSchedule:
    """Every day at half past eight, next on the second of March."""
    made = StoredSchedule(
        id=uuid4().hex, workspace=WORKSPACE, name="Morning", cron="30 8 * * *", time_zone="UTC",
        kind="analyse", title="Every morning", request={"deep": True}, priority=int(Priority.BACKGROUND),
        author="ana", changed_at=DUE - timedelta(days=9), next_at=DUE,
    )  # fmt: skip
    with storage.transaction() as work:
        work.schedules.add(made)
    return made


def ticker(storage: Storage, now: datetime) -> Ticker:
    return Ticker(storage, DurableJobs(storage), Clock(now))


def jobs(storage: Storage) -> list[JobRecord]:
    with storage.transaction(readonly=True) as work:
        return work.jobs.latest(WORKSPACE)


def stored(storage: Storage, schedule: StoredSchedule) -> StoredSchedule:
    with storage.transaction(readonly=True) as work:
        return work.schedules.get(WORKSPACE, schedule.id)


def test_what_is_due_is_handed_in_as_the_authors_job_behind_all_others(
    storage: Storage, schedule: StoredSchedule
) -> None:
    ticker(storage, DUE - timedelta(seconds=1)).look()
    assert jobs(storage) == []
    ticker(storage, DUE + timedelta(seconds=1)).look()
    (job,) = jobs(storage)
    assert (job.kind, job.title, job.request) == ("analyse", "Every morning", {"deep": True})
    assert (job.author, job.priority) == ("ana", Priority.BACKGROUND)
    after = stored(storage, schedule)
    assert (after.last_job, after.next_at) == (job.id, DUE + timedelta(days=1))


def test_two_applications_that_look_at_once_hand_in_one_job(
    storage: Storage, schedule: StoredSchedule
) -> None:
    one, other = (ticker(storage, DUE + timedelta(seconds=n)) for n in (1, 2))
    one._run(schedule)  # both have read the schedule before either wrote
    other._run(schedule)
    assert len(jobs(storage)) == 1


def test_a_crash_between_the_job_and_the_note_of_it_hands_nothing_in_twice(
    storage: Storage, schedule: StoredSchedule
) -> None:
    ticker(storage, DUE).look()
    with storage.transaction() as work:
        work.schedules.replace(schedule)  # as it was before the crash
    ticker(storage, DUE + timedelta(minutes=1)).look()
    assert len(jobs(storage)) == 1
    assert stored(storage, schedule).next_at == DUE + timedelta(days=1)


def test_a_week_in_which_the_machine_was_off_is_made_up_by_one_run(
    storage: Storage, schedule: StoredSchedule
) -> None:
    back = DUE + timedelta(days=7, hours=3)
    for _ in range(3):
        ticker(storage, back).look()
    assert len(jobs(storage)) == 1
    assert stored(storage, schedule).next_at == DUE + timedelta(days=8)


def test_a_run_whose_predecessor_has_not_ended_is_left_out(
    storage: Storage, schedule: StoredSchedule
) -> None:
    for day in range(3):
        ticker(storage, DUE + timedelta(days=day)).look()
    (first,) = jobs(storage)
    with storage.transaction() as work:
        work.jobs.finish(first.id, {})
    ticker(storage, DUE + timedelta(days=3)).look()
    assert len(jobs(storage)) == 2


def test_a_schedule_that_is_off_or_changed_meanwhile_is_left_alone(
    storage: Storage, schedule: StoredSchedule
) -> None:
    with storage.transaction() as work:
        work.schedules.replace(replace(schedule, is_on=False, next_at=None))
    ticker(storage, DUE).look()
    assert jobs(storage) == []
    moved = replace(schedule, cron="0 20 * * *", next_at=DUE.replace(hour=20), changed_at=DUE)
    with storage.transaction() as work:
        work.schedules.replace(moved)
    ticker(storage, DUE)._run(schedule)  # read before the change
    assert stored(storage, schedule).next_at == moved.next_at
