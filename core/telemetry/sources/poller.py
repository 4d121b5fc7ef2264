"""Looks at every attached server once in five seconds, and keeps the last hour of what they did."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from core.errors import WorkbenchError
from core.telemetry.health import SOURCE, PartHealth, State
from core.telemetry.sources.page import fetch_page
from core.telemetry.sources.reading import Point, Reading, point_between, read_page
from core.telemetry.sources.state import Attached, SourceState

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PERIOD_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
KEPT = timedelta(hours=1)
AT_ONCE = 8


@dataclass(slots=True)
class _Track:
    """What is known of one server; only the thread that looks at it writes."""

    source: Attached
    since: datetime
    next_at: datetime
    state: State = "unknown"
    cause: str = ""
    failures: int = 0
    last: Reading | None = None
    seen_at: datetime | None = None
    points: deque[Point] = field(default_factory=deque)


class SourcePoller:
    """One thread looks, any thread may ask. A server that is away is asked more and more seldom."""

    def __init__(
        self,
        sources: Callable[[], Iterable[Attached]] = tuple,
        *,
        fetch: Callable[[str], str] = fetch_page,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sources = sources
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._tracks: dict[str, _Track] = {}

    def look(self) -> None:
        """Ask every server whose turn it is, several at once. Raises nothing that they or the database do."""
        now = self._clock()
        try:
            self._follow(list(self._sources()), now)
        except WorkbenchError as error:
            log.warning("The attached servers cannot be read: %s", error)
        due = [track for track in self._tracks.values() if track.next_at <= now]
        if due:
            with ThreadPoolExecutor(min(len(due), AT_ONCE), "metric-source") as pool:
                list(pool.map(self._look_at, due))

    def state(self, source: str) -> SourceState:
        """Unknown until it was looked at."""
        with self._lock:
            track = self._tracks.get(source)
            if track is None:
                return SourceState(id=source, since=self._clock())
            return SourceState(
                id=source,
                kind=None if track.last is None else track.last.kind,
                state=track.state,
                cause=track.cause,
                since=track.since,
                seen_at=track.seen_at,
                points=tuple(track.points),
            )

    def parts(self) -> Iterator[PartHealth]:
        """The servers as parts of the whole."""
        with self._lock:
            tracks = list(self._tracks.values())
        for track in tracks:
            yield PartHealth(
                kind=SOURCE,
                name=track.source.name,
                state=track.state,
                cause=track.cause,
                checked_at=track.seen_at or track.since,
                changed_at=track.since,
            )

    def _follow(self, sources: list[Attached], now: datetime) -> None:
        """Begin with new servers, forget those that are gone; another address is another server."""
        with self._lock:
            known = {track.source: track for track in self._tracks.values()}
            self._tracks = {
                source.id: known.get(source) or _Track(source, since=now, next_at=now) for source in sources
            }

    def _look_at(self, track: _Track) -> None:
        try:
            reading = read_page(self._fetch(track.source.url))
        except WorkbenchError as error:
            state: State = "offline" if error.code == "unavailable" else "unhealthy"
            self._is_away(track, state, error.message)
        else:
            self._answered(track, reading)

    def _answered(self, track: _Track, reading: Reading) -> None:
        now = self._clock()
        with self._lock:
            if track.last is not None and track.seen_at is not None and track.failures == 0:
                seconds = (now - track.seen_at).total_seconds()
                if seconds > 0 and track.last.kind == reading.kind:
                    track.points.append(point_between(track.last, reading, seconds, now))
            _forget_old(track, now)
            _enter(track, "healthy", "", now)
            track.last, track.seen_at, track.failures = reading, now, 0
            track.next_at = now + timedelta(seconds=PERIOD_SECONDS)

    def _is_away(self, track: _Track, state: State, cause: str) -> None:
        now = self._clock()
        with self._lock:
            _forget_old(track, now)
            _enter(track, state, cause, now)
            track.failures += 1
            pause = min(PERIOD_SECONDS * 2 ** (track.failures - 1), LONGEST_PAUSE_SECONDS)
            track.next_at = now + timedelta(seconds=pause)


def _enter(track: _Track, state: State, cause: str, now: datetime) -> None:
    if state != track.state:
        track.since = now
        log.info("The attached server %s is %s. %s", track.source.id, state, cause)
    track.state, track.cause = state, cause


def _forget_old(track: _Track, now: datetime) -> None:
    while track.points and track.points[0].at < now - KEPT:
        track.points.popleft()
