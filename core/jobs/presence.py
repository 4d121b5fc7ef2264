"""Workers say that they live; whoever looks gives back to the line what a dead one held.

One that stops without a word is given up after GONE_SECONDS by the clock of the one that looks, so that
clocks need not agree and a machine that slept accuses nobody. Of a process on this machine more is known:
gone, it is given up at once; at work, it may be too busy to speak for longer.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

import psutil

from core.errors import Conflict
from core.storage import Storage
from core.storage.workers import WorkerRow

log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
GONE_SECONDS = 8.0
"""Of silence. With a look every BEAT_SECONDS a dead worker's jobs wait again after 12 s at most."""
HUNG_SECONDS = 120.0
"""Of silence of a process that is seen to live: code that keeps Python's lock keeps it from its beats too."""
MOST_CUTS = 5
"""A job that was in so many workers when they ended is set aside: it may be what ends them."""
ENTER_SECONDS = GONE_SECONDS + 2 * BEAT_SECONDS
_CUT_MESSAGE = "The job's worker ended in the middle of it too often."
_CUT_REMEDY = "Run it again; if it fails again, look at the log of the worker."


class Presence:
    """One life of a worker, under an id of its own."""

    def __init__(self, storage: Storage, name: str, places: int, host: str | None = None) -> None:
        self._storage = storage
        now = datetime.now(UTC)
        self._row = WorkerRow(
            id=uuid4().hex,
            name=name,
            host=host or this_host(),
            pid=os.getpid(),
            places=places,
            started_at=now,
            seen_at=now,
        )
        self.id = self._row.id

    def enter(self, patience_seconds: float = ENTER_SECONDS) -> None:
        """Take what dead ones left, and be seen. SQLite serves one worker: raises Conflict for a second."""
        watch = WorkerWatch(self._storage)
        deadline = time.monotonic() + patience_seconds
        while True:
            watch.look()
            if self._enter_alone():
                return
            if time.monotonic() >= deadline:
                raise Conflict(
                    "Another worker runs already, and SQLite serves one.",
                    remedy="Stop it, or use PostgreSQL for several.",
                )
            time.sleep(0.2)

    def beat(self) -> bool:
        """False once this worker was given up: its jobs are others' now, and it must end."""
        with self._storage.transaction() as work:
            return work.workers.beat(self.id, datetime.now(UTC))

    def note(self) -> None:
        """Beat, and leave it to the job's own checks to find out that it was given up."""
        self.beat()

    def leave(self) -> None:
        """What it still holds waits again at once."""
        with self._storage.transaction() as work:
            work.line.give_back_all(self.id)
            work.workers.remove(self.id)

    def _enter_alone(self) -> bool:
        with self._storage.transaction() as work:
            others = [row for row in work.workers.all() if row.places] if self._row.places else []
            if others and self._storage.is_sqlite:
                return False
            work.workers.enter(self._row)
            return True


class WorkerWatch:
    """Looks after the workers, again and again; keeps what it saw from look to look."""

    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._clock = clock
        self._unchanged_since: dict[tuple[str, datetime], float] = {}

    def look(self) -> int:
        """Give back the jobs of those that are gone; how many jobs."""
        with self._storage.transaction(readonly=True) as work:
            rows, lost = work.workers.all(), work.line.lost_holders()
        now, before = self._clock(), self._unchanged_since
        self._unchanged_since = {_state(row): before.get(_state(row), now) for row in rows}
        gone = [row for row in rows if self._is_gone(row, now)]
        return sum(map(self._take_over, gone)) + sum(map(self._take_back, lost))

    def _is_gone(self, row: WorkerRow, now: float) -> bool:
        return now - self._unchanged_since[_state(row)] > _patience_seconds(row)

    def _take_over(self, row: WorkerRow) -> int:
        with self._storage.transaction() as work:
            if not work.workers.remove(row.id, row.seen_at):
                return 0  # somebody else was first, or it lives after all
            num_jobs = work.line.cut(row.id, MOST_CUTS, _CUT_MESSAGE, _CUT_REMEDY)
        log.warning("Worker %s (process %s) is gone; %s of its jobs wait again", row.name, row.pid, num_jobs)
        return num_jobs

    def _take_back(self, holder: str) -> int:
        with self._storage.transaction() as work:
            if holder not in work.line.lost_holders():
                return 0
            return work.line.cut(holder, MOST_CUTS, _CUT_MESSAGE, _CUT_REMEDY)


def take_over(storage: Storage, name: str) -> int:
    """Give up every worker of this name, seen or not; how many jobs wait again.

    Only for one that is known to be dead. A live one finds its jobs taken, and ends.
    """
    with storage.transaction() as work:
        ids = [row.id for row in work.workers.all() if row.name == name]
        return sum(
            work.line.cut(each, MOST_CUTS, _CUT_MESSAGE, _CUT_REMEDY)
            for each in ids
            if work.workers.remove(each)
        )


def set_aside(storage: Storage, worker: str, claim: str) -> None:
    """Give back one job of a live worker that does not run it, counted as if the worker had ended."""
    with storage.transaction() as work:
        work.line.cut(worker, MOST_CUTS, _CUT_MESSAGE, _CUT_REMEDY, claim)


@cache
def this_host() -> str:
    """This machine since its start, and the processes that this one can see: there a pid means something."""
    return " ".join((socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), _namespace()))[:300]


def _patience_seconds(row: WorkerRow) -> float:
    """How long it may be silent."""
    if row.host != this_host():
        return GONE_SECONDS
    try:
        status = psutil.Process(row.pid).status()
    except psutil.NoSuchProcess:
        return -1.0
    except psutil.Error:
        return GONE_SECONDS
    if status == psutil.STATUS_ZOMBIE:
        return -1.0
    return GONE_SECONDS if status == psutil.STATUS_STOPPED else HUNG_SECONDS


def _state(row: WorkerRow) -> tuple[str, datetime]:
    return row.id, row.seen_at


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
