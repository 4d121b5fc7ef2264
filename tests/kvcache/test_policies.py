"""What every policy promises, and what each is known for."""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path
from statistics import median

import pytest

import kvcache.policies
from kvcache.policies import POLICIES
from kvcache.policies.adaptive import TOLERANCE, Adaptive
from kvcache.policies.lru import Lru
from kvcache.run import Account
from kvcache.simulator import OPTIMUM, SimulatedIndex, open_index, replay
from kvcache.traces import Trace, read_trace
from tests.kvcache.generated_traces import GENERATORS, document_sections

SIZES = (0.01, 0.03, 0.1, 0.3)
NEVER_TUNED_ON = (901, 902, 903, 904, 905)


def test_the_table_holds_every_policy_of_the_folder() -> None:
    folder = Path(kvcache.policies.__file__).parent
    parts = {"__init__", "policy", "reuse_model"}
    assert {file.stem for file in folder.glob("*.py")} - parts == set(POLICIES)


def serve(index: SimulatedIndex, *prompts: list[int]) -> list[int]:
    return [index.access(prompt, 0.0, len(prompt)) for prompt in prompts]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_prompt_that_fits_is_hit_when_it_comes_again(policy: str) -> None:
    index = open_index(policy, 8, block_tokens=1)
    assert serve(index, [1, 2, 3], [1, 2, 3], [1, 2, 4]) == [0, 3, 2]


@pytest.mark.parametrize("policy", POLICIES)
def test_integrity_holds_after_every_request_and_every_switch(policy: str) -> None:
    chance = random.Random(5)
    index = open_index(policy, 40, block_tokens=1)
    prompts = [[chance.randrange(4) * 10**depth for depth in range(1, 9)] for _ in range(400)]
    for number, prompt in enumerate(prompts):
        index.access(prompt[: chance.randint(1, 8)], number, 8)
        index.tree.check_integrity()
        assert index.num_resident <= 40
    for other in POLICIES:
        before = index.num_resident
        index.tree.switch(POLICIES[other]())
        index.tree.check_integrity()
        assert index.num_resident == before
        for number, prompt in enumerate(prompts[:50]):
            index.access(prompt, number, 8)
            index.tree.check_integrity()


def test_lru_forgets_the_least_recently_used_tail_first() -> None:
    index = open_index("lru", 4, block_tokens=1)
    assert serve(index, [1, 2], [3, 4], [1, 2], [5], [1, 2], [3, 4]) == [0, 0, 2, 0, 2, 1]


def test_lfu_keeps_what_was_used_more() -> None:
    index = open_index("lfu", 4, block_tokens=1)
    assert serve(index, [1, 2], [1, 2], [3, 4], [5, 6], [1, 2]) == [0, 2, 0, 0, 2]


def test_fifo_is_not_moved_by_use() -> None:
    index = open_index("fifo", 4, block_tokens=1)
    assert serve(index, [1, 2], [3, 4], [1, 2], [5, 6], [3, 4], [1, 2]) == [0, 0, 2, 0, 2, 0]


def test_slru_protects_what_was_used_again_from_a_scan() -> None:
    index = open_index("slru", 5, block_tokens=1)
    assert serve(index, [1, 2], [1, 2], [3, 4], [5, 6], [7, 8], [1, 2]) == [0, 2, 0, 0, 0, 2]


def test_arc_protects_what_was_used_again_from_a_scan() -> None:
    index = open_index("arc", 5, block_tokens=1)
    assert serve(index, [1, 2], [1, 2], [3, 4], [5, 6], [7, 8], [1, 2]) == [0, 2, 0, 0, 0, 2]


def test_tlru_trims_the_tails_that_the_next_turn_would_not_miss() -> None:
    index = open_index("tlru", 120, block_tokens=1)
    fresh = iter(range(1, 10**6))
    for _ in range(200):
        serve(index, [next(fresh) for _ in range(10)])
    old = [next(fresh) for _ in range(10)]
    serve(index, old, [next(fresh) for _ in range(10)])
    for _ in range(11):
        serve(index, [next(fresh) for _ in range(10)])
    assert 0 < serve(index, old)[0] < 10


def test_adaptive_keeps_hot_prompts_beside_a_scan() -> None:
    trace = GENERATORS["scans"](31, 2000)
    capacity = trace.capacity(0.01)
    assert replay(trace, "adaptive", capacity).hit_blocks > 1.1 * replay(trace, "lru", capacity).hit_blocks


def test_the_cost_of_recomputing_turns_the_order_towards_deep_prompts() -> None:
    trace = GENERATORS["conversations"](33, 3000)
    capacity = trace.capacity(0.03)
    saved = []
    for doubling_blocks in (0.0, 8.0):
        index = open_index("adaptive", capacity, block_tokens=trace.block_tokens)
        index.tree.policy.weigh_depth(doubling_blocks)
        hits = [index.access(each.block_ids, each.timestamp_ms, each.num_tokens) for each in trace.requests]
        saved.append(sum(hit + hit * hit / 16 for hit in hits))  # a block at depth d costs 1 + d / 8
    assert saved[1] > saved[0]


@pytest.mark.parametrize("kind", GENERATORS)
def test_the_lead_over_lru_is_counted_right(kind: str) -> None:
    """But for the order within one request, of which the new tail is taken for the newest."""
    trace = GENERATORS[kind](34, 1500)
    capacity = trace.capacity(0.1)
    adaptive, lru = open_index("adaptive", capacity), open_index("lru", capacity)
    policy = adaptive.tree.policy
    assert isinstance(policy, Adaptive)
    own_hits = hits = served = 0
    for request in trace.requests:
        own_hits += adaptive.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        if policy._learned:
            break
        hits += lru.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        served += 1
        assert own_hits - policy._lead == pytest.approx(hits, rel=0.01, abs=40)
    assert served > 100


@pytest.mark.parametrize("policy", ["lru", "adaptive"])
def test_a_hot_prompt_leaves_no_more_places_behind_than_runs_rest(policy: str) -> None:
    index = open_index(policy, 64, block_tokens=1)
    fresh = iter(range(100, 10**6))
    for _ in range(6000):
        serve(index, [1, 2, 3], [1, 2, 4], [1, 2, next(fresh)])
    resting = index.tree.policy
    if isinstance(resting, Adaptive):
        num_places = sum(len(queue) for queue in resting._queues if queue)
        num_places += sum(map(len, resting._by_use._entries))
    else:
        assert isinstance(resting, Lru)
        num_places = sum(map(len, resting._entries))
    index.tree.check_integrity()
    assert num_places <= 10_000


@pytest.mark.parametrize("first", GENERATORS)
@pytest.mark.parametrize("second", GENERATORS)
def test_what_is_lost_to_lru_when_traffic_turns_is_bounded(first: str, second: str) -> None:
    """The slacks of all falls add up to a capacity at most, and 1 % of the blocks requested comes on top."""
    capacity = 200
    lru, adaptive = (
        open_index("lru", capacity, block_tokens=1),
        open_index("adaptive", capacity, block_tokens=1),
    )
    lost = requested = 0
    for offset, kind in ((0, first), (1 << 62, second)):
        for request in GENERATORS[kind](36, 1000).requests:
            block_ids = [block + offset for block in request.block_ids]
            arguments = (block_ids, request.timestamp_ms, len(block_ids))
            lost += lru.access(*arguments) - adaptive.access(*arguments)
            requested += len(block_ids)
    assert lost <= capacity + TOLERANCE * requested


def test_a_prompt_that_goes_on_meets_what_is_known_of_it() -> None:
    index = open_index("adaptive", 4, block_tokens=1)
    serve(index, [1, 2, 3, 4], [5, 6, 7, 8])
    lease = index.tree.acquire([1, 2], Account("talk"), 1.0)
    known = set(index.tree.runs())
    index.tree.lengthen(lease, [3, 4])
    assert index.tree.extend(lease) == 4
    index.tree.release(lease)
    index.tree.check_integrity()
    assert set(index.tree.runs()) == known


@pytest.mark.parametrize("policy", POLICIES)
def test_adaptive_goes_on_from_what_any_policy_has_left(policy: str) -> None:
    trace = GENERATORS["agent loops"](35, 400)
    index = open_index(policy, trace.capacity(0.05))
    for request in trace.requests[:200]:
        index.access(request.block_ids, request.timestamp_ms, request.num_tokens)
    index.tree.switch(Adaptive())
    for request in trace.requests[200:]:
        index.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        index.tree.check_integrity()


def test_announced_blocks_outlive_all_others() -> None:
    index = open_index("adaptive", 6, block_tokens=1)
    serve(index, [1, 2, 3])
    index.announce([[1, 2, 3]])
    serve(index, [10, 11, 12], [20, 21, 22], [30, 31, 32], [40, 41, 42])
    index.tree.check_integrity()
    assert serve(index, [1, 2, 3]) == [3]


def test_of_announced_prompts_the_one_wanted_last_goes_first() -> None:
    index = open_index("adaptive", 6, block_tokens=1)
    serve(index, [1, 2, 3], [4, 5, 6])
    index.announce([[7, 8], [4, 5, 6], [7, 8], [1, 2, 3]])
    serve(index, [7, 8])
    assert serve(index, [4, 5, 6], [1, 2, 3]) == [3, 1]


def test_what_nobody_wants_does_not_displace_what_is_announced() -> None:
    index = open_index("adaptive", 3, block_tokens=1)
    serve(index, [1, 2, 3])
    index.announce([[1, 2, 3]])
    assert serve(index, [7, 8], [1, 2, 3]) == [0, 3]


def test_the_whole_window_may_be_announced_again_each_time() -> None:
    trace = GENERATORS["tenant churn"](32, 400)
    once, again = (open_index("adaptive", 60) for _ in range(2))
    hits = []
    for position, request in enumerate(trace.requests):
        window = [coming.block_ids for coming in trace.requests[position : position + 20]]
        again.announce(window)
        once.announce(window if position == 0 else window[19:])
        arguments = (request.block_ids, request.timestamp_ms, request.num_tokens)
        hits.append((once.access(*arguments), again.access(*arguments)))
    assert all(one == other for one, other in hits)
    assert again.tree.check_integrity() is None


@cache
def sections(seed: int) -> Trace:
    return document_sections(seed, 3000)


def test_look_ahead_reaches_most_of_the_optimum_on_document_sections() -> None:
    shares = []
    for seed in NEVER_TUNED_ON[:3]:
        trace = sections(seed)
        capacity = trace.capacity(0.01)
        lru = replay(trace, "lru", capacity).hit_blocks
        best = replay(trace, OPTIMUM, capacity).hit_blocks
        seen = replay(trace, "adaptive", capacity, lookahead=200).hit_blocks
        shares.append((seen - lru) / (best - lru))
    assert median(shares) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("kind", GENERATORS)
def test_adaptive_generalises_to_traffic_it_was_not_tuned_on(kind: str) -> None:
    """Median of five seeds in points of token hit rate, for every size.

    Single conversations of people who type at one rhythm have no structure to learn: there it falls short.
    """
    most_behind_lru = 0.5 if kind == "conversations" else 0.2
    traces = [GENERATORS[kind](seed, 4000) for seed in NEVER_TUNED_ON]
    for size in SIZES:
        behind_lru, behind_both = [], []
        for trace in traces:
            capacity = trace.capacity(size)
            lru, lfu, ours = (
                100 * replay(trace, policy, capacity).token_hit_rate for policy in ("lru", "lfu", "adaptive")
            )
            behind_lru.append(lru - ours)
            behind_both.append(max(lru, lfu) - ours)
        assert median(behind_lru) <= most_behind_lru, size
        assert median(behind_both) <= 0.5, size


def mooncake() -> Trace:
    folder = os.environ.get("BENCH_DATA")
    if not folder:
        pytest.skip("BENCH_DATA names no folder of corpora")
    return read_trace(Path(folder) / "traces" / "mooncake_conversation.jsonl.gz")


@pytest.mark.corpus
@pytest.mark.parametrize(("lookahead", "floors"), [(0, (9.9, 17.6, 29.7, 36.5)), (200, (14.1, 20.8, 30.5))])
def test_adaptive_on_the_conversation_trace(lookahead: int, floors: tuple[float, ...]) -> None:
    """Token hit rate at 1, 3, 10 and 30 % of the distinct blocks; leaf LRU has 5.39, 13.59, 28.91, 36.56."""
    trace = mooncake()
    for size, floor in zip(SIZES, floors, strict=False):
        result = replay(trace, "adaptive", trace.capacity(size), lookahead=lookahead)
        assert 100 * result.token_hit_rate >= floor
        assert result.max_resident_blocks <= result.capacity_blocks
