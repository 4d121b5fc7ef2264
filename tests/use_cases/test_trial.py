"""A trial: begun and ended with the right, its figures out of what was recorded of both arms."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace

import pytest

from core.errors import Conflict, Forbidden, Invalid
from core.gateway.roles import Principal, Role
from core.inference.cache_tuning import CacheTuning
from core.use_cases import (
    ApplyTuning,
    EndTrial,
    ReadTrial,
    ReadTuning,
    StartTrial,
    apply_tuning,
    end_trial,
    read_trial,
    read_tuning,
    start_trial,
)
from core.workbench import Workbench
from tests.conftest import as_role
from tests.fakes.tunable_engine import FakeTunable

LRU = CacheTuning(policy="lru")


@pytest.fixture
def engine() -> FakeTunable:
    return FakeTunable()


@pytest.fixture
def bench(workbench: Workbench, engine: FakeTunable) -> Workbench:
    return replace(workbench, tunable=engine)


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


def serve(bench: Workbench, *, families: int, gain: float, at: float | None = None) -> None:
    """Recorded requests of both arms; arm b knows `gain` more of each prompt."""
    chance = random.Random(3)
    rows = []
    for family in range(families):
        arm = "b" if family % 2 else "a"
        for number in range(4):
            cached = int(1000 * (chance.uniform(0.2, 0.4) + (gain if arm == "b" else 0)))
            rows.append(
                {
                    "timestamp": (time.time() if at is None else at) * 1e3,
                    "input_length": 1000,
                    "hash_ids": [family, 1000 + 10 * family + number],
                    "block_tokens": 512,
                    "arm": arm,
                    "cached_tokens": cached,
                    "queue_ms": 1.0,
                    "first_token_ms": 100.0 - cached / 20,
                }
            )
    folder = bench.settings.data_dir / "traces"
    folder.mkdir(exist_ok=True)
    with (folder / "trace-00000001.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_a_trial_names_a_winner_and_keeps_what_it_showed(bench: Workbench, admin: Principal) -> None:
    serve(bench, families=6, gain=0.0, at=time.time() - 60)
    trial = start_trial(StartTrial(tuning=LRU, seen=None, share=0.4, reason="why not"), admin, bench)
    serve(bench, families=40, gain=0.3)
    running = read_trial(ReadTrial(), admin, bench)
    assert running is not None
    assert (running.is_running, running.share) == (True, 0.4)
    assert [each.knob for each in running.changes] == ["policy"]
    assert running.tuning == LRU
    assert running.figures is not None
    found = running.figures.comparison
    assert found.hit_rate is not None
    assert found.first_token_ms is not None
    assert (found.hit_rate.winner, found.first_token_ms.winner, found.num_families) == ("b", "b", 40)
    assert running.figures.num_known_families == 3
    ended = end_trial(EndTrial(), admin, bench)
    assert ended.id == trial.id
    assert ended.result["trial"]["comparison"]["hit_rate"]["winner"] == "b"
    assert read_trial(ReadTrial(), admin, bench) is None
    again = read_trial(ReadTrial(change=trial.id), admin, bench)
    assert again is not None
    assert not again.is_running
    assert again.figures == running.figures
    (row,) = read_tuning(ReadTuning(), admin, bench).history
    assert row.change.action == "trial"
    assert (row.is_running, row.measured_after) == (False, None)
    assert read_tuning(ReadTuning(), admin, bench).last_change is None, "a trial changes nothing that lasts"


def test_a_trial_without_requests_has_no_winner(bench: Workbench, admin: Principal) -> None:
    start_trial(StartTrial(tuning=LRU, seen=None), admin, bench)
    shown = read_trial(ReadTrial(), admin, bench)
    assert shown is not None
    assert shown.figures is not None
    assert shown.figures.comparison.hit_rate is None
    assert not shown.figures.comparison.has_enough


def test_there_is_one_trial_at_a_time_and_nothing_is_applied_meanwhile(
    bench: Workbench, engine: FakeTunable, admin: Principal
) -> None:
    start_trial(StartTrial(tuning=LRU, seen=None), admin, bench)
    with pytest.raises(Conflict):
        start_trial(StartTrial(tuning=LRU, seen=None), admin, bench)
    with pytest.raises(Conflict):
        apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    assert len(read_tuning(ReadTuning(), admin, bench).history) == 1
    end_trial(EndTrial(), admin, bench)
    with pytest.raises(Conflict, match="No trial"):
        end_trial(EndTrial(), admin, bench)


def test_a_trial_that_is_refused_leaves_no_row(
    bench: Workbench, engine: FakeTunable, admin: Principal, viewer: Principal
) -> None:
    with pytest.raises(Invalid):
        start_trial(StartTrial(tuning=CacheTuning(device_mb=100_000), seen=None), admin, bench)
    with pytest.raises(Forbidden):
        start_trial(StartTrial(tuning=LRU, seen=None), viewer, bench)
    with pytest.raises(Forbidden):
        end_trial(EndTrial(), viewer, bench)
    assert engine.trial() is None
    assert read_tuning(ReadTuning(), admin, bench).history == ()
    assert read_trial(ReadTrial(), viewer, bench) is None
