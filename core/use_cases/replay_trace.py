"""Replay traffic under other settings: a job whose findings are kept while it runs, curve by curve."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from core.errors import Conflict, NotFound
from core.gateway.roles import Permission, Principal
from core.inference.cache_tuning import CacheTuning
from core.jobs import JobContext, JobKind, Priority
from core.storage.job_records import OPEN_STATES, JobRecord
from core.storage.replays import StoredReplay
from core.tuning.reach import BlockCosts
from core.tuning.recorded import FOLDER, Traffic, read_traffic
from core.tuning.uploads import Uploads
from core.tuning.what_if import FINDINGS, Findings, Question, replay_traffic
from core.tuning.wizard import RECORDED
from core.tuning.workload import TITLE
from core.use_cases.propose_tuning import block_costs
from core.use_cases.request import Request
from core.use_cases.trace_rows import own_tenant
from core.workbench import Workbench

REPLAY = "replay_trace"
MOST_OPEN = 3
CURRENT, PROPOSED = "current", "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTrace(Request[JobRecord]):
    """Replay recorded traffic, or an uploaded trace by its id; predict for what runs and for `proposal`."""

    source: str = RECORDED
    proposal: CacheTuning | None = None


def replay_trace(request: ReplayTrace, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job. Raises NotFound for an unknown trace, Conflict when three are open already."""
    principal.require(Permission.CONTRIBUTE)
    title = TITLE
    if request.source != RECORDED:
        title = Uploads(workbench.settings.data_dir, principal.workspace).get(request.source).name
    with workbench.storage.transaction(readonly=True) as work:
        is_open = work.jobs.latest(principal.workspace, states=OPEN_STATES, kind=REPLAY)
    if len(is_open) >= MOST_OPEN:
        raise Conflict(
            f"{MOST_OPEN} replays wait or run already.", remedy="Wait for one to end, or cancel one."
        )
    costs = block_costs(workbench)
    asked = {
        "source": request.source,
        "tenant": own_tenant(principal, workbench),
        "tunings": {name: asdict(tuning) for name, tuning in _tunings(request, workbench).items()},
        "costs": None if costs is None else asdict(costs),
    }
    return workbench.jobs.submit(REPLAY, title, asked, principal, priority=Priority.NORMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReplay(Request["ReplayView"]):
    """One replay by its job, or the newest of the workspace."""

    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """`findings` grow while the job runs; None before the first curve."""

    job: JobRecord
    title: str
    findings: Findings | None


def read_replay(request: ReadReplay, principal: Principal, workbench: Workbench) -> ReplayView:
    """Raises NotFound when there is none."""
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        if request.job is not None:
            job = work.jobs.get(request.job, principal.workspace)
        else:
            newest = work.jobs.latest(principal.workspace, kind=REPLAY, limit=1)
            if not newest:
                raise NotFound("Nothing has been replayed yet.", remedy="Start a replay.")
            job = newest[0]
        stored = work.replays.find(principal.workspace, job.id)
    findings = None if stored is None else FINDINGS.validate_python(stored.findings)
    return ReplayView(job=job, title=job.title, findings=findings)


def replay_stored(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: one step, because cut short it begins anew and its findings take the place of the old."""
    return job.step("replay", partial(_replay, workbench, job))


REPLAY_KIND = JobKind(REPLAY, replay_stored, timeout_seconds=6 * 3600, max_running=1)


def _replay(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    asked = job.job.request
    question = Question(
        tunings=tuple((name, CacheTuning(**knobs)) for name, knobs in asked["tunings"].items()),
        costs=None if asked["costs"] is None else BlockCosts(**asked["costs"]),
    )
    findings = None
    for findings in replay_traffic(_traffic(workbench, job), question, job.progress):
        _keep(workbench, job, findings)
    assert findings is not None, "a replay says at least that there is nothing"
    job.progress(1, 1)
    return {"requests": findings.num_requests, "seconds": round(findings.seconds, 3)}


def _traffic(workbench: Workbench, job: JobContext) -> Traffic:
    asked, data_dir = job.job.request, workbench.settings.data_dir
    recorded = read_traffic(data_dir / FOLDER, tenant=asked["tenant"])
    if asked["source"] == RECORDED:
        return recorded
    return Traffic(Uploads(data_dir, job.job.workspace).read(asked["source"]), recorded.measured)


def _keep(workbench: Workbench, job: JobContext, findings: Findings) -> None:
    with workbench.storage.transaction() as work:
        work.replays.keep(
            job.job.workspace,
            StoredReplay(
                id=job.job.id,
                created_at=datetime.now(UTC),
                title=job.job.title,
                findings=FINDINGS.dump_python(findings, mode="json"),
            ),
        )


def _tunings(request: ReplayTrace, workbench: Workbench) -> dict[str, CacheTuning]:
    tunings = {} if workbench.tunable is None else {CURRENT: workbench.tunable.tuning()}
    return tunings | ({} if request.proposal is None else {PROPOSED: request.proposal})
