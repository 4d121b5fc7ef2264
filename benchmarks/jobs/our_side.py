"""Our queue and plain DBOS, as the benchmark of jobs drives them.

    python -m benchmarks.jobs.our_side ours|dbos DATA_DIR MARKS

is the worker of one of them; `Ours` and `PlainDbos` hand jobs in.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks.jobs.marks import mark
from core.bootstrap import open_database, prepare
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs import JobContext, JobKind
from core.jobs.durable import POLL_SECONDS, DurableJobs, JsonSerializer, Worker, _connection
from core.jobs.worker_process import run_until_stopped
from core.settings import load_settings

PLACES = 5
NUM_STEPS = 2
QUEUE = "plain"


class Ours:
    """The product's own: a record, the line, a DBOS workflow in a worker."""

    def __init__(self, data_dir: Path, database_url: str | None) -> None:
        self._settings = load_settings(data_dir=data_dir, database_url=database_url)
        prepare(self._settings)
        self._storage = open_database(self._settings)
        self._jobs = DurableJobs(self._storage)

    def hand_in(self, marks: Path, seconds: float) -> str:
        request = {"marks": str(marks), "seconds": seconds}
        return self._jobs.submit("work", "work", request, LOCAL_ADMINISTRATOR).id


class PlainDbos:
    """DBOS' own queue, no records of ours; the same connection habits and serializer."""

    def __init__(self, data_dir: Path, database_url: str | None) -> None:
        settings = load_settings(data_dir=data_dir, database_url=database_url)
        prepare(settings)
        self._client = DBOSClient(
            **_connection(settings), serializer=JsonSerializer(), application_name="plain", lazy=True
        )

    def hand_in(self, marks: Path, seconds: float) -> str:
        options = {"queue_name": QUEUE, "workflow_name": "work", "app_version": "1"}
        handle: Any = self._client.enqueue(options, str(marks), seconds)  # type: ignore[arg-type]
        return str(handle.get_workflow_id())


def _in_steps(step: Any, marks: str, job: str, seconds: float) -> None:
    """Work is done in steps that are remembered, as jobs do; without work there is no step."""
    mark(marks, "begin", job)
    for number in range(NUM_STEPS if seconds else 0):
        step(f"step {number}", partial(_nap, seconds / NUM_STEPS))
    mark(marks, "end", job)


def _nap(seconds: float) -> dict[str, Any]:
    time.sleep(seconds)
    return {}


def _work(_workbench: Any, job: JobContext) -> dict[str, Any]:
    asked = job.job.request
    _in_steps(job.step, asked["marks"], job.job.id, asked["seconds"])
    return {}


class _PlainWorker:
    is_given_up = False

    def __init__(self, settings: Any) -> None:
        config: DBOSConfig = {
            "name": "plain",
            **_connection(settings),  # type: ignore[typeddict-item]
            "serializer": JsonSerializer(),
            "application_version": "1",
            "executor_id": "plain-1",
            "console_log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name="work")
        def work(marks: str, seconds: float) -> None:
            job = DBOS.workflow_id
            assert job is not None
            _in_steps(lambda name, act: DBOS.run_step({"name": name}, act), marks, job, seconds)

    def start(self) -> None:
        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=PLACES, polling_interval_sec=POLL_SECONDS)

    def leave(self) -> None:
        """Nothing to hand back."""


def main() -> None:
    which, data_dir = sys.argv[1], Path(sys.argv[2])
    settings = load_settings(data_dir=data_dir, job_concurrency=PLACES)
    ready = data_dir / "worker.pid"
    if which == "ours":
        kinds = {"work": JobKind("work", _work)}
        worker = Worker(open_database(settings), settings, SimpleNamespace(), kinds, "w")
        run_until_stopped(worker, parent=None, nice=0, ready=ready)
    run_until_stopped(_PlainWorker(settings), parent=None, nice=0, ready=ready)


if __name__ == "__main__":
    main()
