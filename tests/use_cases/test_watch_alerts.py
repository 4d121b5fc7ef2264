"""People see the worst first, and say that they see to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, Forbidden, NotFound
from core.gateway.roles import Principal, Role
from core.telemetry.alerts.alert import Alert, PendingAlert
from core.telemetry.health import Health
from core.telemetry.monitoring import Monitoring
from core.use_cases.read_health import ReadHealth, read_health
from core.use_cases.watch_alerts import AcknowledgeAlert, ListAlerts, acknowledge_alert, list_alerts
from core.workbench import Workbench
from tests.conftest import as_role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def alert(name: str, rule: str, severity: str, *, minutes: int = 0) -> Alert:
    fired_at = NOW + timedelta(minutes=minutes)
    return Alert(
        id=name, rule=rule, severity=severity, value=1.0, threshold=0.9, since=fired_at, fired_at=fired_at
    )


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


@pytest.fixture
def watched(workbench: Workbench) -> Workbench:
    """Two alerts fire, one has ended and one is pending; one that fires has become worse since."""
    memory = alert("memory", "MemoryHigh", "high")
    with workbench.storage.transaction() as work:
        work.alerts.fire(memory)
        work.alerts.fire(alert("down", "SystemDown", "critical", minutes=5))
        work.alerts.fire(alert("old", "BackupOld", "warning"))
        work.alerts.resolve("old", NOW + timedelta(hours=1), 60.0)
    pending = PendingAlert(rule="FewHits", severity="warning", value=0.3, threshold=0.5, since=NOW)
    monitoring = Monitoring(
        pending_alerts=lambda: (pending,), firing_alerts=lambda: (replace(memory, value=0.97),)
    )
    return replace(workbench, monitoring=monitoring)


def test_what_fires_comes_first_the_worst_at_the_top(watched: Workbench, viewer: Principal) -> None:
    views = list_alerts(ListAlerts(), viewer, watched)
    assert [(view.rule, view.state) for view in views] == [
        ("SystemDown", "firing"),
        ("MemoryHigh", "firing"),
        ("FewHits", "pending"),
        ("BackupOld", "resolved"),
    ]
    assert [view.value for view in views] == [1.0, 0.97, 0.3, 60.0]
    assert [view.is_floor for view in views] == [True, False, True, False]
    assert list_alerts(ListAlerts(num_ended=0), viewer, watched) == views[:3]


def test_somebody_takes_note_once(watched: Workbench, admin: Principal) -> None:
    noted = acknowledge_alert(AcknowledgeAlert(alert="memory"), admin, watched)
    assert (noted.acknowledged_by, noted.state) == ("admin", "firing")
    assert noted.acknowledged_at is not None
    with pytest.raises(Conflict, match="admin has already taken note"):
        acknowledge_alert(AcknowledgeAlert(alert="memory"), admin, watched)
    with pytest.raises(NotFound):
        acknowledge_alert(AcknowledgeAlert(alert="none"), admin, watched)


def test_an_analyst_may_look_only(watched: Workbench, analyst: Principal) -> None:
    with pytest.raises(Forbidden):
        acknowledge_alert(AcknowledgeAlert(alert="memory"), analyst, watched)


def test_health_is_what_the_monitor_saw(workbench: Workbench, viewer: Principal) -> None:
    assert read_health(ReadHealth(), viewer, workbench).state == "unknown"
    seen = Health("warning", "healthy", "offline", 1, "healthy")
    watched = replace(workbench, monitoring=Monitoring(health=lambda: seen))
    assert read_health(ReadHealth(), viewer, watched) == seen
