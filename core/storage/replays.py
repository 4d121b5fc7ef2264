"""What replays of traffic found, kept while they run, so that the first curve shows before the last."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.storage.tables import replays
from core.storage.workspaces import insert_ignoring

MOST_KEPT = 50
"""A workspace keeps its newest replays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReplay:
    """`id` is the id of the job that replays; `findings` grow while it runs."""

    id: str
    created_at: datetime
    title: str
    findings: dict[str, Any]


_COLUMNS = [replays.c[name] for name in StoredReplay.__dataclass_fields__]


class Replays:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, workspace: str, replay: StoredReplay) -> None:
        """Add the replay, or put its findings in the place of those that are there."""
        self._connection.execute(
            insert_ignoring(self._connection, replays).values(asdict(replay) | {"workspace": workspace})
        )
        self._connection.execute(
            update(replays)
            .where(replays.c.workspace == workspace, replays.c.id == replay.id)
            .values(findings=replay.findings)
        )
        self._drop_oldest(workspace)

    def find(self, workspace: str, replay: str) -> StoredReplay | None:
        """None before it has found anything, and once it was dropped for newer ones."""
        query = select(*_COLUMNS).where(replays.c.workspace == workspace, replays.c.id == replay)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else StoredReplay(**row)

    def _drop_oldest(self, workspace: str) -> None:
        newest = select(replays.c.id).where(replays.c.workspace == workspace)
        kept = newest.order_by(replays.c.created_at.desc(), replays.c.id).limit(MOST_KEPT)
        self._connection.execute(
            delete(replays).where(replays.c.workspace == workspace, replays.c.id.not_in(kept))
        )
