"""Download exactly what a filtered review shows, one row a document: CSV, XLSX or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.redundancy import Recommendation
from core.use_cases.request import Request
from core.use_cases.review_redundancy import (
    ClusterView,
    ReviewRedundancy,
    advise_cluster,
    find_clusters,
    fitting_clusters,
)
from core.workbench import Workbench

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet program calculate instead of show (OWASP, "CSV Injection")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadReview(Request["Download"]):
    """`format` is csv, xlsx or json; `review` carries the filters, its page of results is ignored."""

    format: str
    review: ReviewRedundancy = field(default_factory=ReviewRedundancy)


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One document of one cluster, the advice against the canonical document, the decision in force."""

    cluster: int
    role: str
    document: str
    title: str
    name: str
    language: str
    num_words: int
    num_bytes: int
    canonical: str
    similarity: float | None
    advice: str
    automatic: bool
    reason_code: str
    reason: str
    decision: str
    decision_reason: str
    decided_by: str
    decided_at: str


def download_review(request: DownloadReview, principal: Principal, workbench: Workbench) -> Download:
    principal.require(Permission.READ)
    if request.format not in WRITERS:
        raise Invalid(f"No download as {request.format!r}.", remedy=f"Use one of: {', '.join(WRITERS)}.")
    rows = list(review_rows(request.review, principal, workbench))
    media_type, write = WRITERS[request.format]
    return Download(f"redundancy-review.{request.format}", media_type, write(rows))


def review_rows(review: ReviewRedundancy, principal: Principal, workbench: Workbench) -> Iterable[ReviewRow]:
    """The rows of the review in the order of the page, all of them."""
    found = find_clusters(review, principal, workbench)
    if found is None:
        return
    for number, each in enumerate(fitting_clusters(found.clusters, review), start=1):
        advice = advise_cluster(each, principal, workbench)
        for document in each.documents:
            yield _row(number, each, document.id, advice[document.id])


def _row(number: int, each: ClusterView, document_id: str, advice: Recommendation) -> ReviewRow:
    document = next(one for one in each.documents if one.id == document_id)
    canonical = next(one for one in each.documents if one.id == each.canonical)
    decision = each.decisions.get(document_id)
    return ReviewRow(
        cluster=number,
        role="canonical" if document_id == each.canonical else "member",
        document=document_id,
        title=document.title,
        name=document.name,
        language=document.language,
        num_words=document.num_words,
        num_bytes=document.num_bytes,
        canonical=canonical.name,
        similarity=_similarity(advice),
        advice=advice.act,
        automatic=advice.automatic,
        reason_code=advice.reason_code,
        reason=advice.reason,
        decision=decision.act if decision else "",
        decision_reason=decision.reason if decision else "",
        decided_by=decision.author if decision else "",
        decided_at=_iso(decision.created_at) if decision else "",
    )


def _similarity(advice: Recommendation) -> float | None:
    value = advice.parameters.get("similarity")
    return round(float(value), 4) if value is not None else None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def neutralise(value: str) -> str:
    """The text with an apostrophe before what a spreadsheet program would take for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _csv(rows: list[ReviewRow]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ReviewRow.__dataclass_fields__.keys(), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                key: neutralise(value) if isinstance(value, str) else value
                for key, value in asdict(row).items()
            }
        )
    return out.getvalue().encode("utf-8-sig")  # with its mark, or Excel takes it for another encoding


def _json(rows: list[ReviewRow]) -> bytes:
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1).encode()


def _xlsx(rows: list[ReviewRow]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options | {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("review")
        bold = workbook.add_format({"bold": True})
        columns = list(ReviewRow.__dataclass_fields__)
        sheet.write_row(0, 0, columns, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(asdict(row).values()):
                _write_cell(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
        sheet.autofit()
    return out.getvalue()


def _write_cell(sheet: object, row: int, column: int, value: str | float | bool | None) -> None:
    import xlsxwriter.worksheet

    assert isinstance(sheet, xlsxwriter.worksheet.Worksheet)
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)


WRITERS: dict[str, tuple[str, Callable[[list[ReviewRow]], bytes]]] = {
    "csv": ("text/csv", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": ("application/json", _json),
}
