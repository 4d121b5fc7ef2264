"""Takes a sample each second, and notices when the model is there or a tier is full."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from threading import Event as Flag
from threading import Thread

from core.observation.events import Event, EventKind
from core.observation.history import History
from core.observation.samples import TIERS, Sample

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 1.0
FULL_SHARE = 0.98
QUIET_SECONDS = 600.0
"""A tier that is full again within this time is marked once."""


class Sampler:
    """One thread, which first reads back what was kept. An error of `take` costs that sample."""

    def __init__(
        self, history: History, take: Callable[[], Sample], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._history = history
        self._take = take
        self._clock = clock
        self._is_over = Flag()
        self._full_at: dict[str, float] = {}
        self._has_model = False
        self._thread = Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last sample is taken."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> None:
        """Take one sample now."""
        now, sample = self._clock(), self._take()
        self._history.add_sample(now, sample)
        if not self._has_model and "device_limit_bytes" in sample:
            self._has_model = True
            self._history.add_event(Event(now, EventKind.MODEL_LOADED))
        for tier in TIERS:
            if self._is_full(sample, tier):
                if now - self._full_at.get(tier, -math.inf) > QUIET_SECONDS:
                    self._history.add_event(Event(now, EventKind.TIER_FULL, tier))
                self._full_at[tier] = now

    def _is_full(self, sample: Mapping[str, float], tier: str) -> bool:
        limit = sample.get(f"{tier}_limit_bytes", 0.0)
        return limit > 0 and sample.get(f"{tier}_bytes", 0.0) >= FULL_SHARE * limit

    def _run(self) -> None:
        self._history.load()
        self._history.add_event(Event(self._clock(), EventKind.STARTED))
        due = time.monotonic()
        while not self._is_over.wait(max(due - time.monotonic(), 0.0)):
            due += SAMPLE_SECONDS
            try:
                self.step()
            except Exception:
                log.exception("A sample could not be taken.")
