"""The real product in a process of its own, for tests that need a server or kill one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.conftest import ROOT
from tests.fakes.waiting import wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """`python app.py` on a port and a folder; its output goes to a log in the folder."""

    def __init__(self, data_dir: Path, *, samples: bool = False, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.with_suffix(".log")
        self._environment = os.environ | {"BLATAM_SAMPLE_LIBRARY": str(samples)} | environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def worker_pid(self) -> int | None:
        try:
            return int((self.data_dir / "worker-1.pid").read_text())
        except (OSError, ValueError):
            return None

    def start(self, command: list[str] | None = None) -> Product:
        command = command or [
            sys.executable, "app.py", "--data-dir", str(self.data_dir), "--port", str(self.port)
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        wait_until(self.is_healthy, 60)
        return self

    def is_healthy(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return bool(self.health()["state"] == "healthy")
        except OSError:
            return False

    def health(self) -> dict[str, Any]:
        return dict(json.loads(self.get("/api/health")))

    def get(self, path: str) -> bytes:
        with urlopen(self.url + path, timeout=5) as answer:
            return bytes(answer.read())

    def kill_app(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_worker(self) -> None:
        pid = self.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
