"""A server that is watched, and how it was when it was seen last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.telemetry.health import State
from core.telemetry.sources.reading import Point
from core.telemetry.sources.vendors import Kind


@dataclass(frozen=True, slots=True)
class Attached:
    """A server to look at."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A server as it was seen last: unknown, healthy, offline (no answer) or unhealthy (no such page).

    `since` is when the state began, `seen_at` when it answered last. `points` are those of the last hour, at
    most one in five seconds, oldest first; while the server is away there are none.
    """

    id: str
    kind: Kind | None = None
    state: State = "unknown"
    cause: str = ""
    since: datetime
    seen_at: datetime | None = None
    points: tuple[Point, ...] = ()
