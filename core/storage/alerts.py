"""Alerts that fired: one row from the moment it fires, filled in when it ends or somebody takes note."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import Conflict, NotFound
from core.storage.tables import alerts
from core.telemetry.alerts.alert import Alert

MOST_ENDED = 1000
_COLUMNS = [alerts.c[name] for name in Alert.__dataclass_fields__]


class Alerts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fire(self, alert: Alert) -> None:
        """Add it. Of those that have ended the oldest go, so that a rule that flaps fills no disk."""
        self._connection.execute(alerts.insert().values(asdict(alert)))
        ended = select(alerts.c.id).where(alerts.c.resolved_at.is_not(None))
        kept = ended.order_by(alerts.c.resolved_at.desc(), alerts.c.id).limit(MOST_ENDED)
        self._connection.execute(
            delete(alerts).where(alerts.c.resolved_at.is_not(None), alerts.c.id.not_in(kept))
        )

    def resolve(self, alert: str, moment: datetime, value: float) -> None:
        ended = update(alerts).where(alerts.c.id == alert)
        self._connection.execute(ended.values(resolved_at=moment, value=value))

    def acknowledge(self, alert: str, user: str, moment: datetime) -> Alert:
        """The alert as it is now. Raises NotFound, or Conflict when somebody has taken note before."""
        noted = update(alerts).where(alerts.c.id == alert, alerts.c.acknowledged_at.is_(None))
        changed = self._connection.execute(noted.values(acknowledged_by=user, acknowledged_at=moment))
        found = self.get(alert)
        if not changed.rowcount:
            raise Conflict(
                f"{found.acknowledged_by} has already taken note of it.", remedy="Load the page again."
            )
        return found

    def get(self, alert: str) -> Alert:
        """Raises NotFound."""
        row = self._connection.execute(select(*_COLUMNS).where(alerts.c.id == alert)).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such alert.", remedy="Look at the list.")
        return Alert(**row)

    def firing(self) -> list[Alert]:
        """Those that have not ended, newest first."""
        query = select(*_COLUMNS).where(alerts.c.resolved_at.is_(None))
        ordered = query.order_by(alerts.c.fired_at.desc(), alerts.c.id)
        return [Alert(**row) for row in self._connection.execute(ordered).mappings()]

    def ended(self, *, limit: int) -> list[Alert]:
        """Those that have ended, the last one first."""
        query = select(*_COLUMNS).where(alerts.c.resolved_at.is_not(None))
        ordered = query.order_by(alerts.c.resolved_at.desc(), alerts.c.id).limit(limit)
        return [Alert(**row) for row in self._connection.execute(ordered).mappings()]
