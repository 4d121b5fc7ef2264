"""A thread that does one thing again and again until it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

log = logging.getLogger(__name__)


class Repeating:
    """Calls `act` every so many seconds, from `start` to `stop`. What it raises is logged, and it goes on."""

    def __init__(self, name: str, act: Callable[[], None], seconds: float) -> None:
        self._act = act
        self._seconds = seconds
        self._stop = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the act under way has ended. Stopping what never started changes nothing."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._act()
            except Exception:  # a thread's edge: one fault must not end the watch
                log.exception("%s met a fault", self._thread.name)
            self._stop.wait(self._seconds)
