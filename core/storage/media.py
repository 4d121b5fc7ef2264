"""The pictures of the documents of a workspace, each file once, by its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from core.storage.tables import media
from core.storage.workspaces import insert_ignoring


class Media:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, files: Mapping[str, bytes]) -> None:
        """Keep the files by their SHA-256 (hex); those that are there stay."""
        for sha256, data in files.items():
            values = {"workspace": workspace, "sha256": sha256, "data": data}
            self._connection.execute(insert_ignoring(self._connection, media).values(values))

    def get(self, workspace: str, keys: Iterable[str]) -> dict[str, bytes]:
        """Those that are there."""
        query = select(media.c.sha256, media.c.data).where(
            media.c.workspace == workspace, media.c.sha256.in_(set(keys))
        )
        return {row.sha256: bytes(row.data) for row in self._connection.execute(query)}
