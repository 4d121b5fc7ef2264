"""When work that comes again is due: five cron fields, read on the wall clock of a time zone.

Where the clock is put forward, a time that it skips runs once, at the first minute that exists; where it is
put back, a time that it shows twice runs once, the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import (
    CroniterBadCronError,
    CroniterBadDateError,
    CroniterError,
    croniter,
)

from core.errors import Invalid

MINUTE = timedelta(minutes=1)
FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_RANGES = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day of month": "1 to 31",
    "month": "1 to 12 or jan to dec",
    "day of week": "0 to 6 or sun to sat",
}
_WORDS = {
    "day of month": frozenset({"l"}),
    "month": frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    "day of week": frozenset(["sun", "mon", "tue", "wed", "thu", "fri", "sat", "l"]),
}
"""Nothing else in letters: the library would take R for a minute that chance chooses anew each time."""

Rhythm = Literal["hourly", "daily", "weekly", "monthly", "other"]


@dataclass(frozen=True, slots=True)
class Timetable:
    """A rule that was read. Make one with `read_timetable`.

    >>> weekdays = read_timetable("30 8 * * 1-5", "Europe/Madrid")
    >>> next_after(weekdays, datetime(2026, 3, 27, 12, tzinfo=UTC)).isoformat()
    '2026-03-30T06:30:00+00:00'
    """

    cron: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a person would call the rule. `hour` and `minute` where it has one time of the day.

    `days` are days of the week from 0, a Sunday, for weekly, and the day of the month for monthly.
    """

    rhythm: Rhythm
    hour: int | None = None
    minute: int | None = None
    days: tuple[int, ...] = ()


def read_timetable(cron: str, time_zone: str) -> Timetable:
    """Raises Invalid, naming the field that cannot be read."""
    parts = cron.split()
    if len(parts) != len(FIELDS):
        raise Invalid(
            f"cron: it has {len(parts)} fields, not five.",
            remedy=f"Write {', '.join(FIELDS)}, for example 30 8 * * 1-5.",
        )
    for position, field in enumerate(FIELDS):
        _check_field(position, field, parts[position])
    _check_zone(time_zone)
    timetable = Timetable(" ".join(parts), time_zone)
    try:
        next_after(timetable, datetime.now(UTC))
    except (CroniterBadDateError, OverflowError):
        raise Invalid(
            "cron: day of month and month name a day that never comes.", remedy="Choose another day."
        ) from None
    except CroniterError:
        raise Invalid("cron: its fields do not fit together.", remedy="Write it more simply.") from None
    return timetable


def next_after(timetable: Timetable, moment: datetime) -> datetime:
    """The first time after the moment, in UTC."""
    zone = ZoneInfo(timetable.time_zone)
    wall = moment.astimezone(zone).replace(tzinfo=None)
    times = croniter(timetable.cron, wall, ret_type=datetime)
    while True:
        found = _on_the_clock(times.get_next(datetime), zone)
        if found > moment:
            return found


def next_runs(timetable: Timetable, moment: datetime, count: int = 3) -> tuple[datetime, ...]:
    """The next few times after the moment, in UTC."""
    return tuple(islice(_runs(timetable, moment), count))


def describe(timetable: Timetable) -> Description:
    """The rule in the words of a page, where it is one of the common ones."""
    minutes, hours, days, months, weekdays = croniter.expand(timetable.cron)[0]
    if months != ["*"] or len(minutes) != 1 or not isinstance(minutes[0], int):
        return Description("other")
    minute = minutes[0]
    if hours == ["*"] and days == ["*"] and weekdays == ["*"]:
        return Description("hourly", None, minute)
    if len(hours) != 1 or not isinstance(hours[0], int):
        return Description("other")
    if days == ["*"]:
        if weekdays == ["*"]:
            return Description("daily", hours[0], minute)
        plain = tuple(day for day in weekdays if isinstance(day, int))
        return Description("weekly" if len(plain) == len(weekdays) else "other", hours[0], minute, plain)
    if weekdays == ["*"] and len(days) == 1 and isinstance(days[0], int):
        return Description("monthly", hours[0], minute, (days[0],))
    return Description("other", hours[0], minute)


def _runs(timetable: Timetable, moment: datetime) -> Iterator[datetime]:
    while True:
        moment = next_after(timetable, moment)
        yield moment


def _on_the_clock(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock shows this time, or the first after it that the clock shows."""
    while True:
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            return moment
        wall += MINUTE


def _check_field(position: int, field: str, part: str) -> None:
    probe = ["*"] * len(FIELDS)
    probe[position] = part
    words = set(re.findall(r"[^\W\d_]+", part.lower()))
    if words <= _WORDS.get(field, frozenset()) and _is_readable(" ".join(probe)):
        return
    raise Invalid(
        f"cron: the {field} cannot be read: {part!r}.",
        remedy=f"Write {_RANGES[field]}, a list with commas, a range with -, or * for every one.",
    )


def _is_readable(cron: str) -> bool:
    try:
        croniter.expand(cron)
    except (CroniterBadCronError, CroniterError, ValueError, KeyError, IndexError):
        return False
    return True


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"time_zone: there is no time zone {time_zone!r}.", remedy="Write one like Europe/Madrid or UTC."
        ) from None
