"""What can be deleted, merged and must be reconciled, in figures: the answer of an analysis in one line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.use_cases.request import Request
from core.use_cases.review_conflicts import ReviewConflicts, review_conflicts
from core.use_cases.review_meanings import ReviewMeanings, review_meanings
from core.use_cases.review_passages import ReviewPassages, review_passages
from core.use_cases.review_redundancy import (
    ReviewRedundancy,
    advise_cluster,
    find_clusters,
)
from core.workbench import Workbench

MOST_ADVISED = 3_000
"""Documents in groups beyond which nobody waits for advice about each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseFindings(Request["FindingsSummary"]):
    """At this threshold, with the canonical document by this rule."""

    threshold: float = 0.7
    rule: str = "newest"


@dataclass(frozen=True, slots=True)
class FindingsSummary:
    """Documents by what is advised, decided ones left out; None where there are too many to advise on each.

    `num_safe` may be dropped unasked, `num_to_look_at` after a look; `num_templates` fill in a template.
    The others count pairs and conflicts that are open, None where the analysis did not look for them.
    """

    num_safe: int | None
    num_to_look_at: int | None
    num_to_merge: int | None
    num_templates: int | None
    num_passages: int | None
    num_same_meaning: int | None
    num_translations: int | None
    num_conflicts: int | None
    num_changes: int | None


def summarise_findings(
    request: SummariseFindings, principal: Principal, workbench: Workbench
) -> FindingsSummary:
    principal.require(Permission.READ)
    advised = _advised(request, principal, workbench)
    passages = review_passages(ReviewPassages(threshold=request.threshold, limit=1), principal, workbench)
    meanings = review_meanings(ReviewMeanings(limit=1), principal, workbench)
    conflicts = review_conflicts(ReviewConflicts(limit=1), principal, workbench)
    return FindingsSummary(
        num_safe=None if advised is None else advised["safe"],
        num_to_look_at=None if advised is None else advised["drop"],
        num_to_merge=None if advised is None else advised["merge"],
        num_templates=None if advised is None else advised["template"],
        num_passages=passages.num_links if passages.is_known else None,
        num_same_meaning=meanings.counts["same_meaning"] if meanings.is_known else None,
        num_translations=meanings.counts["translation"] if meanings.is_known else None,
        num_conflicts=conflicts.relations.get("contradicts", 0) if conflicts.is_known else None,
        num_changes=conflicts.relations.get("changed", 0) if conflicts.is_known else None,
    )


def _advised(request: SummariseFindings, principal: Principal, workbench: Workbench) -> Counter[str] | None:
    """How many undecided documents there are for each kind of advice."""
    found = find_clusters(
        ReviewRedundancy(threshold=request.threshold, rule=request.rule), principal, workbench
    )
    counts: Counter[str] = Counter()
    if found is None:
        return counts
    if sum(len(each.documents) for each in found.clusters) > MOST_ADVISED:
        return None
    for each in found.clusters:
        for document, advice in advise_cluster(each, principal, workbench).items():
            if document == each.canonical or document in each.decisions:
                continue
            if advice.act == "drop":
                counts["safe" if advice.automatic else "drop"] += 1
            elif advice.reason_code == "template_family":
                counts["template"] += 1
            else:
                counts[advice.act] += 1
    return counts
