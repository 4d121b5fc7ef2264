"""When waiting jobs will start, as far as the time that their like took can say."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from core.storage.job_records import RUNNING, JobRecord

NEVER = float("inf")


def estimate_starts(
    front: Sequence[JobRecord],
    seconds: Mapping[tuple[str, str], float],
    places: int,
    held_up: Collection[str],
    now: datetime,
) -> dict[str, datetime]:
    """The start of each waiting job that can be foretold, by id.

    `front` are the open jobs, those that wait in their order; `seconds` is what a job of a workspace and kind
    takes, where that is known; `places` is how many run at a time. What stands behind a job of unknown length
    cannot be foretold unless enough places are left; nothing can of the workspaces that are `held_up`.
    """
    free = [_rest(job, seconds, now) for job in front if job.state == RUNNING][:places]
    free += [0.0] * (places - len(free))
    heapq.heapify(free)
    starts: dict[str, datetime] = {}
    for job in front:
        if job.state == RUNNING or job.workspace in held_up or not free:
            continue
        start = max(free[0], _not_before(job, now))
        if start == NEVER:
            break
        heapq.heapreplace(free, start + seconds.get((job.workspace, job.kind), NEVER))
        starts[job.id] = now + timedelta(seconds=start)
    return starts


def _rest(job: JobRecord, seconds: Mapping[tuple[str, str], float], now: datetime) -> float:
    assert job.started_at is not None, "a running job has started"
    usual = seconds.get((job.workspace, job.kind), NEVER)
    return max(0.0, usual - (now - job.started_at).total_seconds())


def _not_before(job: JobRecord, now: datetime) -> float:
    return 0.0 if job.not_before is None else max(0.0, (job.not_before - now).total_seconds())
