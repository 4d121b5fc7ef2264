"""When backups were made, so that somebody notices when none is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, func, select

from core.storage.tables import backups


class BackupRecords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, num_bytes: int) -> None:
        """Note that a backup was made now."""
        self._connection.execute(
            backups.insert().values(id=uuid4().hex, made_at=datetime.now(UTC), num_bytes=num_bytes)
        )

    def last_made_at(self) -> datetime | None:
        moment: datetime | None = self._connection.scalar(select(func.max(backups.c.made_at)))
        return moment
