"""Spares a server that keeps failing: after some failures in a row it is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class CircuitBreaker:
    """Closed until `most_failures` calls in a row failed. Then nobody is admitted for the pause, and after it
    one caller at a time as a probe; each probe that fails doubles the pause. A success closes it at once.

    A probe that never says how it went counts as a failure. Safe for threads.
    """

    def __init__(
        self,
        most_failures: int = 5,
        first_pause_seconds: float = 2.0,
        longest_pause_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_failures = most_failures
        self._first_pause = first_pause_seconds
        self._longest_pause = longest_pause_seconds
        self._clock = clock
        self._num_failures = 0
        self._pause = 0.0  # 0 is closed
        self._until = 0.0
        self._lock = Lock()

    @property
    def seconds_left(self) -> float:
        """How long nobody is admitted; 0 when somebody may be."""
        with self._lock:
            return max(self._until - self._clock(), 0.0) if self._pause else 0.0

    def admit(self) -> bool:
        """Whether to make the call. Whoever is admitted says how it went: `succeeded` or `failed`."""
        with self._lock:
            if not self._pause:
                return True
            if self._clock() < self._until:
                return False
            self._open(min(self._pause * 2, self._longest_pause))
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._num_failures = 0
            self._pause = 0.0

    def failed(self) -> None:
        with self._lock:
            self._num_failures += 1
            if not self._pause and self._num_failures >= self._most_failures:
                self._open(self._first_pause)

    def _open(self, pause: float) -> None:
        self._pause = pause
        self._until = self._clock() + pause
