"""What was worked out about single documents, kept by the version of the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from core.storage.tables import document_facts, documents
from core.storage.workspaces import insert_ignoring


class DocumentFacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, version: str, facts: Mapping[str, dict[str, Any]]) -> None:
        """Keep plain values by document; what is there already stays."""
        rows = [
            {"workspace": workspace, "version": version, "document": document, "facts": values}
            for document, values in facts.items()
        ]
        if rows:
            self._connection.execute(insert_ignoring(self._connection, document_facts), rows)

    def get(self, workspace: str, version: str, document: str) -> dict[str, Any] | None:
        query = select(document_facts.c.facts).where(
            document_facts.c.workspace == workspace,
            document_facts.c.version == version,
            document_facts.c.document == document,
        )
        facts: dict[str, Any] | None = self._connection.scalar(query)
        return facts

    def of_workspace(self, workspace: str, version: str) -> dict[str, dict[str, Any]]:
        """The facts of all documents that are present, by document."""
        query = (
            select(document_facts.c.document, document_facts.c.facts)
            .join(documents, documents.c.id == document_facts.c.document)
            .where(
                document_facts.c.workspace == workspace,
                document_facts.c.version == version,
                documents.c.removed_at.is_(None),
            )
        )
        return {row.document: row.facts for row in self._connection.execute(query)}
