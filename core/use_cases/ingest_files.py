"""Take files into the library: the bytes are kept at once, reading them is a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from core.errors import Invalid
from core.gateway.roles import Permission, Principal, Role
from core.ingestion import ParserPool, Problem, Reading, ReadOutcome
from core.ingestion.problems import megabytes, problem, unreadable
from core.jobs import JobContext, JobKind, Priority
from core.storage import UnitOfWork
from core.storage.documents import DocumentSummary, StoredDocument
from core.storage.job_records import JobRecord
from core.storage.problems import FileProblem
from core.use_cases import inbox
from core.use_cases.find_redundancy import submit_analysis
from core.use_cases.inbox import IncomingFile, WaitingFile
from core.use_cases.request import Request
from core.workbench import Workbench

INGEST = "ingest"
ALREADY_THERE = "already_there"
BATCH_FILES = 16
"""Files between two records of progress: what a crash makes the job read again at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestFiles(Request[JobRecord]):
    """`origin` is upload, folder or sample. An analysis follows unless `analyse` is off."""

    files: Iterable[IncomingFile]
    origin: str = "upload"
    analyse: bool = True
    title: str = ""


def ingest_files(request: IngestFiles, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that reads the files. Raises StorageFull, keeping none of them, when there is no room."""
    principal.require(Permission.CONTRIBUTE)
    job_id = uuid4().hex
    settings = workbench.settings
    files = inbox.put_in(settings.inbox_dir, job_id, request.files, settings.max_file_mb * 1024**2)
    if not files:
        inbox.clear(settings.inbox_dir, job_id)
        raise Invalid("There is no file to take in.", remedy="Choose at least one file.")
    return workbench.jobs.submit(
        INGEST,
        request.title or _title(files),
        {"origin": request.origin, "analyse": request.analyse},
        principal,
        priority=Priority.HIGH,
        job_id=job_id,
    )


def read_waiting_files(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: read the files in batches, keep documents and problems, then have the library analysed."""
    folder = workbench.settings.inbox_dir
    files = inbox.waiting(folder, job.job.id)
    with workbench.parsers() as parsers:
        for start in range(0, len(files), BATCH_FILES):
            batch = files[start : start + BATCH_FILES]
            job.step(f"files from {start}", partial(_read_batch, workbench, job, parsers, batch, len(files)))
            job.progress(start + len(batch), len(files))
    outcome = job.step("count", partial(_count, workbench, job.job.id))
    if job.job.request["analyse"] and outcome["added"]:
        job.step("analyse", partial(_follow_up, workbench, job.job))
    inbox.clear(folder, job.job.id)
    return outcome


INGEST_KIND = JobKind(INGEST, read_waiting_files, timeout_seconds=12 * 3600, max_running=2)


def _read_batch(
    workbench: Workbench, job: JobContext, parsers: ParserPool, batch: list[WaitingFile], total: int
) -> dict[str, Any]:
    # Ids follow from the job and the place in it, so a batch that runs again after a crash adds nothing.
    readable = [file for file in batch if not file.is_too_large]
    outcomes = parsers.read_many((file.name, file.path) for file in readable)
    for file in batch:
        if file.is_too_large:
            outcome = ReadOutcome(readings=(), problems=(_too_large(file, workbench),))
        else:
            outcome = next(outcomes)[1]
        with workbench.storage.transaction() as work:
            _keep(work, job.job, file.ordinal, outcome)
        job.progress(file.ordinal + 1, total)
    return {}


def _keep(work: UnitOfWork, job: JobRecord, ordinal: int, outcome: ReadOutcome) -> None:
    for position, reading in enumerate(outcome.readings):
        document_id = _id(job.id, "document", ordinal, position)
        twin = _already_there(work, job, document_id, reading)
        if twin is None:
            work.documents.add(job.workspace, job.id, ordinal, _document(document_id, job, reading))
            work.media.add(job.workspace, reading.content.media)
        else:
            _note(work, job, _id(job.id, "twin", ordinal, position), _known(reading))
    for position, found in enumerate(outcome.problems):
        _note(work, job, _id(job.id, "problem", ordinal, position), found)


def _already_there(
    work: UnitOfWork, job: JobRecord, document_id: str, reading: Reading
) -> DocumentSummary | None:
    """The same bytes under the same name. Under another name they are a copy, which is worth finding."""
    for twin in work.documents.same_bytes(job.workspace, reading.sha256):
        if twin.name == reading.name and twin.id != document_id:
            return twin
    return None


def _document(document_id: str, job: JobRecord, reading: Reading) -> StoredDocument:
    summary = DocumentSummary(
        id=document_id,
        name=reading.name,
        origin=job.request["origin"],
        format=reading.format,
        sha256=reading.sha256,
        num_bytes=reading.num_bytes,
        num_words=len(reading.content.text.split()),
        title=reading.title[:500],
        language=reading.language,
        author=reading.author[:200] if reading.author else None,
        modified=reading.modified,
        added_at=job.created_at,
    )
    return StoredDocument(
        summary=summary,
        content=reading.content,
        repairs=tuple(asdict(repair) for repair in reading.repairs),
        warnings=reading.warnings,
    )


def _note(work: UnitOfWork, job: JobRecord, problem_id: str, found: Problem) -> None:
    work.problems.add(
        job.workspace,
        FileProblem(
            id=problem_id,
            job=job.id,
            name=found.name,
            code=found.code,
            message=found.message,
            remedy=found.remedy,
            created_at=datetime.now(UTC),
        ),
    )


def _known(reading: Reading) -> Problem:
    return Problem(
        name=reading.name,
        code=ALREADY_THERE,
        message="This file is already in the library, byte for byte.",
        remedy="Nothing to do.",
    )


def _too_large(file: WaitingFile, workbench: Workbench) -> Problem:
    limit = megabytes(workbench.limits.max_file_bytes)
    size = megabytes(file.num_bytes) if file.is_whole else f"more than {limit}"
    return problem(file.name, unreadable("file_too_large", size=size, limit=limit))


def _count(workbench: Workbench, job_id: str) -> dict[str, Any]:
    with workbench.storage.transaction(readonly=True) as work:
        return {"added": work.documents.of_job(job_id), "problems": work.problems.of_job(job_id)}


def _follow_up(workbench: Workbench, job: JobRecord) -> dict[str, Any]:
    principal = Principal(user=job.author, role=Role.ANALYST, workspace=job.workspace)
    return {"job": submit_analysis(workbench, principal, job_id=_id(job.id, "analysis")).id}


def _title(files: list[WaitingFile]) -> str:
    names = ", ".join(file.name for file in islice(files, 3))
    return names if len(files) <= 3 else f"{names} … ({len(files)})"


def _id(*parts: object) -> str:
    return uuid5(NAMESPACE_OID, "/".join(map(str, parts))).hex


def files_at(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """(name, path) of files and of the contents of folders. Raises Invalid for a path that is neither."""
    files: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            files += files_below(path)
        elif path.is_file():
            files.append((path.name, path))
        else:
            raise Invalid(f"There is no file or folder {path}.", remedy="Check the path.")
    return files


def files_below(folder: Path) -> list[tuple[str, Path]]:
    """(relative name, path) of the files of a folder, in order; hidden ones and links are left out."""
    return [
        (str(path.relative_to(folder)), path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
