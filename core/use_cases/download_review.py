"""Download exactly what a filtered review shows, one row a document: CSV, XLSX or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

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
from core.use_cases.row_files import Download, as_file
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadReview(Request[Download]):
    """`format` is csv, xlsx or json; `review` carries the filters, its page of results is ignored."""

    format: str
    review: ReviewRedundancy = field(default_factory=ReviewRedundancy)


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
    rows = [asdict(row) for row in review_rows(request.review, principal, workbench)]
    return as_file("redundancy-review", request.format, tuple(ReviewRow.__dataclass_fields__), rows)


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
