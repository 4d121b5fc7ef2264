"""The real product in its own process: started as a person starts it, on a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"


@dataclass(frozen=True, slots=True)
class Product:
    """A running product: its address, its folder and what it printed."""

    address: str
    data_dir: Path
    log: Path
    pid: int

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer, whatever the status."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def running_product(
    folder: Path,
    *,
    samples: bool = True,
    command: Sequence[str] = (sys.executable, str(APP)),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Product]:
    """Start the product with its state in the folder, wait until it answers, and end it afterwards.

    With the samples this waits until they are analysed. Settings travel by environment, so that every way
    of starting takes them; `{port}` in the command becomes the port.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "app.log"
    given = {name: value for name, value in os.environ.items() if not name.startswith("BLATAM_")}
    given |= {
        "BLATAM_DATA_DIR": str(folder / "var"),
        "BLATAM_PORT": str(port),
        "BLATAM_SAMPLE_LIBRARY": str(samples).lower(),
        **(environment or {}),
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            cwd=ROOT,
            env=given,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    product = Product(f"http://127.0.0.1:{port}", folder / "var", log, process.pid)
    try:
        wait_until(lambda: _is_ready(product, process), seconds=90)
        yield product
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _is_ready(product: Product, process: subprocess.Popen[bytes]) -> bool:
    """Its worker listens, and it has said so where it says so."""
    printed = product.log.read_text(encoding="utf-8", errors="replace")
    assert process.poll() is None, f"the product ended: {printed[-2000:]}"
    try:
        status, body = product.get("/api/health")
    except OSError:
        return False
    if status != 200 or '"worker":"healthy"' not in body:
        return False
    is_launched = str(APP) in process.args if isinstance(process.args, list) else False
    return "is ready" in printed or not is_launched
