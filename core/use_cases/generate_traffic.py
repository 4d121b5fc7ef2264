"""Send made-up requests to the engine, at the pace of a trace, so that the cache is seen at work: a job."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from core.errors import Conflict, Invalid, WorkbenchError
from core.gateway.roles import Permission, Principal
from core.inference import GenerateText, answer
from core.inference.retries import RetryPolicy, retry
from core.jobs import JobContext, JobKind, Priority
from core.storage.job_records import OPEN_STATES, JobRecord
from core.traffic import prompt_of, sample_trace, scale_for
from core.tuning.recorded import FOLDER, read_traffic
from core.tuning.uploads import Uploads
from core.tuning.wizard import RECORDED
from core.use_cases.request import Request
from core.workbench import Workbench
from kvcache.traces import Trace, TraceRequest

TRAFFIC = "traffic"
TITLE = "Generated traffic"
LABEL = "traffic"
SAMPLE = "sample"
MOST_REQUESTS = 2_000
MOST_AT_ONCE = 4
LEAST_RATE, MOST_RATE = 0.1, 100.0
PATIENCE = RetryPolicy(attempts=4)
"""Longer than a worker lives on after its application, so that the end of one is nobody's refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateTraffic(Request[JobRecord]):
    """The newest `num_requests` of a trace, made into text that shares what the trace shares.

    `source` is the sample, recorded traffic, or an uploaded trace by its id. Gaps are kept in proportion, so
    that about `requests_per_second` come.
    """

    num_requests: int = 300
    requests_per_second: float = 4.0
    source: str = SAMPLE


def generate_traffic(request: GenerateTraffic, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that asks. Raises Conflict while one is open: two at a time would measure neither.

    Raises NotFound for an unknown trace. The job fails where there is no request to make.
    """
    principal.require(Permission.OPERATE)
    if not 1 <= request.num_requests <= MOST_REQUESTS:
        raise Invalid(f"Between 1 and {MOST_REQUESTS:,} requests are made at a time.")
    if not LEAST_RATE <= request.requests_per_second <= MOST_RATE:
        raise Invalid(f"Between {LEAST_RATE} and {MOST_RATE:g} requests a second are made.")
    if request.source not in (SAMPLE, RECORDED):
        Uploads(workbench.settings.data_dir, principal.workspace).get(request.source)
    with workbench.storage.transaction(readonly=True) as work:
        if work.jobs.latest(principal.workspace, states=OPEN_STATES, kind=TRAFFIC):
            raise Conflict("Traffic is being generated already.", remedy="Wait for its end, or stop it.")
    return workbench.jobs.submit(
        TRAFFIC,
        TITLE,
        asdict(request),
        principal,
        priority=Priority.NORMAL,
    )


def send_traffic(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: one step. A second run of it asks again, which changes nothing but the cache."""
    return job.step("send", partial(_send, workbench, job))


TRAFFIC_KIND = JobKind(TRAFFIC, send_traffic, timeout_seconds=6 * 3600)


def _send(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    asked_for = GenerateTraffic(**job.job.request)
    trace = _trace(workbench, job.job.workspace, asked_for, job.job.created_at)
    if not trace.requests:
        raise Invalid("There is no request in this traffic.", remedy="Choose the sample.")
    scale = scale_for(trace, workbench.engine.identity().context_tokens)

    def ask(request: TraceRequest) -> None:
        asked = GenerateText(
            prompt=prompt_of(request, scale),
            max_new_tokens=max(request.num_output_tokens, 1),
            temperature=1.0,  # an answer that is drawn anew is not kept, so the model is asked each time
            tenant=job.job.workspace,
            priority=Priority.NORMAL,
            label=LABEL,
        )
        retry(lambda: answer(workbench.engine, asked), PATIENCE, time.sleep)

    return _at_pace(trace, asked_for.requests_per_second, ask, job)


def _trace(workbench: Workbench, workspace: str, asked: GenerateTraffic, until: datetime) -> Trace:
    """Of recorded traffic what came until then: a job that goes on after a crash asks the same again."""
    if asked.source == SAMPLE:
        return sample_trace(asked.num_requests)
    data_dir = workbench.settings.data_dir
    if asked.source == RECORDED:
        found = read_traffic(data_dir / FOLDER).trace
        until_ms = until.timestamp() * 1e3
        found = replace(
            found, requests=tuple(each for each in found.requests if each.timestamp_ms <= until_ms)
        )
    else:
        found = Uploads(data_dir, workspace).read(asked.source)
    return replace(found, requests=found.requests[-asked.num_requests :])


def _at_pace(
    trace: Trace, requests_per_second: float, ask: Callable[[TraceRequest], None], job: JobContext
) -> dict[str, Any]:
    """Each request at its time, as far as those before it leave a place; those refused to the last count."""
    started = time.monotonic()
    first_ms = trace.requests[0].timestamp_ms
    span_ms = trace.requests[-1].timestamp_ms - first_ms
    stretch = (len(trace.requests) - 1) / requests_per_second / span_ms if span_ms > 0 else 0.0
    num_failed, under_way = 0, set[Future[None]]()
    pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="traffic")
    try:
        for number, request in enumerate(trace.requests):
            due = started + (request.timestamp_ms - first_ms) * stretch
            while (left := due - time.monotonic()) > 0 or len(under_way) >= MOST_AT_ONCE:
                done, under_way = _wait(under_way, max(min(left, 0.2), 0.0))
                num_failed += sum(map(_has_failed, done))
                job.check_cancelled()
            under_way.add(pool.submit(ask, request))
            job.progress(number, len(trace.requests))
        num_failed += sum(map(_has_failed, under_way))
    finally:
        pool.shutdown(cancel_futures=True)
    job.progress(len(trace.requests), len(trace.requests))
    return {
        "requests": len(trace.requests),
        "failed": num_failed,
        "seconds": round(time.monotonic() - started, 3),
    }


def _wait(under_way: set[Future[None]], seconds: float) -> tuple[set[Future[None]], set[Future[None]]]:
    """Those that have ended, and those that have not, after so long or when the first ends."""
    if not under_way:
        time.sleep(seconds)
        return set(), under_way
    done, left = wait(under_way, timeout=seconds or 0.2, return_when=FIRST_COMPLETED)
    return done, left


def _has_failed(asked: Future[None]) -> bool:
    """Errors of the engine are counted; any other is one of ours."""
    error = asked.exception()
    if error is not None and not isinstance(error, WorkbenchError):
        raise error
    return error is not None
