"""Made-up traffic: always the same sharing, at its pace, and stopped when somebody says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from dataclasses import replace

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.inference import Deterministic, GenerateText, Piece
from core.inference.engine import never
from core.inference.errors import EngineError, EngineFailed, EngineUnavailable
from core.storage.job_records import CANCELLED, DONE, FAILED
from core.traffic import prompt_of, sample_trace, scale_for
from core.use_cases import JOB_KINDS, AddTrace, GenerateTraffic, add_trace, generate_traffic
from core.workbench import Workbench
from kvcache.simulator import replay


class Listening(Deterministic):
    """Remembers what it was asked; refuses some, with this error."""

    def __init__(
        self,
        refuse_every: int = 0,
        refusal: type[EngineError] = EngineFailed,
        on_ask: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.asked: list[GenerateText] = []
        self._refuse_every = refuse_every
        self._refusal = refusal
        self._on_ask = on_ask

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.asked.append(request)
        self._on_ask()
        if self._refuse_every and len(self.asked) % self._refuse_every == 0:
            raise self._refusal("Not now.")
        yield from super().generate(request, is_cancelled=is_cancelled)


def with_engine(workbench: Workbench, engine: Deterministic) -> Workbench:
    changed = replace(workbench, engine=engine)
    workbench.jobs.workbench = changed  # type: ignore[attr-defined]
    return changed


def test_every_request_of_the_sample_is_asked_and_shares_what_the_trace_shares(workbench: Workbench) -> None:
    engine = Listening()
    changed = with_engine(workbench, engine)
    job = generate_traffic(
        GenerateTraffic(num_requests=20, requests_per_second=100), LOCAL_ADMINISTRATOR, changed
    )
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(job.id)
    assert (job.state, job.result["requests"], job.result["failed"]) == (DONE, 20, 0)
    assert {request.label for request in engine.asked} == {"traffic"}
    assert {request.tenant for request in engine.asked} == {LOCAL_ADMINISTRATOR.workspace}
    assert not any(request.is_repeatable for request in engine.asked)
    trace = sample_trace(20)
    scale = scale_for(trace, engine.identity().context_tokens)
    assert sorted(str(request.prompt) for request in engine.asked) == sorted(
        prompt_of(request, scale) for request in trace.requests
    )


def test_what_the_engine_refuses_is_counted_and_the_rest_goes_on(workbench: Workbench) -> None:
    engine = Listening(refuse_every=4)
    changed = with_engine(workbench, engine)
    job = generate_traffic(
        GenerateTraffic(num_requests=12, requests_per_second=100), LOCAL_ADMINISTRATOR, changed
    )
    with workbench.storage.transaction(readonly=True) as work:
        result = work.jobs.get(job.id).result
    assert (len(engine.asked), result["failed"]) == (12, 3)


def test_who_was_away_for_a_moment_is_asked_again(workbench: Workbench) -> None:
    engine = Listening(refuse_every=4, refusal=EngineUnavailable)
    changed = with_engine(workbench, engine)
    job = generate_traffic(
        GenerateTraffic(num_requests=5, requests_per_second=100), LOCAL_ADMINISTRATOR, changed
    )
    with workbench.storage.transaction(readonly=True) as work:
        result = work.jobs.get(job.id).result
    assert (len(engine.asked), result["failed"]) == (6, 0)


def test_it_stops_when_it_is_cancelled(workbench: Workbench) -> None:
    def cancel() -> None:
        with workbench.storage.transaction() as work:
            (job,) = work.jobs.latest("default", kind="traffic")
            work.jobs.request_cancel(job.id)

    engine = Listening(on_ask=cancel)
    changed = with_engine(workbench, engine)
    job = generate_traffic(
        GenerateTraffic(num_requests=600, requests_per_second=4), LOCAL_ADMINISTRATOR, changed
    )
    with workbench.storage.transaction(readonly=True) as work:
        assert work.jobs.get(job.id).state == CANCELLED
    assert len(engine.asked) < 10


@pytest.mark.parametrize(
    "request_", [GenerateTraffic(num_requests=0), GenerateTraffic(requests_per_second=float("nan"))]
)
def test_bounds_are_told(request_: GenerateTraffic, workbench: Workbench) -> None:
    with pytest.raises(Invalid):
        generate_traffic(request_, LOCAL_ADMINISTRATOR, workbench)


def test_two_at_a_time_are_refused(workbench: Workbench) -> None:
    engine = Listening(on_ask=lambda: again())

    def again() -> None:
        with pytest.raises(Conflict):
            generate_traffic(GenerateTraffic(num_requests=1), LOCAL_ADMINISTRATOR, changed)

    changed = with_engine(workbench, engine)
    job = generate_traffic(
        GenerateTraffic(num_requests=2, requests_per_second=100), LOCAL_ADMINISTRATOR, changed
    )
    with workbench.storage.transaction(readonly=True) as work:
        assert work.jobs.get(job.id).state == DONE
    assert job.kind in JOB_KINDS


def test_the_sample_is_worth_tuning_a_cache_for() -> None:
    trace = sample_trace()
    assert trace == sample_trace()
    small = trace.capacity(0.08)
    lru, adaptive = (replay(trace, policy, small).token_hit_rate for policy in ("lru", "adaptive"))
    large = replay(trace, "lru", trace.num_distinct_blocks).token_hit_rate
    assert lru < 0.6 * large
    assert adaptive > lru


def test_a_long_trace_is_scaled_to_the_model() -> None:
    trace = sample_trace(50)
    small = scale_for(trace, 256)
    for request in trace.requests:
        assert 0 < len(prompt_of(request, small).split()) * 1.6 <= 256
    assert prompt_of(replace(trace.requests[0], block_ids=()), small)


def test_an_uploaded_trace_is_asked_as_it_shares(workbench: Workbench) -> None:
    rows = [
        {"timestamp": 1000 * at, "input_length": 1500, "output_length": 2, "hash_ids": [1, 2, 10 + at]}
        for at in range(6)
    ]
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    engine = Listening()
    changed = with_engine(workbench, engine)
    added = add_trace(AddTrace(name="mine.jsonl", source=lines), LOCAL_ADMINISTRATOR, changed)
    request = GenerateTraffic(num_requests=4, requests_per_second=100, source=added.id)
    generate_traffic(request, LOCAL_ADMINISTRATOR, changed)
    prompts = [str(asked.prompt) for asked in engine.asked]
    assert len(set(prompts)) == len(prompts) == 4
    num_shared = int(0.6 * min(map(len, prompts)))
    assert len({prompt[:num_shared] for prompt in prompts}) == 1


def test_traffic_that_is_not_there_is_refused(workbench: Workbench) -> None:
    job = generate_traffic(GenerateTraffic(source="recorded"), LOCAL_ADMINISTRATOR, workbench)
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.get(job.id)
    assert (job.state, job.error) == (FAILED, "There is no request in this traffic.")
    with pytest.raises(NotFound):
        generate_traffic(GenerateTraffic(source="nothing"), LOCAL_ADMINISTRATOR, workbench)


def test_recorded_traffic_is_asked_as_it_was_when_the_job_began(workbench: Workbench) -> None:
    folder = workbench.settings.data_dir / "traces"
    folder.mkdir(parents=True, exist_ok=True)
    now_ms = time.time() * 1e3
    rows = [
        {
            "timestamp": now_ms + 1000 * at,
            "input_length": 100,
            "output_length": 2,
            "hash_ids": [1000 + at, 2000 + at],
            "block_tokens": 64,
            "cached_tokens": 0,
        }
        for at in (-30, -20, -10, 600, 700)
    ]
    (folder / "trace-00000001.jsonl").write_text("\n".join(map(json.dumps, rows)))
    engine = Listening()
    changed = with_engine(workbench, engine)
    request = GenerateTraffic(num_requests=4, requests_per_second=100, source="recorded")
    generate_traffic(request, LOCAL_ADMINISTRATOR, changed)
    assert len(engine.asked) == 3
