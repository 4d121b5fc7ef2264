"""Several workers beside one PostgreSQL: one is killed, or freezes, and another goes on with its jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from core.jobs.worker_process import GIVEN_UP
from core.settings import Settings
from core.storage.job_records import JobRecord
from tests.fakes.waiting import wait_until
from tests.fakes.workers import Bench, start_worker

pytestmark = pytest.mark.postgres

LONGEST_SECONDS = 15
"""From the death of a worker to the moment at which another runs its job."""

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def bench(settings: Settings, postgres_url: str) -> Bench:
    return Bench(Settings(data_dir=settings.data_dir, database_url=postgres_url))


@pytest.fixture
def start(bench: Bench) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, host: str | None = None) -> subprocess.Popen[bytes]:
        started.append(start_worker(bench.settings, name, host))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def job_of_the_first(
    bench: Bench, start: Start, host: str | None
) -> tuple[JobRecord, subprocess.Popen[bytes]]:
    """A job in the middle of its work on w1, with w2 beside."""
    first = start("w1", host)
    job = bench.submit("write_lines", lines=list("abcdef"), pause=0.5)
    wait_until(lambda: len(bench.lines()) >= 2)
    start("w2")
    return job, first


def seconds_until_it_runs_again(bench: Bench, job: JobRecord) -> float:
    died_at = time.monotonic()
    wait_until(lambda: bench.record(job).attempts == 2, 2 * LONGEST_SECONDS)
    return time.monotonic() - died_at


def test_the_jobs_of_a_machine_that_is_gone_go_on_elsewhere_within_fifteen_seconds(
    bench: Bench, start: Start
) -> None:
    job, first = job_of_the_first(bench, start, "a machine that is gone")
    first.kill()
    seconds = seconds_until_it_runs_again(bench, job)
    assert 5 < seconds < LONGEST_SECONDS, f"{seconds:.1f} s"
    assert bench.ended(job).result == {"written": 6}
    assert sorted(set(bench.lines())) == list("abcdef")
    assert len(bench.lines()) <= 7, "at most the step that was cut runs twice"


def test_a_process_killed_beside_another_is_missed_at_its_next_look(bench: Bench, start: Start) -> None:
    job, first = job_of_the_first(bench, start, None)
    first.kill()
    assert seconds_until_it_runs_again(bench, job) < 4
    assert bench.ended(job).state == "done"
    assert [row.name for row in bench.workers()] == ["w2"]


@pytest.mark.slow
def test_a_frozen_worker_that_wakes_ends_and_has_written_nothing_twice(bench: Bench, start: Start) -> None:
    job, first = job_of_the_first(bench, start, "a machine that sleeps")
    os.kill(first.pid, signal.SIGSTOP)
    assert seconds_until_it_runs_again(bench, job) < LONGEST_SECONDS
    done = bench.ended(job)
    lines = bench.lines()
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(10) == GIVEN_UP
    assert bench.record(job) == done
    assert bench.lines() == lines, "it wrote nothing after it woke"
    assert sorted(set(lines)) == list("abcdef")


@pytest.mark.slow
def test_a_frozen_worker_that_wakes_while_another_has_its_job_leaves_it_alone(
    bench: Bench, start: Start
) -> None:
    first = start("w1", "a machine that sleeps")
    job = bench.submit("write_lines", lines=[f"line{n}" for n in range(12)], pause=0.5)
    wait_until(lambda: len(bench.lines()) >= 2)
    start("w2")
    os.kill(first.pid, signal.SIGSTOP)
    seconds_until_it_runs_again(bench, job)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(10) == GIVEN_UP
    done = bench.ended(job)
    assert (done.state, done.attempts, done.result) == ("done", 2, {"written": 12})
    lines = bench.lines()
    assert sorted(set(lines)) == sorted(f"line{n}" for n in range(12))
    assert len(lines) <= 13, "at most the step in which it froze ran twice"


def test_two_workers_share_the_jobs_and_run_each_once(bench: Bench, start: Start) -> None:
    start("w1")
    start("w2")
    jobs = [bench.submit("write_lines", lines=[f"job{n}"], pause=0.2) for n in range(20)]
    for job in jobs:
        assert bench.ended(job).attempts == 1
    assert sorted(bench.lines()) == sorted(f"job{n}" for n in range(20))
