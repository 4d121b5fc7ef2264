"""Whether the jobs of a workspace start, and who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from core.storage.tables import queues
from core.storage.workspaces import insert_ignoring

QueueMode = Literal["open", "paused", "stopped"]
OPEN: QueueMode = "open"
PAUSED: QueueMode = "paused"
STOPPED: QueueMode = "stopped"


@dataclass(frozen=True, slots=True)
class QueueState:
    """open: jobs start. paused: none starts, those that run go on. stopped: those that run come back as well.

    `changed_by` and `changed_at` are None for a queue that nobody has touched.
    """

    state: QueueMode = OPEN
    changed_by: str | None = None
    changed_at: datetime | None = None


class Queues:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, workspace: str) -> QueueState:
        query = select(queues.c.state, queues.c.changed_by, queues.c.changed_at)
        row = self._connection.execute(query.where(queues.c.workspace == workspace)).first()
        return QueueState() if row is None else QueueState(row[0], row[1], row[2])

    def set(self, workspace: str, changed: QueueState) -> None:
        """From the commit on; take the line's lock before, so that no start is under way."""
        values = {
            "state": changed.state,
            "changed_by": changed.changed_by,
            "changed_at": changed.changed_at,
        }
        self._connection.execute(
            insert_ignoring(self._connection, queues).values(workspace=workspace, **values)
        )
        self._connection.execute(update(queues).where(queues.c.workspace == workspace).values(values))

    def held_up(self) -> frozenset[str]:
        """The workspaces whose jobs do not start."""
        query = select(queues.c.workspace).where(queues.c.state != OPEN)
        return frozenset(row[0] for row in self._connection.execute(query))
