"""Draft the one document that a group becomes: what all of them say, once, each sentence with its source."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.redundancy.consolidation import ConsolidatedDraft, SourceDocument, draft_consolidated
from core.storage.documents import DocumentSummary
from core.storage.job_records import JobRecord
from core.use_cases.draft_files import DraftWords, as_html, as_markdown
from core.use_cases.inbox import IncomingFile
from core.use_cases.ingest_files import IngestFiles, ingest_files
from core.use_cases.request import Request
from core.use_cases.row_files import Download
from core.workbench import Workbench

MOST_MEMBERS = 50
DRAFT_FORMATS = ("md", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidate(Request["Consolidation"]):
    """One document from `canonical` and `members`, in this order of authority."""

    canonical: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consolidation:
    """`sources` are numbered from 1 in this order, the canonical document first. `num_new` sentences come
    from the members, `num_covered` of theirs are in the canonical document already.
    """

    draft: ConsolidatedDraft
    sources: tuple[DocumentSummary, ...]
    num_new: int
    num_covered: int


def consolidate(request: Consolidate, principal: Principal, workbench: Workbench) -> Consolidation:
    """Nothing is stored. Raises Invalid without members, NotFound for a document that is gone."""
    principal.require(Permission.READ)
    members = tuple(dict.fromkeys(each for each in request.members if each != request.canonical))
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise Invalid(
            f"Between 1 and {MOST_MEMBERS} documents are merged into another.",
            remedy="Choose some of the group.",
        )
    with workbench.storage.transaction(readonly=True) as work:
        stored = [work.documents.get(principal.workspace, each) for each in (request.canonical, *members)]
    sources = [SourceDocument(each.summary.id, each.summary.title, each.content) for each in stored]
    draft = draft_consolidated(sources[0], sources[1:])
    new = sum(citation.origin.id != request.canonical for citation in draft.citations)
    covered = sum(trace.fate == "covered" for trace in draft.traces if trace.origin.id != request.canonical)
    return Consolidation(draft, tuple(each.summary for each in stored), new, covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadDraft(Request[Download]):
    """The draft as md or html, with `words` around it in the reader's language."""

    draft: Consolidate
    format: str
    words: DraftWords = field(default_factory=DraftWords)


def download_draft(request: DownloadDraft, principal: Principal, workbench: Workbench) -> Download:
    if request.format not in DRAFT_FORMATS:
        principal.require(Permission.READ)
        raise Invalid(f"No draft as {request.format!r}.", remedy=f"Use one of: {', '.join(DRAFT_FORMATS)}.")
    made = consolidate(request.draft, principal, workbench)
    if request.format == "md":
        written = as_markdown(made.draft, made.sources, request.words)
        return Download("consolidated.md", "text/markdown", written.encode())
    written = as_html(made.draft, made.sources, request.words, made.sources[0].language)
    return Download("consolidated.html", "text/html", written.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft(Request[JobRecord]):
    """Put the draft into the library as a document of its own, beside those it was made from."""

    draft: Consolidate
    words: DraftWords = field(default_factory=DraftWords)


def keep_draft(request: KeepDraft, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that reads it in."""
    principal.require(Permission.CONTRIBUTE)
    made = consolidate(request.draft, principal, workbench)
    written = as_markdown(made.draft, made.sources, request.words)
    folder, _slash, name = made.sources[0].name.rpartition("/")
    stem = name.rsplit(".", 1)[0]
    path = f"{folder}/{stem} (consolidated).md" if folder else f"{stem} (consolidated).md"
    return ingest_files(IngestFiles(files=[IncomingFile(path, written.encode())]), principal, workbench)
