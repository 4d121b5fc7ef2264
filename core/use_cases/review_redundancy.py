"""Review what an analysis found: clusters at any threshold, one cluster in detail, advice with its reason.

Everything here is derived from stored pairs and immutable documents, so moving the threshold recomputes
nothing but the clusters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.redundancy import (
    RULES,
    Bin,
    PairTable,
    Recommendation,
    Subject,
    advise,
    choose_canonical,
    cluster,
    histogram,
    similarity,
)
from core.storage import UnitOfWork
from core.storage.analyses import AnalysisSummary
from core.storage.decisions import Decision
from core.storage.documents import ComparedText, DocumentSummary
from core.use_cases.find_redundancy import read_pairs
from core.use_cases.quality_findings import QUALITY, decode
from core.use_cases.request import Request
from core.workbench import AnalysedPairs, Workbench

STATES = ("all", "open", "decided")
KINDS = ("all", "identical", "near")
NUM_BINS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRedundancy(Request["RedundancyView"]):
    """The clusters at `threshold`, `limit` of those that fit the filters, and their totals.

    `state` keeps clusters with or without an open question, `kind` those whose documents are all identical
    or not; `search` looks in titles and names, `languages` keeps clusters with a document in one of them.
    """

    threshold: float = 0.7
    rule: str = "newest"
    search: str = ""
    languages: tuple[str, ...] = ()
    state: str = "all"
    kind: str = "all"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Saving:
    """What would no longer be kept twice. Documents that cannot go still count in the library."""

    num_documents: int = 0
    num_words: int = 0
    num_bytes: int = 0

    @staticmethod
    def of(documents: Iterable[DocumentSummary]) -> Saving:
        gone = list(documents)
        return Saving(
            len(gone), sum(document.num_words for document in gone), sum(each.num_bytes for each in gone)
        )


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Documents that hang together, in the order of arrival. `canonical` is the one the rule would keep.

    `lowest` and `highest` are the similarities of the pairs at the threshold. `decisions` are those in
    force, by document.
    """

    documents: tuple[DocumentSummary, ...]
    canonical: str
    choice_code: str
    lowest: float
    highest: float
    decisions: dict[str, Decision]

    @property
    def key(self) -> str:
        """The id of its first document: a link to the cluster survives new documents and thresholds."""
        return self.documents[0].id

    @property
    def is_open(self) -> bool:
        """Whether a document other than the canonical one still waits for a decision."""
        return any(each.id not in self.decisions and each.id != self.canonical for each in self.documents)

    @property
    def is_identical(self) -> bool:
        return self.lowest == 1.0

    @property
    def others(self) -> tuple[DocumentSummary, ...]:
        return tuple(document for document in self.documents if document.id != self.canonical)


@dataclass(frozen=True, slots=True)
class RedundancyView:
    """`possible` is the saving if one document of each fitting cluster stayed; `decided` what drop and
    merge decisions in force save in the whole library. `num_new` documents came after the analysis.
    `advice` is by cluster key and document, for the clusters shown."""

    analysis: AnalysisSummary | None
    num_compared: int
    num_new: int
    bins: tuple[Bin, ...]
    clusters: tuple[ClusterView, ...]
    advice: dict[str, dict[str, Recommendation]]
    num_clusters: int
    num_documents: int
    num_open: int
    languages: dict[str, int]
    possible: Saving
    decided: Saving


@dataclass(frozen=True, slots=True)
class Found:
    """The clusters of the newest analysis at a threshold, over the documents still present."""

    analysis: AnalysisSummary
    analysed: AnalysedPairs
    clusters: tuple[ClusterView, ...]


def review_redundancy(
    request: ReviewRedundancy, principal: Principal, workbench: Workbench
) -> RedundancyView:
    principal.require(Permission.READ)
    found = find_clusters(request, principal, workbench)
    if found is None:
        return RedundancyView(None, 0, 0, (), (), {}, 0, 0, 0, {}, Saving(), Saving())
    fitting = fitting_clusters(found.clusters, request)
    shown = tuple(fitting[request.offset : request.offset + request.limit])
    with workbench.storage.transaction(readonly=True) as work:
        num_new = _num_new(work, principal, found, workbench)
        decided = _decided(work, principal)
    return RedundancyView(
        analysis=found.analysis,
        num_compared=len(found.analysed.documents),
        num_new=num_new,
        bins=histogram(found.analysed.pairs, NUM_BINS),
        clusters=shown,
        advice={each.key: advise_cluster(each, principal, workbench) for each in shown},
        num_clusters=len(fitting),
        num_documents=sum(len(each.documents) for each in fitting),
        num_open=sum(each.is_open for each in fitting),
        languages=_languages(found.clusters),
        possible=Saving.of(document for each in fitting for document in each.others),
        decided=decided,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCluster(Request["ClusterDetail"]):
    """The cluster that holds `document` at this threshold, with advice for every member."""

    document: str
    threshold: float = 0.7
    rule: str = "newest"


@dataclass(frozen=True, slots=True)
class ClusterDetail:
    """`similarities[i][j]` is the exact Jaccard similarity of documents i and j of the cluster where the
    analysis kept it (at or above its floor), else None; 1.0 on the diagonal. `advice` is by document."""

    cluster: ClusterView
    similarities: tuple[tuple[float | None, ...], ...]
    advice: dict[str, Recommendation]


def review_cluster(request: ReviewCluster, principal: Principal, workbench: Workbench) -> ClusterDetail:
    """Raises NotFound when the document stands alone at this threshold."""
    principal.require(Permission.READ)
    found = find_clusters(
        ReviewRedundancy(threshold=request.threshold, rule=request.rule), principal, workbench
    )
    if found is not None:
        for each in found.clusters:
            if any(document.id == request.document for document in each.documents):
                similarities = _similarities(each, found.analysed)
                return ClusterDetail(each, similarities, advise_cluster(each, principal, workbench))
    raise NotFound("This document has no similar one at this threshold.", remedy="Lower the threshold.")


def find_clusters(request: ReviewRedundancy, principal: Principal, workbench: Workbench) -> Found | None:
    """All clusters at the threshold, unfiltered; None before the first analysis.

    Computed anew only after an analysis, a removal or a decision.
    """
    if request.rule not in RULES:
        raise Invalid(f"There is no rule {request.rule!r}.", remedy=f"Use one of: {', '.join(RULES)}.")
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(principal.workspace)
        if analysis is None:
            return None
        if not analysis.floor <= request.threshold <= 1:
            raise Invalid(
                f"The analysis kept pairs from {analysis.floor:.2f} upwards.",
                remedy=f"Choose a threshold from {analysis.floor:.2f} to 1.",
            )
        # Documents that are added change no cluster, so an intake in full swing recomputes none.
        _, num_removed = work.documents.revision(principal.workspace)
        num_decisions = work.decisions.revision(principal.workspace)
        is_judged = request.rule == "best_quality" and QUALITY in work.findings.counts(
            principal.workspace, analysis.id
        )
        key = (analysis.id, request.threshold, request.rule, num_removed, num_decisions, is_judged)
        found: Found = workbench.kept_clusters.get(
            key, lambda: _cluster(analysis, request, principal.workspace, workbench, work)
        )
    return found


def _scores(analysis: AnalysisSummary, rule: str, workspace: str, work: UnitOfWork) -> dict[str, int | None]:
    """The quality of every document where the rule asks for it and the analysis has judged already."""
    stored = work.findings.find(workspace, analysis.id, QUALITY) if rule == "best_quality" else None
    judged = decode(stored.body).values() if stored is not None else ()
    return {each.document: each.quality.score for each in judged}


def _cluster(
    analysis: AnalysisSummary,
    request: ReviewRedundancy,
    workspace: str,
    workbench: Workbench,
    work: UnitOfWork,
) -> Found:
    analysed = read_pairs(workbench, work, workspace, analysis.id)
    positions = cluster(analysed.pairs, request.threshold)
    concerned = {analysed.documents[position] for members in positions for position in members}
    present = work.documents.summaries(workspace, concerned)
    if len(present) < len(concerned):
        positions = cluster(_among_present(analysed, present), request.threshold)
    decisions = work.decisions.current(workspace)
    scores = _scores(analysis, request.rule, workspace, work)
    ranges = _ranges(analysed.pairs.at_least(request.threshold), positions)
    clusters = tuple(
        _cluster_view(
            tuple(present[analysed.documents[position]] for position in members),
            request.rule,
            lowest_highest,
            decisions,
            scores,
        )
        for members, lowest_highest in zip(positions, ranges, strict=True)
    )
    return Found(analysis, analysed, clusters)


def fitting_clusters(clusters: Iterable[ClusterView], request: ReviewRedundancy) -> list[ClusterView]:
    """Those that the filters of the request let through, in order."""
    if request.state not in STATES or request.kind not in KINDS:
        raise Invalid("There is no such filter.", remedy=f"Use {STATES} and {KINDS}.")
    words = request.search.casefold().split()
    return [each for each in clusters if _fits(each, request, words)]


def advise_cluster(
    each: ClusterView, principal: Principal, workbench: Workbench
) -> dict[str, Recommendation]:
    """Advice for every member against the canonical one, by document; read from memory where it was asked."""
    texts: dict[str, ComparedText] = {}

    def subject(document: str) -> Subject:
        if not texts:
            with workbench.storage.transaction(readonly=True) as work:
                ids = [member.id for member in each.documents]
                texts.update(
                    (text.id, text) for text in work.documents.compared_texts(principal.workspace, ids)
                )
        text = texts[document]
        return Subject(text.id, text.text, text.title, text.modified, text.num_words, text.language)

    def advise_member(member: str) -> Recommendation:
        canonical, other = subject(each.canonical), subject(member)
        return advise(canonical, other, similarity(canonical.text, other.text))

    return {
        document.id: workbench.kept_advice.get(
            (each.canonical, document.id), partial(advise_member, document.id)
        )
        for document in each.documents
    }


def _cluster_view(
    documents: tuple[DocumentSummary, ...],
    rule: str,
    lowest_highest: tuple[float, float],
    decisions: dict[str, Decision],
    scores: dict[str, int | None],
) -> ClusterView:
    # The rules look at dates, lengths and scores only, so the texts stay in the database.
    subjects = [
        Subject(each.id, "", each.title, each.modified, each.num_words, each.language, scores.get(each.id))
        for each in documents
    ]
    choice = choose_canonical(subjects, rule)
    return ClusterView(
        documents=documents,
        canonical=documents[choice.position].id,
        choice_code=choice.reason_code,
        lowest=lowest_highest[0],
        highest=lowest_highest[1],
        decisions={each.id: decisions[each.id] for each in documents if each.id in decisions},
    )


def _among_present(analysed: AnalysedPairs, present: dict[str, DocumentSummary]) -> PairTable:
    """The pairs whose documents are both still in the library.

    A large group of equal texts hangs on its first member, which may be gone: it is tied to the next.
    """
    import numpy as np

    here = np.array([document in present for document in analysed.documents])
    table = analysed.pairs
    kept = here[table.first] & here[table.second]
    first, second, jaccard = [table.first[kept]], [table.second[kept]], [table.jaccard[kept]]
    for group in table.large_groups:
        left = group[here[group]]
        first.append(np.full(max(0, len(left) - 1), left[0] if len(left) else 0, dtype=np.int32))
        second.append(left[1:])
        jaccard.append(np.ones(max(0, len(left) - 1)))
    return PairTable(
        np.concatenate(first), np.concatenate(second), np.concatenate(jaccard), table.floor, table.num_texts
    )


def _ranges(pairs: PairTable, positions: tuple[tuple[int, ...], ...]) -> list[tuple[float, float]]:
    """(lowest, highest) similarity at the threshold in each cluster."""
    import numpy as np

    label = np.full(pairs.num_texts, -1, dtype=np.int64)
    for number, members in enumerate(positions):
        label[list(members)] = number
    of_pair = label[pairs.first]
    inside = (of_pair >= 0) & (of_pair == label[pairs.second])
    lowest, highest = np.ones(len(positions)), np.zeros(len(positions))
    np.minimum.at(lowest, of_pair[inside], pairs.jaccard[inside])
    np.maximum.at(highest, of_pair[inside], pairs.jaccard[inside])
    return list(zip(lowest.tolist(), highest.tolist(), strict=True))


def _similarities(each: ClusterView, analysed: AnalysedPairs) -> tuple[tuple[float | None, ...], ...]:
    import numpy as np

    place = {document.id: index for index, document in enumerate(each.documents)}
    index_of = np.full(len(analysed.documents), -1, dtype=np.int64)
    for position, document in enumerate(analysed.documents):
        index_of[position] = place.get(document, -1)
    table = analysed.pairs
    inside = (index_of[table.first] >= 0) & (index_of[table.second] >= 0)
    size = len(each.documents)
    cells: list[list[float | None]] = [[None] * size for _ in range(size)]
    for row in range(size):
        cells[row][row] = 1.0
    for first, second, jaccard in zip(
        index_of[table.first[inside]], index_of[table.second[inside]], table.jaccard[inside], strict=True
    ):
        cells[first][second] = cells[second][first] = float(jaccard)
    for group in table.large_groups:
        equal = [int(index_of[position]) for position in group if index_of[position] >= 0]
        for row in equal:
            for column in equal:
                cells[row][column] = 1.0
    return tuple(tuple(row) for row in cells)


def _fits(each: ClusterView, request: ReviewRedundancy, words: list[str]) -> bool:
    if request.state != "all" and each.is_open != (request.state == "open"):
        return False
    if request.kind != "all" and each.is_identical != (request.kind == "identical"):
        return False
    if request.languages and not any(document.language in request.languages for document in each.documents):
        return False
    if not words:
        return True
    names = " ".join(f"{document.title} {document.name}" for document in each.documents).casefold()
    return all(word in names for word in words)


def _languages(clusters: Iterable[ClusterView]) -> dict[str, int]:
    """How many clusters hold a document of each language."""
    counts: dict[str, int] = {}
    for each in clusters:
        for language in {document.language for document in each.documents}:
            counts[language] = counts.get(language, 0) + 1
    return dict(sorted(counts.items()))


def _num_new(work: UnitOfWork, principal: Principal, found: Found, workbench: Workbench) -> int:
    """How many documents came after the analysis; ids are compared only when documents were removed."""

    def count_analysed() -> int:
        return len(set(work.documents.present_ids(principal.workspace)) & set(found.analysed.documents))

    num_rows, num_removed = work.documents.revision(principal.workspace)
    num_analysed = workbench.kept_counts.get((found.analysis.id, num_removed), count_analysed)
    return num_rows - num_removed - num_analysed


def _decided(work: UnitOfWork, principal: Principal) -> Saving:
    going = [
        each.document
        for each in work.decisions.current(principal.workspace).values()
        if each.act in ("drop", "merge")
    ]
    return Saving.of(work.documents.summaries(principal.workspace, going).values())
