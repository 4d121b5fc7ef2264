"""The steps of an analysis of the library, one after the other: what is similar, copied in part, and so on.

A step reads the documents as they are when it runs and stores what it found under the analysis' id, so it may
run again after a crash.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from core.content.blocks import SEPARATOR, Content
from core.ingestion.reading import Repair
from core.jobs import JobContext
from core.language.embedder import Embedder
from core.language.stop_words import LANGUAGES
from core.language.topics import TopicText, find_topics
from core.quality import AssessedDocument, LibraryContext, assess, library_context
from core.redundancy import Span, Subject
from core.redundancy.backends import BackendConfig, DedupBackend, open_backend
from core.redundancy.contradictions import find_contradictions
from core.redundancy.encoding import decode_pairs, encode_pairs
from core.redundancy.index import PairIndex
from core.redundancy.index_file import IndexFile
from core.redundancy.passages import find_passages
from core.redundancy.semantic import (
    SemanticIndex,
    decode_profile,
    encode_profile,
    make_profiles,
    profile_fingerprint,
)
from core.settings import Settings
from core.storage.analyses import AnalysisSummary, StoredAnalysis
from core.storage.documents import ComparedText, StoredDocument
from core.storage.findings import StoredFindings
from core.use_cases import (
    conflict_findings,
    meaning_findings,
    passage_findings,
    quality_findings,
    topic_findings,
)
from core.use_cases.conflict_findings import CONFLICTS
from core.use_cases.meaning_findings import MEANINGS, KeptMeaning, MeaningFindings
from core.use_cases.passage_findings import PASSAGES
from core.use_cases.quality_findings import QUALITY, KeptQuality
from core.use_cases.topic_findings import TOPICS
from core.workbench import Workbench

FULL_SHARE = 0.3
"""Once this share of a library is new, comparing all of it takes less time than document by document."""
BATCH = 200
EMBEDDED_AT_ONCE = 16
TOTAL = 1000
"""Of the progress that people see."""

Step = Callable[[Workbench, JobContext], dict[str, Any]]


def analysis_id(job: JobContext) -> str:
    """The same for a step that runs again, another for a job that is run again."""
    return uuid5(UUID(job.job.id), str(job.job.run)).hex


def fingerprint(ids: Iterable[str]) -> str:
    """One name for these documents in this order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def compare(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    started = time.monotonic()
    workspace, floor = job.job.workspace, workbench.settings.similarity_floor
    ids = _present(workbench, job)
    with workbench.indexes.open(hashlib.sha256(workspace.encode()).hexdigest(), floor) as opened:
        num_compared = _bring_up_to_date(opened, ids, workbench, job)
        pairs = opened.index.table(ids)
    summary = AnalysisSummary(
        id=analysis_id(job),
        floor=floor,
        fingerprint=fingerprint(ids),
        num_pairs=len(pairs),
        seconds=time.monotonic() - started,
        created_at=datetime.now(UTC),
    )
    with workbench.storage.transaction() as work:
        work.analyses.add(workspace, StoredAnalysis(summary, ids, encode_pairs(pairs)))
    return {
        "documents": len(ids),
        "compared": num_compared,
        "pairs": len(pairs),
        "seconds": round(summary.seconds, 3),
    }


def _bring_up_to_date(opened: IndexFile, ids: tuple[str, ...], workbench: Workbench, job: JobContext) -> int:
    """The number of documents that were new to the index; where most are, all are compared at once."""
    known = set(opened.index.documents)
    new = [document for document in ids if document not in known]
    if len(new) > FULL_SHARE * len(ids):
        texts = _texts(workbench, job, ids)
        with closing(comparing_backend(workbench.settings)) as backend:
            pairs = backend.find_pairs(texts, opened.index.floor, progress=_share(job, "compare"))
        opened.replace(PairIndex.build(ids, texts, pairs))
        return len(new)
    opened.remove(known.difference(ids))
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        opened.add(batch, _texts(workbench, job, batch))
        _share(job, "compare")((start + len(batch)) / len(new))
    return len(new)


def comparing_backend(settings: Settings) -> DedupBackend:
    """Where the settings have whole libraries compared; to be closed after use."""
    config = BackendConfig(memory_mb=settings.redundancy_memory_mb, spark_master=settings.spark_master)
    return open_backend(settings.redundancy_backend, config)


def _texts(workbench: Workbench, job: JobContext, ids: Sequence[str]) -> list[str]:
    """One for each id; that of a document which has just gone is empty."""
    with workbench.storage.transaction(readonly=True) as work:
        texts = {each.id: each.text for each in work.documents.compared_texts(job.job.workspace, ids)}
    return [texts.get(document, "") for document in ids]


def find_shared_passages(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """Passages that two documents share, where the texts as a whole may differ."""
    started = time.monotonic()
    workspace = job.job.workspace
    ids = _present(workbench, job)
    with workbench.storage.transaction(readonly=True) as work:
        compared = work.documents.compared_texts(workspace, ids)
        quoting = work.documents.contents(workspace, work.documents.ids_with_quotes(workspace))
    subjects = [subject_of(each) for each in compared]
    texts = {subject.id: subject for subject in subjects}
    with workbench.passages.open(
        workspace, list(texts), lambda new: [texts[document] for document in new]
    ) as index:
        report = find_passages(
            subjects,
            index=index,
            quotes={document: _quotes(content) for document, content in quoting.items()},
            progress=_share(job, "passages"),
        )
    found = passage_findings.kept_findings(report, {subject.id: subject.text for subject in subjects})
    _keep(workbench, job, PASSAGES, len(found.links), passage_findings.encode(found), started)
    return {"passages": len(found.links)}


def subject_of(compared: ComparedText) -> Subject:
    return Subject(
        compared.id, compared.text, compared.title, compared.modified, compared.num_words, compared.language
    )


def read_meanings(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """Embed what was not embedded before. Vectors are kept batch by batch, so a stop loses little."""
    embedder = workbench.embedder
    if embedder is None:
        return {}
    workspace, model = job.job.workspace, _model(workbench, embedder)
    ids = _present(workbench, job)
    with workbench.storage.transaction(readonly=True) as work:
        known = work.embeddings.of_workspace(workspace, model).keys()
    new = [document for document in ids if document not in known]
    tell = _share(job, "embed")
    for start in range(0, len(new), EMBEDDED_AT_ONCE):
        batch = new[start : start + EMBEDDED_AT_ONCE]
        with workbench.storage.transaction(readonly=True) as work:
            compared = work.documents.compared_texts(workspace, batch)
        profiles = make_profiles(
            [each.text for each in compared],
            [each.language for each in compared],
            embedder,
            is_multilingual=workbench.settings.embedding_multilingual,
        )
        with workbench.storage.transaction() as work:
            encoded = [encode_profile(profile) for profile in profiles]
            work.embeddings.add(
                workspace, model, dict(zip((each.id for each in compared), encoded, strict=True))
            )
        tell((start + len(batch)) / len(new))
    return {"embedded": len(new)}


def _model(workbench: Workbench, embedder: Embedder) -> str:
    """Under which name the vectors of a document are kept."""
    return profile_fingerprint(embedder, is_multilingual=workbench.settings.embedding_multilingual)


def find_same_meanings(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """Pairs that say the same in other words, or in another language."""
    embedder = workbench.embedder
    if embedder is None:
        return {}
    started = time.monotonic()
    workspace = job.job.workspace
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.get(workspace, analysis_id(job))
        stored = work.embeddings.of_workspace(workspace, _model(workbench, embedder))
    index = SemanticIndex()
    for document, encoded in stored.items():
        index.put(document, decode_profile(encoded))
    ids = analysis.documents
    found = index.find_pairs(ids, decode_pairs(analysis.pairs), progress=_share(job, "meanings"))
    pairs = [
        (ids[first], ids[second])
        for scored in (found.same_meaning, found.translations)
        for first, second in zip(scored.first.tolist(), scored.second.tolist(), strict=True)
    ]
    findings = MeaningFindings(
        tuple(KeptMeaning(one, other, index.explain(one, other)) for one, other in pairs),
        found.num_common,
        found.is_complete,
        getattr(embedder, "is_packaged", False),
        getattr(embedder, "reason", ""),
    )
    _keep(workbench, job, MEANINGS, len(pairs), meaning_findings.encode(findings), started)
    return {"same_meaning": len(found.same_meaning), "translations": len(found.translations)}


def find_conflicts(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """Statements about the same thing that state different facts."""
    started = time.monotonic()
    with workbench.storage.transaction(readonly=True) as work:
        compared = work.documents.compared_texts(job.job.workspace)
    found = find_contradictions([subject_of(each) for each in compared], _share(job, "conflicts"))
    kept = conflict_findings.kept_conflicts(found, {each.id: each.text for each in compared})
    _keep(workbench, job, CONFLICTS, len(kept), conflict_findings.encode(kept), started)
    return {"conflicts": len(kept)}


def judge_quality(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """How good each document is. What was judged before on the same grounds is taken over."""
    started = time.monotonic()
    workspace = job.job.workspace
    ids = _present(workbench, job)
    with workbench.storage.transaction(readonly=True) as work:
        texts = {each.id: each.text for each in work.documents.compared_texts(workspace, ids)}
        earlier = work.findings.newest(workspace, QUALITY)
        passages = work.findings.find(workspace, analysis_id(job), PASSAGES)
    known = quality_findings.decode(earlier.body) if earlier is not None else {}
    context = _context(texts, passages)
    today = datetime.now(UTC).date()
    found: dict[str, KeptQuality] = {}
    tell = _share(job, "quality")
    for start in range(0, len(ids), BATCH):
        batch = [document for document in ids[start : start + BATCH] if document in texts]
        bases = {document: quality_findings.basis_of(document, context, today) for document in batch}
        new = [each for each in batch if each not in known or known[each].basis != bases[each]]
        found |= {document: known[document] for document in batch if document not in new}
        with workbench.storage.transaction(readonly=True) as work:
            stored = [work.documents.get(workspace, document) for document in new]
        for document in stored:
            quality = assess(assessed(document), context, today)
            found[quality.document_id] = KeptQuality(quality.document_id, bases[quality.document_id], quality)
        tell((start + len(batch)) / len(ids))
    _keep(workbench, job, QUALITY, len(found), quality_findings.encode(found), started)
    return {"judged": len(found)}


def find_library_topics(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """What the documents are about, language by language."""
    started = time.monotonic()
    with workbench.storage.transaction(readonly=True) as work:
        compared = work.documents.compared_texts(job.job.workspace)
    topics = find_topics(
        [
            TopicText(each.id, each.text, language)
            for each in compared
            for language in LANGUAGES
            if each.language == language
        ]
    )
    _keep(workbench, job, TOPICS, len(topics), topic_findings.encode(topics), started)
    job.progress(TOTAL, TOTAL)
    return {"topics": len(topics)}


def assessed(document: StoredDocument) -> AssessedDocument:
    summary = document.summary
    return AssessedDocument(
        id=summary.id,
        content=document.content,
        language=summary.language,
        title=summary.title,
        modified=summary.modified.date() if summary.modified else None,
        repairs=tuple(Repair(**repair) for repair in document.repairs),
        warnings=document.warnings,
    )


def _context(texts: dict[str, str], passages: StoredFindings | None) -> LibraryContext:
    """What comparing the documents tells about each; the boilerplate is known from the step before."""
    compared = library_context(texts)
    spans: dict[str, list[Span]] = {document: [] for document in texts}
    if passages is not None:
        for found in passage_findings.decode(passages.body).boilerplate:
            for document, span in zip(found.documents, found.places, strict=True):
                if document in spans:
                    spans[document].append(span)
    return replace(compared, boilerplate={document: tuple(own) for document, own in spans.items()})


STEPS: dict[str, Step] = {
    "compare": compare,
    "passages": find_shared_passages,
    "embed": read_meanings,
    "meanings": find_same_meanings,
    "conflicts": find_conflicts,
    "quality": judge_quality,
    "topics": find_library_topics,
}

_ENDS = {"compare": 100, "passages": 200, "embed": 600, "meanings": 700, "conflicts": 850, "quality": 980}
"""Where the bar stands when a step is done."""


def _share(job: JobContext, step: str) -> Callable[[float], None]:
    """Tells how far a step is, as a part of the whole."""
    ends = list(_ENDS.values())
    end = _ENDS[step]
    begin = max((each for each in ends if each < end), default=0)
    return lambda share: job.progress(begin + int(share * (end - begin)), TOTAL)


def _present(workbench: Workbench, job: JobContext) -> tuple[str, ...]:
    with workbench.storage.transaction(readonly=True) as work:
        return tuple(work.documents.present_ids(job.job.workspace))


def _quotes(content: Content) -> list[Span]:
    """Where the quote blocks stand in the text."""
    spans, place = [], 0
    for block in content.blocks:
        if block.kind == "quote":
            spans.append(Span(place, place + len(block.text)))
        place += len(block.text) + len(SEPARATOR)
    return spans


def _keep(
    workbench: Workbench, job: JobContext, kind: str, num_findings: int, body: bytes, started: float
) -> None:
    found = StoredFindings(
        kind=kind, num_findings=num_findings, seconds=time.monotonic() - started, body=body
    )
    with workbench.storage.transaction() as work:
        work.findings.add(job.job.workspace, analysis_id(job), found)
