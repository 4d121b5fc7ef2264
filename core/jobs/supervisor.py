"""Keeps one worker process alive beside the application, and makes records and runs agree."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkbenchError
from core.jobs.job import JobQueue

log = logging.getLogger(__name__)

WORKER_NAME = "worker-1"
"""What people see; each start of it is a worker of its own, and takes up what the one before it held."""
RECONCILE_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class WorkerState:
    """`is_ready` once it listens; `restarts` counts the deaths nobody asked for."""

    is_ready: bool
    pid: int | None
    restarts: int


class Supervisor:
    """Starts the worker in a thread of its own, restarts it with a growing pause, stops it at `stop`."""

    def __init__(self, jobs: JobQueue, data_dir: Path, environment: dict[str, str], root: Path) -> None:
        self._jobs = jobs
        self._ready = data_dir / f"{WORKER_NAME}.pid"
        self._environment = environment
        self._root = root
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._restarts = 0
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    def start(self) -> None:
        self._ready.unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """End the worker; a job in it goes on at the next start."""
        self._stop.set()
        self._thread.join()

    def state(self) -> WorkerState:
        process = self._process
        if process is None or process.poll() is not None:
            return WorkerState(False, None, self._restarts)
        try:
            is_ready = self._ready.read_text(encoding="ascii") == str(process.pid)
        except OSError:
            is_ready = False
        return WorkerState(is_ready, process.pid, self._restarts)

    def _watch(self) -> None:
        # NOTE: the kernel's parent-death signal follows the thread that started the child, so this one
        # stays until the end.
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            started = time.monotonic()
            self._process = self._spawn()
            self._reconcile_while_alive(self._process)
            if self._stop.is_set():
                break
            lived = time.monotonic() - started
            pause = FIRST_PAUSE_SECONDS if lived > 30 else min(LONGEST_PAUSE_SECONDS, pause * 2)
            self._restarts += 1
            log.warning("The worker ended with code %s; it starts again", self._process.returncode)
            self._stop.wait(pause)
        self._end_worker()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "core",
            "worker",
            "--name",
            WORKER_NAME,
            "--parent",
            str(os.getpid()),
        ]
        return subprocess.Popen(
            command, cwd=self._root, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def _reconcile_while_alive(self, process: subprocess.Popen[bytes]) -> None:
        last = 0.0
        while not self._stop.is_set() and process.poll() is None:
            if time.monotonic() - last >= RECONCILE_SECONDS:
                last = time.monotonic()
                self._reconcile()
            self._stop.wait(0.1)

    def _reconcile(self) -> None:
        try:
            self._jobs.reconcile()
        except WorkbenchError as error:
            log.warning("Jobs could not be reconciled: %s", error)
        except Exception:  # a thread's edge: the watch must go on
            log.exception("Jobs could not be reconciled")

    def _end_worker(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
