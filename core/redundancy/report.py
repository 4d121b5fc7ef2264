"""The whole answer for a body of documents: pairs, clusters, the document to keep, advice and savings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.redundancy.canonical import Choice, choose_canonical
from core.redundancy.clusters import cluster
from core.redundancy.join import find_pairs
from core.redundancy.pairs import PairTable
from core.redundancy.recommendation import Recommendation, advise
from core.redundancy.shingles import Progress, similarity
from core.redundancy.subject import Subject


class Comparison(Protocol):
    """Finds the pairs of texts, as `find_pairs` does."""

    def __call__(
        self, documents: Sequence[str], floor: float, /, *, progress: Progress | None = None
    ) -> PairTable: ...


@dataclass(frozen=True, slots=True)
class Savings:
    """What following the recommendations saves.

    Documents are those to drop, `num_automatic` of them unasked. Words and bytes (UTF-8) are those of the
    dropped documents, and of merged ones the share that the canonical document contains. Templates and
    ignored documents save nothing.
    """

    num_documents: int
    num_automatic: int
    num_words: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Similar documents.

    `members` are positions in the corpus; one recommendation for each, in the same order.
    """

    members: tuple[int, ...]
    canonical: int
    choice: Choice
    recommendations: tuple[Recommendation, ...]

    @property
    def is_template_family(self) -> bool:
        """Whether some member fills in the same template as the canonical document with other facts."""
        return any(advice.reason_code == "template_family" for advice in self.recommendations)


@dataclass(frozen=True, slots=True)
class RedundancyReport:
    """`pairs` is complete down to its floor, so that other thresholds need no new search."""

    pairs: PairTable
    threshold: float
    rule: str
    clusters: tuple[Cluster, ...]
    savings: Savings


def find_redundancy(
    subjects: Sequence[Subject],
    *,
    floor: float = 0.5,
    threshold: float = 0.7,
    rule: str = "newest",
    progress: Progress | None = None,
    compare: Comparison = find_pairs,
) -> RedundancyReport:
    """Search, cluster and advise.

    `progress` goes to 0.5 while pairs are found, to 1 while clusters are judged. `compare` finds the pairs
    elsewhere, as a backend does.
    """
    pairs = compare([subject.text for subject in subjects], floor, progress=_half(progress, 0.0))
    return judge(subjects, pairs, threshold=threshold, rule=rule, progress=_half(progress, 0.5))


def judge(
    subjects: Sequence[Subject],
    pairs: PairTable,
    *,
    threshold: float = 0.7,
    rule: str = "newest",
    progress: Progress | None = None,
) -> RedundancyReport:
    """The report at another threshold or rule, from pairs that were found before."""
    groups = cluster(pairs, threshold)
    num_members, judged = sum(map(len, groups)), 0
    clusters = []
    for members in groups:
        clusters.append(_judge_cluster(subjects, members, rule))
        judged += len(members)
        if progress is not None:
            progress(judged / num_members)
    if progress is not None:
        progress(1.0)
    return RedundancyReport(pairs, threshold, rule, tuple(clusters), _savings(subjects, clusters))


def _half(progress: Progress | None, begin: float) -> Progress | None:
    return None if progress is None else lambda done: progress(begin + done / 2)


def _judge_cluster(subjects: Sequence[Subject], members: tuple[int, ...], rule: str) -> Cluster:
    choice = choose_canonical([subjects[member] for member in members], rule)
    canonical = members[choice.position]
    recommendations = tuple(
        advise(
            subjects[canonical], subjects[member], similarity(subjects[canonical].text, subjects[member].text)
        )
        for member in members
    )
    return Cluster(members, canonical, choice, recommendations)


def _savings(subjects: Sequence[Subject], clusters: Iterable[Cluster]) -> Savings:
    num_documents = num_automatic = num_words = num_bytes = 0
    for found in clusters:
        for member, advice in zip(found.members, found.recommendations, strict=True):
            text = subjects[member].text
            if advice.act == "drop":
                num_documents += 1
                num_automatic += advice.automatic
                num_words += subjects[member].num_words
                num_bytes += len(text.encode())
            elif advice.act == "merge":
                num_words += advice.num_shared_words
                num_bytes += round(len(text.encode()) * float(advice.parameters["contained"]))
    return Savings(num_documents, num_automatic, num_words, num_bytes)
