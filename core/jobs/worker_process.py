"""The life of a worker process: it runs jobs until it is told to stop or its parent is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PARENT_CHECK_SECONDS = 1.0


def run_until_stopped(start: Callable[[], None], *, parent: int | None, nice: int, ready: Path) -> NoReturn:
    """Start, write this process id to `ready`, and end at SIGTERM, SIGINT or the end of the parent.

    It ends at once, as it would by a power cut: a job in the middle of its work is resumed by the next start,
    whereas winding its threads down would make it look as if the job had failed.
    """

    def end(*_: object) -> NoReturn:
        # NOTE: no lock may be taken here. An Event set from a handler deadlocks when a second signal
        # arrives while the first one sets it.
        ready.unlink(missing_ok=True)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if parent is not None and sys.platform.startswith("linux"):
        # The kernel then sends SIGTERM as soon as the parent is gone, however it went (prctl(2)).
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if nice:
        os.nice(nice)
    start()
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.write_text(str(os.getpid()), encoding="ascii")
    while parent is None or os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    end()
