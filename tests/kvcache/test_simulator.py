"""The simulator drives the real index, agrees with a plain reference, and stays below the optimum."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from kvcache.policies import POLICIES
from kvcache.simulator import OPTIMUM, miss_ratio_curve, open_index, replay
from kvcache.traces import Trace, TraceRequest, read_trace
from tests.kvcache.generated_traces import GENERATORS
from tests.kvcache.reference_lru import hit_blocks_of_each_request

SIZES = (0.01, 0.03, 0.1, 0.3)


@cache
def generated(kind: str, seed: int, num_requests: int = 600) -> Trace:
    return GENERATORS[kind](seed, num_requests)


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("capacity_blocks", [1, 25, 200])
def test_lru_equals_the_plain_reference_to_the_block(kind: str, capacity_blocks: int) -> None:
    trace = generated(kind, 11, 250)
    index = open_index("lru", capacity_blocks, block_tokens=trace.block_tokens)
    hits = [
        index.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        for request in trace.requests
    ]
    assert hits == hit_blocks_of_each_request(trace, capacity_blocks)


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_passes_the_optimum_or_its_capacity(policy: str, kind: str) -> None:
    trace = generated(kind, 12)
    for size in SIZES:
        capacity = trace.capacity(size)
        result = replay(trace, policy, capacity)
        assert result.hit_blocks <= replay(trace, OPTIMUM, capacity).hit_blocks
        assert result.max_resident_blocks <= capacity
        assert result.requests == len(trace.requests)
        assert result.hit_tokens == result.hit_blocks * trace.block_tokens


@pytest.mark.parametrize("kind", GENERATORS)
def test_the_miss_ratio_curve_says_what_a_replay_of_lru_says(kind: str) -> None:
    trace = generated(kind, 13)
    capacities = [trace.capacity(size) for size in (0.1, 0.3, 0.9)]
    full_blocks = sum(
        len(request.block_ids) - (request.num_tokens % trace.block_tokens > 0) for request in trace.requests
    )
    replayed = [1 - replay(trace, "lru", capacity).hit_blocks / full_blocks for capacity in capacities]
    assert miss_ratio_curve(trace, capacities) == pytest.approx(replayed, abs=1e-12)


def test_a_partly_filled_last_block_is_never_kept() -> None:
    index = open_index("lru", 10, block_tokens=4)
    assert index.access([1, 2, 3], 0, 11) == 0
    assert index.num_resident == 2
    assert index.access([1, 2, 3], 1, 11) == 2


def test_a_prompt_longer_than_the_cache_keeps_its_beginning() -> None:
    index = open_index("lru", 3, block_tokens=1)
    assert index.access([1, 2, 3, 4, 5], 0, 5) == 0
    assert index.num_resident == 3
    assert index.access([1, 2, 3, 4, 5], 1, 5) == 3


def test_a_share_of_the_distinct_blocks_counts_tails_and_is_rounded_down() -> None:
    trace = Trace(4, (TraceRequest(0.0, 9, 0, (1, 2, 3)), TraceRequest(1.0, 10, 0, (1, 2, 4))))
    assert trace.capacity(0.5) == 2
    assert trace.capacity(3) == 3


def test_an_unknown_policy_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="lru"):
        open_index("clock", 10)


def mooncake() -> Trace:
    folder = os.environ.get("BENCH_DATA")
    if not folder:
        pytest.skip("BENCH_DATA names no folder of corpora")
    return read_trace(Path(folder) / "traces" / "mooncake_conversation.jsonl.gz")


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("policy", "rates"),
    [("lru", (5.39, 13.59, 28.91, 36.56)), (OPTIMUM, (25.12, 35.46, 37.34, 37.34))],
)
def test_figures_on_the_conversation_trace(policy: str, rates: tuple[float, ...]) -> None:
    """Mooncake, FAST'25 release, conversation; from a simulator written apart from this library."""
    trace = mooncake()
    measured = [100 * replay(trace, policy, trace.capacity(size)).token_hit_rate for size in SIZES]
    assert measured == pytest.approx(rates, abs=0.005)
