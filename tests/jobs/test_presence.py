"""Who is taken for dead, when, and what becomes of the jobs that it held."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.errors import Conflict
from core.jobs.presence import GONE_SECONDS, HUNG_SECONDS, MOST_CUTS, Presence, WorkerWatch, this_host
from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.workers import WorkerRow
from tests.conftest import WORKSPACE

ELSEWHERE = "another machine"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def add_job(storage: Storage) -> str:
    job = JobRecord(
        id=uuid4().hex, workspace=WORKSPACE, kind="k", title="t", request={}, priority=3, author="a",
        created_at=datetime.now(UTC),
    )  # fmt: skip
    with storage.transaction() as work:
        work.jobs.add(job)
    return job.id


def take(storage: Storage, worker: str) -> JobRecord:
    with storage.transaction() as work:
        (job,) = work.line.take(worker, 1, {"k": 1})
    return job


def record(storage: Storage, job: str) -> JobRecord:
    with storage.transaction(readonly=True) as work:
        return work.jobs.get(job)


def worker_elsewhere(storage: Storage) -> Presence:
    """A worker that holds a job."""
    presence = Presence(storage, "w1", places=1, host=ELSEWHERE)
    presence.enter()
    return presence


def test_a_silent_worker_is_taken_over_after_eight_seconds_of_the_clock_of_who_looks(
    storage: Storage,
) -> None:
    clock = Clock()
    watch, lost = WorkerWatch(storage, clock), worker_elsewhere(storage)
    job = add_job(storage)
    take(storage, lost.id)
    for _ in range(3):
        watch.look()
        clock.now += GONE_SECONDS / 2
    assert record(storage, job).state == "running", "eight seconds are not more than eight"
    clock.now += 1
    assert watch.look() == 1
    after = record(storage, job)
    assert (after.state, after.cuts, after.claim, after.worker) == ("waiting", 1, None, None)
    assert not lost.beat(), "it is told when it wakes"


def test_a_worker_that_beats_is_left_alone_whatever_its_clock_shows(storage: Storage) -> None:
    clock = Clock()
    watch, living = WorkerWatch(storage, clock), worker_elsewhere(storage)
    job = add_job(storage)
    take(storage, living.id)
    with storage.transaction() as work:
        work.workers.beat(living.id, datetime.now(UTC) - timedelta(days=400))
    watch.look()
    for _ in range(10):
        clock.now += GONE_SECONDS - 1
        assert living.beat()
        assert watch.look() == 0
    assert record(storage, job).state == "running"


def test_of_many_who_look_one_takes_over(storage: Storage) -> None:
    lost = worker_elsewhere(storage)
    jobs = [add_job(storage) for _ in range(3)]
    for _ in jobs:
        take(storage, lost.id)
    clock = Clock()
    watches = [WorkerWatch(storage, clock) for _ in range(4)]
    for watch in watches:
        watch.look()
    clock.now += GONE_SECONDS + 1
    found: list[int] = []
    threads = [threading.Thread(target=lambda each=each: found.append(each.look())) for each in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 0, 0, 3]
    assert [record(storage, job).cuts for job in jobs] == [1, 1, 1]


def test_a_process_that_is_gone_from_this_machine_is_not_waited_for(storage: Storage) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    now = datetime.now(UTC)
    with storage.transaction() as work:
        work.workers.enter(
            WorkerRow(
                id="gone", name="w1", host=this_host(), pid=process.pid, places=1, started_at=now, seen_at=now
            )
        )
    job = add_job(storage)
    take(storage, "gone")
    assert WorkerWatch(storage).look() == 1
    assert record(storage, job).state == "waiting"


def test_a_job_that_takes_worker_after_worker_with_it_is_set_aside(storage: Storage) -> None:
    job = add_job(storage)
    for _ in range(MOST_CUTS + 1):
        assert record(storage, job).state == "waiting"
        lost, clock = worker_elsewhere(storage), Clock()
        watch = WorkerWatch(storage, clock)
        take(storage, lost.id)
        watch.look()
        clock.now += GONE_SECONDS + 1
        watch.look()
    failed = record(storage, job)
    assert (failed.state, failed.attempts) == ("failed", MOST_CUTS + 1)
    assert "too often" in (failed.error or "")


def test_what_a_forgotten_worker_held_waits_again(storage: Storage) -> None:
    job = add_job(storage)
    take(storage, "forgotten")
    assert WorkerWatch(storage).look() == 1
    assert record(storage, job).state == "waiting"


def test_one_that_leaves_hands_back_and_is_forgotten(storage: Storage) -> None:
    leaving = worker_elsewhere(storage)
    job = add_job(storage)
    take(storage, leaving.id)
    leaving.leave()
    assert (record(storage, job).state, record(storage, job).cuts) == ("waiting", 0)
    with storage.transaction(readonly=True) as work:
        assert work.workers.all() == []


def test_sqlite_serves_one_worker_and_postgresql_any_number(storage: Storage) -> None:
    worker_elsewhere(storage)
    second = Presence(storage, "w2", places=1, host=ELSEWHERE)
    if storage.is_sqlite:
        with pytest.raises(Conflict, match="SQLite serves one"):
            second.enter(patience_seconds=0)
    else:
        second.enter(patience_seconds=0)
    Presence(storage, "inline", places=0).enter(patience_seconds=0)


def test_what_a_start_writes_that_lost_its_job_changes_nothing(storage: Storage) -> None:
    job = add_job(storage)
    frozen = take(storage, "one")
    with storage.transaction() as work:
        work.line.give_back(job, frozen.claim)
    holder = take(storage, "other")
    with storage.transaction() as work:
        assert not work.jobs.progress(job, 9, 10, claim=frozen.claim)
        assert not work.jobs.finish(job, {"by": "frozen"}, claim=frozen.claim)
        assert not work.jobs.fail(job, "e", "r", claim=frozen.claim)
        assert not work.jobs.cancel(job, claim=frozen.claim)
        assert not work.line.give_back(job, frozen.claim)
        assert work.jobs.get(job) == holder
        assert work.jobs.finish(job, {"by": "holder"}, claim=holder.claim)
    assert replace(record(storage, job), finished_at=None).result == {"by": "holder"}


def test_a_process_that_is_seen_to_live_here_may_be_too_busy_to_speak(storage: Storage) -> None:
    busy, clock = Presence(storage, "w1", places=1), Clock()
    busy.enter()
    watch = WorkerWatch(storage, clock)
    job = add_job(storage)
    take(storage, busy.id)
    watch.look()
    clock.now += HUNG_SECONDS
    assert watch.look() == 0
    clock.now += 1
    assert watch.look() == 1
    assert record(storage, job).state == "waiting"
