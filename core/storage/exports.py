"""The files that left the product: what was asked for, what came of it, and its proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, func, or_, select, update

from core.errors import NotFound
from core.storage.job_records import CANCELLED, DONE, FAILED, RUNNING, WAITING
from core.storage.tables import exports, jobs

PENDING, PROCESSING, COMPLETED = "pending", "processing", "completed"
EXPORT_STATES = (PENDING, PROCESSING, COMPLETED, FAILED, CANCELLED)
EXPORT_FACETS = ("state", "format", "design", "subject_kind", "author")
_STATE_OF_JOB = {WAITING: PENDING, RUNNING: PROCESSING, DONE: COMPLETED, FAILED: FAILED, CANCELLED: CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecord:
    """One file that was asked for; the job of the same id makes it. `digest` stands for all that the bytes
    follow from, so equal digests give equal files; one that was there already `is_repeat` and has no job.

    `subject_kind` and `subject` name what was exported. `request` is the whole wish. `seconds` is how long
    the making took; `score` the share of checks that passed, `axes` the same by axis; `has_passed` whether
    all rules of the quality level did. `sha256` is empty until the file is made.
    """

    id: str
    batch: str
    digest: str
    subject_kind: str
    subject: str
    title: str
    format: str
    design: str
    level: str
    language: str
    request: dict[str, Any]
    author: str
    created_at: datetime
    finished_at: datetime | None = None
    seconds: float | None = None
    file_name: str = ""
    num_bytes: int | None = None
    sha256: str = ""
    num_pages: int | None = None
    score: float | None = None
    axes: dict[str, float] = field(default_factory=dict)
    has_passed: bool | None = None
    failed_rules: tuple[str, ...] = ()
    is_repeat: bool = False
    num_downloads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedExport:
    """An export and how far it is. `error` and `remedy` are those of its job."""

    record: ExportRecord
    state: str
    done: int = 0
    total: int = 0
    error: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """What came of an export."""

    finished_at: datetime
    seconds: float
    digest: str
    file_name: str
    num_bytes: int
    sha256: str
    num_pages: int | None
    score: float
    axes: Mapping[str, float]
    has_passed: bool
    failed_rules: Sequence[str]
    report: Mapping[str, Any]
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilter:
    """What a reader of the list asked for. Empty means everything."""

    search: str = ""
    states: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    subject_kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    batch: str = ""
    subject: str = ""


_RECORD = [exports.c[name] for name in ExportRecord.__dataclass_fields__]
_STATE = case(
    (exports.c.finished_at.is_not(None), COMPLETED),
    *((jobs.c.state == state, name) for state, name in _STATE_OF_JOB.items()),
    else_=FAILED,
)


class Exports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: str, record: ExportRecord) -> None:
        values = asdict(record) | {"workspace": workspace, "report": {}, "manifest": {}}
        self._connection.execute(exports.insert().values(values))

    def get(self, workspace: str, export: str) -> ListedExport:
        """Raises NotFound for an id that is unknown or of another workspace."""
        found = list(self._listed(_query(workspace).where(exports.c.id == export)))
        if not found:
            raise NotFound("There is no such export.", remedy="It may have been removed; look at the list.")
        return found[0]

    def find(
        self, workspace: str, wanted: ExportFilter, *, limit: int = 50, offset: int = 0
    ) -> list[ListedExport]:
        """Those that fit, newest first."""
        query = _query(workspace).where(*_conditions(wanted))
        ordered = query.order_by(exports.c.created_at.desc(), exports.c.id)
        return list(self._listed(ordered.limit(limit).offset(offset)))

    def count(self, workspace: str, wanted: ExportFilter) -> int:
        query = (
            select(func.count())
            .select_from(_joined())
            .where(exports.c.workspace == workspace, *_conditions(wanted))
        )
        return self._connection.scalar(query) or 0

    def facets(self, workspace: str, wanted: ExportFilter) -> dict[str, dict[str, int]]:
        """How many fit by each value of each facet, as if that facet were not filtered."""
        return {facet: self._facet(workspace, facet, wanted) for facet in EXPORT_FACETS}

    def twin(self, workspace: str, digest: str) -> ExportRecord | None:
        """A finished export of exactly the same, the newest."""
        query = select(*_RECORD).where(
            exports.c.workspace == workspace, exports.c.digest == digest, exports.c.finished_at.is_not(None)
        )
        row = (
            self._connection.execute(query.order_by(exports.c.finished_at.desc()).limit(1)).mappings().first()
        )
        return None if row is None else _record(dict(row))

    def finish(self, workspace: str, export: str, made: MadeFile, *, is_repeat: bool = False) -> None:
        statement = update(exports).where(exports.c.workspace == workspace, exports.c.id == export)
        values = asdict(made) | {"axes": dict(made.axes), "failed_rules": list(made.failed_rules)}
        values |= {"report": dict(made.report), "manifest": dict(made.manifest), "is_repeat": is_repeat}
        self._connection.execute(statement.values(values))

    def proof(self, workspace: str, export: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Its validation report and its manifest, both empty until it is made. Raises NotFound."""
        query = select(exports.c.report, exports.c.manifest).where(
            exports.c.workspace == workspace, exports.c.id == export
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("There is no such export.", remedy="Look at the list.")
        return dict(row.report), dict(row.manifest)

    def count_download(self, workspace: str, export: str) -> None:
        statement = update(exports).where(exports.c.workspace == workspace, exports.c.id == export)
        self._connection.execute(statement.values(num_downloads=exports.c.num_downloads + 1))

    def remove(self, workspace: str, export: str) -> None:
        statement = delete(exports).where(exports.c.workspace == workspace, exports.c.id == export)
        self._connection.execute(statement)

    def files(self) -> dict[str, datetime]:
        """Every file that some export of any workspace still needs, with the newest finish."""
        query = select(exports.c.sha256, func.max(exports.c.finished_at)).where(exports.c.sha256 != "")
        return {row[0]: row[1] for row in self._connection.execute(query.group_by(exports.c.sha256))}

    def since(self, workspace: str, moment: datetime) -> list[ListedExport]:
        """All that were asked for since then, oldest first: what figures are made of."""
        query = _query(workspace).where(exports.c.created_at >= moment).order_by(exports.c.created_at)
        return list(self._listed(query))

    def _facet(self, workspace: str, facet: str, wanted: ExportFilter) -> dict[str, int]:
        column = _STATE if facet == "state" else exports.c[facet]
        query = (
            select(column, func.count())
            .select_from(_joined())
            .where(exports.c.workspace == workspace, *_conditions(wanted, leave_out=facet))
        )
        grouped = query.group_by(column).order_by(func.count().desc(), column)
        return {row[0]: row[1] for row in self._connection.execute(grouped)}

    def _listed(self, query: Select[Any]) -> Iterator[ListedExport]:
        for row in self._connection.execute(query).mappings():
            yield ListedExport(
                record=_record(dict(row)),
                state=row["state"],
                done=row["done"] or 0,
                total=row["total"] or 0,
                error=row["error"],
                remedy=row["remedy"],
            )


def _joined() -> Any:
    return exports.outerjoin(jobs, jobs.c.id == exports.c.id)


def _query(workspace: str) -> Select[Any]:
    job = (jobs.c.done, jobs.c.total, jobs.c.error, jobs.c.remedy)
    return (
        select(*_RECORD, _STATE.label("state"), *job)
        .select_from(_joined())
        .where(exports.c.workspace == workspace)
    )


def _conditions(wanted: ExportFilter, leave_out: str = "") -> list[ColumnElement[bool]]:
    chosen = {
        "state": wanted.states,
        "format": wanted.formats,
        "design": wanted.designs,
        "subject_kind": wanted.subject_kinds,
        "author": wanted.authors,
    }
    conditions: list[ColumnElement[bool]] = [
        (_STATE if facet == "state" else exports.c[facet]).in_(values)
        for facet, values in chosen.items()
        if values and facet != leave_out
    ]
    if wanted.batch:
        conditions.append(exports.c.batch == wanted.batch)
    if wanted.subject:
        conditions.append(exports.c.subject == wanted.subject)
    return conditions + [
        or_(
            exports.c.title.icontains(word, autoescape=True),
            exports.c.file_name.icontains(word, autoescape=True),
        )
        for word in wanted.search.split()
    ]


def _record(row: Mapping[str, Any]) -> ExportRecord:
    values = {name: row[name] for name in ExportRecord.__dataclass_fields__}
    return ExportRecord(**{**values, "failed_rules": tuple(values["failed_rules"])})
