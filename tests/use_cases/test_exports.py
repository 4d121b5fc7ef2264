"""From a thing of the workspace to a proven file, and what may happen to it afterwards."""

from __future__ import annotations

import base64
import errno
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.errors import Forbidden, Invalid, NotFound, StorageFull
from core.exports.manifest import IN_ZIP
from core.exports.writers import WRITERS
from core.gateway.roles import Principal, Role
from core.jobs.job import JobCancelled
from core.storage.documents import DocumentFilter, DocumentSummary
from core.storage.exports import COMPLETED, ExportFilter, ListedExport
from core.storage.job_records import FAILED, JobRecord
from core.use_cases import (
    BrowseExports,
    BrowseLibrary,
    BundleExports,
    Consolidate,
    Decide,
    DraftGroup,
    ExportDocument,
    FollowLink,
    LinkExport,
    PreviewExport,
    ReadExport,
    ReadExportFigures,
    RemoveDocuments,
    RemoveExport,
    RepeatExport,
    SaveProfile,
    TakeExport,
    TakeManifest,
    VerifyFile,
    browse_exports,
    browse_library,
    bundle_exports,
    decide,
    draft_group,
    export_document,
    follow_link,
    link_export,
    preview_export,
    read_export,
    read_export_figures,
    remove_documents,
    remove_export,
    repeat_export,
    save_profile,
    take_export,
    take_manifest,
    verify_file,
)
from core.use_cases.export_document import make_export, prune
from core.use_cases.export_wishes import FileOptions
from core.use_cases.exportable import EXPORTABLES, Subject
from core.workbench import Workbench
from tests.conftest import as_role
from tests.exports.manuscripts import picture_bytes
from tests.observation.test_cache_view import OWN, record
from tests.use_cases.conftest import add

Export = Callable[..., ListedExport]


@pytest.fixture
def export(library: dict[str, DocumentSummary], workbench: Workbench, analyst: Principal) -> Export:
    def hand_in(format: str = "md", name: str = "policy long.md", **options: Any) -> ListedExport:
        subject = Subject(kind="document", id=library[name].id)
        request = ExportDocument(subject=subject, format=format, options=FileOptions(**options))
        return export_document(request, analyst, workbench)

    return hand_in


def taken(listed: ListedExport, workbench: Workbench, analyst: Principal) -> bytes:
    return take_export(TakeExport(export=listed.record.id), analyst, workbench).path.read_bytes()


def test_a_document_becomes_a_file_with_its_proof(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    listed = export("html")
    record = listed.record
    assert (listed.state, record.format, record.file_name) == (COMPLETED, "html", "Travel policy.html")
    assert b"Book trains at least ten days" in taken(listed, workbench, analyst)
    detail = read_export(ReadExport(export=record.id), analyst, workbench)
    assert record.has_passed
    assert not record.failed_rules
    assert {"html.opens", "shared.text"} <= {each["rule"] for each in detail.report["checks"]}
    assert record.score == pytest.approx(
        sum(not each["issues"] for each in detail.report["checks"]) / len(detail.report["checks"])
    )


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_every_format_is_made_and_taken(format: str, workbench: Workbench, analyst: Principal) -> None:
    table = "# Prices\n\nOf this year.\n\n| Item | Price |\n|---|---|\n| Chair | 12 |\n"
    add(workbench, analyst, {"table.md": table})
    (found,) = browse_library(BrowseLibrary(), analyst, workbench).documents
    request = ExportDocument(subject=Subject(kind="document", id=found.id), format=format)
    listed = export_document(request, analyst, workbench)
    assert listed.state == COMPLETED, listed.error
    assert listed.record.has_passed, listed.record.failed_rules
    assert taken(listed, workbench, analyst)


def test_the_same_again_is_given_without_work_until_something_changes(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    first, second, other = export("md"), export("md"), export("md", author="Ana")
    assert not first.record.is_repeat
    assert second.record.is_repeat
    assert second.record.sha256 == first.record.sha256
    assert not other.record.is_repeat
    figures = read_export_figures(ReadExportFigures(), analyst, workbench)
    assert (figures.num_exports, figures.num_repeats) == (3, 1)
    assert figures.saved_seconds == pytest.approx(first.record.seconds)


def test_a_file_that_is_gone_from_the_disk_is_made_anew(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    first = export("md")
    workbench.artefacts.path(first.record.sha256).unlink()
    with pytest.raises(NotFound, match="no longer kept"):
        take_export(TakeExport(export=first.record.id), analyst, workbench)
    again = repeat_export(RepeatExport(export=first.record.id), analyst, workbench)
    assert not again.record.is_repeat
    assert again.record.sha256 == first.record.sha256


def test_options_that_do_not_exist_are_refused(export: Export) -> None:
    for wrong in ({"format": "exe"}, {"design": "poster"}, {"level": "gold"}, {"subtitle": "x" * 3000}):
        with pytest.raises(Invalid):
            export(**wrong)


def test_a_format_without_room_for_the_content_fails_and_leaves_no_file(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    listed = export("csv")
    assert listed.state == FAILED
    assert "table" in (listed.error or "").lower()
    with pytest.raises(NotFound, match="not made yet"):
        take_export(TakeExport(export=listed.record.id), analyst, workbench)
    assert not list((workbench.settings.exports_dir / "files").rglob("*"))


def test_a_full_disk_fails_the_export_and_leaves_nothing_half(
    export: Export, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        workbench.artefacts.put(b"bytes")
    assert not [path for path in (workbench.settings.exports_dir / "files").rglob("*") if path.is_file()]


def test_the_company_stands_on_the_file(export: Export, workbench: Workbench, analyst: Principal) -> None:
    decider = as_role(Role.ADMIN)
    profile = save_profile(
        SaveProfile(name="Marlow Dairy", logo=picture_bytes(80, 40), footer="Internal", colours=("#123456",)),
        decider,
        workbench,
    )
    page = taken(export("html", profile=profile.id), workbench, analyst).decode()
    assert "Marlow Dairy" in page
    assert "Internal" in page
    assert "#123456" in page
    assert "Marlow Dairy" not in taken(export("html", profile="none"), workbench, analyst).decode()


def test_a_higher_level_asks_for_more(export: Export) -> None:
    standard, enterprise = export("md"), export("md", level="enterprise")
    assert standard.record.has_passed
    assert not enterprise.record.has_passed
    assert {"shared.keywords", "shared.brand"} <= set(enterprise.record.failed_rules)


def test_a_picture_travels_from_the_source_into_the_file(
    workbench: Workbench, analyst: Principal, export: Export
) -> None:
    made = _with_picture(workbench, analyst)
    listed = export_document(ExportDocument(subject=made, format="html"), analyst, workbench)
    assert "shared.descriptions" in listed.record.failed_rules
    with workbench.storage.transaction(readonly=True) as work:
        blocks = work.documents.get(analyst.workspace, made.id).content.blocks
    key = next(block.picture.sha256 for block in blocks if block.picture)
    answered = FileOptions(alts={key: "The harbour"})
    listed = export_document(
        ExportDocument(subject=made, format="html", options=answered), analyst, workbench
    )
    assert listed.record.has_passed
    assert b'alt="The harbour"' in taken(listed, workbench, analyst)


def _with_picture(workbench: Workbench, analyst: Principal) -> Subject:
    data = base64.b64encode(picture_bytes()).decode()
    page = f'<html><body><h1>Port</h1><p>Ships.</p><img src="data:image/png;base64,{data}"></body></html>'
    add(workbench, analyst, {"port.html": page})
    wanted = BrowseLibrary(wanted=DocumentFilter(search="port.html"))
    (found,) = browse_library(wanted, analyst, workbench).documents
    return Subject(kind="document", id=found.id)


def test_a_link_gives_the_file_until_it_runs_out(
    export: Export, workbench: Workbench, analyst: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = export("md")
    path = link_export(LinkExport(export=listed.record.id), analyst, workbench)
    query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    link = FollowLink(export=listed.record.id, until=int(query["until"]), signature=query["signature"])
    holder = Principal(user="link", role=Role.VIEWER, workspace=analyst.workspace)
    assert follow_link(link, holder, workbench).sha256 == listed.record.sha256
    for wrong in (replace(link, until=link.until + 60), replace(link, signature="0" * 64)):
        with pytest.raises(Forbidden):
            follow_link(wrong, holder, workbench)
    with pytest.raises(Forbidden):
        follow_link(link, replace(holder, workspace="other"), workbench)
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Forbidden):
        follow_link(link, holder, workbench)
    count = browse_exports(BrowseExports(), analyst, workbench).exports[0].record.num_downloads
    assert count == 1


def test_nothing_of_another_workspace_is_seen(
    export: Export, workbench: Workbench, stranger: Principal
) -> None:
    listed = export("md")
    assert browse_exports(BrowseExports(), stranger, workbench).num_exports == 0
    for request, use_case in (
        (ReadExport(export=listed.record.id), read_export),
        (TakeExport(export=listed.record.id), take_export),
        (LinkExport(export=listed.record.id), link_export),
        (TakeManifest(export=listed.record.id), take_manifest),
        (PreviewExport(export=listed.record.id), preview_export),
        (RepeatExport(export=listed.record.id), repeat_export),
    ):
        with pytest.raises(NotFound):
            use_case(request, stranger, workbench)  # type: ignore[operator]


def test_the_manifest_proves_the_file_and_a_changed_byte_is_seen(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    listed = export("pdf")
    data = taken(listed, workbench, analyst)
    manifest = take_manifest(TakeManifest(export=listed.record.id), analyst, workbench).data
    assert _verdict(data, manifest, analyst, workbench) == "genuine"
    assert _verdict(data + b" ", manifest, analyst, workbench) == "changed"
    forged = json.loads(manifest) | {"title": "Another"}
    assert _verdict(data, json.dumps(forged).encode(), analyst, workbench) == "forged"
    foreign = json.loads(manifest)
    foreign["signature"]["key"] = "0" * 16
    assert _verdict(data, json.dumps(foreign).encode(), analyst, workbench) == "unsigned_here"
    for nonsense in (b"", b"[]", b"{}", b"\xff", b'{"schema": 1}'):
        with pytest.raises(Invalid, match="manifest"):
            verify_file(VerifyFile(data=data, manifest=nonsense), analyst, workbench)


def _verdict(data: bytes, manifest: bytes | None, analyst: Principal, workbench: Workbench) -> str:
    return verify_file(VerifyFile(data=data, manifest=manifest), analyst, workbench).verdict


def test_many_documents_leave_as_one_zip_that_proves_itself(
    library: dict[str, DocumentSummary], workbench: Workbench, analyst: Principal
) -> None:
    subjects = tuple(Subject(kind="document", id=each.id) for each in library.values())
    request = BundleExports(subjects=subjects, formats=("md", "txt", "csv"), title="All: of/it")
    listed = bundle_exports(request, analyst, workbench)
    assert listed.state == COMPLETED, listed.error
    assert listed.record.file_name == "All of it.zip"
    data = taken(listed, workbench, analyst)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read(IN_ZIP))
    assert len(names) == 1 + 2 * len(library)  # none of them has a table for CSV
    assert {"Travel policy.md", "Travel policy (2).md", "Travel policy (3).md"} <= set(names)
    assert len(manifest["failed"]) == len(library)
    assert not listed.record.has_passed
    assert _verdict(data, None, analyst, workbench) == "genuine"
    assert _verdict(_with_another_member(data), None, analyst, workbench) == "changed"


def _with_another_member(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("extra.txt", "more")
    return out.getvalue()


def test_a_zip_needs_something_and_takes_no_screen(workbench: Workbench, analyst: Principal) -> None:
    screen = (Subject(kind="quality_board"),)
    for subjects, formats in (((), ("md",)), (screen, ("md",)), ((Subject(kind="draft", id="x"),), ())):
        with pytest.raises(Invalid):
            bundle_exports(BundleExports(subjects=subjects, formats=formats, title="x"), analyst, workbench)


def test_files_that_nothing_needs_are_removed_after_a_while(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    listed = export("md")
    old = time.time() - 40 * 86_400
    os.utime(workbench.artefacts.path(listed.record.sha256), (old, old))
    assert prune(workbench) == 0
    remove_export(RemoveExport(export=listed.record.id), analyst, workbench)
    assert prune(workbench) == 1


def test_the_list_is_searched_and_counted(export: Export, workbench: Workbench, analyst: Principal) -> None:
    for format in ("md", "txt", "csv"):
        export(format)
    view = browse_exports(BrowseExports(), analyst, workbench)
    assert view.num_exports == 3
    assert view.facets["format"] == {"csv": 1, "md": 1, "txt": 1}
    assert view.facets["state"] == {COMPLETED: 2, FAILED: 1}
    failed = ExportFilter(states=(FAILED,))
    assert [
        each.record.format
        for each in browse_exports(BrowseExports(wanted=failed), analyst, workbench).exports
    ] == ["csv"]
    assert (
        browse_exports(BrowseExports(wanted=ExportFilter(search="nothing")), analyst, workbench).num_exports
        == 0
    )


def test_a_source_that_was_removed_is_told(
    library: dict[str, DocumentSummary], workbench: Workbench, analyst: Principal, export: Export
) -> None:
    listed = export("md")
    remove_documents(RemoveDocuments(documents=(library["policy long.md"].id,)), analyst, workbench)
    with pytest.raises(NotFound, match="library"):
        repeat_export(RepeatExport(export=listed.record.id), analyst, workbench)


def test_a_page_of_a_pdf_is_shown_as_a_picture_and_text_as_text(
    export: Export, workbench: Workbench, analyst: Principal
) -> None:
    pdf, text = export("pdf"), export("txt")
    page = preview_export(PreviewExport(export=pdf.record.id), analyst, workbench)
    assert page.picture.startswith(b"\x89PNG")
    assert page.num_pages == pdf.record.num_pages
    assert "Book trains" in preview_export(PreviewExport(export=text.record.id), analyst, workbench).text


@pytest.mark.parametrize("kind", sorted(EXPORTABLES))
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_everything_exportable_leaves_in_words_and_tables(
    kind: str, language: str, full: dict[str, Subject], workbench: Workbench, analyst: Principal
) -> None:
    """The contract of the family: each kind is gathered in any language and becomes a file that passes."""
    exportable, subject = EXPORTABLES[kind], full[kind]
    found = exportable.gather(subject, language, analyst, workbench)
    assert found.title
    assert any(block.text or block.chart for block in found.content.blocks)
    if exportable.is_stored:
        assert exportable.gather(subject, language, analyst, workbench) == found
    for format in ("html", "md"):
        request = ExportDocument(subject=subject, format=format, options=FileOptions(language=language))
        listed = export_document(request, analyst, workbench)
        assert listed.state == COMPLETED, listed.error
        assert listed.record.has_passed, listed.record.failed_rules


@pytest.fixture
def full(library: dict[str, DocumentSummary], workbench: Workbench, analyst: Principal) -> dict[str, Subject]:
    """One subject of each kind, in a workspace where all of them have something to say."""
    policy, longer = library["policy.md"], library["policy long.md"]
    group = Consolidate(canonical=longer.id, members=(policy.id,))
    draft = draft_group(DraftGroup(group=group), analyst, workbench)
    decision = Decide(
        documents=(policy.id,), act="drop", reason="The longer one says more", against=longer.id
    )
    decide(decision, analyst, workbench)
    for seconds_ago in (400.0, 5.0):
        request = record(0.0, tenant=OWN)
        workbench.history.add_request(replace(request, at=time.time() - seconds_ago))
    return {
        "draft": Subject(kind="draft", id=draft.id),
        "document": Subject(kind="document", id=longer.id),
        "redundancy_report": Subject(kind="redundancy_report"),
        "decisions": Subject(kind="decisions"),
        "quality_board": Subject(kind="quality_board"),
        "cache_report": Subject(kind="cache_report"),
    }


def test_a_report_of_nothing_says_what_to_do_first(workbench: Workbench, analyst: Principal) -> None:
    for kind in ("redundancy_report", "decisions", "quality_board", "cache_report"):
        with pytest.raises(Invalid) as caught:
            export_document(ExportDocument(subject=Subject(kind=kind), format="pdf"), analyst, workbench)
        assert caught.value.remedy


class Cancelled:
    """A run of a job that somebody stops after so many stages."""

    def __init__(self, job: JobRecord, after: int) -> None:
        self.job, self._left = job, after

    def step(self, name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return act()

    def progress(self, done: int, total: int) -> None:
        self.check_cancelled()

    def check_cancelled(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise JobCancelled


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_an_export_that_is_cancelled_leaves_no_file(
    after: int, export: Export, workbench: Workbench, analyst: Principal
) -> None:
    listed = export("txt")
    workbench.artefacts.path(listed.record.sha256).unlink()
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(listed.record.id)
    with pytest.raises(JobCancelled):
        make_export(workbench, Cancelled(job, after))
    assert not workbench.artefacts.has(listed.record.sha256)
    make_export(workbench, Cancelled(job, after=99))  # a second start after a cut makes the same file
    assert workbench.artefacts.has(listed.record.sha256)
