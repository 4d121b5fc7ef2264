"""Compare all documents of the library with each other: a job that stores the pairs at the floor."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from core.gateway.roles import Permission, Principal
from core.jobs import JobContext, JobKind, Priority
from core.redundancy import find_pairs
from core.redundancy.encoding import decode_pairs, encode_pairs
from core.redundancy.index import PairIndex
from core.redundancy.index_file import IndexFile
from core.storage import UnitOfWork
from core.storage.analyses import AnalysisSummary, StoredAnalysis
from core.storage.job_records import OPEN_STATES, JobRecord
from core.use_cases.request import Request
from core.workbench import AnalysedPairs, Workbench

ANALYSE = "analyse"
FULL_SHARE = 0.3
"""Once this share of a library is new, comparing all of it takes less time than document by document."""
BATCH = 200

_STEPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRedundancy(Request[JobRecord]):
    """Analyse the library as it is now."""


def find_redundancy(request: FindRedundancy, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that compares; one that still waits is returned instead of a second."""
    principal.require(Permission.CONTRIBUTE)
    return submit_analysis(workbench, principal)


def submit_analysis(workbench: Workbench, principal: Principal, job_id: str | None = None) -> JobRecord:
    with workbench.storage.transaction(readonly=True) as work:
        waiting = work.jobs.latest(principal.workspace, states=OPEN_STATES[:1], kind=ANALYSE)
    if waiting:
        return waiting[0]
    return workbench.jobs.submit(
        ANALYSE, "Redundancy of the library", {}, principal, priority=Priority.NORMAL, job_id=job_id
    )


def compare_library(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: one step, because its only effect is one row under the job's own id."""
    return job.step("compare", partial(_compare, workbench, job))


ANALYSE_KIND = JobKind(ANALYSE, compare_library)


def fingerprint(ids: Iterable[str]) -> str:
    """One name for these documents in this order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _compare(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    started = time.monotonic()
    workspace, floor = job.job.workspace, workbench.settings.similarity_floor
    with workbench.storage.transaction(readonly=True) as work:
        ids = tuple(work.documents.present_ids(workspace))
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
    job.progress(_STEPS, _STEPS)
    return {
        "documents": len(ids),
        "compared": num_compared,
        "pairs": len(pairs),
        "seconds": round(summary.seconds, 3),
    }


def analysis_id(job: JobContext) -> str:
    """The same for a step that runs again, another for a job that is run again."""
    return uuid5(UUID(job.job.id), str(job.job.run)).hex


def _bring_up_to_date(opened: IndexFile, ids: tuple[str, ...], workbench: Workbench, job: JobContext) -> int:
    """The number of documents that were new to the index; where most are, all are compared at once."""
    known = set(opened.index.documents)
    new = [document for document in ids if document not in known]
    if len(new) > FULL_SHARE * len(ids):
        texts = _texts(workbench, job, ids)
        pairs = find_pairs(texts, opened.index.floor, progress=lambda share: _tell(job, share))
        opened.replace(PairIndex.build(ids, texts, pairs))
        return len(new)
    opened.remove(known.difference(ids))
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        opened.add(batch, _texts(workbench, job, batch))
        _tell(job, (start + len(batch)) / len(new))
    return len(new)


def _texts(workbench: Workbench, job: JobContext, ids: Sequence[str]) -> list[str]:
    """One for each id; that of a document which has just gone is empty."""
    with workbench.storage.transaction(readonly=True) as work:
        texts = {each.id: each.text for each in work.documents.compared_texts(job.job.workspace, ids)}
    return [texts.get(document, "") for document in ids]


def _tell(job: JobContext, share: float) -> None:
    job.progress(int(share * _STEPS), _STEPS)


def read_pairs(workbench: Workbench, work: UnitOfWork, workspace: str, analysis: str) -> AnalysedPairs:
    """The pairs of a stored analysis; the last few stay in memory."""

    def load() -> AnalysedPairs:
        stored = work.analyses.get(workspace, analysis)
        return AnalysedPairs(stored.documents, decode_pairs(stored.pairs))

    return workbench.kept_pairs.get(analysis, load)
