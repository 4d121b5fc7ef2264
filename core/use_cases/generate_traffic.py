"""Send made-up requests to the engine, at the pace of a trace, so that the cache is seen at work: a job."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.errors import Conflict, Invalid, WorkbenchError
from core.gateway.roles import Permission, Principal
from core.inference import GenerateText, answer
from core.inference.retries import RetryPolicy, retry
from core.jobs import JobContext, JobKind, Priority
from core.storage.job_records import OPEN_STATES, JobRecord
from core.traffic import prompt_of, sample_trace, scale_for
from core.use_cases.request import Request
from core.workbench import Workbench
from kvcache.traces import Trace, TraceRequest

TRAFFIC = "traffic"
TITLE = "Generated traffic"
LABEL = "traffic"
MOST_REQUESTS = 600
MOST_AT_ONCE = 4
LEAST_SPEED, MOST_SPEED = 0.1, 100.0
PATIENCE = RetryPolicy(attempts=4)
"""Longer than a worker lives on after its application, so that the end of one is nobody's refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateTraffic(Request[JobRecord]):
    """Replay the sample trace, `speed` times as fast as it was written, the first `num_requests` of it."""

    num_requests: int = 300
    speed: float = 2.0


def generate_traffic(request: GenerateTraffic, principal: Principal, workbench: Workbench) -> JobRecord:
    """The job that asks. Raises Conflict while one is open: two at a time would measure neither."""
    principal.require(Permission.OPERATE)
    if not 1 <= request.num_requests <= MOST_REQUESTS:
        raise Invalid(f"The sample has 1 to {MOST_REQUESTS} requests.")
    if not LEAST_SPEED <= request.speed <= MOST_SPEED:
        raise Invalid(f"The speed is {LEAST_SPEED} to {MOST_SPEED:g}.")
    with workbench.storage.transaction(readonly=True) as work:
        if work.jobs.latest(principal.workspace, states=OPEN_STATES, kind=TRAFFIC):
            raise Conflict("Traffic is being generated already.", remedy="Wait for its end, or stop it.")
    return workbench.jobs.submit(
        TRAFFIC,
        TITLE,
        {"num_requests": request.num_requests, "speed": request.speed},
        principal,
        priority=Priority.NORMAL,
    )


def send_traffic(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    """The job: one step. A second run of it asks again, which changes nothing but the cache."""
    return job.step("send", partial(_send, workbench, job))


TRAFFIC_KIND = JobKind(TRAFFIC, send_traffic)


def _send(workbench: Workbench, job: JobContext) -> dict[str, Any]:
    num_requests, speed = int(job.job.request["num_requests"]), float(job.job.request["speed"])
    trace = sample_trace(num_requests)
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

    return _at_pace(trace, speed, ask, job)


def _at_pace(
    trace: Trace, speed: float, ask: Callable[[TraceRequest], None], job: JobContext
) -> dict[str, Any]:
    """Each request at its time, as far as those before it leave a place; those refused to the last count."""
    started = time.monotonic()
    first_ms = trace.requests[0].timestamp_ms
    num_failed, under_way = 0, set[Future[None]]()
    pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="traffic")
    try:
        for number, request in enumerate(trace.requests):
            due = started + (request.timestamp_ms - first_ms) / 1e3 / speed
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
