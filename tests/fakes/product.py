"""The real product in processes of its own, for tests that look at it, need a server or kill one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.fakes.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"
LAUNCHER = (sys.executable, str(APP))
START_SECONDS = 90


class Product:
    """The product on a folder and a port of its own, started as `command`; it prints to a log beside.

    Settings travel by environment, so that every way of starting takes them; `{port}` in the command becomes
    the port. With the samples a start waits until they are analysed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        samples: bool = False,
        command: Sequence[str] = LAUNCHER,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.data_dir = folder / "var"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder / "app.log"
        self._command = [part.format(port=self.port) for part in command]
        self._environment = {name: value for name, value in os.environ.items() if "BLATAM_" not in name} | {
            "BLATAM_DATA_DIR": str(self.data_dir),
            "BLATAM_PORT": str(self.port),
            "BLATAM_SAMPLE_LIBRARY": str(samples),
            "BLATAM_FIND_MEANINGS": str(samples),  # preparing the model costs each new folder some seconds
            "BLATAM_ENGINE": "deterministic",
        }
        self._environment |= {f"BLATAM_{name.upper()}": value for name, value in settings.items()}
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

    def start(self) -> Product:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        wait_until(self.is_ready, START_SECONDS)
        return self

    def is_ready(self) -> bool:
        """Its worker listens, and it has said so where it is launched the usual way."""
        assert self._process is not None
        printed = self._log.read_text(encoding="utf-8", errors="replace")
        assert self._process.poll() is None, f"the product ended: {printed[-2000:]}"
        says_so = str(APP) in self._command
        return self.health().get("state") == "healthy" and ("is ready" in printed or not says_so)

    def health(self) -> dict[str, object]:
        """What it says of itself; nothing while it does not answer."""
        try:
            return dict(json.loads(self.get("/api/health")[1]))
        except OSError:
            return {}

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer, whatever the status."""
        try:
            with urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def kill_app(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_worker(self) -> None:
        pid = self.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running_product(
    folder: Path,
    *,
    samples: bool = True,
    command: Sequence[str] = LAUNCHER,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Product]:
    """The product started, and ended afterwards."""
    product = Product(folder, samples=samples, command=command, settings=settings)
    try:
        yield product.start()
    finally:
        product.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
