"""The life of a worker process: it runs jobs until it is told to stop or its parent is gone."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
PARENT_CHECK_SECONDS = 1.0


def die_with_parent(parent: int, stop: threading.Event) -> None:
    """Set `stop` when the process that started this one is gone, however it went.

    On Linux the kernel sends SIGTERM at once (prctl(2)); the watch beside it covers other systems and the
    moment before the call.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def watch() -> None:
        while not stop.wait(PARENT_CHECK_SECONDS):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    if os.getppid() != parent:
        stop.set()


def run_until_stopped(
    start: Callable[[], None], close: Callable[[], None], *, parent: int | None, nice: int, ready: Path
) -> None:
    """Start, write this process id to `ready`, and wait for SIGTERM, SIGINT or the end of the parent."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        die_with_parent(parent, stop)
    if nice:
        os.nice(nice)
    start()
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.write_text(str(os.getpid()), encoding="ascii")
    try:
        stop.wait()
    finally:
        ready.unlink(missing_ok=True)
        close()
