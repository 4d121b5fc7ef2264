"""Review the pairs of documents that say the same in other words, or in another language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.redundancy import Subject, choose_canonical
from core.redundancy.semantic import PassageMatch, SemanticAdvice, SemanticEvidence, semantic_advice
from core.storage.documents import DocumentSummary
from core.use_cases.meaning_findings import MEANINGS, KeptMeaning, MeaningFindings, decode
from core.use_cases.request import Request
from core.workbench import Workbench

MEANING_KINDS = ("all", "same_meaning", "translation")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMeanings(Request["MeaningsView"]):
    """`limit` pairs from the `offset`th, the surest first. `search` looks in titles and names."""

    kind: str = "all"
    search: str = ""
    languages: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class MeaningView:
    """`a` is the newer document, or the longer; the advice is about `b`. The evidence sets `a` on side a."""

    a: DocumentSummary
    b: DocumentSummary
    evidence: SemanticEvidence
    advice: SemanticAdvice


@dataclass(frozen=True, slots=True)
class MeaningsView:
    """`is_known` is False while no analysis has looked for meanings. Counts are of all pairs, unfiltered."""

    is_known: bool
    pairs: tuple[MeaningView, ...]
    num_pairs: int
    counts: dict[str, int]
    languages: dict[str, int]
    model_note: str
    is_calibrated: bool


def review_meanings(request: ReviewMeanings, principal: Principal, workbench: Workbench) -> MeaningsView:
    principal.require(Permission.READ)
    if request.kind not in MEANING_KINDS:
        raise Invalid(
            f"There is no kind {request.kind!r}.", remedy=f"Use one of: {', '.join(MEANING_KINDS)}."
        )
    known = _findings(principal, workbench)
    if known is None:
        return MeaningsView(False, (), 0, {}, {}, "", True)
    findings, pairs = known
    fitting = sorted((pair for pair in pairs if _fits(pair, request)), key=_rank)
    kinds = [pair.evidence.kind for pair in pairs]
    return MeaningsView(
        True,
        tuple(fitting[request.offset : request.offset + request.limit]),
        len(fitting),
        {kind: kinds.count(kind) for kind in ("same_meaning", "translation")},
        count_languages((pair.a, pair.b) for pair in pairs),
        findings.model_note,
        findings.is_calibrated,
    )


def _findings(principal: Principal, workbench: Workbench) -> tuple[MeaningFindings, list[MeaningView]] | None:
    """Those of the newest analysis with what is there of them; None where it did not look for meanings."""
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(principal.workspace)
        if analysis is None or MEANINGS not in work.findings.counts(principal.workspace, analysis.id):
            return None
        _, num_removed = work.documents.revision(principal.workspace)

    def load() -> tuple[MeaningFindings, list[MeaningView]]:
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.findings.find(principal.workspace, analysis.id, MEANINGS)
            assert stored is not None
            findings = decode(stored.body)
            named = {each for pair in findings.pairs for each in (pair.a_id, pair.b_id)}
            documents = work.documents.summaries(principal.workspace, named)
        views = [
            _view(pair, documents, findings.is_calibrated)
            for pair in findings.pairs
            if pair.a_id in documents and pair.b_id in documents
        ]
        return findings, views

    known: tuple[MeaningFindings, list[MeaningView]] = workbench.kept_findings.get(
        (analysis.id, MEANINGS, num_removed), load
    )
    return known


def count_languages(sides: Iterable[tuple[DocumentSummary, DocumentSummary]]) -> dict[str, int]:
    """How many pairs hold a document of each language."""
    counts: dict[str, int] = {}
    for pair in sides:
        for language in {document.language for document in pair}:
            counts[language] = counts.get(language, 0) + 1
    return dict(sorted(counts.items()))


def mentions(search: str, *documents: DocumentSummary) -> bool:
    """Whether every word of the search stands in a title or name."""
    names = " ".join(f"{document.title} {document.name}" for document in documents).casefold()
    return all(word in names for word in search.casefold().split())


def _view(pair: KeptMeaning, documents: dict[str, DocumentSummary], is_calibrated: bool) -> MeaningView:
    one, other, evidence = documents[pair.a_id], documents[pair.b_id], pair.evidence
    if choose_canonical([_subject(one), _subject(other)], "newest").position == 1:
        one, other, evidence = other, one, _turned(evidence)
    advice = semantic_advice(_subject(one), _subject(other), evidence, is_calibrated_model=is_calibrated)
    return MeaningView(one, other, evidence, advice)


def _turned(evidence: SemanticEvidence) -> SemanticEvidence:
    """The same with the sides exchanged."""
    return replace(
        evidence,
        matches=tuple(
            sorted(
                (PassageMatch(each.b, each.a, each.similarity) for each in evidence.matches),
                key=lambda match: match.a,
            )
        ),
        share_a=evidence.share_b,
        share_b=evidence.share_a,
        num_figures_a=evidence.num_figures_b,
        num_figures_b=evidence.num_figures_a,
    )


def _subject(document: DocumentSummary) -> Subject:
    return Subject(document.id, "", document.title, document.modified, document.num_words, document.language)


def _fits(pair: MeaningView, request: ReviewMeanings) -> bool:
    if request.kind != "all" and pair.evidence.kind != request.kind:
        return False
    if request.languages and not {pair.a.language, pair.b.language} & set(request.languages):
        return False
    return mentions(request.search, pair.a, pair.b)


def _rank(pair: MeaningView) -> tuple[object, ...]:
    return pair.evidence.kind, -pair.evidence.score, pair.a.title, pair.b.title
