"""The promises of a job queue, kept by the inline one and by the durable one with a real worker process."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from core.errors import Conflict
from core.jobs import Priority
from core.jobs.durable import jobs_url
from core.jobs.inline import InlineJobs
from core.jobs.running import limits_of
from core.settings import Settings
from core.storage.database import normalise_url
from tests.fakes.job_kinds import KINDS
from tests.fakes.waiting import wait_until
from tests.fakes.workers import Bench, start_worker


def on(database: str, settings: Settings, request: pytest.FixtureRequest) -> Settings:
    if database == "sqlite":
        return settings
    return Settings(data_dir=settings.data_dir, database_url=request.getfixturevalue("postgres_url"))


@pytest.fixture(
    params=["inline", "durable", pytest.param("durable on PostgreSQL", marks=pytest.mark.postgres)]
)
def bench(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Bench]:
    made = Bench(on("postgres" if "PostgreSQL" in request.param else "sqlite", settings, request))
    if request.param == "inline":
        made.jobs = InlineJobs(made.storage, KINDS, limits_of(settings), wait=lambda _: None)
        yield made
        return
    worker = start_worker(made.settings)
    yield made
    worker.send_signal(signal.SIGTERM)
    worker.wait(10)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def durable(request: pytest.FixtureRequest, settings: Settings) -> Bench:
    return Bench(on(request.param, settings, request))


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


def test_a_live_worker_takes_over_from_a_dead_one(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    job = durable.submit("write_lines", lines=["a", "b", "c"], pause=0.3)
    first = worker("w1")
    wait_until(lambda: len(durable.lines()) >= 1)
    first.kill()
    first.wait()
    worker("w2")
    assert durable.ended(job).state == "done"
    assert sorted(set(durable.lines())) == ["a", "b", "c"]


def test_the_tables_of_dbos_hold_json_and_no_pickle(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker()
    durable.ended(durable.submit("write_lines", lines=["a"]))
    durable.ended(durable.submit("refuse"))
    url = normalise_url(jobs_url(durable.settings))
    schema = "" if url.get_backend_name() == "sqlite" else "dbos."
    with create_engine(url).connect() as connection:
        kept = [
            *connection.execute(text(f"SELECT inputs, error FROM {schema}workflow_status")),
            *connection.execute(text(f"SELECT output, error FROM {schema}operation_outputs")),
        ]
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


def test_a_job_that_takes_too_long_is_set_aside_and_says_so(bench: Bench) -> None:
    failed = bench.ended(bench.submit("short_of_time"))
    assert failed.state == "failed"
    assert failed.error == "The job took longer than the 0.3 seconds it may."
    assert "job_timeout_seconds" in (failed.remedy or "")
    assert (failed.attempts, bench.lines()) == (1, ["begun"]), "it is not tried again"


def test_what_a_job_lacked_outside_of_its_steps_is_tried_again_as_a_whole(bench: Bench) -> None:
    done = bench.ended(bench.submit("unavailable_at_first", failures=3))
    assert (done.state, done.attempts, done.retries) == ("done", 4, 3)


def test_after_three_retries_a_job_that_still_lacks_something_is_set_aside(bench: Bench) -> None:
    failed = bench.ended(bench.submit("unavailable_at_first", failures=9))
    assert (failed.state, failed.error, failed.remedy) == ("failed", "The server is away.", "Start it.")
    assert bench.lines() == ["attempt"] * 4


def test_the_wait_between_attempts_doubles_inline(settings: Settings) -> None:
    bench, waits = Bench(settings), list[float]()
    bench.jobs = InlineJobs(bench.storage, KINDS, limits_of(settings), wait=waits.append)
    bench.ended(bench.submit("fail_at_first", failures=9))
    assert waits == [1.0, 2.0, 4.0]
    bench.effects.unlink()
    bench.ended(bench.submit("unavailable_at_first", failures=9))
    assert [round(seconds) for seconds in waits[3:]] == [1, 2, 4]


def test_the_wait_between_attempts_doubles_in_a_worker(durable: Bench) -> None:
    process = start_worker(durable.settings, more={"job_backoff_seconds": 0.2})
    durable.ended(durable.submit("fail_at_first", failures=9))
    process.kill()
    process.wait()
    times = durable.times()
    waits = [after - before for before, after in itertools.pairwise(times)]
    assert len(waits) == 3
    assert waits[0] >= 0.2
    assert waits[1] >= 0.4
    assert waits[2] >= 0.8


def test_nothing_starts_in_a_paused_workspace_until_it_is_resumed(bench: Bench) -> None:
    bench.jobs.pause(bench.workspace, "ana")
    job = bench.submit("write_lines", lines=["a"])
    elsewhere = bench.submit_elsewhere("do_nothing")
    assert bench.ended(elsewhere).state == "done", "only this workspace is paused"
    assert (bench.record(job).state, bench.lines()) == ("waiting", [])
    state = bench.queue()
    assert (state.state, state.changed_by) == ("paused", "ana")
    bench.jobs.resume(bench.workspace, "eva")
    assert bench.ended(job).state == "done"
    assert (bench.queue().state, bench.queue().changed_by) == ("open", "eva")


def test_resumed_jobs_start_by_priority_then_arrival_and_a_moved_one_by_its_new_one(
    bench: Bench,
) -> None:
    bench.jobs.pause(bench.workspace, "ana")
    jobs = {
        name: bench.submit("one_at_a_time", lines=[name], priority=priority)
        for name, priority in (
            ("low", Priority.LOW),
            ("first", Priority.NORMAL),
            ("second", Priority.NORMAL),
            ("high", Priority.HIGH),
            ("moved", Priority.BACKGROUND),
        )
    }
    bench.jobs.move(jobs["moved"], Priority.CRITICAL)
    bench.jobs.resume(bench.workspace, "ana")
    for job in jobs.values():
        bench.ended(job)
    assert bench.lines() == ["moved", "high", "first", "second", "low"]
    with pytest.raises(Conflict):
        bench.jobs.move(jobs["moved"], Priority.LOW)


def test_jobs_that_run_when_the_queue_is_paused_run_to_their_end(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker()
    job = durable.submit("write_lines", lines=["a", "b", "c"], pause=0.2)
    wait_until(lambda: durable.lines() != [])
    durable.jobs.pause(durable.workspace, "ana")
    assert durable.ended(job).state == "done"


def test_stopping_hands_the_running_jobs_back_and_resuming_goes_on_where_they_were(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker()
    jobs = [durable.submit("write_lines", lines=[f"{n}{c}" for c in "abcdef"], pause=0.2) for n in (1, 2)]
    wait_until(lambda: len(durable.lines()) >= 4)
    durable.jobs.stop(durable.workspace, "ana")
    wait_until(lambda: all(durable.record(job).state == "waiting" for job in jobs), 5)
    stopped_at = durable.lines()
    assert len(stopped_at) < 12
    durable.jobs.resume(durable.workspace, "ana")
    for job in jobs:
        done = durable.ended(job)
        assert (done.state, done.attempts, done.cuts) == ("done", 2, 0)
    assert sorted(durable.lines()) == sorted(f"{n}{c}" for n in (1, 2) for c in "abcdef"), "no step ran twice"


def test_a_step_that_is_stopped_in_its_middle_runs_again_when_the_job_goes_on(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker()
    job = durable.submit("one_long_step", tenths=10)
    wait_until(lambda: "2" in durable.lines())
    durable.jobs.stop(durable.workspace, "ana")
    wait_until(lambda: durable.record(job).state == "waiting", 5)
    durable.jobs.resume(durable.workspace, "ana")
    assert durable.ended(job).result == {"ended": True}


def test_a_queue_stays_stopped_over_a_restart_of_the_worker(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    first = worker()
    durable.jobs.stop(durable.workspace, "ana")
    job = durable.submit("write_lines", lines=["a"])
    first.kill()
    first.wait()
    worker()
    durable.ended(durable.submit_elsewhere("do_nothing"))
    assert durable.record(job).state == "waiting"


def test_a_kind_takes_no_more_places_than_it_may(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    slow = [durable.submit("one_at_a_time", lines=[f"slow{n}"], pause=0.5) for n in (1, 2)]
    other = durable.submit("write_lines", lines=["other"])
    worker()
    for job in (*slow, other):
        durable.ended(job)
    assert durable.lines().index("other") < durable.lines().index("slow2")


def test_a_worker_that_is_told_to_end_hands_its_jobs_back_at_once(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    job = durable.submit("write_lines", lines=list("abcdefghij"), pause=0.3)
    first = worker()
    wait_until(lambda: len(durable.lines()) >= 2)
    first.send_signal(signal.SIGTERM)
    assert first.wait(5) == 0
    handed_back = durable.record(job)
    assert (handed_back.state, handed_back.cuts) == ("waiting", 0)
    assert durable.workers() == []
    worker("w2")
    started = time.monotonic()
    wait_until(lambda: durable.record(job).state == "running")
    assert time.monotonic() - started < 2
    assert durable.ended(job).state == "done"
    assert durable.lines() == list("abcdefghij"), "no step was lost or ran twice"


def test_a_job_whose_end_was_not_written_down_goes_on_after_its_last_step(
    durable: Bench, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    job = durable.submit("write_lines", lines=["a", "b"])
    first = worker()
    durable.ended(job)
    first.kill()
    first.wait()
    with durable.storage.engine.begin() as connection:  # as if the database had been away at its end
        connection.execute(text("UPDATE jobs SET state = 'waiting', result = '{}', finished_at = NULL"))
    worker()
    again = durable.ended(job)
    assert (again.state, again.result, again.attempts) == ("done", {"written": 2}, 2)
    assert durable.lines() == ["a", "b"], "no step ran twice"
