"""The wizard proposes what runs, gives a reason for every change, and goes by the figures of the traffic."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning
from core.tuning.catalogue import GOALS, MOST_OF_MEMORY, WORKLOADS
from core.tuning.reach import BlockCosts, reach
from core.tuning.wizard import LEAST_MEMORY_MB, SENTENCES, Proposal, named_workload, propose

COSTS = BlockCosts(bytes_per_token=2048)
CHAT = WORKLOADS["chat"]

memories = st.integers(LEAST_MEMORY_MB, 1_048_576)
costs = st.one_of(st.none(), st.builds(BlockCosts, bytes_per_token=st.floats(16, 1e6)))
workloads = st.builds(
    replace,
    st.sampled_from(list(WORKLOADS.values())),
    possible_hit_rate=st.floats(0, 1),
    working_set_tokens=st.integers(0, 10**9),
    prompt_tokens=st.integers(1, 10**5),
    requests_per_minute=st.floats(0, 1e5),
)


@given(st.sampled_from(list(GOALS)), workloads, memories, costs)
def test_any_proposal_runs_fits_and_is_explained(
    goal: str, workload: object, memory_mb: int, known: BlockCosts | None
) -> None:
    found = propose(goal, workload, memory_mb, costs=known)  # type: ignore[arg-type]
    assert found.tuning.memory_mb <= max(memory_mb * MOST_OF_MEMORY, LEAST_MEMORY_MB)
    changed = {knob for knob, value in asdict(found.tuning).items() if value != asdict(CacheTuning())[knob]}
    assert {reason.knob for reason in found.reasons} == changed
    for reason in found.reasons:
        assert reason.value == asdict(found.tuning)[reason.knob]
        assert "{" not in reason.sentence.format(**reason.numbers)


def sentences(found: Proposal) -> dict[str, str]:
    keys = {sentence: key for key, sentence in SENTENCES.items()}
    return {reason.knob: keys[reason.sentence] for reason in found.reasons}


def test_goals_differ_in_what_they_are_named_for() -> None:
    found = {goal: propose(goal, CHAT, 8192).tuning for goal in GOALS}
    assert found["memory"].memory_mb == min(each.memory_mb for each in found.values())
    reaches = {goal: reach(each, COSTS).total_tokens for goal, each in found.items()}
    assert reaches["hit_rate"] == max(reaches.values())
    assert found["speed"].device_mb == max(each.device_mb for each in found.values())
    assert found["speed"].host_form == found["speed"].disk_form == "raw"


def test_no_more_room_is_asked_for_than_the_traffic_reuses() -> None:
    small = replace(CHAT, working_set_tokens=100_000)  # 195 MiB
    found = propose("hit_rate", small, 65536, costs=COSTS)
    assert found.tuning.memory_mb < 1024
    assert reach(found.tuning, COSTS).total_tokens >= small.working_set_tokens
    assert sentences(found)["device_mb"] == "working_set"
    assert propose("hit_rate", small, 65536).tuning.memory_mb > 30_000, "nobody knew what a block takes"


def test_what_does_not_fit_is_rounded_unless_the_goal_is_speed_or_balance() -> None:
    large = replace(CHAT, working_set_tokens=50_000_000)
    forms = {goal: propose(goal, large, 8192, costs=COSTS).tuning.host_form for goal in GOALS}
    assert forms == {"speed": "raw", "memory": "int8", "hit_rate": "int8", "balance": "raw"}
    fits = propose("hit_rate", replace(CHAT, working_set_tokens=1_300_000), 8192, costs=COSTS)
    assert fits.tuning.host_mb
    assert fits.tuning.host_form == "raw"


def test_traffic_decides_on_policy_batches_and_fetching() -> None:
    alone = propose("balance", replace(CHAT, possible_hit_rate=0.01), 8192)
    assert alone.tuning.policy == "lru"
    assert sentences(alone)["policy"] == "little_reuse"
    busy = propose("balance", replace(CHAT, requests_per_minute=600), 8192)
    assert busy.tuning.max_batch == 32
    assert busy.tuning.look_ahead == 256
    shared = propose("balance", WORKLOADS["shared_context"], 8192)
    assert shared.tuning.prefetch_mb == 2 * propose("balance", CHAT, 8192).tuning.prefetch_mb
    assert shared.tuning.prefill_tokens == 1024


def test_only_what_differs_from_what_runs_is_listed() -> None:
    found = propose("balance", CHAT, 8192)
    again = propose("balance", CHAT, 8192, running=found.tuning)
    assert again.tuning == found.tuning
    assert again.reasons == ()


@pytest.mark.parametrize(
    ("goal", "memory_mb", "message"),
    [("fame", 8192, "no goal"), ("speed", 8, "Memory is"), ("speed", 10**9, "Memory is")],
)
def test_what_makes_no_sense_is_refused(goal: str, memory_mb: int, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        propose(goal, CHAT, memory_mb)
    with pytest.raises(Invalid, match="no workload"):
        named_workload("nonsense")


def test_sentences_have_places_in_braces_only() -> None:
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert not re.findall(r"%\(|%[sd]", sentence)
