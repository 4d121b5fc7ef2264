"""When a failed call is made again: exponential waits with jitter, and what the server asks for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.inference.errors import CircuitOpen, EngineError

Result = TypeVar("Result")
WATCH_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `attempts` calls. The wait doubles from the first to the longest, and each is between half and
    all of that, so that callers who failed together do not come back together.

    >>> RetryPolicy(attempts=1).pause(1, EngineError("no"), jitter=0.5) is None
    True
    """

    attempts: int = 3
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 20.0

    def pause(self, attempt: int, error: EngineError, jitter: float) -> float | None:
        """Seconds to wait after this attempt; None if it was the last. `jitter` is 0 to 1.

        A server that asks for more than the longest wait is not waited for.
        """
        asked = error.retry_after_seconds or 0.0
        is_final = isinstance(error, CircuitOpen) or not error.is_retryable
        if is_final or attempt >= self.attempts or asked > self.longest_pause_seconds:
            return None
        wait = min(self.first_pause_seconds * float(2 ** (attempt - 1)), self.longest_pause_seconds)
        return max(wait * (0.5 + jitter / 2), asked)


def retry(
    act: Callable[[], Result],
    policy: RetryPolicy,
    wait: Callable[[float], None],
    *,
    jitter: Callable[[], float] = random.random,
) -> Result:
    """What `act` gives at last. Raises the error of the last attempt, or what `wait` raises."""
    attempt = 1
    while True:
        try:
            return act()
        except EngineError as error:
            seconds = policy.pause(attempt, error, jitter())
            if seconds is None:
                raise
        wait(seconds)
        attempt += 1


def sleep_watching(seconds: float, is_cancelled: Callable[[], bool]) -> None:
    """Sleep, but not longer than somebody waits for it."""
    end = time.monotonic() + seconds
    while not is_cancelled() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, WATCH_SECONDS))
