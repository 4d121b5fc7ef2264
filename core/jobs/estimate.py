"""When waiting jobs will start, as far as the time that their like took can say."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.storage.job_records import RUNNING, JobRecord

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many jobs run at a time on all workers, and of the kinds that are limited how many of each."""

    places: int
    most: Mapping[str, int]


def estimate_starts(
    front: Sequence[JobRecord],
    seconds: Mapping[tuple[str, str], float],
    capacity: Capacity,
    held_up: Collection[str],
    now: datetime,
) -> dict[str, datetime]:
    """The start of each waiting job that can be foretold, by id.

    `front` are the open jobs, those that wait in their order; `seconds` is what a job of a workspace and kind
    takes, where that is known. What stands behind a job of unknown length cannot be foretold unless enough
    places are left; nothing can of the workspaces that are `held_up`.
    """
    running = [job for job in front if job.state == RUNNING]
    places = _free_at(running, seconds, capacity.places, now)
    of_kind = {
        kind: _free_at([job for job in running if job.kind == kind], seconds, most, now)
        for kind, most in capacity.most.items()
    }
    starts: dict[str, datetime] = {}
    for job in front:
        if job.state == RUNNING or job.workspace in held_up or not places:
            continue
        kind = of_kind.get(job.kind, [0.0])
        start = max(places[0], kind[0], _not_before(job, now))
        end = start + seconds.get((job.workspace, job.kind), NEVER)
        if start < NEVER:
            starts[job.id] = now + timedelta(seconds=start)
        _occupy(places, start, end)
        _occupy(kind, start, end)
    return starts


def _free_at(
    running: Sequence[JobRecord], seconds: Mapping[tuple[str, str], float], places: int, now: datetime
) -> list[float]:
    """In how many seconds each place is free, the first one first."""
    rests = sorted(_rest(job, seconds, now) for job in running)[:places]
    return sorted([*rests, *([0.0] * (places - len(rests)))])


def _occupy(places: list[float], start: float, end: float) -> None:
    """Of the places that are free at the start take the one that was left last."""
    places.pop(max(bisect_right(places, start) - 1, 0))
    insort(places, end)


def _rest(job: JobRecord, seconds: Mapping[tuple[str, str], float], now: datetime) -> float:
    assert job.started_at is not None, "a running job has started"
    usual = seconds.get((job.workspace, job.kind), NEVER)
    return max(0.0, usual - (now - job.started_at).total_seconds())


def _not_before(job: JobRecord, now: datetime) -> float:
    return 0.0 if job.not_before is None else max(0.0, (job.not_before - now).total_seconds())
