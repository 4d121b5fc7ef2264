"""The sources of drafts, prepared, and kept for the next draft from the same."""

from __future__ import annotations

from collections.abc import Sequence

from core.content import Content
from core.documents.draft import Draft
from core.documents.drafting import SourceShelf, SourceText
from core.storage.documents import StoredDocument
from core.workbench import Workbench


def shelf_of(workbench: Workbench, workspace: str, sources: Sequence[str]) -> SourceShelf:
    """The prepared sources in this order; one that is gone says nothing, so that the others keep their
    numbers. Kept for the next draft from the same.
    """
    with workbench.storage.transaction(readonly=True) as work:
        present = work.documents.summaries(workspace, sources).keys()

    def prepare() -> SourceShelf:
        with workbench.storage.transaction(readonly=True) as work:
            found = [
                source_text(work.documents.get(workspace, each)) if each in present else _gone(each)
                for each in sources
            ]
        return SourceShelf(found, workbench.embedder)

    key = (workspace, tuple(sources), frozenset(present))
    shelf: SourceShelf = workbench.kept_shelves.get(key, prepare)
    return shelf


def source_text(stored: StoredDocument) -> SourceText:
    summary = stored.summary
    return SourceText(summary.id, summary.title, summary.name, summary.language, stored.content)


def source_contents(workbench: Workbench, workspace: str, draft: Draft) -> dict[str, Content]:
    """The contents of the draft's sources that are still in the library, by id."""
    with workbench.storage.transaction(readonly=True) as work:
        return work.documents.contents(workspace, [source.id for source in draft.sources])


def _gone(source: str) -> SourceText:
    return SourceText(source, "", "", "", Content())
