"""The jobs that a worker holds, from the moment it takes them until they end or come back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Condition

from core.jobs.job import JobKind
from core.storage.job_records import JobRecord

STRAY_SECONDS = 30.0
"""A job that was taken and has not begun by then has got lost between the line and DBOS."""


class Held:
    """Thread-safe; by the claim, so that an older start of the same job is another entry."""

    def __init__(
        self, places: int, kinds: Mapping[str, JobKind], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places = places
        self._most = {name: kind.max_running or places for name, kind in kinds.items()}
        self._jobs: dict[str | None, JobRecord] = {}
        self._begun: set[str | None] = set()
        self._idle_since: dict[str, float] = {}
        self._clock = clock
        self._changed = Condition()

    def num_free(self) -> int:
        with self._changed:
            return self._places - len(self._jobs)

    def room(self) -> dict[str, int]:
        """How many more of each kind may run."""
        with self._changed:
            running = Counter(job.kind for job in self._jobs.values())
        return {kind: most - running[kind] for kind, most in self._most.items()}

    def add(self, job: JobRecord) -> None:
        with self._changed:
            self._jobs[job.claim] = job

    def begin(self, job_id: str) -> JobRecord | None:
        """The job that is held under this id and has not begun; None for a start that came too late."""
        with self._changed:
            for claim, job in self._jobs.items():
                if job.id == job_id and claim not in self._begun:
                    self._begun.add(claim)
                    return job
        return None

    def drop(self, job: JobRecord) -> None:
        with self._changed:
            self._jobs.pop(job.claim, None)
            self._begun.discard(job.claim)
            self._changed.notify_all()

    def strays(self, claims: Mapping[str, str]) -> list[str]:
        """Those of the claims that nothing here has run for STRAY_SECONDS; they are held no more."""
        now = self._clock()
        with self._changed:
            idle = [claim for claim in claims if claim not in self._begun]
            self._idle_since = {claim: self._idle_since.get(claim, now) for claim in idle}
            found = [claim for claim, since in self._idle_since.items() if now - since >= STRAY_SECONDS]
            for claim in found:
                self._jobs.pop(claim, None)
        return found

    def wait_until_empty(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, seconds)
