"""Have work done again and again by the clock: list, save, switch and remove schedules, and run one now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.jobs.cron import Description, describe, next_after, next_runs, read_timetable
from core.jobs.job import JobKind
from core.jobs.ticker import hand_in
from core.priority import Priority
from core.storage.job_records import JobRecord
from core.storage.schedules import StoredSchedule
from core.use_cases.request import Request
from core.workbench import Workbench

NUM_RUNS = 3
LONGEST_NAME = 200
MOST_REQUEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a rule means: in words of a page, and the next times in UTC."""

    description: Description
    next_runs: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """A schedule, what its rule means, and its last job, where that is still kept.

    The times are those that would come if it were on.
    """

    schedule: StoredSchedule
    timing: Timing
    last_job: JobRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleList:
    """The workspace's schedules by name, and the kinds of jobs that may be scheduled."""

    schedules: tuple[ScheduleView, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSchedules(Request[ScheduleList]):
    """The schedules of the workspace."""


def list_schedules(request: ListSchedules, principal: Principal, workbench: Workbench) -> ScheduleList:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        stored = work.schedules.of(principal.workspace)
        last = {
            each.id: work.jobs.find(each.last_job, principal.workspace) for each in stored if each.last_job
        }
    views = tuple(_view(each, last.get(each.id)) for each in stored)
    return ScheduleList(schedules=views, kinds=tuple(_schedulable()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSchedule(Request[Timing]):
    """What a rule would mean. Raises Invalid naming the field that cannot be read."""

    cron: str
    time_zone: str


def preview_schedule(request: PreviewSchedule, principal: Principal, workbench: Workbench) -> Timing:
    principal.require(Permission.READ)
    return _timing(request.cron, request.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSchedule(Request[ScheduleView]):
    """Add a schedule, or with its id put another in its place; who saves it is its author from then on.

    `cron` are five fields, read on the wall clock of `time_zone`. Raises Invalid naming the field that does
    not fit, Conflict for a name that another schedule has.
    """

    name: str
    cron: str
    time_zone: str
    kind: str
    request: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    priority: Priority = Priority.BACKGROUND
    is_on: bool = True
    schedule: str | None = None


def save_schedule(request: SaveSchedule, principal: Principal, workbench: Workbench) -> ScheduleView:
    principal.require(Permission.CONTRIBUTE)
    checked = _checked(request, principal)
    with workbench.storage.transaction() as work:
        if request.schedule is None:
            work.schedules.add(checked)
        else:
            before = work.schedules.get(principal.workspace, request.schedule)
            checked = replace(checked, id=before.id, last_job=before.last_job, last_at=before.last_at)
            work.schedules.replace(checked)
    return _read(checked.id, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSchedule(Request[ScheduleView]):
    """Turn it on, from the next time on, or off. Times that pass while it is off are not made up."""

    schedule: str
    is_on: bool


def switch_schedule(request: SwitchSchedule, principal: Principal, workbench: Workbench) -> ScheduleView:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        before = work.schedules.get(principal.workspace, request.schedule)
        if before.is_on != request.is_on:
            now = datetime.now(UTC)
            next_at = _next_at(before.cron, before.time_zone, now) if request.is_on else None
            work.schedules.replace(replace(before, is_on=request.is_on, next_at=next_at, changed_at=now))
    return _read(request.schedule, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSchedule(Request[None]):
    """Remove it; jobs that it has handed in stay. Raises NotFound."""

    schedule: str


def remove_schedule(request: RemoveSchedule, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        if not work.schedules.remove(principal.workspace, request.schedule):
            raise NotFound("There is no such schedule.", remedy="Look at the list of schedules.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScheduleNow(Request[JobRecord]):
    """Hand its work in at once, on or off; its next time stays. The job is that of the person who asks."""

    schedule: str


def run_schedule_now(request: RunScheduleNow, principal: Principal, workbench: Workbench) -> JobRecord:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction(readonly=True) as work:
        schedule = work.schedules.get(principal.workspace, request.schedule)
    job = hand_in(workbench.jobs, replace(schedule, author=principal.user))
    with workbench.storage.transaction() as work:
        work.schedules.note_run(schedule.id, job.id, datetime.now(UTC))
    return job


def _checked(request: SaveSchedule, principal: Principal) -> StoredSchedule:
    """Raises Invalid naming the field."""
    name = request.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"name: it has 1 to {LONGEST_NAME} characters.", remedy="Choose another name.")
    plain = _plain_request(request)
    timetable = read_timetable(request.cron, request.time_zone)
    now = datetime.now(UTC)
    return StoredSchedule(
        id=uuid4().hex,
        workspace=principal.workspace,
        name=name,
        cron=timetable.cron,
        time_zone=timetable.time_zone,
        kind=request.kind,
        title=(request.title.strip() or name)[:500],
        request=plain,
        priority=int(request.priority),
        is_on=request.is_on,
        author=principal.user,
        changed_at=now,
        next_at=next_after(timetable, now) if request.is_on else None,
    )


def _plain_request(request: SaveSchedule) -> dict[str, Any]:
    kinds = _schedulable()
    kind = kinds.get(request.kind)
    if kind is None:
        raise Invalid(
            f"kind: jobs of the kind {request.kind!r} cannot be scheduled.",
            remedy=f"Use one of: {', '.join(kinds)}.",
        )
    try:
        written = json.dumps(dict(request.request))
    except (TypeError, ValueError):
        raise Invalid("request: it is not plain JSON.", remedy="Use texts, numbers and lists.") from None
    if len(written) > MOST_REQUEST_BYTES:
        raise Invalid("request: it is too long.", remedy="Give the schedule less to carry.")
    plain: dict[str, Any] = json.loads(written)
    if kind.check_request is not None:
        kind.check_request(plain)
    return plain


def _schedulable() -> dict[str, JobKind]:
    from core.use_cases import JOB_KINDS  # the table is made of the modules beside this one

    return {name: kind for name, kind in JOB_KINDS.items() if kind.can_schedule}


def _read(schedule: str, principal: Principal, workbench: Workbench) -> ScheduleView:
    with workbench.storage.transaction(readonly=True) as work:
        stored = work.schedules.get(principal.workspace, schedule)
        last = work.jobs.find(stored.last_job, principal.workspace) if stored.last_job else None
    return _view(stored, last)


def _view(stored: StoredSchedule, last: JobRecord | None) -> ScheduleView:
    return ScheduleView(schedule=stored, timing=_timing(stored.cron, stored.time_zone), last_job=last)


def _timing(cron: str, time_zone: str) -> Timing:
    timetable = read_timetable(cron, time_zone)
    return Timing(
        description=describe(timetable), next_runs=next_runs(timetable, datetime.now(UTC), NUM_RUNS)
    )


def _next_at(cron: str, time_zone: str, now: datetime) -> datetime:
    return next_after(read_timetable(cron, time_zone), now)
