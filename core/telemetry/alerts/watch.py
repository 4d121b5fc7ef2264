"""Evaluates the rules every few seconds: what is beyond its threshold is pending, then fires, then ends."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import uuid4

from prometheus_client.core import Metric

from core.errors import WorkbenchError
from core.settings import Settings
from core.telemetry.alerts.alert import Alert, AlertLog, PendingAlert
from core.telemetry.alerts.recent_figures import RecentFigures
from core.telemetry.alerts.rules import NAMES, RULES, Rule

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class AlertWatch:
    """Holds what is pending and what fires. One thread looks, any thread may ask; `tell` hears of each fire.

    What the log does not take, while the database is away, it gets at the next look. After a restart alerts
    that fire go on; what was pending waits from the start.
    """

    def __init__(
        self,
        settings: Settings,
        figures: Callable[[], Iterable[Metric]],
        alerts: AlertLog,
        *,
        rules: tuple[Rule, ...] = RULES,
        tell: Callable[[Alert], None] = lambda alert: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._figures = figures
        self._log = alerts
        self._rules = rules
        self._tell = tell
        self._clock = clock
        self._recent = RecentFigures(NAMES)
        self._pending: Mapping[str, PendingAlert] = MappingProxyType({})
        self._firing: Mapping[str, Alert] = MappingProxyType({})
        self._unwritten: deque[Callable[[], None]] = deque()
        self._has_begun = False

    def pending(self) -> tuple[PendingAlert, ...]:
        return tuple(self._pending.values())

    def firing(self) -> tuple[Alert, ...]:
        """With their newest values; what people did with them is in the log."""
        return tuple(self._firing.values())

    def look(self) -> None:
        """Take a reading and evaluate every rule. Raises nothing that the database does."""
        now = self._clock()
        self._recent.add(now, self._figures())
        if not self._has_begun and not self._begin():
            return
        pending: dict[str, PendingAlert] = {}
        firing = dict(self._firing)
        for rule in self._rules:
            value = rule.read(self._recent, self._settings)
            if value is None or not rule.is_beyond(value, self._settings):
                if rule.name in firing:
                    self._end(firing.pop(rule.name), now, value)
            elif rule.name in firing:
                firing[rule.name] = replace(firing[rule.name], value=value)
            else:
                known = self._pending.get(rule.name)
                found = self._found(rule, value, now if known is None else known.since)
                if (now - found.since).total_seconds() >= rule.for_seconds:
                    firing[rule.name] = self._fire(found, now)
                else:
                    pending[rule.name] = found
        self._pending, self._firing = MappingProxyType(pending), MappingProxyType(firing)
        self._write()

    def _begin(self) -> bool:
        """Take up what fired when the process before ended; False while the database is away."""
        try:
            known = self._log.firing()
        except WorkbenchError as error:
            log.warning("Alerts cannot be read: %s", error)
            return False
        rules = {rule.name for rule in self._rules}
        self._firing = MappingProxyType({alert.rule: alert for alert in known if alert.rule in rules})
        for alert in known:
            if self._firing.get(alert.rule) != alert:
                self._end(alert, self._clock(), None)
        self._has_begun = True
        return True

    def _found(self, rule: Rule, value: float, since: datetime) -> PendingAlert:
        return PendingAlert(
            rule=rule.name,
            severity=rule.severity,
            value=value,
            threshold=rule.threshold(self._settings),
            since=since,
        )

    def _fire(self, found: PendingAlert, now: datetime) -> Alert:
        alert = Alert(
            id=uuid4().hex,
            rule=found.rule,
            severity=found.severity,
            value=found.value,
            threshold=found.threshold,
            since=found.since,
            fired_at=now,
        )
        log.warning("Alert %s (%s): %g", alert.rule, alert.severity, alert.value)
        self._unwritten.append(lambda: self._log.fire(alert))
        self._tell(alert)
        return alert

    def _end(self, alert: Alert, now: datetime, value: float | None) -> None:
        last = alert.value if value is None else value
        log.info("Alert %s has ended: %g", alert.rule, last)
        self._unwritten.append(lambda: self._log.resolve(alert.id, now, last))

    def _write(self) -> None:
        """In the order in which it happened."""
        while self._unwritten:
            try:
                self._unwritten[0]()
            except WorkbenchError as error:
                log.warning("Alerts cannot be written: %s", error)
                return
            self._unwritten.popleft()
