"""Spares a place that has failed: it is asked again after a pause, by one caller, and longer each time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic


class CircuitBreaker:
    """Closed until a call fails. Then it admits nobody for `first_pause_seconds`, then one caller as a probe;
    while probes fail the pause doubles, up to `longest_pause_seconds`. A success closes it at once.
    """

    def __init__(
        self,
        first_pause_seconds: float = 1.0,
        longest_pause_seconds: float = 60.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._first_pause = first_pause_seconds
        self._longest_pause = longest_pause_seconds
        self._clock = clock
        self._pause = 0.0  # 0 is closed
        self._until = 0.0
        self._lock = Lock()

    def admit(self) -> bool:
        """Whether to make the call. Whoever is admitted says how it went: `succeeded` or `failed`."""
        with self._lock:
            if not self._pause:
                return True
            now = self._clock()
            if now < self._until:
                return False
            self._pause = min(self._pause * 2, self._longest_pause)
            self._until = now + self._pause
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._pause = 0.0

    def failed(self) -> None:
        with self._lock:
            if not self._pause:
                self._pause = self._first_pause
                self._until = self._clock() + self._pause
