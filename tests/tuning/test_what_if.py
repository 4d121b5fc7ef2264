"""Curves and predictions: within bounds, in the order a page wants them, and right where that is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inference.cache_tuning import CacheTuning
from core.tuning.reach import MIB, BlockCosts
from core.tuning.recorded import Traffic
from core.tuning.what_if import (
    FINDINGS,
    NO_MODEL,
    NUM_SIZES,
    Findings,
    Question,
    replay_traffic,
    sizes,
)
from kvcache.policies import POLICIES
from kvcache.simulator import OPTIMUM, replay
from kvcache.traces import Trace
from tests.tuning.generated_traffic import BLOCK_TOKENS, conversations

COSTS = BlockCosts(bytes_per_token=MIB / BLOCK_TOKENS)  # a block is 1 MiB
SMALL = CacheTuning(policy="lru", device_mb=100, host_mb=0, disk_mb=0)
LARGE = CacheTuning(policy="lru", device_mb=4000, host_mb=0, disk_mb=0)
QUESTION = Question(tunings=(("current", SMALL), ("proposed", LARGE)), costs=COSTS)


def nothing(_done: int, _total: int) -> None:
    """Nobody watches."""


def last(traffic: Traffic, question: Question = QUESTION) -> Findings:
    *_, found = replay_traffic(traffic, question, nothing)
    return found


@pytest.fixture(scope="module")
def found() -> Findings:
    return last(conversations())


def test_the_lru_curve_comes_first_then_the_optimum_then_the_others() -> None:
    grown = list(replay_traffic(conversations(100), QUESTION, nothing))
    assert [curve.policy for curve in grown[0].curves] == ["lru"]
    assert [curve.policy for curve in grown[-1].curves] == ["lru", OPTIMUM, *list(POLICIES)[1:]]
    assert [each.is_done for each in grown] == [False] * 8 + [True]
    assert not any(each.predictions for each in grown[:-1])
    assert grown[0].first_curve_seconds == grown[-1].first_curve_seconds


def test_no_policy_passes_the_optimum_and_the_optimum_not_what_is_possible(found: Findings) -> None:
    curves = {curve.policy: [point.hit_rate for point in curve.points] for curve in found.curves}
    for policy, rates in curves.items():
        for rate, best in zip(rates, curves[OPTIMUM], strict=True):
            assert 0 <= rate <= best + 1e-12, policy
        assert rates[-1] == pytest.approx(found.possible_hit_rate), f"{policy} with room for everything"
    assert max(curves[OPTIMUM]) == pytest.approx(found.possible_hit_rate)


def test_a_curve_is_what_the_simulator_says(found: Findings) -> None:
    trace = conversations().trace
    for curve in found.curves:
        for point in curve.points[::4]:
            assert point.hit_rate == pytest.approx(
                replay(trace, curve.policy, point.capacity_blocks).token_hit_rate
            )
            assert point.capacity_mb == pytest.approx(point.capacity_blocks)


def test_current_and_proposed_lie_on_the_curves(found: Findings) -> None:
    on_curve = {point.capacity_blocks: point.hit_rate for point in found.curves[0].points}
    current, proposed = found.predictions
    assert (current.name, proposed.name) == ("current", "proposed")
    assert current.total_blocks == 100
    assert current.hit_rate.value == pytest.approx(on_curve[100])
    assert proposed.total_blocks == 4000
    assert proposed.hit_rate.value == pytest.approx(found.possible_hit_rate)
    assert len(on_curve) == NUM_SIZES


def test_intervals_hold_their_value_and_narrow_with_the_families() -> None:
    roomy = replace(QUESTION, tunings=(("all of it", replace(LARGE, device_mb=100_000)),))
    few = last(conversations(200, families=12), roomy)
    many = last(conversations(2000, families=120), roomy)
    for found in (few, many):
        for prediction in found.predictions:
            for estimate in (prediction.hit_rate, prediction.first_token_ms):
                assert estimate is not None
                assert estimate.low is not None
                assert estimate.high is not None
                assert estimate.low <= estimate.value <= estimate.high
    widths = [each.predictions[0].hit_rate for each in (few, many)]
    assert widths[0].high - widths[0].low > widths[1].high - widths[1].low  # type: ignore[operator]


def test_the_first_token_model_finds_what_the_traffic_was_made_with(found: Findings) -> None:
    model = found.first_token_model
    assert model is not None
    assert model.start_ms == pytest.approx(20, abs=1)
    assert model.ms_per_token == pytest.approx(0.1, rel=0.05)
    assert model.error_ms < 2
    current, proposed = found.predictions
    assert current.first_token_ms is not None
    assert proposed.first_token_ms is not None
    assert proposed.first_token_ms.value < current.first_token_ms.value
    assert proposed.first_token_ms.value == pytest.approx(20 + 0.1 * 3.5 * BLOCK_TOKENS, rel=0.2)


def test_memory_is_what_blocks_come_to_take_and_never_more_than_there_is(found: Findings) -> None:
    current, proposed = found.predictions
    assert current.memory_mb.value == 100
    assert proposed.memory_mb.value == pytest.approx(found.num_distinct_blocks)
    assert proposed.memory_mb.value <= proposed.memory_limit_mb


def test_what_cannot_be_told_is_said() -> None:
    untimed = last(conversations(is_timed=False))
    assert untimed.first_token_model is None
    assert untimed.predictions[0].first_token_ms is None
    assert untimed.predictions[0].hit_rate.low is not None
    assert "Too few" in untimed.notes[0]
    alike = conversations()
    same = tuple(replace(each, cached_tokens=each.request.num_tokens - 64) for each in alike.measured)
    assert "same number" in last(Traffic(alike.trace, same)).notes[0]
    unloaded = last(conversations(100), replace(QUESTION, costs=None))
    assert unloaded.predictions == ()
    assert unloaded.notes == (NO_MODEL,)
    assert len(unloaded.curves[0].points) == NUM_SIZES
    nobody = last(Traffic(Trace(64, ())))
    assert nobody.is_done
    assert nobody.notes


def test_a_trace_that_was_brought_takes_times_from_what_was_recorded_here() -> None:
    brought = Traffic(conversations(300, seed=7).trace, conversations(100).measured)
    assert last(brought).predictions[0].first_token_ms is not None


def test_findings_come_back_from_json_as_they_went(found: Findings) -> None:
    plain = json.loads(json.dumps(FINDINGS.dump_python(found, mode="json")))
    assert FINDINGS.validate_python(plain) == found


def test_progress_only_grows_and_cancelling_stops_at_once() -> None:
    told: list[tuple[int, int]] = []
    list(replay_traffic(conversations(200), QUESTION, lambda done, total: told.append((done, total))))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= total for done, total in told)

    class Cancelled(Exception):
        pass

    def cancel(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(replay_traffic(conversations(200), QUESTION, cancel))


@given(st.integers(1, 10**7), st.lists(st.integers(0, 10**9), max_size=4))
def test_sizes_grow_hold_the_marks_and_are_few(num_distinct: int, marked: list[int]) -> None:
    found = sizes(num_distinct, marked)
    assert list(found) == sorted(set(found))
    assert len(found) <= NUM_SIZES
    assert found[-1] == num_distinct
    assert found[0] >= 1
    for mark in marked:
        assert min(max(mark, 1), num_distinct) in found
    if num_distinct > 10_000:
        assert len(found) == NUM_SIZES
