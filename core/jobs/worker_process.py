"""The life of a worker process: it runs jobs until it is told to stop or its parent is gone."""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import sys
from pathlib import Path
from threading import Thread
from typing import NoReturn, Protocol

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
PARENT_CHECK_SECONDS = 1.0
FAREWELL_SECONDS = 4.0
"""The longest that the end waits for the database; what is not handed back by then, others take over."""
GIVEN_UP = 75
"""Exit code of a worker that others took for dead."""


class Life(Protocol):
    """What a worker process lives for."""

    def start(self) -> None:
        """Returns once it runs."""

    def leave(self) -> None:
        """Hand back what is under way."""

    @property
    def is_given_up(self) -> bool:
        """Whether others have taken its work, so that it must end without touching any."""


def run_until_stopped(life: Life, *, parent: int | None, nice: int, ready: Path) -> NoReturn:
    """Start, write this process id to `ready`, and end at SIGTERM, SIGINT or the end of the parent.

    A job in the middle of its work is handed back with the steps it has done, and goes on elsewhere at once.
    The process then ends as by a power cut: winding its threads down would look as if jobs had failed.
    """
    woken, waker = os.pipe()
    os.set_blocking(waker, False)

    def wake(*_: object) -> None:
        # NOTE: no lock may be taken here. An Event set from a handler deadlocks when a second signal
        # arrives while the first one sets it.
        try:
            os.write(waker, b"x")
        except BlockingIOError:
            return  # it is full of signals already

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, wake)
    if parent is not None and sys.platform.startswith("linux"):
        # The kernel then sends SIGTERM as soon as the parent is gone, however it went (prctl(2)).
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if nice:
        os.nice(nice)
    life.start()
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.write_text(str(os.getpid()), encoding="ascii")
    while parent is None or os.getppid() == parent:
        if life.is_given_up:
            log.error("Others took this worker for dead and have its jobs; it ends")
            os._exit(GIVEN_UP)
        if select.select([woken], [], [], PARENT_CHECK_SECONDS)[0]:
            break
    ready.unlink(missing_ok=True)
    farewell = Thread(target=life.leave, daemon=True)
    farewell.start()
    farewell.join(FAREWELL_SECONDS)
    os._exit(0)
