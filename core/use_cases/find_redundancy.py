"""Compare all documents of the library with each other: a job that stores the pairs at the floor."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from core.gateway.roles import Permission, Principal
from core.jobs import JobContext, JobKind, Priority
from core.redundancy import find_pairs
from core.redundancy.encoding import decode_pairs, encode_pairs
from core.storage import UnitOfWork
from core.storage.analyses import AnalysisSummary, StoredAnalysis
from core.storage.job_records import OPEN_STATES, JobRecord
from core.use_cases.request import Request
from core.workbench import AnalysedPairs, Workbench

ANALYSE = "analyse"
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
    with workbench.storage.transaction(readonly=True) as work:
        compared = work.documents.compared_texts(job.job.workspace)
    ids = tuple(document.id for document in compared)
    floor = workbench.settings.similarity_floor
    pairs = find_pairs(
        [document.text for document in compared],
        floor,
        progress=lambda share: job.progress(int(share * _STEPS), _STEPS),
    )
    summary = AnalysisSummary(
        id=uuid5(UUID(job.job.id), str(job.job.run)).hex,
        floor=floor,
        fingerprint=fingerprint(ids),
        num_pairs=len(pairs),
        seconds=time.monotonic() - started,
        created_at=datetime.now(UTC),
    )
    with workbench.storage.transaction() as work:
        work.analyses.add(
            job.job.workspace,
            StoredAnalysis(summary, ids, encode_pairs(pairs)),
        )
    job.progress(_STEPS, _STEPS)
    return {"documents": len(ids), "pairs": len(pairs), "seconds": round(summary.seconds, 3)}


def read_pairs(workbench: Workbench, work: UnitOfWork, workspace: str, analysis: str) -> AnalysedPairs:
    """The pairs of a stored analysis; the last few stay in memory."""

    def load() -> AnalysedPairs:
        stored = work.analyses.get(workspace, analysis)
        return AnalysedPairs(stored.documents, decode_pairs(stored.pairs))

    return workbench.kept_pairs.get(analysis, load)
