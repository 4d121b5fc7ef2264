"""The recorded past of the cache: requests, samples and events, kept across restarts. Safe for threads."""

from __future__ import annotations

import json
import logging
import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from core.observation import events
from core.observation.columns import Columns, Rows
from core.observation.events import Event
from core.observation.request_columns import RequestColumns
from core.observation.samples import FIELD, FIELDS, Sample
from kvcache.request_log import RequestRecord, read_records
from kvcache.segments import Segments

log = logging.getLogger(__name__)

MOST_SAMPLES = 90_000
MOST_EVENTS = 1_000
KEPT_SAMPLE_SECONDS = 15.0
SAMPLE_BYTES, EVENT_BYTES = 8 << 20, 1 << 20


class History:
    """What pages, alerts and trials read. `folder` keeps samples and events; None keeps nothing.

    The engine itself keeps the requests there; `load` reads all of it back.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.requests = RequestColumns()
        self.samples = Columns(len(FIELD), MOST_SAMPLES)
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._folder = folder
        self._lock = Lock()
        self._sample_segments = _segments(folder, "samples", SAMPLE_BYTES)
        self._event_segments = _segments(folder, "events", EVENT_BYTES)
        self._sample_due = 0.0

    def add_request(self, record: RequestRecord) -> None:
        """A request that has ended. In the order of their times."""
        with self._lock:
            self._append_request(record)

    def add_sample(self, at: float, sample: Sample) -> None:
        """What was measured at this time, later than all before."""
        with self._lock:
            if at <= _newest(self.samples):
                return
            self.samples.append((at, *(sample.get(name, math.nan) for name in FIELDS)))
            if at >= self._sample_due:
                self._sample_due = at + KEPT_SAMPLE_SECONDS
                _keep(self._sample_segments, {"at": at, **sample})

    def add_event(self, event: Event) -> None:
        with self._lock:
            self.events.append(event)
            _keep(self._event_segments, events.as_row(event))

    @contextmanager
    def reading(self) -> Iterator[History]:
        """Nothing is added meanwhile."""
        with self._lock:
            yield self

    def sample_rows(self, begin: float, end: float) -> Rows:
        """Samples of `begin < at <= end`; columns as FIELD says."""
        rows = self.samples.rows
        first, last = np.searchsorted(rows[:, 0], (begin, end), side="right")
        return rows[first:last]

    def load(self) -> None:
        """Read back what was kept before this start. What is added meanwhile waits for it."""
        if self._folder is None:
            return
        with self._lock:
            for record in read_records(Segments(self._folder, "trace", max_bytes=0)):
                self._append_request(record)
            for row in _rows(self._sample_segments):
                with suppress(KeyError, TypeError, ValueError):
                    values = [float(str(row.get(name, math.nan))) for name in ("at", *FIELDS)]
                    self.samples.append(values)
            for row in _rows(self._event_segments):
                with suppress(KeyError, TypeError, ValueError):
                    self.events.append(events.from_row(row))

    def _append_request(self, record: RequestRecord) -> None:
        self.requests.append(replace(record, at=max(record.at, _newest(self.requests.columns))))

    def close(self) -> None:
        with self._lock:
            for segments in (self._sample_segments, self._event_segments):
                if segments is not None:
                    segments.close()


def _segments(folder: Path | None, name: str, max_bytes: int) -> Segments | None:
    return None if folder is None else Segments(folder, name, max_bytes=max_bytes)


def _newest(columns: Columns) -> float:
    return float(columns.rows[-1, 0]) if len(columns) else 0.0


def _keep(segments: Segments | None, row: dict[str, object]) -> None:
    """What cannot be written is missing after a restart, and nothing else."""
    if segments is None:
        return
    try:
        segments.append(json.dumps(row, separators=(",", ":")))
    except OSError as error:
        log.warning("The history cannot be written: %s", error)


def _rows(segments: Segments | None) -> Iterator[dict[str, object]]:
    for line in segments.lines() if segments is not None else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row
