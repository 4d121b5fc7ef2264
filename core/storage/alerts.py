"""Alerts that fired: one row from the moment it fires, filled in when it ends or somebody takes note."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from core.errors import Conflict, NotFound
from core.storage.tables import alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """`value` is the newest while it fires and the last one afterwards; `since` is when it went wrong."""

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

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


_COLUMNS = [alerts.c[name] for name in StoredAlert.__dataclass_fields__]


class Alerts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fire(self, alert: StoredAlert) -> None:
        self._connection.execute(alerts.insert().values(asdict(alert)))

    def renew(self, alert: str, value: float) -> None:
        """Note the newest value of one that fires."""
        self._connection.execute(update(alerts).where(alerts.c.id == alert).values(value=value))

    def resolve(self, alert: str, moment: datetime) -> None:
        self._connection.execute(update(alerts).where(alerts.c.id == alert).values(resolved_at=moment))

    def acknowledge(self, alert: str, user: str, moment: datetime) -> StoredAlert:
        """The alert as it is now. Raises NotFound, or Conflict when somebody has taken note before."""
        noted = update(alerts).where(alerts.c.id == alert, alerts.c.acknowledged_at.is_(None))
        changed = self._connection.execute(noted.values(acknowledged_by=user, acknowledged_at=moment))
        found = self.get(alert)
        if not changed.rowcount:
            raise Conflict(
                f"{found.acknowledged_by} has already taken note of it.", remedy="Load the page again."
            )
        return found

    def get(self, alert: str) -> StoredAlert:
        """Raises NotFound."""
        row = self._connection.execute(select(*_COLUMNS).where(alerts.c.id == alert)).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such alert.", remedy="Look at the list.")
        return StoredAlert(**row)

    def firing(self) -> list[StoredAlert]:
        """Those that have not ended, newest first."""
        query = select(*_COLUMNS).where(alerts.c.resolved_at.is_(None))
        ordered = query.order_by(alerts.c.fired_at.desc(), alerts.c.id)
        return [StoredAlert(**row) for row in self._connection.execute(ordered).mappings()]

    def ended(self, *, limit: int) -> list[StoredAlert]:
        """Those that have ended, the last one first."""
        query = select(*_COLUMNS).where(alerts.c.resolved_at.is_not(None))
        ordered = query.order_by(alerts.c.resolved_at.desc(), alerts.c.id).limit(limit)
        return [StoredAlert(**row) for row in self._connection.execute(ordered).mappings()]
