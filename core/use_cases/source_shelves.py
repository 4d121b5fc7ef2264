"""The sources of drafts, prepared, and kept for the next draft from the same."""

from __future__ import annotations

from collections.abc import Sequence

from core.content import Content
from core.documents.draft import Draft
from core.documents.drafting import SourceShelf, SourceText
from core.storage.documents import StoredDocument
from core.workbench import Workbench


def shelf_of(workbench: Workbench, workspace: str, sources: Sequence[str]) -> SourceShelf:
    """The prepared sources, those that are gone left out; kept for the next draft from the same."""
    with workbench.storage.transaction(readonly=True) as work:
        present = work.documents.summaries(workspace, sources)
    ids = tuple(each for each in sources if each in present)

    def prepare() -> SourceShelf:
        with workbench.storage.transaction(readonly=True) as work:
            stored = [work.documents.get(workspace, each) for each in ids]
        return SourceShelf([source_text(each) for each in stored], workbench.embedder)

    shelf: SourceShelf = workbench.kept_shelves.get((workspace, ids), prepare)
    return shelf


def source_text(stored: StoredDocument) -> SourceText:
    summary = stored.summary
    return SourceText(summary.id, summary.title, summary.name, summary.language, stored.content)


def source_contents(workbench: Workbench, workspace: str, draft: Draft) -> dict[str, Content]:
    """The contents of the draft's sources that are still in the library, by id."""
    with workbench.storage.transaction(readonly=True) as work:
        return work.documents.contents(workspace, [source.id for source in draft.sources])
