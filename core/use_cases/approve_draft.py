"""Talk about a draft, approve it, take that back, remove it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

from core.errors import Conflict, Invalid
from core.gateway.roles import Permission, Principal
from core.storage import UnitOfWork
from core.storage.decisions import Decision
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.drafts import DraftComment, DraftRecord, DraftVersion
from core.use_cases.find_redundancy import submit_analysis
from core.use_cases.request import Request
from core.workbench import Workbench

LONGEST_COMMENT = 4_000
DRAFT_ORIGIN = "draft"
_APPROVED_DOCUMENTS = UUID("2d0f5a1a-6d8e-4b8f-9f57-1f5b0c6a3e11")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft(Request[DraftComment]):
    """Say something about a draft, or about one section of it."""

    draft: str
    text: str
    section: str = ""


def comment_draft(request: CommentDraft, principal: Principal, workbench: Workbench) -> DraftComment:
    principal.require(Permission.CONTRIBUTE)
    text = request.text.strip()
    if not text or len(text) > LONGEST_COMMENT:
        raise Invalid(f"A comment has 1 to {LONGEST_COMMENT:,} characters.", remedy="Write a few lines.")
    with workbench.storage.transaction() as work:
        record = work.drafts.get(principal.workspace, request.draft)
        comment = DraftComment(
            id=uuid4().hex,
            version=record.version,
            section=request.section[:64],
            text=text,
            author=principal.user,
            created_at=datetime.now(UTC),
        )
        work.drafts.comment(principal.workspace, record.id, comment)
    return comment


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveComment(Request[None]):
    """What it asks for is done. Raises NotFound."""

    comment: str


def resolve_comment(request: ResolveComment, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        work.drafts.resolve(principal.workspace, request.comment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveDraft(Request[DraftRecord]):
    """This version is good. With `keep` it becomes a document of the library, and the documents that the
    draft replaces are decided to be merged into it.
    """

    draft: str
    version: int
    keep: bool = False


def approve_draft(request: ApproveDraft, principal: Principal, workbench: Workbench) -> DraftRecord:
    """Raises Conflict when there is a newer version, Invalid while sources contradict each other in it."""
    principal.require(Permission.DECIDE)
    workspace = principal.workspace
    with workbench.storage.transaction() as work:
        record = work.drafts.get(workspace, request.draft)
        version = work.drafts.version(workspace, request.draft, request.version)
        if any(each.state == "open" for part in version.draft.sections for each in part.disagreements):
            raise Invalid(
                "Sources still contradict each other in this draft.",
                remedy="Choose a reading for each contradiction, then approve.",
            )
        work.drafts.approve(workspace, request.draft, request.version, principal.user)
        kept = request.keep or bool(record.replaces)
        if kept:
            _keep(work, workspace, record, version, principal.user)
        approved = work.drafts.get(workspace, request.draft)
    if kept:
        submit_analysis(workbench, principal)
    return approved


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenDraft(Request[None]):
    """Take an approval back. What it put into the library and decided there stays, to be undone there."""

    draft: str


def reopen_draft(request: ReopenDraft, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.drafts.reopen(principal.workspace, request.draft)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDraft(Request[None]):
    """The draft with its versions and comments. Raises Conflict while it is being written."""

    draft: str


def remove_draft(request: RemoveDraft, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        record = work.drafts.get(principal.workspace, request.draft)
        job = work.jobs.find(record.job, principal.workspace)
        if job is not None and job.is_open:
            raise Conflict("This draft is being written.", remedy="Stop its job first.")
        work.drafts.remove(principal.workspace, request.draft)


def file_name(title: str) -> str:
    """The title without what a path may not have."""
    kept = "".join(each if each.isalnum() or each in " -_.," else " " for each in title)
    return " ".join(kept.split())[:120].strip(". ") or "draft"


def _keep(work: UnitOfWork, workspace: str, record: DraftRecord, version: DraftVersion, author: str) -> None:
    """The draft as a document of the library. Approving the same version again adds nothing."""
    document = uuid5(_APPROVED_DOCUMENTS, f"{record.id} {version.number}").hex
    content = version.draft.content()
    text = content.text.encode()
    now = datetime.now(UTC)
    summary = DocumentSummary(
        id=document,
        name=f"{DRAFT_ORIGIN}s/{file_name(version.draft.title)}.md",
        origin=DRAFT_ORIGIN,
        format="md",
        sha256=hashlib.sha256(text).hexdigest(),
        num_bytes=len(text),
        num_words=len(content.text.split()),
        title=version.draft.title,
        language=record.language,
        author=record.author,
        modified=now,
        added_at=now,
    )
    work.documents.add(workspace, record.id, version.number, StoredDocument(summary=summary, content=content))
    present = work.documents.summaries(workspace, record.replaces)
    for replaced in present:
        work.decisions.append(
            workspace,
            Decision(
                id=uuid4().hex,
                document=replaced,
                against=document,
                act="merge",
                reason=version.draft.title,
                similarity=None,
                author=author,
                created_at=now,
            ),
        )
