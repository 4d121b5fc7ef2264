"""When a rule is due, on the wall clock of its zone, through the nights on which the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import Invalid
from core.jobs.cron import Description, describe, next_runs, read_timetable

MADRID = ZoneInfo("Europe/Madrid")
"""Forward from 02:00 to 03:00 on 29 March 2026, back from 03:00 to 02:00 on 25 October 2026."""


def runs(cron: str, zone: str, after: str, count: int = 3) -> list[str]:
    """The next runs on the wall clock of the zone."""
    moment = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = next_runs(read_timetable(cron, zone), moment, count)
    return [each.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M%z") for each in found]


def test_a_rule_keeps_its_time_of_the_day_when_the_clock_changes() -> None:
    assert runs("30 8 * * *", "Europe/Madrid", "2026-03-28 00:00") == [
        "03-28 08:30+0100",
        "03-29 08:30+0200",
        "03-30 08:30+0200",
    ]


def test_a_time_that_the_clock_skips_runs_once_at_the_first_minute_that_exists() -> None:
    assert runs("30 2 * * *", "Europe/Madrid", "2026-03-28 12:00") == [
        "03-29 03:00+0200",
        "03-30 02:30+0200",
        "03-31 02:30+0200",
    ]


def test_several_times_that_the_clock_skips_run_once_together() -> None:
    assert runs("*/20 2,3 * * *", "Europe/Madrid", "2026-03-28 23:00", 4) == [
        "03-29 03:00+0200",
        "03-29 03:20+0200",
        "03-29 03:40+0200",
        "03-30 02:00+0200",
    ]


def test_a_time_that_the_clock_shows_twice_runs_the_first_time_only() -> None:
    assert runs("30 2 * * *", "Europe/Madrid", "2026-10-24 12:00") == [
        "10-25 02:30+0200",
        "10-26 02:30+0100",
        "10-27 02:30+0100",
    ]


def test_asked_in_the_hour_that_comes_twice_the_next_run_is_never_in_the_past() -> None:
    second_time = datetime(2026, 10, 25, 2, 10, tzinfo=MADRID, fold=1).astimezone(UTC)
    (following,) = next_runs(read_timetable("30 2 * * *", "Europe/Madrid"), second_time, 1)
    assert following.astimezone(MADRID).isoformat() == "2026-10-26T02:30:00+01:00"


def test_a_day_of_the_month_waits_for_a_month_that_has_it() -> None:
    assert runs("0 9 31 * *", "America/Sao_Paulo", "2026-01-31 10:00") == [
        "03-31 09:00-0300",
        "05-31 09:00-0300",
        "07-31 09:00-0300",
    ]


@pytest.mark.parametrize(
    ("cron", "named"),
    [
        ("61 * * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day of month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * lunes", "day of week"),
        ("x * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("5-1x * * * *", "minute"),
        ("R * * * *", "minute"),
        ("0 0 30 2 *", "day of month and month"),
        ("* * * *", "4 fields"),
        ("* * * * * *", "6 fields"),
        ("@daily", "1 fields"),
        ("", "0 fields"),
    ],
)
def test_what_cannot_be_read_is_named(cron: str, named: str) -> None:
    with pytest.raises(Invalid, match=rf"cron: .*{named}") as refused:
        read_timetable(cron, "UTC")
    assert refused.value.remedy


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../../etc/passwd", "Madrid\x00"])
def test_a_zone_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(Invalid, match="time_zone: "):
        read_timetable("* * * * *", zone)


@pytest.mark.parametrize(
    ("cron", "description"),
    [
        ("15 * * * *", Description("hourly", None, 15)),
        ("30 8 * * *", Description("daily", 8, 30)),
        ("30 8 * * 1-5", Description("weekly", 8, 30, (1, 2, 3, 4, 5))),
        ("0 7 * * mon,fri", Description("weekly", 7, 0, (1, 5))),
        ("0 6 1 * *", Description("monthly", 6, 0, (1,))),
        ("*/5 * * * *", Description("other")),
        ("0 6 1 1 *", Description("other")),
        ("0 6 1 * 1", Description("other", 6, 0)),
    ],
)
def test_common_rules_have_a_description(cron: str, description: Description) -> None:
    assert describe(read_timetable(cron, "UTC")) == description
