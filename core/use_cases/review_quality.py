"""Review how good the documents are, part by part, and one document with its evidence and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import fmean

from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.language.description import LanguageFacts, describe
from core.language.topics import Topic
from core.quality import WEIGHTS, DocumentQuality, PartName, Rating
from core.redundancy.repetition import Repetition, find_repetition
from core.storage.documents import DocumentSummary, StoredDocument
from core.use_cases import topic_findings
from core.use_cases.quality_findings import QUALITY, KeptQuality, decode
from core.use_cases.request import Request
from core.use_cases.review_meanings import mentions
from core.use_cases.row_files import Download, Value, as_file
from core.use_cases.topic_findings import TOPICS
from core.workbench import Workbench

RATINGS: tuple[Rating, ...] = ("excellent", "good", "fair", "needs_improvement")
ORDERS = ("worst", "best", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewQuality(Request["QualityView"]):
    """`limit` documents from the `offset`th. `weakest` keeps those whose weakest part it is."""

    ratings: tuple[str, ...] = ()
    weakest: tuple[str, ...] = ()
    search: str = ""
    languages: tuple[str, ...] = ()
    order: str = "worst"
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class RatedDocument:
    document: DocumentSummary
    quality: DocumentQuality


@dataclass(frozen=True, slots=True)
class QualityView:
    """Counts are of all documents, unfiltered; `means` is the mean score of each part where it was judged."""

    is_known: bool
    documents: tuple[RatedDocument, ...]
    num_documents: int
    ratings: dict[str, int]
    weakest: dict[str, int]
    languages: dict[str, int]
    means: dict[PartName, float]


def review_quality(request: ReviewQuality, principal: Principal, workbench: Workbench) -> QualityView:
    principal.require(Permission.READ)
    if not set(request.ratings) <= set(RATINGS) or not set(request.weakest) <= set(WEIGHTS):
        raise Invalid("There is no such filter.", remedy=f"Use {RATINGS} and {tuple(WEIGHTS)}.")
    if request.order not in ORDERS:
        raise Invalid(f"There is no order {request.order!r}.", remedy=f"Use one of: {', '.join(ORDERS)}.")
    rated = _rated(principal, workbench)
    if rated is None:
        return QualityView(False, (), 0, {}, {}, {}, {})
    fitting = sorted((each for each in rated if _fits(each, request)), key=_ORDERS[request.order])
    return QualityView(
        True,
        tuple(fitting[request.offset : request.offset + request.limit]),
        len(fitting),
        dict(Counter(each.quality.rating or "" for each in rated)),
        dict(Counter(each.quality.weakest or "" for each in rated)),
        dict(sorted(Counter(each.document.language for each in rated).items())),
        {name: fmean(scores) for name in WEIGHTS if (scores := _scores(rated, name))},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadQuality(Request["QualityDetail"]):
    """One document with every part. Raises NotFound where the newest analysis did not judge it."""

    document: str


@dataclass(frozen=True, slots=True)
class QualityDetail:
    """Spans are characters of the document's text."""

    document: StoredDocument
    quality: DocumentQuality
    repetition: Repetition
    facts: LanguageFacts


def read_quality(request: ReadQuality, principal: Principal, workbench: Workbench) -> QualityDetail:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        document = work.documents.get(principal.workspace, request.document)
    found = (kept_quality(principal.workspace, workbench) or {}).get(request.document)
    if found is None:
        raise NotFound("This document was not judged yet.", remedy="Compare the library again.")
    text, language = document.content.text, document.summary.language
    return QualityDetail(document, found.quality, find_repetition(text, language), describe(text, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTopics(Request["TopicsView"]):
    """What the library is about."""


@dataclass(frozen=True, slots=True)
class TopicsView:
    """`documents` are those of the topics that are present, by id."""

    topics: tuple[Topic, ...]
    documents: dict[str, DocumentSummary]


def read_topics(request: ReadTopics, principal: Principal, workbench: Workbench) -> TopicsView:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(principal.workspace)
        if analysis is None:
            return TopicsView((), {})
        is_there = TOPICS in work.findings.counts(principal.workspace, analysis.id)

        def load() -> tuple[Topic, ...]:
            stored = work.findings.newest(principal.workspace, TOPICS)
            return () if stored is None else topic_findings.decode(stored.body)

        topics: tuple[Topic, ...] = workbench.kept_findings.get((analysis.id, TOPICS, is_there), load)
        named = {document for topic in topics for document, _share in topic.documents}
        return TopicsView(topics, work.documents.summaries(principal.workspace, named))


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadQuality(Request[Download]):
    """Every document that fits, with the score of every part, as csv, xlsx or json."""

    format: str
    review: ReviewQuality


def download_quality(request: DownloadQuality, principal: Principal, workbench: Workbench) -> Download:
    principal.require(Permission.READ)
    rated = _rated(principal, workbench) or []
    fitting = sorted((each for each in rated if _fits(each, request.review)), key=_ORDERS["worst"])
    columns = ("document", "title", "name", "language", "score", "rating", "weakest", *WEIGHTS)
    rows = [_row(each) for each in fitting]
    return as_file("document-quality", request.format, columns, rows)


def kept_quality(workspace: str, workbench: Workbench) -> dict[str, KeptQuality] | None:
    """What the newest analysis that judged it says, by document; None before the first."""
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(workspace)
        if analysis is None:
            return None
        is_there = QUALITY in work.findings.counts(workspace, analysis.id)

    def load() -> dict[str, KeptQuality] | None:
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.findings.newest(workspace, QUALITY)
        return None if stored is None else decode(stored.body)

    kept: dict[str, KeptQuality] | None = workbench.kept_findings.get((analysis.id, QUALITY, is_there), load)
    return kept


def _rated(principal: Principal, workbench: Workbench) -> list[RatedDocument] | None:
    kept = kept_quality(principal.workspace, workbench)
    if kept is None:
        return None
    with workbench.storage.transaction(readonly=True) as work:
        _, num_removed = work.documents.revision(principal.workspace)
        analysis = work.analyses.latest(principal.workspace)
    assert analysis is not None

    def load() -> list[RatedDocument]:
        with workbench.storage.transaction(readonly=True) as work:
            documents = work.documents.summaries(principal.workspace, kept)
        return [RatedDocument(documents[each], kept[each].quality) for each in kept if each in documents]

    rated: list[RatedDocument] = workbench.kept_findings.get(
        (analysis.id, "rated", num_removed, len(kept)), load
    )
    return rated


def _fits(each: RatedDocument, request: ReviewQuality) -> bool:
    if request.ratings and each.quality.rating not in request.ratings:
        return False
    if request.weakest and each.quality.weakest not in request.weakest:
        return False
    if request.languages and each.document.language not in request.languages:
        return False
    return mentions(request.search, each.document)


def _scores(rated: list[RatedDocument], name: PartName) -> list[int]:
    return [score for each in rated if (score := each.quality.part(name).score) is not None]


def _score(each: RatedDocument) -> int:
    return -1 if each.quality.score is None else each.quality.score


_ORDERS = {
    "worst": lambda each: (each.quality.score is None, _score(each), each.document.title),
    "best": lambda each: (-_score(each), each.document.title),
    "title": lambda each: (each.document.title.casefold(), each.document.id),
}


def _row(each: RatedDocument) -> dict[str, Value]:
    return {
        "document": each.document.id,
        "title": each.document.title,
        "name": each.document.name,
        "language": each.document.language,
        "score": each.quality.score,
        "rating": each.quality.rating,
        "weakest": each.quality.weakest,
        **{part.name: part.score for part in each.quality.parts},
    }
