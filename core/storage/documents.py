"""The documents of a library: their text, their blocks and what they were read from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, case, cast, func, or_, select, update

from core.content import Content
from core.errors import NotFound
from core.storage.tables import documents
from core.storage.workspaces import insert_ignoring

FACETS = ("format", "language", "origin")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """A document without its text."""

    id: str
    name: str
    origin: str
    format: str
    sha256: str
    num_bytes: int
    num_words: int
    title: str
    language: str
    author: str | None
    modified: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document with its text. `repairs` and `warnings` say what the reader did to it."""

    summary: DocumentSummary
    content: Content
    repairs: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """What a reader of the library asked for. Empty means everything; `job` is the one that read them."""

    search: str = ""
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    job: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedText:
    """What a comparison needs of a document."""

    id: str
    name: str
    title: str
    modified: datetime | None
    num_words: int
    num_bytes: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class LibraryTotals:
    num_documents: int = 0
    num_words: int = 0
    num_bytes: int = 0
    by_facet: dict[str, dict[str, int]] = field(default_factory=dict)


_SUMMARY = [documents.c[name] for name in DocumentSummary.__dataclass_fields__]


class Documents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, job: str, ordinal: int, document: StoredDocument) -> bool:
        """Keep the document. False, changing nothing, when its id is already there."""
        values = asdict(document.summary) | {
            "workspace": workspace,
            "job": job,
            "ordinal": ordinal,
            "text": document.content.text,
            "blocks": document.content.to_json(),
            "repairs": list(document.repairs),
            "warnings": list(document.warnings),
        }
        return (
            self._connection.execute(insert_ignoring(self._connection, documents).values(values)).rowcount
            == 1
        )

    def get(self, workspace: str, document: str) -> StoredDocument:
        """Raises NotFound for an id that is unknown, removed or of another workspace."""
        columns: list[Any] = [*_SUMMARY, documents.c.blocks, documents.c.repairs, documents.c.warnings]
        row = self._connection.execute(
            select(*columns).where(_present(workspace), documents.c.id == document)
        ).one_or_none()
        if row is None:
            raise NotFound("This document is not in the library.", remedy="It may have been removed.")
        return StoredDocument(
            summary=_summary(row),
            content=Content.from_json(row.blocks),
            repairs=tuple(row.repairs),
            warnings=tuple(row.warnings),
        )

    def find(
        self, workspace: str, wanted: DocumentFilter, *, limit: int = 100, offset: int = 0
    ) -> list[DocumentSummary]:
        """The documents that fit, newest additions first."""
        query = select(*_SUMMARY).where(_present(workspace), *_conditions(wanted))
        ordered = query.order_by(documents.c.added_at.desc(), documents.c.ordinal, documents.c.id)
        return [_summary(row) for row in self._connection.execute(ordered.limit(limit).offset(offset))]

    def summaries(self, workspace: str, ids: Iterable[str]) -> dict[str, DocumentSummary]:
        """Those of the ids that are present, by id."""
        found: dict[str, DocumentSummary] = {}
        for some in _slices(list(ids)):
            query = select(*_SUMMARY).where(_present(workspace), documents.c.id.in_(some))
            found |= {row.id: _summary(row) for row in self._connection.execute(query)}
        return found

    def totals(self, workspace: str, wanted: DocumentFilter | None = None) -> LibraryTotals:
        """Sums over the documents that fit; each facet is counted as if it were not filtered itself."""
        wanted = wanted or DocumentFilter()
        count, words, size = self._connection.execute(
            select(
                func.count(),
                func.coalesce(func.sum(documents.c.num_words), 0),
                func.coalesce(func.sum(documents.c.num_bytes), 0),
            ).where(_present(workspace), *_conditions(wanted))
        ).one()
        return LibraryTotals(
            num_documents=count,
            num_words=int(words),
            num_bytes=int(size),
            by_facet={facet: self._counts(workspace, facet, wanted) for facet in FACETS},
        )

    def same_bytes(self, workspace: str, sha256: str) -> list[DocumentSummary]:
        """The present documents that were read from exactly these bytes."""
        query = select(*_SUMMARY).where(_present(workspace), documents.c.sha256 == sha256)
        return [_summary(row) for row in self._connection.execute(query)]

    def compared_texts(self, workspace: str, ids: Sequence[str] | None = None) -> list[ComparedText]:
        """What the comparison reads, in the order of arrival; only the given ids when there are any."""
        columns = [documents.c[name] for name in ComparedText.__dataclass_fields__]
        query = select(*columns).where(_present(workspace))
        query = query.order_by(documents.c.added_at, documents.c.ordinal, documents.c.id)
        if ids is None:
            return [ComparedText(*row) for row in self._connection.execute(query)]
        found = {
            row.id: ComparedText(*row)
            for some in _slices(list(ids))
            for row in self._connection.execute(query.where(documents.c.id.in_(some)))
        }
        return [found[each] for each in ids if each in found]

    def with_words(self, workspace: str, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """The documents that have one of the words: for each word 1 in the text, 3 in the title, else 0."""
        counts = [
            case(
                (documents.c.title.icontains(word, autoescape=True), 3),
                (documents.c.text.icontains(word, autoescape=True), 1),
                else_=0,
            )
            for word in words
        ]
        query = select(documents.c.id, *counts).where(_present(workspace))
        found = {row[0]: tuple(row[1:]) for row in self._connection.execute(query)}
        return {document: each for document, each in found.items() if any(each)}

    def contents(self, workspace: str, ids: Sequence[str]) -> dict[str, Content]:
        """The blocks of those of the documents that are present, by id."""
        query = select(documents.c.id, documents.c.blocks).where(_present(workspace))
        return {
            row.id: Content.from_json(row.blocks)
            for some in _slices(list(ids))
            for row in self._connection.execute(query.where(documents.c.id.in_(some)))
        }

    def ids_with_quotes(self, workspace: str) -> list[str]:
        """The present documents that have a block of kind quote."""
        has_quote = cast(documents.c.blocks, Text).contains('"quote"')
        return list(self._connection.scalars(select(documents.c.id).where(_present(workspace), has_quote)))

    def revision(self, workspace: str) -> tuple[int, int]:
        """(rows, removed rows): both only grow, so an equal revision means the same library."""
        query = select(func.count(), func.count(documents.c.removed_at))
        rows, removed = self._connection.execute(query.where(documents.c.workspace == workspace)).one()
        return rows, removed

    def present_ids(self, workspace: str) -> list[str]:
        """The ids of the present documents in the order of arrival: what an analysis is true for."""
        query = select(documents.c.id).where(_present(workspace))
        return list(
            self._connection.scalars(
                query.order_by(documents.c.added_at, documents.c.ordinal, documents.c.id)
            )
        )

    def remove(self, workspace: str, ids: Iterable[str]) -> int:
        """Take the documents out of the library; decisions about them stay in the history."""
        removed = 0
        for some in _slices(list(ids)):
            statement = update(documents).where(_present(workspace), documents.c.id.in_(some))
            removed += self._connection.execute(statement.values(removed_at=datetime.now(UTC))).rowcount
        return removed

    def remove_origin(self, workspace: str, origin: str) -> int:
        statement = update(documents).where(_present(workspace), documents.c.origin == origin)
        return self._connection.execute(statement.values(removed_at=datetime.now(UTC))).rowcount

    def of_job(self, job: str) -> int:
        """How many documents the job has put in."""
        return (
            self._connection.scalar(select(func.count()).select_from(documents).where(documents.c.job == job))
            or 0
        )

    def _counts(self, workspace: str, facet: str, wanted: DocumentFilter) -> dict[str, int]:
        column = documents.c[facet]
        query: Select[Any] = select(column, func.count()).where(
            _present(workspace), *_conditions(wanted, leave_out=facet)
        )
        grouped = query.group_by(column).order_by(func.count().desc(), column)
        return {row[0]: row[1] for row in self._connection.execute(grouped)}


def _present(workspace: str) -> ColumnElement[bool]:
    return (documents.c.workspace == workspace) & documents.c.removed_at.is_(None)


def _conditions(wanted: DocumentFilter, leave_out: str = "") -> list[ColumnElement[bool]]:
    chosen = {"format": wanted.formats, "language": wanted.languages, "origin": wanted.origins}
    conditions: list[ColumnElement[bool]] = [
        documents.c[facet].in_(values) for facet, values in chosen.items() if values and facet != leave_out
    ]
    if wanted.ids:
        conditions.append(documents.c.id.in_(wanted.ids))
    if wanted.job:
        conditions.append(documents.c.job == wanted.job)
    return conditions + [_mentions(word) for word in wanted.search.split()]


def _mentions(word: str) -> ColumnElement[bool]:
    return or_(
        documents.c.title.icontains(word, autoescape=True),
        documents.c.name.icontains(word, autoescape=True),
        documents.c.text.icontains(word, autoescape=True),
    )


def _summary(row: Row[Any]) -> DocumentSummary:
    return DocumentSummary(**{name: getattr(row, name) for name in DocumentSummary.__dataclass_fields__})


def _slices(ids: list[str], size: int = 500) -> Iterable[list[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
