"""Export many things in some formats as one zip, each file proven, with one signed manifest of all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from core.errors import ExportFailed, Invalid, WorkbenchError
from core.exports.making import make, tools, verdict
from core.exports.manifest import described
from core.exports.reproducible_zip import members
from core.exports.signing import canonical
from core.exports.writers import writer_of
from core.exports.writers.bundle import file_stem, pack_files, told_apart
from core.gateway.roles import Permission, Principal
from core.jobs.job import JobContext, JobKind
from core.priority import Priority
from core.storage.exports import ExportRecord, ListedExport, MadeFile
from core.use_cases.export_document import acting_for, prune
from core.use_cases.export_wishes import FileOptions, check_options, quality, wish_of
from core.use_cases.exportable import EXPORTABLES, Subject
from core.use_cases.request import Request
from core.workbench import Workbench

BUNDLE = "export_bundle"
BUNDLE_KIND_OF_SUBJECT = "bundle"
MOST_MEMBERS = 2_000
MOST_BYTES = 600 * 1024**2
BUNDLE_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleExports(Request[ListedExport]):
    """Every one of `subjects` in every one of `formats`. What cannot be written is told in the manifest; the
    rest goes on. `title` names the zip.
    """

    subjects: tuple[Subject, ...]
    formats: tuple[str, ...]
    title: str
    options: FileOptions = field(default_factory=FileOptions)
    priority: Priority = Priority.NORMAL
    export: str = ""


def bundle_exports(request: BundleExports, principal: Principal, workbench: Workbench) -> ListedExport:
    """Raises Invalid for nothing, for too much, and for what only the screen knows."""
    principal.require(Permission.READ)
    _check(request)
    record = _record(request, principal)
    with workbench.storage.transaction() as work:
        work.exports.add(principal.workspace, record)
    workbench.jobs.submit(
        BUNDLE,
        f"{record.title} (zip)",
        {"export": record.id},
        principal,
        priority=request.priority,
        job_id=record.id,
    )
    with workbench.storage.transaction(readonly=True) as work:
        return work.exports.get(principal.workspace, record.id)


def make_bundle(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: a step for each file, so that a crash repeats none of those before; then the zip."""
    started = time.perf_counter()
    with workbench.storage.transaction(readonly=True) as work:
        record = work.exports.get(job.job.workspace, job.job.request["export"]).record
    wanted = [(subject, name) for subject in record.request["subjects"] for name in record.request["formats"]]
    made = []
    for number, (subject, name) in enumerate(wanted):
        act = partial(_member, workbench, job, Subject(**subject), name, record)
        made.append(job.step(f"file {number}", act))
        job.progress(number + 1, len(wanted) + 1)
    outcome = job.step("zip", partial(_pack, workbench, job, record, made, started))
    job.progress(len(wanted) + 1, len(wanted) + 1)
    prune(workbench)
    return outcome


BUNDLE_KIND = JobKind(BUNDLE, make_bundle, timeout_seconds=BUNDLE_SECONDS, max_running=1)


def _check(request: BundleExports) -> None:
    if not request.subjects or not request.formats:
        raise Invalid("There is nothing to export.", remedy="Choose at least one document and one format.")
    if len(request.subjects) * len(request.formats) > MOST_MEMBERS:
        raise Invalid(
            f"A zip holds at most {MOST_MEMBERS:,} files.", remedy="Narrow the list, or export in parts."
        )
    for name in request.formats:
        check_options(name, request.options)
    unknown = {each.kind for each in request.subjects} - {
        kind for kind, each in EXPORTABLES.items() if each.is_stored
    }
    if unknown or "zip" in request.formats:
        raise Invalid(
            "Only documents and drafts go into a zip of many.", remedy="Export the others one by one."
        )


def _record(request: BundleExports, principal: Principal) -> ExportRecord:
    subjects = [asdict(each) | {"view": dict(each.view)} for each in request.subjects]
    stated = {"subjects": subjects, "formats": list(request.formats), "options": request.options.to_json()}
    title = " ".join(request.title.split())[:500] or "—"
    return ExportRecord(
        id=request.export or uuid4().hex,
        batch="",
        digest=hashlib.sha256(canonical(stated)).hexdigest(),
        subject_kind=BUNDLE_KIND_OF_SUBJECT,
        subject="",
        title=title,
        format="zip",
        design=request.options.design or "",
        level=request.options.level,
        language=request.options.language,
        request=stated,
        author=principal.user,
        created_at=datetime.now(UTC),
        file_name=f"{file_stem(title)}.zip",
    )


def _member(
    workbench: Workbench, job: JobContext, subject: Subject, name: str, record: ExportRecord
) -> dict[str, Any]:
    """What became of one file: where its bytes are and its verdict, or why there is none."""
    principal = acting_for(job.job)
    options = FileOptions.from_json(record.request["options"])
    named = {"subject": {"kind": subject.kind, "id": subject.id}, "format": name}
    try:
        wish = wish_of(subject, options, principal, workbench)
        made = make(
            wish.content,
            wish.around,
            name,
            wish.design,
            quality(record.level),
            lambda done, total: job.check_cancelled(),
        )
    except WorkbenchError as error:
        return {"failed": named | {"error": error.message, "remedy": error.remedy}}
    return {
        "name": f"{file_stem(wish.around.title)}{writer_of(name).extension}",
        "sha256": workbench.artefacts.put(made.data),
        "entry": named | {"title": made.manuscript.title, "verdict": verdict(made.report)},
    }


def _pack(
    workbench: Workbench,
    job: JobContext,
    record: ExportRecord,
    made: Sequence[dict[str, Any]],
    started: float,
) -> dict[str, Any]:
    there = [each for each in made if "sha256" in each]
    failed = [each["failed"] for each in made if "failed" in each]
    if not there:
        raise ExportFailed("None of the files could be written.", remedy=failed[0]["error"] if failed else "")
    names = told_apart(each["name"] for each in there)
    files, num_bytes = [], 0
    for name, each in zip(names, there, strict=True):
        data = workbench.artefacts.get(each["sha256"])
        num_bytes += len(data)
        if num_bytes > MOST_BYTES:
            raise ExportFailed("The files are too large for one zip.", remedy="Export the list in parts.")
        files.append((name, data))
        job.check_cancelled()
    entries = {name: each["entry"] for name, each in zip(names, there, strict=True)}
    stated = {"title": record.title, "made_with": tools()}
    data = pack_files(files, stated, workbench.signing_key(), entries, failed)
    made_file = _made(record, data, entries, failed, time.perf_counter() - started, workbench)
    with workbench.storage.transaction() as work:
        work.exports.finish(job.job.workspace, record.id, made_file)
    return {"num_files": len(files), "num_failed": len(failed), "num_bytes": len(data)}


def _made(
    record: ExportRecord,
    data: bytes,
    entries: dict[str, dict[str, Any]],
    failed: list[dict[str, Any]],
    seconds: float,
    workbench: Workbench,
) -> MadeFile:
    """The zip with the mean of its members' scores, and the rules that any of them breaks."""
    import json

    verdicts = [entry["verdict"] for entry in entries.values()]
    axes = {
        axis: sum(each["axes"].get(axis, 1.0) for each in verdicts) / len(verdicts)
        for axis in verdicts[0]["axes"]
    }
    rules = list(dict.fromkeys(rule for each in verdicts for rule in each["failed"]))
    manifest = json.loads(dict(members(data))["manifest.json"])
    report = {
        "format": "zip",
        "level": record.level,
        "members": [{"name": name, **entry} for name, entry in entries.items()],
        "not_made": failed,
        "failed": rules,
    }
    return MadeFile(
        finished_at=datetime.now(UTC),
        seconds=seconds,
        digest=record.digest,
        file_name=record.file_name,
        num_bytes=len(data),
        sha256=workbench.artefacts.put(data),
        num_pages=None,
        score=sum(each["score"] for each in verdicts) / len(verdicts),
        axes=axes,
        has_passed=not failed and all(each["has_passed"] for each in verdicts),
        failed_rules=rules,
        report=report,
        manifest=manifest | {"file": described(record.file_name, data)},
    )
