"""A thread asks the parts; who wants to know gets what it saw last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from core.telemetry.health import Finding, HealthMonitor, PartHealth, summarised
from tests.fakes.waiting import wait_until

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def only(monitor: HealthMonitor) -> PartHealth:
    (part,) = monitor.parts()
    return part


def test_nothing_is_known_before_the_first_look(clock: Clock) -> None:
    monitor = HealthMonitor({"database": lambda: Finding("healthy")}, clock=clock)
    assert only(monitor).state == "unknown"
    monitor.look()
    assert only(monitor).state == "healthy"
    assert only(monitor).response_ms is not None


def test_a_part_tells_its_cause_and_since_when(clock: Clock) -> None:
    findings = [
        Finding("healthy"),
        Finding("offline", "Nobody is there."),
        Finding("offline", "Still nobody."),
    ]
    monitor = HealthMonitor({"engine": lambda: findings.pop(0)}, quick=("engine",), clock=clock)
    for _ in range(3):
        monitor.look()
        clock.pass_by(5)
    part = only(monitor)
    assert (part.state, part.cause, part.response_ms) == ("offline", "Still nobody.", None)
    assert part.changed_at == START + timedelta(seconds=5)
    assert part.checked_at == START + timedelta(seconds=10)


def test_what_a_check_raises_makes_its_part_unhealthy_and_no_other(clock: Clock) -> None:
    def broken() -> Finding:
        raise OSError("The disk is gone.")

    monitor = HealthMonitor({"disk": broken, "database": lambda: Finding("healthy")}, clock=clock)
    monitor.look()
    disk, database = monitor.parts()
    assert (disk.state, disk.cause, database.state) == ("unhealthy", "The disk is gone.", "healthy")


@pytest.fixture
def hanging() -> Iterator[tuple[Callable[[], Finding], Event, list[int]]]:
    """A check that answers once it is let go, and how often it was asked."""
    let_go, asked = Event(), []

    def check() -> Finding:
        asked.append(1)
        let_go.wait(30)
        return Finding("healthy")

    yield check, let_go, asked
    let_go.set()


def test_a_part_that_hangs_delays_no_other_and_is_not_asked_twice(
    hanging: tuple[Callable[[], Finding], Event, list[int]], clock: Clock
) -> None:
    check, let_go, asked = hanging
    monitor = HealthMonitor(
        {"engine": check, "database": lambda: Finding("healthy")}, timeout_seconds=0.05, clock=clock
    )
    for _ in range(3):
        monitor.look()
        clock.pass_by(10)
    engine, database = monitor.parts()
    assert (engine.state, database.state) == ("unhealthy", "healthy")
    assert "has not answered" in engine.cause
    assert database.checked_at == START + timedelta(seconds=20)
    assert len(asked) == 1
    let_go.set()

    def is_back() -> bool:
        monitor.look()
        return monitor.parts()[0].state == "healthy"

    wait_until(is_back)


def test_parts_that_are_not_quick_are_asked_every_few_seconds_only(clock: Clock) -> None:
    asked: list[str] = []

    def check(kind: str) -> Finding:
        asked.append(kind)
        return Finding("healthy")

    monitor = HealthMonitor(
        {"worker": lambda: check("worker"), "engine": lambda: check("engine")}, quick=("worker",), clock=clock
    )
    for _ in range(4):
        monitor.look()
        clock.pass_by(1)
    assert (asked.count("worker"), asked.count("engine")) == (4, 2)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ({"database": "healthy", "worker": "healthy", "engine": "offline"}, "healthy"),
        ({"database": "healthy", "worker": "offline", "engine": "healthy"}, "warning"),
        ({"database": "unhealthy", "worker": "healthy", "engine": "healthy"}, "unhealthy"),
        ({}, "unknown"),
    ],
)
def test_the_whole_is_as_database_and_worker_are(states: dict[str, str], state: str) -> None:
    parts = tuple(
        PartHealth(kind=kind, state=each, checked_at=START, changed_at=START)  # type: ignore[arg-type]
        for kind, each in states.items()
    )
    assert summarised(parts, 0).state == state


def test_prometheus_sees_which_parts_answer_and_no_name_of_a_source(clock: Clock) -> None:
    source = PartHealth(kind="source", name="ours", state="offline", checked_at=START, changed_at=START)
    monitor = HealthMonitor(
        {"database": lambda: Finding("warning"), "engine": lambda: Finding("offline")},
        more=lambda: [source],
        clock=clock,
    )
    monitor.look()
    values = {
        next(iter(sample.labels.values())): sample.value
        for family in monitor.families()
        for sample in family.samples
    }
    assert values == {"database": 1, "engine": 0, "offline": 1}
