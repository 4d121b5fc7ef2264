"""An alert is pending, fires, and ends; what lasts of it is in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.core import GaugeMetricFamily, Metric

from core.errors import Unavailable
from core.settings import Settings
from core.storage import Storage, alerts
from core.telemetry.alerts.alert import Alert
from core.telemetry.alerts.rules import RULES
from core.telemetry.alerts.watch import AlertWatch
from core.watching import StoredAlerts

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
(MEMORY_HIGH,) = (rule for rule in RULES if rule.name == "MemoryHigh")


class Machine:
    """Its memory is as full as the test says; its clock stands until somebody moves it."""

    def __init__(self, storage: Storage) -> None:
        self.memory = 0.5
        self.now = START
        self.log = StoredAlerts(storage)
        self.storage = storage
        self.watch = self.started()

    def started(self) -> AlertWatch:
        return AlertWatch(Settings(), self.figures, self.log, rules=(MEMORY_HIGH,), clock=lambda: self.now)

    def figures(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("system_memory_usage_ratio", "", value=self.memory)

    def run(self, minutes: float, memory: float) -> None:
        self.memory = memory
        for _ in range(round(minutes * 12)):
            self.now += timedelta(seconds=5)
            self.watch.look()

    def stored(self) -> list[Alert]:
        with self.storage.transaction(readonly=True) as work:
            return [*work.alerts.firing(), *work.alerts.ended(limit=10)]


@pytest.fixture
def machine(storage: Storage) -> Machine:
    return Machine(storage)


def test_it_is_pending_until_it_has_lasted_then_fires_and_ends(machine: Machine) -> None:
    machine.run(1, 0.5)
    machine.run(9, 0.93)
    (pending,) = machine.watch.pending()
    assert (pending.rule, pending.value, pending.threshold) == ("MemoryHigh", 0.93, 0.9)
    assert pending.since == START + timedelta(minutes=1, seconds=5)
    assert machine.stored() == []
    machine.run(2, 0.94)
    assert machine.watch.pending() == ()
    (fired,) = machine.stored()
    assert fired.fired_at - fired.since == timedelta(minutes=10)
    assert fired.resolved_at is None
    assert [alert.value for alert in machine.watch.firing()] == [0.94]
    machine.run(1, 0.6)
    (ended,) = machine.stored()
    assert (ended.id, ended.value) == (fired.id, 0.6)
    assert ended.resolved_at == START + timedelta(minutes=12, seconds=5)
    assert machine.watch.firing() == ()


def test_what_goes_back_in_time_never_fires(machine: Machine) -> None:
    for _ in range(3):
        machine.run(9, 0.93)
        machine.run(0.1, 0.5)
    assert machine.stored() == []
    assert machine.watch.pending() == ()


def test_an_alert_goes_on_over_a_restart(machine: Machine) -> None:
    machine.run(11, 0.93)
    (before,) = machine.stored()
    machine.watch = machine.started()
    machine.run(1, 0.93)
    assert machine.stored() == [before]
    machine.run(1, 0.5)
    assert [alert.resolved_at is None for alert in machine.stored()] == [False]


def test_an_alert_of_a_rule_that_is_gone_ends(machine: Machine, storage: Storage) -> None:
    machine.run(11, 0.93)
    AlertWatch(Settings(), tuple, machine.log, rules=(), clock=lambda: machine.now).look()
    (ended,) = machine.stored()
    assert ended.resolved_at is not None


def test_what_the_database_does_not_take_it_gets_later(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.run(5, 0.93)
    with monkeypatch.context() as away:
        away.setattr(StoredAlerts, "fire", _unavailable)
        machine.run(6, 0.93)
        assert len(machine.watch.firing()) == 1
        assert machine.stored() == []
    machine.run(1, 0.93)
    (fired,) = machine.stored()
    assert fired.fired_at == START + timedelta(minutes=10, seconds=5)


def test_what_began_and_ended_while_the_database_was_away_is_told_in_order(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.run(5, 0.93)
    with monkeypatch.context() as away:
        away.setattr(StoredAlerts, "fire", _unavailable)
        machine.run(6, 0.93)
        machine.run(1, 0.5)
    machine.run(0.1, 0.5)
    (ended,) = machine.stored()
    assert ended.resolved_at == START + timedelta(minutes=11, seconds=5)


def _unavailable(*_: object) -> None:
    raise Unavailable("The database does not answer.")


def test_a_threshold_comes_from_the_settings(storage: Storage) -> None:
    machine = Machine(storage)
    machine.watch = AlertWatch(
        Settings(alert_memory_ratio=0.3),
        machine.figures,
        machine.log,
        rules=(MEMORY_HIGH,),
        clock=lambda: machine.now,
    )
    machine.run(11, 0.4)
    assert [alert.threshold for alert in machine.stored()] == [0.3]


def test_a_rule_that_flaps_fills_no_disk(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST_ENDED", 2)
    for _ in range(5):
        machine.run(11, 0.93)
        machine.run(0.1, 0.5)
    assert [alert.fired_at for alert in machine.stored()] == sorted(
        (alert.fired_at for alert in machine.stored()), reverse=True
    )
    assert len(machine.stored()) == 3  # two that were kept, and the one that ended since
