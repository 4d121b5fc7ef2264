"""An alert that fired, and one that is about to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`since` is when it went wrong, `value` the last one; the log keeps the first and the last."""

    id: str
    rule: str
    severity: str
    value: float
    threshold: float
    since: datetime
    fired_at: datetime
    resolved_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAlert:
    """Beyond its threshold since then, and not long enough to fire."""

    rule: str
    severity: str
    value: float
    threshold: float
    since: datetime


class AlertLog(Protocol):
    """Where alerts last. Each call may raise WorkbenchError, and has then changed nothing."""

    def firing(self) -> list[Alert]:
        """Those that have not ended."""

    def fire(self, alert: Alert) -> None:
        """Keep a new one."""

    def resolve(self, alert: str, moment: datetime, value: float) -> None:
        """Note that it ended, and its last value."""
