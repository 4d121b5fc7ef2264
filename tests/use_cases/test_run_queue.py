"""What a person sees of the queue, and what a role may do with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.errors import Conflict, Forbidden, NotFound
from core.gateway.roles import Principal, Role
from core.jobs import Priority
from core.jobs.durable import DurableJobs
from core.jobs.presence import Presence
from core.storage.job_records import JobRecord
from core.use_cases import (
    ListJobs,
    MoveJob,
    PauseQueue,
    ReadQueue,
    ResumeQueue,
    StopQueue,
    list_jobs,
    move_job,
    pause_queue,
    read_queue,
    resume_queue,
    stop_queue,
)
from core.workbench import Workbench
from tests.conftest import as_role


@pytest.fixture
def bench(workbench: Workbench) -> Workbench:
    """Jobs wait for a worker, and there is none."""
    return replace(workbench, jobs=DurableJobs(workbench.storage))


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


def submit(
    bench: Workbench, principal: Principal, title: str, priority: Priority = Priority.NORMAL
) -> JobRecord:
    return bench.jobs.submit("analyse", title, {}, principal, priority=priority)


def with_places(bench: Workbench, places: int) -> str:
    presence = Presence(bench.storage, "w", places)
    presence.enter()
    return presence.id


def lasted(bench: Workbench, principal: Principal, seconds: list[float]) -> None:
    """Analyses that were done and took so long."""
    now = datetime.now(UTC)
    with bench.storage.transaction() as work:
        for each in seconds:
            work.jobs.add(
                JobRecord(
                    id=uuid4().hex, workspace=principal.workspace, kind="analyse", title="t", request={},
                    priority=3, author="a", created_at=now, state="done",
                    started_at=now - timedelta(seconds=each), finished_at=now,
                )
            )  # fmt: skip


def test_the_queue_shows_what_starts_next_and_when(bench: Workbench, analyst: Principal) -> None:
    lasted(bench, analyst, [10, 20, 600])
    worker = with_places(bench, 1)
    running = submit(bench, analyst, "runs")
    with bench.storage.transaction() as work:
        work.line.take(worker, 1, {"analyse": 1})
    submit(bench, analyst, "second")
    submit(bench, analyst, "first", Priority.HIGH)
    submit(bench, Principal(user="x", role=Role.ANALYST, workspace="other"), "theirs", Priority.HIGH)
    seen = read_queue(ReadQueue(), analyst, bench)
    assert [(each.job.title, each.position) for each in seen.jobs] == [
        ("runs", None),
        ("first", 1),
        ("second", 2),
    ]
    assert seen.jobs[0].job.id == running.id
    assert seen.jobs[0].starts_at is None
    first, second = (each.starts_at for each in seen.jobs[1:])
    assert first is not None
    assert 17 < (first - datetime.now(UTC)).total_seconds() <= 20, "the median of 10, 20 and 600 s"
    assert second is None, "a job of unknown length of another workspace goes before it"
    assert seen.counts == {"running": 1, "waiting": 2, "done": 3}
    assert (seen.num_done_last_hour, seen.places) == (3, 1)
    assert all(0 <= each.age_seconds < 30 for each in seen.jobs)


def test_without_durations_nothing_is_foretold(bench: Workbench, analyst: Principal) -> None:
    with_places(bench, 1)
    submit(bench, analyst, "first")
    submit(bench, analyst, "second")
    first, second = read_queue(ReadQueue(), analyst, bench).jobs
    assert first.starts_at is not None, "a place is free"
    assert second.starts_at is None


def test_who_paused_and_when_is_kept_and_shown(bench: Workbench, admin: Principal, viewer: Principal) -> None:
    assert read_queue(ReadQueue(), viewer, bench).queue.changed_by is None
    for act, request, state in (
        (pause_queue, PauseQueue(), "paused"),
        (stop_queue, StopQueue(), "stopped"),
        (resume_queue, ResumeQueue(), "open"),
    ):
        answer = act(request, admin, bench)  # type: ignore[operator]
        shown = read_queue(ReadQueue(), viewer, bench).queue
        assert shown == answer
        assert (shown.state, shown.changed_by) == (state, "admin")
        assert shown.changed_at is not None
        assert abs((datetime.now(UTC) - shown.changed_at).total_seconds()) < 30


def test_a_paused_queue_foretells_no_start(bench: Workbench, admin: Principal) -> None:
    with_places(bench, 1)
    submit(bench, admin, "waits")
    pause_queue(PauseQueue(), admin, bench)
    (waiting,) = read_queue(ReadQueue(), admin, bench).jobs
    assert (waiting.position, waiting.starts_at) == (1, None)


def test_holding_the_queue_up_takes_one_who_operates(bench: Workbench, analyst: Principal) -> None:
    for act, request in (
        (pause_queue, PauseQueue()),
        (stop_queue, StopQueue()),
        (resume_queue, ResumeQueue()),
    ):
        with pytest.raises(Forbidden):
            act(request, analyst, bench)  # type: ignore[operator]


def test_a_person_moves_the_own_job_and_an_operator_anybodys(
    bench: Workbench, analyst: Principal, admin: Principal, stranger: Principal
) -> None:
    own = submit(bench, analyst, "own")
    move_job(MoveJob(job=own.id, priority=Priority.HIGH), analyst, bench)
    assert list_jobs(ListJobs(), analyst, bench)[0].priority == Priority.HIGH
    other = replace(analyst, user="somebody else")
    with pytest.raises(Forbidden):
        move_job(MoveJob(job=own.id, priority=Priority.LOW), other, bench)
    with pytest.raises(NotFound):
        move_job(MoveJob(job=own.id, priority=Priority.LOW), stranger, bench)
    move_job(MoveJob(job=own.id, priority=Priority.BACKGROUND), admin, bench)
    assert list_jobs(ListJobs(), analyst, bench)[0].priority == Priority.BACKGROUND
    bench.jobs.cancel(own)
    with pytest.raises(Conflict):
        move_job(MoveJob(job=own.id, priority=Priority.HIGH), analyst, bench)


def test_jobs_that_run_in_their_caller_wait_while_the_queue_is_paused(
    workbench: Workbench, admin: Principal
) -> None:
    pause_queue(PauseQueue(), admin, workbench)
    waiting = submit(workbench, admin, "analysis")
    assert waiting.state == "waiting"
    resume_queue(ResumeQueue(), admin, workbench)
    assert list_jobs(ListJobs(), admin, workbench)[0].state == "done"
