"""Take a draft away as a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.documents.draft_files import FileWords, as_html, as_markdown
from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.use_cases.approve_draft import file_name
from core.use_cases.request import Request
from core.use_cases.row_files import Download
from core.workbench import Workbench

DRAFT_FORMATS = ("md", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadDraft(Request[Download]):
    """A version as md or html, with `words` around it in the reader's language."""

    draft: str
    version: int
    format: str
    words: FileWords = field(default_factory=FileWords)


def download_draft(request: DownloadDraft, principal: Principal, workbench: Workbench) -> Download:
    principal.require(Permission.READ)
    if request.format not in DRAFT_FORMATS:
        raise Invalid(f"No draft as {request.format!r}.", remedy=f"Use one of: {', '.join(DRAFT_FORMATS)}.")
    with workbench.storage.transaction(readonly=True) as work:
        draft = work.drafts.version(principal.workspace, request.draft, request.version).draft
    name = file_name(draft.title)
    if request.format == "md":
        return Download(f"{name}.md", "text/markdown", as_markdown(draft, request.words).encode())
    return Download(f"{name}.html", "text/html", as_html(draft, request.words).encode())
