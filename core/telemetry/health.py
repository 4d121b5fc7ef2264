"""How every part of the product is: asked by a thread every few seconds, never by a request."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import MappingProxyType
from typing import Literal, TypeAlias

from prometheus_client.core import GaugeMetricFamily, Metric

log = logging.getLogger(__name__)

State: TypeAlias = Literal["unknown", "healthy", "warning", "unhealthy", "offline"]
LOOK_SECONDS = 0.5
REST_SECONDS = 3.0
CHECK_SECONDS = 2.0
SOURCE = "source"
DOWN = ("unhealthy", "offline")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw, and why it is not healthy."""

    state: State
    cause: str = ""


Check: TypeAlias = Callable[[], Finding]
"""Asks one part. What it raises counts as unhealthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """One part. `kind` is database, worker, engine, disk, tier_disk, tier_remote, response_cache or source.

    `name` tells sources apart. `response_ms` is None where nothing answered; `changed_at` is when the state
    was first seen.
    """

    kind: str
    name: str = ""
    state: State
    cause: str = ""
    response_ms: float | None = None
    checked_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is healthy, warning (jobs wait for the worker) or unhealthy (the database does not answer).

    `engine` is the state of the language model: healthy, warning while it warms up, unhealthy, or offline.
    Without one the product works on, so it does not change `state`. `parts` are all there are.
    """

    state: str
    database: str
    worker: str
    worker_restarts: int
    engine: str
    parts: tuple[PartHealth, ...] = ()


@dataclass(slots=True)
class _Asking:
    """One check under way."""

    thread: Thread
    begun: float
    finding: Finding | None = None
    seconds: float = 0.0


class HealthMonitor:
    """Asks the parts, each in a thread of its own, so that one that hangs delays none.

    A part that has not answered in time is unhealthy, and is not asked again before it has. Those that are
    `quick` to answer are asked at every look, the others every few seconds.
    """

    def __init__(
        self,
        checks: Mapping[str, Check] = MappingProxyType({}),
        *,
        quick: Collection[str] = (),
        more: Callable[[], Iterable[PartHealth]] = tuple,
        timeout_seconds: float = CHECK_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`more` gives parts that somebody else watches."""
        self._checks = checks
        self._quick = quick
        self._more = more
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._asking: dict[str, _Asking] = {}
        self._parts: Mapping[str, PartHealth] = MappingProxyType({})

    def parts(self) -> tuple[PartHealth, ...]:
        """As they were at the last look; unknown before the first."""
        known, now = self._parts, self._clock()
        own = (
            known.get(kind, PartHealth(kind=kind, state="unknown", checked_at=now, changed_at=now))
            for kind in self._checks
        )
        return (*own, *self._more())

    def look(self) -> None:
        """Ask every part whose turn it is; takes no longer than the timeout. For one thread."""
        for kind, check in self._checks.items():
            if kind not in self._asking and self._is_due(kind):
                self._ask(kind, check)
        parts = dict(self._parts)
        for kind, asking in list(self._asking.items()):
            asking.thread.join(max(asking.begun + self._timeout_seconds - time.monotonic(), 0.0))
            parts[kind] = self._seen(kind, asking)
            if asking.finding is not None:
                del self._asking[kind]
        self._parts = MappingProxyType(parts)

    def families(self) -> Iterator[Metric]:
        """1 for each part that answers, 0 for one that does not. Sources go by state: names are text."""
        up = GaugeMetricFamily("system_part_up", "Whether a part of the product answers.", labels=["part"])
        sources = GaugeMetricFamily("system_sources", "Servers that are watched, by state.", labels=["state"])
        for part in self._parts.values():
            up.add_metric([part.kind], 0 if part.state in DOWN else 1)
        for state, number in Counter(part.state for part in self._more()).items():
            sources.add_metric([state], number)
        yield up
        yield sources

    def _is_due(self, kind: str) -> bool:
        last = self._parts.get(kind)
        rest = timedelta(seconds=REST_SECONDS)
        return last is None or kind in self._quick or self._clock() - last.checked_at >= rest

    def _ask(self, kind: str, check: Check) -> None:
        def ask() -> None:
            try:
                finding = check()
            except Exception as error:  # a check's edge: whatever it is, the part is not well
                log.warning("The check of %s met a fault: %s", kind, error)
                finding = Finding("unhealthy", str(error) or type(error).__name__)
            asking.seconds = time.monotonic() - asking.begun
            asking.finding = finding

        asking = _Asking(Thread(target=ask, name=f"check-{kind}", daemon=True), time.monotonic())
        self._asking[kind] = asking
        asking.thread.start()

    def _seen(self, kind: str, asking: _Asking) -> PartHealth:
        now, before = self._clock(), self._parts.get(kind)
        waited = time.monotonic() - asking.begun
        finding = asking.finding or Finding("unhealthy", f"It has not answered for {waited:.0f} seconds.")
        is_same = before is not None and before.state == finding.state
        has_answered = asking.finding is not None and finding.state not in DOWN
        return PartHealth(
            kind=kind,
            state=finding.state,
            cause=finding.cause,
            response_ms=asking.seconds * 1000 if has_answered else None,
            checked_at=now,
            changed_at=before.changed_at if is_same and before is not None else now,
        )


def summarised(parts: tuple[PartHealth, ...], worker_restarts: int) -> Health:
    """All parts, and the few that decide whether the product works."""
    states = {part.kind: part.state for part in parts}
    database = states.get("database", "unknown")
    worker = states.get("worker", "unknown")
    works = "healthy" if worker == "healthy" else "warning"
    return Health(
        state=database if database in ("unhealthy", "unknown") else works,
        database=database,
        worker=worker,
        worker_restarts=worker_restarts,
        engine=states.get("engine", "unknown"),
        parts=parts,
    )
