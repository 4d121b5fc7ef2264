"""Schedules as a person keeps them: saved, refused by the field, switched, run at once, removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Principal
from core.jobs import Priority
from core.jobs.durable import DurableJobs
from core.use_cases import (
    ListJobs,
    ListSchedules,
    PreviewSchedule,
    RemoveSchedule,
    RunScheduleNow,
    SaveSchedule,
    SwitchSchedule,
    list_jobs,
    list_schedules,
    preview_schedule,
    remove_schedule,
    run_schedule_now,
    save_schedule,
    switch_schedule,
)
from core.workbench import Workbench

MORNING = SaveSchedule(name="Every morning", cron="30 8 * * 1-5", time_zone="Europe/Madrid", kind="analyse")


@pytest.fixture
def bench(workbench: Workbench) -> Workbench:
    return replace(workbench, jobs=DurableJobs(workbench.storage))


def test_a_saved_schedule_says_when_it_runs(bench: Workbench, analyst: Principal) -> None:
    saved = save_schedule(MORNING, analyst, bench)
    (listed,) = list_schedules(ListSchedules(), analyst, bench).schedules
    assert listed.schedule == saved.schedule
    assert (saved.schedule.author, saved.schedule.priority) == ("analyst", Priority.BACKGROUND)
    assert saved.schedule.title == "Every morning"
    assert saved.timing.description.rhythm == "weekly"
    assert len(saved.timing.next_runs) == 3
    assert saved.schedule.next_at == saved.timing.next_runs[0]
    assert saved.timing.next_runs[0] > datetime.now(UTC)
    assert saved.last_job is None


def test_only_kinds_that_declare_it_can_be_scheduled(bench: Workbench, analyst: Principal) -> None:
    kinds = list_schedules(ListSchedules(), analyst, bench).kinds
    assert "analyse" in kinds
    assert "ingest" not in kinds
    with pytest.raises(Invalid, match="kind: "):
        save_schedule(replace(MORNING, kind="ingest"), analyst, bench)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"cron": "99 8 * * *"}, "cron: the minute"),
        ({"cron": "30 8 * * 9"}, "cron: the day of week"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone: "),
        ({"name": "  "}, "name: "),
        ({"name": "x" * 201}, "name: "),
        ({"request": {"when": datetime.now(UTC)}}, "request: "),
        ({"request": {"long": "x" * 70_000}}, "request: "),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(
    bench: Workbench, analyst: Principal, change: dict[str, object], named: str
) -> None:
    with pytest.raises(Invalid, match=named) as refused:
        save_schedule(replace(MORNING, **change), analyst, bench)  # type: ignore[arg-type]
    assert refused.value.remedy
    assert list_schedules(ListSchedules(), analyst, bench).schedules == ()


def test_a_rule_is_previewed_before_it_is_saved(bench: Workbench, viewer: Principal) -> None:
    seen = preview_schedule(PreviewSchedule(cron="0 6 1 * *", time_zone="UTC"), viewer, bench)
    assert [each.day for each in seen.next_runs] == [1, 1, 1]
    with pytest.raises(Invalid, match="cron: the hour"):
        preview_schedule(PreviewSchedule(cron="0 25 * * *", time_zone="UTC"), viewer, bench)


def test_who_saves_a_schedule_again_becomes_its_author(bench: Workbench, analyst: Principal) -> None:
    first = save_schedule(MORNING, analyst, bench).schedule
    save_schedule(replace(MORNING, name="Other"), analyst, bench)
    eva = replace(analyst, user="eva")
    changed = save_schedule(replace(MORNING, cron="0 20 * * *", schedule=first.id), eva, bench).schedule
    assert (changed.id, changed.author, changed.cron) == (first.id, "eva", "0 20 * * *")
    assert len(list_schedules(ListSchedules(), analyst, bench).schedules) == 2
    with pytest.raises(Conflict):
        save_schedule(replace(MORNING, name="Other", schedule=first.id), analyst, bench)
    with pytest.raises(Conflict):
        save_schedule(MORNING, analyst, bench)


def test_a_schedule_that_was_off_starts_from_the_next_time(bench: Workbench, analyst: Principal) -> None:
    saved = save_schedule(replace(MORNING, is_on=False), analyst, bench).schedule
    assert saved.next_at is None
    on = switch_schedule(SwitchSchedule(schedule=saved.id, is_on=True), analyst, bench).schedule
    assert on.next_at is not None
    assert on.next_at > datetime.now(UTC)
    off = switch_schedule(SwitchSchedule(schedule=saved.id, is_on=False), analyst, bench).schedule
    assert (off.is_on, off.next_at) == (False, None)


def test_run_now_hands_it_in_for_the_one_who_asks_and_keeps_its_next_time(
    bench: Workbench, analyst: Principal
) -> None:
    saved = save_schedule(MORNING, analyst, bench).schedule
    job = run_schedule_now(RunScheduleNow(schedule=saved.id), replace(analyst, user="eva"), bench)
    assert (job.author, job.kind, job.title) == ("eva", "analyse", "Every morning")
    (after,) = list_schedules(ListSchedules(), analyst, bench).schedules
    assert after.schedule.next_at == saved.next_at
    assert after.last_job is not None
    assert after.last_job.id == job.id
    assert after.schedule.last_at is not None
    assert datetime.now(UTC) - after.schedule.last_at < timedelta(minutes=1)


def test_a_schedule_is_of_its_workspace_and_can_be_removed(
    bench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    saved = save_schedule(MORNING, analyst, bench).schedule
    run_schedule_now(RunScheduleNow(schedule=saved.id), analyst, bench)
    for act, request in (
        (remove_schedule, RemoveSchedule(schedule=saved.id)),
        (run_schedule_now, RunScheduleNow(schedule=saved.id)),
        (switch_schedule, SwitchSchedule(schedule=saved.id, is_on=False)),
        (save_schedule, replace(MORNING, schedule=saved.id)),
    ):
        with pytest.raises(NotFound):
            act(request, stranger, bench)  # type: ignore[operator]
    remove_schedule(RemoveSchedule(schedule=saved.id), analyst, bench)
    assert list_schedules(ListSchedules(), analyst, bench).schedules == ()
    assert len(list_jobs(ListJobs(), analyst, bench)) == 1, "what it handed in stays"
