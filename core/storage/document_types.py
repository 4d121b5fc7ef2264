"""Types of documents that people of a workspace wrote themselves, and their templates made with Word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import Conflict, NotFound
from core.storage.tables import document_types, word_templates


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredType:
    """`text` is the TOML that a person wrote. `revision` grows with each change."""

    key: str
    revision: int
    author: str
    changed_at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTemplate:
    """`variables` are the names that the file, a checked .docx, leaves open."""

    id: str
    name: str
    variables: tuple[str, ...]
    author: str
    added_at: datetime


_TYPE = [document_types.c[name] for name in StoredType.__dataclass_fields__]
_TEMPLATE = [word_templates.c[name] for name in WordTemplate.__dataclass_fields__]


class DocumentTypes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, workspace: str) -> list[StoredType]:
        """By key."""
        query = select(*_TYPE).where(document_types.c.workspace == workspace).order_by(document_types.c.key)
        return [StoredType(**row) for row in self._connection.execute(query).mappings()]

    def put(self, workspace: str, stored: StoredType) -> None:
        """Revision 1 is new, any other takes the place of the one before. Raises Conflict."""
        mine = (document_types.c.workspace == workspace, document_types.c.key == stored.key)
        if stored.revision > 1:
            statement = update(document_types).where(*mine, document_types.c.revision == stored.revision - 1)
            if not self._connection.execute(statement.values(asdict(stored))).rowcount:
                raise Conflict("Somebody else changed this type.", remedy="Load the page again.")
            return
        if self._connection.scalar(select(document_types.c.key).where(*mine)) is not None:
            raise Conflict(f"There is a type called {stored.key} already.", remedy="Choose another key.")
        self._connection.execute(document_types.insert().values(asdict(stored) | {"workspace": workspace}))

    def remove(self, workspace: str, key: str) -> None:
        """Raises NotFound."""
        statement = delete(document_types).where(
            document_types.c.workspace == workspace, document_types.c.key == key
        )
        if not self._connection.execute(statement).rowcount:
            raise NotFound("This type is gone.", remedy="Load the page again.")

    def templates(self, workspace: str) -> list[WordTemplate]:
        """By name."""
        query = select(*_TEMPLATE).where(word_templates.c.workspace == workspace)
        rows = self._connection.execute(query.order_by(word_templates.c.name)).mappings()
        return [WordTemplate(**{**row, "variables": tuple(row["variables"])}) for row in rows]

    def template_file(self, workspace: str, template: str) -> bytes:
        """Raises NotFound."""
        query = select(word_templates.c.file).where(
            word_templates.c.workspace == workspace, word_templates.c.id == template
        )
        found = self._connection.scalar(query)
        if found is None:
            raise NotFound("This template is gone.", remedy="Load the page again.")
        return bytes(found)

    def add_template(self, workspace: str, template: WordTemplate, file: bytes) -> None:
        """Raises Conflict when another has the name."""
        query = select(word_templates.c.id).where(
            word_templates.c.workspace == workspace, word_templates.c.name == template.name
        )
        if self._connection.scalar(query) is not None:
            raise Conflict(f"Another template is called “{template.name}”.", remedy="Choose another name.")
        self._connection.execute(
            word_templates.insert().values(asdict(template) | {"workspace": workspace, "file": file})
        )

    def remove_template(self, workspace: str, template: str) -> None:
        """Raises NotFound."""
        statement = delete(word_templates).where(
            word_templates.c.workspace == workspace, word_templates.c.id == template
        )
        if not self._connection.execute(statement).rowcount:
            raise NotFound("This template is gone.", remedy="Load the page again.")
