"""What is known of the running application, as use cases see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.telemetry.alerts.alert import Alert, PendingAlert
from core.telemetry.health import Health, summarised
from core.telemetry.sources.state import SourceState


def _unwatched() -> Health:
    return summarised((), 0)


def _unseen(source: str) -> SourceState:
    return SourceState(id=source, since=datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Each call gives what a thread saw last, at once. Where nothing watches nothing is known."""

    health: Callable[[], Health] = _unwatched
    pending_alerts: Callable[[], tuple[PendingAlert, ...]] = tuple
    firing_alerts: Callable[[], tuple[Alert, ...]] = tuple
    source: Callable[[str], SourceState] = _unseen
