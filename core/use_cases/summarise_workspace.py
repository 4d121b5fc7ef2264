"""The overview: what is here, what needs somebody, and whether the product is well."""

from __future__ import annotations

from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.storage.documents import LibraryTotals
from core.storage.job_records import FAILED, JobRecord
from core.use_cases.request import Request
from core.use_cases.review_conflicts import ReviewConflicts, review_conflicts
from core.use_cases.review_quality import ReviewQuality, review_quality
from core.use_cases.review_redundancy import RedundancyView, ReviewRedundancy, review_redundancy
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseWorkspace(Request["WorkspaceSummary"]):
    """Redundancy is summarised at this threshold."""

    threshold: float = 0.7


@dataclass(frozen=True, slots=True)
class WorkspaceSummary:
    """`num_samples` counts the documents of the sample library; `failed` are the newest dead letters.

    `num_conflicts` contradictions are open, `num_poor` documents rated below fair.
    """

    totals: LibraryTotals
    num_samples: int
    num_problems: int
    redundancy: RedundancyView
    num_conflicts: int
    num_poor: int
    jobs: tuple[JobRecord, ...]
    failed: tuple[JobRecord, ...]


def summarise_workspace(
    request: SummariseWorkspace, principal: Principal, workbench: Workbench
) -> WorkspaceSummary:
    principal.require(Permission.READ)
    redundancy = review_redundancy(
        ReviewRedundancy(threshold=request.threshold, limit=5, state="open"), principal, workbench
    )
    conflicts = review_conflicts(ReviewConflicts(limit=1), principal, workbench)
    quality = review_quality(ReviewQuality(limit=1), principal, workbench)
    with workbench.storage.transaction(readonly=True) as work:
        totals = work.documents.totals(principal.workspace)
        return WorkspaceSummary(
            totals=totals,
            num_samples=totals.by_facet["origin"].get("sample", 0),
            num_problems=work.problems.num_open(principal.workspace),
            redundancy=redundancy,
            num_conflicts=conflicts.relations.get("contradicts", 0),
            num_poor=quality.ratings.get("needs_improvement", 0),
            jobs=tuple(work.jobs.latest(principal.workspace, limit=6)),
            failed=tuple(work.jobs.latest(principal.workspace, states=(FAILED,), limit=5)),
        )
