"""kill -9 of the worker, again and again, while jobs wait: none lost, none doubled, the urgent ones first."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from core.priority import Priority
from core.settings import Settings
from core.storage.job_records import JobRecord
from tests.fakes.waiting import wait_until
from tests.fakes.workers import Bench, start_worker

NUM_STEPS = 3
PLACES = 5


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bench(request: pytest.FixtureRequest, settings: Settings) -> Bench:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        settings = Settings(data_dir=settings.data_dir, database_url=url)
    made = Bench(settings)
    with closing(sqlite3.connect(made.effects)) as rows:
        rows.execute("PRAGMA journal_mode = WAL")
        rows.execute("CREATE TABLE rows (key TEXT PRIMARY KEY, job TEXT)")
        rows.execute("CREATE TABLE runs (key TEXT, at REAL)")
    return made


@pytest.fixture
def rows(bench: Bench) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(bench.effects, timeout=30)) as opened:
        yield opened


def hand_in(bench: Bench, num_jobs: int, chance: random.Random) -> list[JobRecord]:
    return [
        bench.submit("write_rows", steps=NUM_STEPS, pause=0.05, priority=chance.choice(list(Priority)))
        for _ in range(num_jobs)
    ]


def num_ended(bench: Bench) -> int:
    with bench.storage.transaction(readonly=True) as work:
        counts = work.jobs.counts()
    return sum(counts.get(state, 0) for state in ("done", "failed", "cancelled"))


def kill_and_restart(bench: Bench, num_jobs: int, kills: int, chance: random.Random) -> int:
    """Kill the worker at moments that are spread over the work; how often that cut something."""
    worker = start_worker(bench.settings, more={"job_concurrency": PLACES})
    num_cut = 0
    for number in range(kills):
        wait_until(lambda due=number: num_ended(bench) >= due * num_jobs // (kills + 1), 120)
        time.sleep(chance.uniform(0.0, 0.1))
        with bench.storage.transaction(readonly=True) as work:
            num_cut += bool(work.jobs.counts().get("running"))
        worker.kill()
        worker.wait()
        worker = start_worker(bench.settings, more={"job_concurrency": PLACES})
    wait_until(lambda: num_ended(bench) == num_jobs, 300)
    worker.kill()
    worker.wait()
    return num_cut


def num_out_of_order(jobs: list[JobRecord], rows: sqlite3.Connection) -> int:
    """How often a job wrote its first row while a more urgent one had not begun.

    Those that were taken together begin together, so of PLACES neighbours any may be first.
    """
    begun = rows.execute(
        "SELECT substr(key, 1, 32) AS job FROM runs WHERE key LIKE '%/0' GROUP BY job ORDER BY min(at)"
    )
    urgency = {job.id: job.priority for job in jobs}
    order = [urgency[job] for (job,) in begun]
    return sum(1 for place, each in enumerate(order) if min(order[place + PLACES :], default=each) < each)


@pytest.mark.parametrize(
    ("num_jobs", "kills"),
    [(24, 2), pytest.param(60, 5, marks=pytest.mark.slow), pytest.param(500, 50, marks=pytest.mark.faults)],
)
def test_no_job_is_lost_or_doubled_and_the_urgent_ones_go_first(
    bench: Bench, rows: sqlite3.Connection, num_jobs: int, kills: int
) -> None:
    chance = random.Random(kills)
    jobs = hand_in(bench, num_jobs, chance)
    num_cut = kill_and_restart(bench, num_jobs, kills, chance)
    assert num_cut > kills // 2, "the kills met work"
    ended = [bench.record(job) for job in jobs]
    assert [job.state for job in ended] == ["done"] * num_jobs
    written = dict(rows.execute("SELECT job, count(*) FROM rows GROUP BY job"))
    assert written == {job.id: NUM_STEPS for job in jobs}
    (num_runs,) = rows.execute("SELECT count(*) FROM runs").fetchone()
    assert num_runs <= num_jobs * NUM_STEPS + kills * PLACES, "only steps that were cut ran twice"
    assert num_out_of_order(jobs, rows) == 0
