"""A running model is tuned by what it served: replayed, tried, applied, taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.gateway.roles import Principal, Role
from core.inference import GenerateText, Local, LocalModel, answer
from core.tuning.restore import last_tuning, taken_up
from core.use_cases import (
    ApplyTuning,
    EndTrial,
    ProposeTuning,
    ReadReplay,
    ReadTrial,
    ReadTuning,
    ReplayTrace,
    RollBackTuning,
    StartTrial,
    apply_tuning,
    end_trial,
    propose_tuning,
    read_replay,
    read_trial,
    read_tuning,
    replay_trace,
    roll_back_tuning,
    start_trial,
)
from core.workbench import Workbench
from kvcache.request_log import RequestRecord
from tests.conftest import as_role
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until

PAGES = [f"Page {number} of the handbook says what to do in case {number}. " * 3 for number in range(14)]


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


@pytest.fixture
def bench(workbench: Workbench, tmp_path: Path) -> Iterator[Workbench]:
    folder = write_small_model(tmp_path / "model", [("Hello", "Good day")], context_tokens=400)
    model = LocalModel(folder=folder, state_dir=workbench.settings.data_dir, block_tokens=16)
    engine = Local(model, free_memory_bytes=lambda: 4 << 30)
    made = replace(workbench, engine=engine, tunable=engine)
    made.jobs.workbench = made  # type: ignore[attr-defined]
    engine.subscribe(made.history.add_request)
    yield made
    engine.close()
    made.jobs.workbench = workbench  # type: ignore[attr-defined]


def serve(bench: Workbench, workspace: str) -> None:
    """Twenty-eight requests of fourteen families, answered and recorded."""
    recorded: list[RequestRecord] = []
    assert isinstance(bench.engine, Local)
    bench.engine.subscribe(recorded.append)
    for page in PAGES:
        for question in ("Who?", "When?"):
            prompt = f"{page}{question}"
            answer(bench.engine, GenerateText(prompt=prompt, max_new_tokens=2, tenant=workspace))
    wait_until(lambda: len(recorded) == 28)


def test_what_was_served_decides_what_runs(bench: Workbench, admin: Principal) -> None:
    serve(bench, admin.workspace)
    before = read_tuning(ReadTuning(), admin, bench)
    assert before.tuning is not None
    proposal = propose_tuning(ProposeTuning(goal="memory", workload="recorded", memory_mb=1024), admin, bench)
    assert not proposal.is_assumed
    assert proposal.tuning.memory_mb < before.tuning.memory_mb

    replay_trace(ReplayTrace(proposal=proposal.tuning), admin, bench)
    findings = read_replay(ReadReplay(), admin, bench).findings
    assert findings is not None
    assert findings.num_requests == 28
    measured = bench.engine.cache_snapshots()["cpu"]  # type: ignore[attr-defined]
    assert findings.predictions[0].hit_rate.value == pytest.approx(
        measured.cached_tokens / measured.requested_tokens, abs=0.02
    )

    start_trial(StartTrial(tuning=proposal.tuning, seen=None), admin, bench)
    serve(bench, admin.workspace)
    trial = read_trial(ReadTrial(), admin, bench)
    assert trial is not None
    assert trial.figures is not None
    arms = trial.figures.comparison
    assert arms.a.num_requests + arms.b.num_requests == 28
    assert arms.a.num_families + arms.b.num_families == arms.num_families == 14
    end_trial(EndTrial(), admin, bench)

    change = apply_tuning(ApplyTuning(tuning=proposal.tuning, seen=None), admin, bench)
    serve(bench, admin.workspace)
    seen = read_tuning(ReadTuning(), admin, bench)
    assert seen.tuning == proposal.tuning
    assert seen.history[0].measured_after is not None
    assert seen.history[0].measured_after.num_requests == 28
    last = last_tuning(bench.storage)
    assert last is not None
    assert taken_up(last, bench.settings, before.tuning).tuning == proposal.tuning
    roll_back_tuning(RollBackTuning(change=change.id, seen=change.id), admin, bench)
    assert read_tuning(ReadTuning(), admin, bench).tuning == before.tuning
