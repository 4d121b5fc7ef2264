"""How a start ends: in time, too late, handed back, or without its job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from core.errors import Unavailable
from core.jobs.job import JobContext, JobHandedBack, JobKind, JobTaken, JobTimedOut
from core.jobs.running import LOST, Limits, Running, is_worth_retrying, run_body
from core.storage import Storage
from core.storage.job_records import JobRecord
from tests.conftest import WORKSPACE

LIMITS = Limits(timeout_seconds=60, attempts=4, backoff_seconds=1.0)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def job(storage: Storage) -> JobRecord:
    """A job that was just taken from the line."""
    waiting = JobRecord(
        id=uuid4().hex, workspace=WORKSPACE, kind="k", title="t", request={}, priority=3, author="a",
        created_at=datetime.now(UTC),
    )  # fmt: skip
    with storage.transaction() as work:
        work.jobs.add(waiting)
        (taken,) = work.line.take("w", 1, {"k": 1})
    return taken


def record(storage: Storage, job: JobRecord) -> JobRecord:
    with storage.transaction(readonly=True) as work:
        return work.jobs.get(job.id)


def test_a_start_may_take_its_time_and_no_more(storage: Storage, job: JobRecord) -> None:
    clock = Clock()
    running = Running(storage, job, lambda _, act: act(), 60, clock=clock)
    clock.now = 59.9
    running.check_cancelled()
    clock.now = 60.0
    for check in (
        running.check_cancelled,
        lambda: running.progress(1, 2),
        lambda: running.step("late", dict),
    ):
        with pytest.raises(JobTimedOut):
            check()


def test_a_step_looks_at_the_clock_before_each_of_its_attempts(storage: Storage, job: JobRecord) -> None:
    clock, ran = Clock(), list[str]()

    def twice(_name: str, act: Any) -> Any:
        act()
        clock.now = 61
        return act()

    running = Running(storage, job, twice, 60, clock=clock)
    with pytest.raises(JobTimedOut):
        running.step("s", lambda: ran.append("ran") or {})  # type: ignore[func-returns-value]
    assert ran == ["ran"]


def test_a_worker_that_ends_takes_its_jobs_out_at_the_next_check(storage: Storage, job: JobRecord) -> None:
    running = Running(storage, job, lambda _, act: act(), 60, is_leaving=lambda: True)
    with pytest.raises(JobHandedBack):
        running.check_cancelled()


def test_a_start_that_lost_its_job_finds_out_and_writes_nothing(storage: Storage, job: JobRecord) -> None:
    with storage.transaction() as work:
        work.line.give_back(job.id, job.claim)
        (other,) = work.line.take("other", 1, {"k": 1})
    running = Running(storage, job, lambda _, act: act(), 60)
    with pytest.raises(JobTaken):
        running.progress(1, 2)
    for body in (lambda *_: {"by": "lost"}, lambda _, context: context.check_cancelled() or {}):
        end = run_body(storage, None, JobKind("k", body), job, lambda _, act: act(), LIMITS)
        assert end == LOST
    assert record(storage, job) == other


def test_only_what_no_step_has_tried_is_tried_again_as_a_whole(storage: Storage, job: JobRecord) -> None:
    def unavailable() -> dict[str, Any]:
        raise Unavailable("away")

    def in_a_step(_workbench: Any, context: JobContext) -> dict[str, Any]:
        return context.step("s", unavailable)

    def outside(_workbench: Any, _context: JobContext) -> dict[str, Any]:
        return unavailable()

    let_go: list[str] = []
    end = run_body(
        storage, None, JobKind("k", outside), job, lambda _, act: act(), LIMITS,
        let_go=lambda: let_go.append(record(storage, job).state),
    )  # fmt: skip
    again = record(storage, job)
    assert (end, again.state, again.retries) == ("waiting", "waiting", 1)
    assert again.not_before is not None
    assert again.not_before > datetime.now(UTC)
    assert let_go == ["running"], "it is let go of while it is still held"
    with storage.transaction() as work:
        taken = work.line.take_one(job.id, "w")
    assert taken is not None
    assert run_body(storage, None, JobKind("k", in_a_step), taken, lambda _, act: act(), LIMITS) == "failed"


def test_a_stop_is_no_fault_that_could_mend() -> None:
    for stop in (JobTimedOut(1), JobHandedBack(), JobTaken()):
        assert not is_worth_retrying(stop)
    assert is_worth_retrying(Unavailable("away"))


def test_a_kind_has_its_own_time_where_it_names_one() -> None:
    assert LIMITS.of(JobKind("k", lambda *_: {})).timeout_seconds == 60
    assert LIMITS.of(JobKind("k", lambda *_: {}, timeout_seconds=5)).timeout_seconds == 5
