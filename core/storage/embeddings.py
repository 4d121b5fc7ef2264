"""The vectors of documents, kept by the model that made them, so that no document is embedded twice."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from core.storage.tables import documents, embeddings
from core.storage.workspaces import insert_ignoring


class Embeddings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, model: str, vectors: Mapping[str, bytes]) -> None:
        """Keep the encoded vectors of documents; those that are there already stay."""
        rows = [
            {"workspace": workspace, "model": model, "document": document, "vectors": encoded}
            for document, encoded in vectors.items()
        ]
        if rows:
            self._connection.execute(insert_ignoring(self._connection, embeddings), rows)

    def of_workspace(self, workspace: str, model: str) -> dict[str, bytes]:
        """The encoded vectors of all documents that are present, by document."""
        query = (
            select(embeddings.c.document, embeddings.c.vectors)
            .join(documents, documents.c.id == embeddings.c.document)
            .where(
                embeddings.c.workspace == workspace,
                embeddings.c.model == model,
                documents.c.removed_at.is_(None),
            )
        )
        return {row.document: row.vectors for row in self._connection.execute(query)}
