"""Look at the library: the documents that fit a filter, one document whole, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.storage.documents import DocumentFilter, DocumentSummary, LibraryTotals, StoredDocument
from core.storage.problems import FileProblem
from core.use_cases.request import Request
from core.workbench import Workbench

MOST_DOCUMENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseLibrary(Request["LibraryView"]):
    """`limit` documents from the `offset`th, newest additions first."""

    wanted: DocumentFilter = field(default_factory=DocumentFilter)
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class LibraryView:
    """`totals` count all that fits the filter, not only the page of documents."""

    documents: tuple[DocumentSummary, ...]
    totals: LibraryTotals
    problems: tuple[FileProblem, ...]
    is_empty: bool


def browse_library(request: BrowseLibrary, principal: Principal, workbench: Workbench) -> LibraryView:
    principal.require(Permission.READ)
    if not 1 <= request.limit <= MOST_DOCUMENTS or request.offset < 0:
        raise Invalid(
            "There is no such page of the library.", remedy=f"Ask for 1 to {MOST_DOCUMENTS} documents."
        )
    with workbench.storage.transaction(readonly=True) as work:
        totals = work.documents.totals(principal.workspace, request.wanted)
        found = work.documents.find(
            principal.workspace, request.wanted, limit=request.limit, offset=request.offset
        )
        problems = work.problems.open(principal.workspace)
        is_empty = not found and not work.documents.find(principal.workspace, DocumentFilter(), limit=1)
    return LibraryView(tuple(found), totals, tuple(problems), is_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument(Request[StoredDocument]):
    """One document with its blocks and what the reader repaired."""

    document: str


def read_document(request: ReadDocument, principal: Principal, workbench: Workbench) -> StoredDocument:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        return work.documents.get(principal.workspace, request.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDocuments(Request[int]):
    """Take documents out of the library: the named ones, or all of one origin (the samples)."""

    documents: tuple[str, ...] = ()
    origin: str = ""


def remove_documents(request: RemoveDocuments, principal: Principal, workbench: Workbench) -> int:
    """How many were removed. Decisions about them stay in the history."""
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        if request.origin:
            return work.documents.remove_origin(principal.workspace, request.origin)
        return work.documents.remove(principal.workspace, request.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissProblems(Request[int]):
    """Put the list of unreadable files aside once it was read."""


def dismiss_problems(request: DismissProblems, principal: Principal, workbench: Workbench) -> int:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        return work.problems.dismiss(principal.workspace)
