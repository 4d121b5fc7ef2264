"""A document of the library as it was read, with its pictures."""

from __future__ import annotations

from dataclasses import replace

from core.content import Content
from core.gateway.roles import Permission, Principal
from core.storage.database import UnitOfWork
from core.use_cases.exportable.subject import Gathered, Subject
from core.workbench import Workbench


class LibraryDocuments:
    kind = "document"
    is_stored = True

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        principal.require(Permission.READ)
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.documents.get(principal.workspace, subject.id)
            content = with_media(stored.content, principal.workspace, work)
        summary = stored.summary
        return Gathered(
            title=summary.title,
            content=content,
            language=summary.language,
            author=summary.author or "",
            written=(summary.modified or summary.added_at).date(),
        )


def with_media(content: Content, workspace: str, work: UnitOfWork) -> Content:
    """The content with the files of its pictures that are kept."""
    wanted = {block.picture.sha256 for block in content.blocks if block.picture}
    return replace(content, media=work.media.get(workspace, wanted)) if wanted else content
