"""Take an exported file away: by a link that runs out, with its manifest, or as pictures of its pages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import Forbidden, NotFound
from core.exports.manifest import as_bytes
from core.exports.previews import page_picture
from core.exports.writers import writer_of
from core.gateway.roles import Permission, Principal
from core.use_cases.request import Request
from core.use_cases.row_files import Download
from core.workbench import Workbench

LINK_SECONDS = 900
TEXT_FORMATS = frozenset({"md", "txt", "json", "xml", "csv", "tex", "typst"})
MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """Where the bytes are, and how a browser is to call them."""

    path: Path
    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExport(Request[str]):
    """The path below /api under which the file can be fetched for a quarter of an hour by whoever has it."""

    export: str


def link_export(request: LinkExport, principal: Principal, workbench: Workbench) -> str:
    """Raises NotFound for an export that is not there or whose file is no longer kept."""
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.exports.get(principal.workspace, request.export).record
    workbench.artefacts.path(record.sha256)
    until = int(time.time()) + LINK_SECONDS
    signature = workbench.signing_key().sign(_stated(principal.workspace, record.id, until))
    return f"exports/{principal.workspace}/{record.id}/file?until={until}&signature={signature}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowLink(Request[TakenFile]):
    """What a link of LinkExport leads to in the principal's workspace; whoever has it may read that file."""

    export: str
    until: int
    signature: str


def follow_link(request: FollowLink, principal: Principal, workbench: Workbench) -> TakenFile:
    """Raises Forbidden for a link that ran out or was made up, NotFound for a file that is no longer kept."""
    principal.require(Permission.READ)
    stated = _stated(principal.workspace, request.export, request.until)
    is_genuine = workbench.signing_key().is_of(stated, request.signature)
    if not is_genuine or request.until < time.time():
        raise Forbidden("This link is no longer valid.", remedy="Take the file from the page again.")
    return _taken(principal.workspace, request.export, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeExport(Request[TakenFile]):
    """The file of an export."""

    export: str


def take_export(request: TakeExport, principal: Principal, workbench: Workbench) -> TakenFile:
    """Raises NotFound where the file is not made, or no longer kept."""
    principal.require(Permission.READ)
    return _taken(principal.workspace, request.export, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeManifest(Request[Download]):
    """The signed manifest of an export, as a file to keep beside it."""

    export: str


def take_manifest(request: TakeManifest, principal: Principal, workbench: Workbench) -> Download:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.exports.get(principal.workspace, request.export).record
        _, manifest = work.exports.proof(principal.workspace, request.export)
    if not manifest:
        raise NotFound("This export is not made yet.", remedy="Wait until it is.")
    return Download(f"{record.file_name}.manifest.json", "application/json", as_bytes(manifest))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewExport(Request["Preview"]):
    """Page `page` (from 0) of an export as it looks."""

    export: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture (PNG) of the page, or the beginning of the text; neither where nothing here can show it.

    `by` is the program that drew the pages.
    """

    num_pages: int = 0
    picture: bytes = b""
    text: str = ""
    is_page_of_its_own: bool = False
    by: str = ""


def preview_export(request: PreviewExport, principal: Principal, workbench: Workbench) -> Preview:
    """`is_page_of_its_own` tells that `text` is HTML. Raises NotFound for a file that is no longer kept."""
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.exports.get(principal.workspace, request.export).record
        report, _ = work.exports.proof(principal.workspace, request.export)
    drawn = report.get("preview", {})
    if workbench.artefacts.has(drawn.get("sha256", "")):
        return _page(
            drawn["sha256"], drawn.get("num_pages") or 0, request.page, drawn.get("by", ""), workbench
        )
    if record.format in TEXT_FORMATS or record.format == "html":
        text = workbench.artefacts.get(record.sha256).decode("utf-8-sig", errors="replace")
        is_html = record.format == "html"
        return Preview(text=text if is_html else text[:MOST_TEXT], is_page_of_its_own=is_html)
    return Preview()


def _page(sha256: str, num_pages: int, page: int, by: str, workbench: Workbench) -> Preview:
    page = min(max(0, page), max(0, num_pages - 1))
    picture: bytes = workbench.kept_previews.get(
        (sha256, page), lambda: page_picture(workbench.artefacts.get(sha256), page)
    )
    return Preview(num_pages=num_pages, picture=picture, by=by)


def _stated(workspace: str, export: str, until: int) -> dict[str, str | int]:
    return {"workspace": workspace, "export": export, "until": until}


def _taken(workspace: str, export: str, workbench: Workbench) -> TakenFile:
    with workbench.storage.transaction() as work:
        record = work.exports.get(workspace, export).record
        if not record.sha256:
            raise NotFound("This export is not made yet.", remedy="Wait until it is.")
        path = workbench.artefacts.path(record.sha256)
        work.exports.count_download(workspace, export)
    return TakenFile(
        path=path, name=record.file_name, media_type=writer_of(record.format).media_type, sha256=record.sha256
    )
