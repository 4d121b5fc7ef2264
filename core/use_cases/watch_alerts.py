"""See what is beyond its threshold, and take note of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from core.gateway.roles import Permission, Principal
from core.telemetry.alerts.alert import Alert, PendingAlert
from core.telemetry.alerts.rules import RULES, Rule, Severity, Unit
from core.use_cases.request import Request
from core.workbench import Workbench

AlertState: TypeAlias = Literal["pending", "firing", "resolved"]
MOST_ENDED = 500
_RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in RULES})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One alert. A pending one has no id and was never fired; `value` of one that fires is the newest.

    `summary` says what is wrong and `remedy` what to do. A value is beyond when it is above the threshold, or
    below it where `is_floor`.
    """

    id: str | None
    rule: str
    severity: Severity
    state: AlertState
    summary: str
    remedy: str
    unit: Unit
    value: float
    threshold: float
    is_floor: bool
    since: datetime
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlerts(Request[tuple[AlertView, ...]]):
    """What fires, the worst first; then what is pending; then up to `num_ended` that have ended."""

    num_ended: int = 50


def list_alerts(request: ListAlerts, principal: Principal, workbench: Workbench) -> tuple[AlertView, ...]:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        firing = work.alerts.firing()
        ended = work.alerts.ended(limit=min(max(request.num_ended, 0), MOST_ENDED))
    newest = {alert.id: alert.value for alert in workbench.monitoring.firing_alerts()}
    views = [_view(alert, newest.get(alert.id, alert.value)) for alert in firing if alert.rule in _RULES]
    views.sort(key=lambda view: (-SEVERITIES.index(view.severity), view.since))
    return (
        *views,
        *(_pending(alert) for alert in workbench.monitoring.pending_alerts()),
        *(_view(alert, alert.value) for alert in ended if alert.rule in _RULES),
    )


SEVERITIES: tuple[Severity, ...] = ("warning", "high", "critical")
"""From the mildest to the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert(Request[AlertView]):
    """Say that somebody sees to it. Raises NotFound, or Conflict when somebody has said so before."""

    alert: str


def acknowledge_alert(request: AcknowledgeAlert, principal: Principal, workbench: Workbench) -> AlertView:
    principal.require(Permission.OPERATE)
    with workbench.storage.transaction() as work:
        alert = work.alerts.acknowledge(request.alert, principal.user, datetime.now(UTC))
    return _view(alert, alert.value)


def _view(alert: Alert, value: float) -> AlertView:
    rule = _RULES[alert.rule]
    return AlertView(
        id=alert.id,
        rule=rule.name,
        severity=rule.severity,
        state="firing" if alert.resolved_at is None else "resolved",
        summary=rule.summary,
        remedy=rule.remedy,
        unit=rule.unit,
        value=value,
        threshold=alert.threshold,
        is_floor=rule.comparison == "<",
        since=alert.since,
        fired_at=alert.fired_at,
        resolved_at=alert.resolved_at,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=alert.acknowledged_at,
    )


def _pending(alert: PendingAlert) -> AlertView:
    rule = _RULES[alert.rule]
    return AlertView(
        id=None,
        rule=rule.name,
        severity=rule.severity,
        state="pending",
        summary=rule.summary,
        remedy=rule.remedy,
        unit=rule.unit,
        value=alert.value,
        threshold=alert.threshold,
        is_floor=rule.comparison == "<",
        since=alert.since,
    )
