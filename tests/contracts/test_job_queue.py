"""The promises of a job queue, kept by the inline one and by the durable one with a real worker process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import open_database, prepare
from core.errors import Conflict
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs import JobQueue, Priority
from core.jobs.durable import DurableJobs
from core.jobs.inline import InlineJobs
from core.jobs.running import limits_of
from core.settings import Settings
from core.storage import Storage
from core.storage.job_records import JobRecord
from tests.conftest import ROOT
from tests.fakes.job_kinds import KINDS
from tests.fakes.waiting import wait_until


def start_worker(settings: Settings, name: str = "w1") -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    if settings.database_url is not None:
        environment["BLATAM_DATABASE_URL"] = settings.database_url.get_secret_value()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.job_kinds", str(settings.data_dir), name],
        cwd=ROOT,
        env=environment,
    )
    ready = settings.data_dir / f"{name}.pid"
    wait_until(lambda: ready.exists() and ready.read_text() == str(process.pid))
    return process


class Bench:
    def __init__(self, settings: Settings) -> None:
        prepare(settings)
        self.settings = settings
        self.storage: Storage = open_database(settings)
        self.effects = settings.data_dir / "effects"
        self.jobs: JobQueue = InlineJobs(self.storage, KINDS, limits_of(settings), wait=lambda _: None)

    def submit(self, kind: str, **request: Any) -> JobRecord:
        options = {name: request.pop(name) for name in ("priority", "job_id") if name in request}
        request["effects"] = str(self.effects)
        return self.jobs.submit(kind, "title", request, LOCAL_ADMINISTRATOR, **options)

    def record(self, job: JobRecord) -> JobRecord:
        with self.storage.transaction(readonly=True) as work:
            return work.jobs.get(job.id)

    def ended(self, job: JobRecord) -> JobRecord:
        wait_until(lambda: not self.record(job).is_open)
        return self.record(job)

    def lines(self) -> list[str]:
        return self.effects.read_text(encoding="utf-8").split() if self.effects.exists() else []


@pytest.fixture(
    params=["inline", "durable", pytest.param("durable on PostgreSQL", marks=pytest.mark.postgres)]
)
def bench(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Bench]:
    if request.param == "durable on PostgreSQL":
        url = request.getfixturevalue("postgres_url")
        settings = Settings(data_dir=settings.data_dir, database_url=url)
    made = Bench(settings)
    if request.param == "inline":
        yield made
        return
    made.jobs = DurableJobs(made.storage)
    worker = start_worker(settings)
    yield made
    worker.send_signal(signal.SIGTERM)
    worker.wait(10)


@pytest.fixture
def durable(settings: Settings) -> Bench:
    made = Bench(settings)
    made.jobs = DurableJobs(made.storage)
    return made


@pytest.fixture
def worker(durable: Bench) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str = "w1") -> subprocess.Popen[bytes]:
        started.append(start_worker(durable.settings, name))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_job_runs_its_steps_in_order_and_keeps_its_result(bench: Bench) -> None:
    done = bench.ended(bench.submit("write_lines", lines=["a", "b", "c"]))
    assert (done.state, done.result, done.done, done.total) == ("done", {"written": 3}, 3, 3)
    assert bench.lines() == ["a", "b", "c"]


def test_the_same_id_again_is_the_same_job(bench: Bench) -> None:
    one = bench.submit("write_lines", lines=["a"], job_id="0" * 32)
    again = bench.submit("write_lines", lines=["a"], job_id="0" * 32)
    bench.ended(one)
    assert one.id == again.id
    assert bench.lines() == ["a"]


def test_what_the_moment_broke_is_tried_again(bench: Bench) -> None:
    done = bench.ended(bench.submit("fail_at_first", failures=2))
    assert (done.state, done.result) == ("done", {"attempts": 3})


def test_a_job_that_keeps_failing_is_set_aside_with_its_error_and_runs_again_on_demand(bench: Bench) -> None:
    failed = bench.ended(bench.submit("fail_at_first", failures=5))
    assert failed.state == "failed"
    assert "attempt 4 failed" in (failed.error or "")
    bench.jobs.redrive(failed)
    assert bench.ended(failed).state == "done"
    with pytest.raises(Conflict):
        bench.jobs.redrive(failed)


def test_what_a_rule_refused_is_not_tried_again_and_says_what_to_do(bench: Bench) -> None:
    failed = bench.ended(bench.submit("refuse"))
    assert (failed.error, failed.remedy) == ("This can never work.", "Do something else.")
    assert bench.lines() == ["attempt"]


def test_a_running_job_stops_when_it_is_cancelled(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker()
    job = durable.submit("run_until_cancelled")
    wait_until(lambda: durable.lines() == ["begun"])
    durable.jobs.cancel(durable.record(job))
    assert durable.ended(job).state == "cancelled"


def test_a_waiting_job_that_is_cancelled_never_starts(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    cancelled = durable.submit("write_lines", lines=["never"])
    durable.jobs.cancel(cancelled)
    other = durable.submit("write_lines", lines=["runs"])
    worker()
    assert durable.ended(other).state == "done"
    assert durable.record(cancelled).state == "cancelled"
    assert durable.lines() == ["runs"]


def test_the_more_urgent_job_starts_first(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    blockers = [
        durable.submit("write_lines", lines=[f"block{n}"], pause=0.4, priority=Priority.CRITICAL)
        for n in (1, 2)
    ]
    late = durable.submit("write_lines", lines=["late"], pause=0.4, priority=Priority.BACKGROUND)
    low = durable.submit("write_lines", lines=["low"], pause=0.4, priority=Priority.LOW)
    urgent = durable.submit("write_lines", lines=["urgent"], pause=0.4, priority=Priority.HIGH)
    worker()
    for job in (*blockers, late, low, urgent):
        durable.ended(job)
    assert durable.lines().index("urgent") < durable.lines().index("late")
    assert durable.lines()[-1] == "late"


def test_a_finished_step_is_not_run_again_after_a_kill(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    job = durable.submit("write_lines", lines=["a", "b", "c", "d"], pause=0.3)
    first = worker()
    wait_until(lambda: len(durable.lines()) >= 2)
    first.kill()
    first.wait()
    worker()
    assert durable.ended(job).state == "done"
    lines = durable.lines()
    assert sorted(set(lines)) == ["a", "b", "c", "d"]
    assert len(lines) <= 5, "at most the step that was cut runs twice"
    assert durable.record(job).attempts == 2


def test_a_record_whose_run_was_lost_between_the_two_is_handed_in_again(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    from core.jobs.running import new_record

    # As if the application had died after the record and before the queue.
    lost, _ = new_record(
        durable.storage,
        "write_lines",
        "t",
        {"lines": ["found"], "effects": str(durable.effects)},
        LOCAL_ADMINISTRATOR,
        Priority.NORMAL,
        None,
    )
    worker()
    durable.jobs.reconcile()
    durable.jobs.reconcile()
    assert durable.ended(lost).state == "done"
    assert durable.lines() == ["found"]


def test_a_live_worker_takes_over_from_a_dead_one(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    job = durable.submit("write_lines", lines=["a", "b", "c"], pause=0.3)
    first = worker("w1")
    wait_until(lambda: len(durable.lines()) >= 1)
    first.kill()
    first.wait()
    worker("w2")
    durable.jobs.take_over("w1")  # type: ignore[attr-defined]
    assert durable.ended(job).state == "done"
    assert sorted(set(durable.lines())) == ["a", "b", "c"]


def test_the_tables_of_the_queue_hold_json_and_no_pickle(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    import sqlite3

    worker()
    durable.ended(durable.submit("write_lines", lines=["a"]))
    durable.ended(durable.submit("refuse"))
    connection = sqlite3.connect(Path(durable.settings.data_dir) / "jobs.sqlite")
    kept = connection.execute("SELECT inputs, output, error FROM workflow_status").fetchall()
    kept += connection.execute("SELECT output, error, NULL FROM operation_outputs").fetchall()
    written = [value for row in kept for value in row if value]
    assert written
    assert all(value[0] in '{["' for value in written), written


def test_a_worker_ends_however_many_signals_reach_it(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = worker()
    for _ in range(20):
        process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
