"""Real worker processes with the kinds of tests.fakes.job_kinds, and the jobs that they are given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.bootstrap import open_database, prepare
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.jobs import JobQueue
from core.jobs.durable import DurableJobs
from core.settings import Settings
from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.queues import QueueState
from core.storage.workers import WorkerRow
from tests.conftest import ROOT
from tests.fakes.waiting import wait_until

QUICK = {"job_backoff_seconds": 0.01, "job_concurrency": 2}


def start_worker(
    settings: Settings, name: str = "w1", host: str | None = None, more: Mapping[str, object] = QUICK
) -> subprocess.Popen[bytes]:
    """A worker that listens."""
    environment = dict(os.environ)
    if settings.database_url is not None:
        environment["BLATAM_DATABASE_URL"] = settings.database_url.get_secret_value()
    environment |= {f"BLATAM_{key.upper()}": str(value) for key, value in more.items()}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.fakes.job_kinds", str(settings.data_dir), name),
            *([host] if host else []),
        ],
        cwd=ROOT,
        env=environment,
    )
    ready = settings.data_dir / f"{name}.pid"
    wait_until(lambda: ready.exists() and ready.read_text() == str(process.pid), 30)
    return process


class Bench:
    """A database, and jobs whose effects are lines of a file."""

    def __init__(self, settings: Settings, jobs: JobQueue | None = None) -> None:
        prepare(settings)
        self.settings = settings
        self.storage: Storage = open_database(settings)
        self.effects = settings.data_dir / "effects"
        self.jobs: JobQueue = jobs or DurableJobs(self.storage)
        self.workspace = LOCAL_ADMINISTRATOR.workspace

    def submit(self, kind: str, **request: Any) -> JobRecord:
        options = {name: request.pop(name) for name in ("priority", "job_id") if name in request}
        request["effects"] = str(self.effects)
        return self.jobs.submit(kind, "title", request, LOCAL_ADMINISTRATOR, **options)

    def submit_elsewhere(self, kind: str) -> JobRecord:
        """A job of another workspace."""
        with self.storage.transaction() as work:
            work.workspaces.ensure("other", "Other")
        return self.jobs.submit(kind, "title", {}, replace(LOCAL_ADMINISTRATOR, workspace="other"))

    def queue(self) -> QueueState:
        with self.storage.transaction(readonly=True) as work:
            return work.queues.get(self.workspace)

    def record(self, job: JobRecord) -> JobRecord:
        with self.storage.transaction(readonly=True) as work:
            return work.jobs.get(job.id)

    def ended(self, job: JobRecord, seconds: float = 20) -> JobRecord:
        wait_until(lambda: not self.record(job).is_open, seconds)
        return self.record(job)

    def lines(self) -> list[str]:
        return self.effects.read_text(encoding="utf-8").split() if self.effects.exists() else []

    def times(self) -> list[float]:
        """When the attempts were made."""
        return [float(line) for line in self.effects.with_suffix(".times").read_text().split()]

    def workers(self) -> list[WorkerRow]:
        with self.storage.transaction(readonly=True) as work:
            return work.workers.all()
