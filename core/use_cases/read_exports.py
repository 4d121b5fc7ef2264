"""See what was exported, how each file did, and what came of all of them; try again, stop, remove."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, quantiles
from typing import Any

from core.errors import Conflict, Invalid
from core.gateway.roles import Permission, Principal
from core.storage.exports import COMPLETED, ExportFilter, ListedExport
from core.storage.job_records import CANCELLED, FAILED
from core.use_cases.bundle_exports import BUNDLE_KIND_OF_SUBJECT, BundleExports, bundle_exports
from core.use_cases.export_document import ExportDocument, export_document
from core.use_cases.export_wishes import FileOptions
from core.use_cases.exportable import Subject
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowseExports(Request["ExportsView"]):
    """`limit` exports from the `offset`th that fit, newest first."""

    wanted: ExportFilter = field(default_factory=ExportFilter)
    limit: int = 25
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ExportsView:
    """`facets` count by value as if the facet were not filtered. `kept` are the ids whose file is there."""

    exports: tuple[ListedExport, ...]
    num_exports: int
    facets: Mapping[str, Mapping[str, int]]
    kept: frozenset[str]


def browse_exports(request: BrowseExports, principal: Principal, workbench: Workbench) -> ExportsView:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        found = work.exports.find(
            principal.workspace, request.wanted, limit=request.limit, offset=request.offset
        )
        count = work.exports.count(principal.workspace, request.wanted)
        facets = work.exports.facets(principal.workspace, request.wanted)
    kept = frozenset(each.record.id for each in found if workbench.artefacts.has(each.record.sha256))
    return ExportsView(tuple(found), count, facets, kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadExport(Request["ExportDetail"]):
    """One export with its proof. Raises NotFound."""

    export: str


@dataclass(frozen=True, slots=True)
class ExportDetail:
    """`report` and `manifest` are empty until the file is made."""

    listed: ListedExport
    report: Mapping[str, Any]
    manifest: Mapping[str, Any]
    is_kept: bool


def read_export(request: ReadExport, principal: Principal, workbench: Workbench) -> ExportDetail:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        listed = work.exports.get(principal.workspace, request.export)
        report, manifest = work.exports.proof(principal.workspace, request.export)
    return ExportDetail(listed, report, manifest, workbench.artefacts.has(listed.record.sha256))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatExport(Request[ListedExport]):
    """Export the same again, as it is now: a new version of it, or the file that is no longer kept."""

    export: str


def repeat_export(request: RepeatExport, principal: Principal, workbench: Workbench) -> ListedExport:
    """Raises what exporting it for the first time would."""
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        asked = work.exports.get(principal.workspace, request.export).record
    options = FileOptions.from_json(asked.request["options"])
    if asked.subject_kind == BUNDLE_KIND_OF_SUBJECT:
        subjects = tuple(Subject(**each) for each in asked.request["subjects"])
        again = BundleExports(
            subjects=subjects, formats=tuple(asked.request["formats"]), title=asked.title, options=options
        )
        return bundle_exports(again, principal, workbench)
    subject = replace(Subject(**asked.request["subject"]), version=0)
    once = ExportDocument(subject=subject, format=asked.format, options=options)
    return export_document(once, principal, workbench)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveExport(Request[None]):
    """Take an export off the list that is finished, failed or cancelled. Raises Conflict for any other."""

    export: str


def remove_export(request: RemoveExport, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.CONTRIBUTE)
    with workbench.storage.transaction() as work:
        listed = work.exports.get(principal.workspace, request.export)
        if listed.state not in (COMPLETED, FAILED, CANCELLED):
            raise Conflict("This file is being made.", remedy="Cancel it first.")
        work.exports.remove(principal.workspace, request.export)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadExportFigures(Request["ExportFigures"]):
    """What was exported in the last `days`."""

    days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Exports of one format, type or kind. Seconds are of those that were made, not of repeats."""

    name: str
    num_exports: int
    num_failed: int
    num_downloads: int
    num_bytes: int
    p50_seconds: float | None
    p95_seconds: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """All counted from the exports of the window. `num_repeats` were given again without work, which took
    `saved_seconds` when their file was made. `failures` counts files by the rule that they break at their own
    level, `accessibility` is the mean share of checks passed on that axis by day.
    """

    days: int
    num_exports: int
    num_repeats: int
    saved_seconds: float
    states: Mapping[str, int]
    formats: tuple[GroupFigures, ...]
    designs: tuple[GroupFigures, ...]
    kinds: tuple[GroupFigures, ...]
    failures: Mapping[str, int]
    accessibility: Mapping[date, float]


def read_export_figures(
    request: ReadExportFigures, principal: Principal, workbench: Workbench
) -> ExportFigures:
    principal.require(Permission.READ)
    if not 1 <= request.days <= 366:
        raise Invalid("There are no figures for that long.", remedy="Use 1 to 366 days.")
    since = datetime.now(UTC) - timedelta(days=request.days)
    with workbench.storage.transaction(readonly=True) as work:
        found = work.exports.since(principal.workspace, since)
    records = [each.record for each in found]
    made = {each.digest: each.seconds or 0.0 for each in records if each.seconds and not each.is_repeat}
    repeats = [each for each in records if each.is_repeat]
    return ExportFigures(
        request.days,
        len(found),
        len(repeats),
        sum(made.get(each.digest, 0.0) for each in repeats),
        dict(Counter(each.state for each in found)),
        _groups(found, lambda each: each.record.format),
        _groups(found, lambda each: each.record.design),
        _groups(found, lambda each: each.record.subject_kind),
        dict(Counter(rule for each in records for rule in each.failed_rules).most_common()),
        _accessibility(found),
    )


def _groups(
    found: Sequence[ListedExport], name_of: Callable[[ListedExport], str]
) -> tuple[GroupFigures, ...]:
    grouped: dict[str, list[ListedExport]] = defaultdict(list)
    for each in found:
        grouped[name_of(each)].append(each)
    groups = [_figures(name, members) for name, members in grouped.items() if name]
    return tuple(sorted(groups, key=lambda group: (-group.num_exports, group.name)))


def _figures(name: str, members: Sequence[ListedExport]) -> GroupFigures:
    records = [each.record for each in members]
    seconds = [each.seconds for each in records if each.seconds and not each.is_repeat]
    scores = [each.score for each in records if each.score is not None]
    return GroupFigures(
        name=name,
        num_exports=len(members),
        num_failed=sum(each.state == FAILED for each in members),
        num_downloads=sum(each.num_downloads for each in records),
        num_bytes=sum(each.num_bytes or 0 for each in records),
        p50_seconds=_quantile(seconds, 50),
        p95_seconds=_quantile(seconds, 95),
        score=fmean(scores) if scores else None,
    )


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _accessibility(found: Iterable[ListedExport]) -> dict[date, float]:
    by_day: dict[date, list[float]] = defaultdict(list)
    for each in found:
        if each.record.finished_at and "accessibility" in each.record.axes:
            by_day[each.record.finished_at.date()].append(each.record.axes["accessibility"])
    return {day: fmean(shares) for day, shares in sorted(by_day.items())}
