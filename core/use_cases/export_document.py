"""Export a thing in one format: hand it in, and the job that writes the file and proves it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from core.exports.making import Proven, make, manifest_of
from core.exports.previews import Previewed, preview
from core.exports.writers import writer_of
from core.exports.writers.bundle import file_stem
from core.gateway.roles import Permission, Principal, Role
from core.jobs.job import JobContext, JobKind
from core.priority import Priority
from core.storage.exports import ExportRecord, ListedExport, MadeFile
from core.storage.job_records import JobRecord
from core.use_cases.export_wishes import FileOptions, Wish, check_options, quality, wish_of
from core.use_cases.exportable import EXPORTABLES, Subject
from core.use_cases.exportable.library_documents import with_media
from core.use_cases.request import Request
from core.workbench import Workbench

EXPORT = "export"
EXPORT_SECONDS = 600.0
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDocument(Request[ListedExport]):
    """Write `subject` as `format`. A file of exactly the same that is still kept is given at once, unless
    `is_fresh`. `batch` ties exports together that were asked for at once; the same `export` again is the same
    export: it is its id.
    """

    subject: Subject
    format: str
    options: FileOptions = field(default_factory=FileOptions)
    priority: Priority = Priority.HIGH
    batch: str = ""
    is_fresh: bool = False
    export: str = ""


def export_document(request: ExportDocument, principal: Principal, workbench: Workbench) -> ListedExport:
    """Raises Invalid for options that make no sense, and what gathering the subject raises."""
    principal.require(Permission.READ)
    check_options(request.format, request.options)
    wish = wish_of(request.subject, request.options, principal, workbench)
    record = _record(request, wish, principal)
    if not request.is_fresh and (repeat := _repeat(record, principal, workbench)):
        return repeat
    with workbench.storage.transaction() as work:
        work.exports.add(principal.workspace, record)
    workbench.jobs.submit(
        EXPORT,
        f"{record.title} ({record.format})",
        {"export": record.id},
        principal,
        priority=request.priority,
        job_id=record.id,
    )
    with workbench.storage.transaction(readonly=True) as work:
        return work.exports.get(principal.workspace, record.id)


def make_export(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: write the file, read it again, keep it with its proof."""
    outcome = job.step("make", partial(_make, workbench, job))
    prune(workbench)
    return outcome


EXPORT_KIND = JobKind(EXPORT, make_export, timeout_seconds=EXPORT_SECONDS)


def prune(workbench: Workbench) -> int:
    """Remove the files that nothing needs or that were kept long enough; how many."""
    oldest = time.time() - workbench.settings.export_keep_days * DAY_SECONDS
    with workbench.storage.transaction(readonly=True) as work:
        wanted = {sha256 for sha256, made in work.exports.files().items() if made.timestamp() >= oldest}
    return workbench.artefacts.prune(wanted, older_than=time.time() - DAY_SECONDS)


def made_file(
    made: Proven, record: ExportRecord, sha256: str, seconds: float, manifest: dict[str, Any], seen: Previewed
) -> MadeFile:
    report = made.report.to_json() | {"changes": dict(made.changes), "preview": asdict(seen)}
    return MadeFile(
        finished_at=datetime.now(UTC),
        seconds=seconds,
        digest=record.digest,
        file_name=record.file_name,
        num_bytes=len(made.data),
        sha256=sha256,
        num_pages=seen.num_pages,
        score=made.report.score,
        axes={str(axis): share for axis, share in made.report.axes.items()},
        has_passed=made.report.has_passed,
        failed_rules=made.report.failed,
        report=report,
        manifest=manifest,
    )


def acting_for(job: JobRecord) -> Principal:
    return Principal(user=job.author, role=Role.VIEWER, workspace=job.workspace)


def _make(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    started = time.perf_counter()
    principal = acting_for(job.job)
    with workbench.storage.transaction(readonly=True) as work:
        record = work.exports.get(principal.workspace, job.job.request["export"]).record
    wish = _wish(record, principal, workbench)
    made = make(
        wish.content, wish.around, record.format, wish.design, quality(record.level), tell=job.progress
    )
    seen = preview(made.data, record.format, workbench.artefacts.put)
    job.check_cancelled()
    subject = {"kind": record.subject_kind, "id": record.subject, "version": wish.version}
    manifest = manifest_of(made, record.file_name, wish.design, subject, workbench.signing_key())
    sha256 = workbench.artefacts.put(made.data)
    seconds = time.perf_counter() - started
    with workbench.storage.transaction() as work:
        work.exports.finish(
            principal.workspace, record.id, made_file(made, record, sha256, seconds, manifest, seen)
        )
    return {"sha256": sha256, "num_bytes": len(made.data), "has_passed": made.report.has_passed}


def _wish(record: ExportRecord, principal: Principal, workbench: Workbench) -> Wish:
    """What was asked for: as it was then where it cannot be found again, else gathered anew."""
    if "wish" not in record.request:
        subject = Subject(**record.request["subject"])
        return wish_of(subject, FileOptions.from_json(record.request["options"]), principal, workbench)
    kept = Wish.from_json(record.request["wish"])
    with workbench.storage.transaction(readonly=True) as work:
        content = with_media(kept.content, principal.workspace, work)
    return Wish(content, kept.around, kept.design, kept.version)


def _record(request: ExportDocument, wish: Wish, principal: Principal) -> ExportRecord:
    subject, options = request.subject, request.options
    pinned = Subject(
        kind=subject.kind,
        id=subject.id,
        version=int(wish.version) if wish.version.isdecimal() else subject.version,
        view=subject.view,
    )
    stated: dict[str, Any] = {
        "subject": asdict(pinned) | {"view": dict(pinned.view)},
        "options": options.to_json(),
    }
    if not EXPORTABLES[subject.kind].is_stored:
        stated["wish"] = wish.to_json()
    title = wish.around.title.strip() or "—"
    return ExportRecord(
        id=request.export or uuid4().hex,
        batch=request.batch,
        digest=wish.digest(request.format, options.level),
        subject_kind=subject.kind,
        subject=subject.id,
        title=title[:500],
        format=request.format,
        design=wish.design.name,
        level=options.level,
        language=wish.around.language,
        request=stated,
        author=principal.user,
        created_at=datetime.now(UTC),
        file_name=f"{file_stem(title)}{writer_of(request.format).extension}",
    )


def _repeat(record: ExportRecord, principal: Principal, workbench: Workbench) -> ListedExport | None:
    """The same file again, without work; None if there is none or it is no longer kept."""
    with workbench.storage.transaction() as work:
        there = work.exports.twin(principal.workspace, record.digest)
        if there is None or not workbench.artefacts.has(there.sha256):
            return None
        report, manifest = work.exports.proof(principal.workspace, there.id)
        work.exports.add(principal.workspace, record)
        again = MadeFile(
            finished_at=datetime.now(UTC),
            seconds=0.0,
            digest=record.digest,
            file_name=there.file_name,
            num_bytes=there.num_bytes or 0,
            sha256=there.sha256,
            num_pages=there.num_pages,
            score=there.score or 0.0,
            axes=there.axes,
            has_passed=bool(there.has_passed),
            failed_rules=there.failed_rules,
            report=report,
            manifest=manifest,
        )
        work.exports.finish(principal.workspace, record.id, again, is_repeat=True)
        return work.exports.get(principal.workspace, record.id)
