"""Proposes a tuning for a goal, a workload and a size of memory, and says for each knob why.

It starts from the goal's shares of memory and then goes by the figures of the workload, rule by rule. Rules
of thumb: what a proposal would have done is told by replaying traffic (core.tuning.what_if).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning
from core.tuning.catalogue import GOALS, MOST_OF_MEMORY, SIZES, WORKLOADS, Profile, Workload
from core.tuning.reach import MIB, BlockCosts

LEAST_MEMORY_MB, MOST_MEMORY_MB = 64, 1_048_576
ROOM_TO_SPARE = 1.25
"""What is kept comes and goes: a quarter more than the working set holds all of it."""
LEAST_DEVICE_MB = 64
"""The device always has room for some whole prompts."""
LITTLE_REUSE = 0.02
MUCH_REUSE = 0.7
LONG_PROMPT_TOKENS = 4_000
BUSY_PER_MINUTE = 120.0
RECORDED = "recorded"

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "share": "The goal gives it {percent} % of the {memory_mb} MiB of memory.",
        "disk_share": "The goal gives it {percent} % of the size of memory, on disk.",
        "goal": "The goal asks for it.",
        "working_set": "The traffic reuses {working_set_mb} MiB of blocks. With a quarter more all of them"
        " fit; further room would stay empty.",
        "nothing_below": "The device holds all {working_set_mb} MiB of blocks that the traffic reuses.",
        "rounded": "The traffic reuses {working_set_mb} MiB of blocks and there is room for {room_mb} MiB:"
        " rounded to 8 bits about twice as many fit.",
        "fits": "All {working_set_mb} MiB of blocks that the traffic reuses fit as they are; rounding would"
        " only change answers.",
        "little_reuse": "Only {percent} % of the tokens come again, too few to learn from.",
        "much_reuse": "{percent} % of the tokens come again: it pays to fetch more of them ahead.",
        "long_prompts": "Half of the prompts have {prompt_tokens} tokens or more; in pieces of this size a"
        " new one begins soon and does not hold the others up for long.",
        "busy": "{requests_per_minute} requests come each minute: together they take less time.",
        "busy_ahead": "{requests_per_minute} requests come each minute: more of the waiting are looked at.",
    }
)
"""Why a knob has its value, with places for numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one knob is proposed so. `sentence` has places in braces for the `numbers`."""

    knob: str
    value: str | int | float
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`reasons` has one for each knob that differs from what runs now, in the order of the knobs.

    `is_assumed` says that the workload's figures are not from recorded traffic.
    """

    goal: str
    workload: Workload
    memory_mb: int
    tuning: CacheTuning
    reasons: tuple[Reason, ...]
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at."""

    goal: Profile
    workload: Workload
    memory_mb: int
    working_set_mb: int | None


Change = tuple[str, Any, str, dict[str, float]]
"""Knob, value, key of the sentence, numbers."""


def propose(
    goal: str,
    workload: Workload,
    memory_mb: int,
    *,
    costs: BlockCosts | None = None,
    running: CacheTuning | None = None,
) -> Proposal:
    """Raises Invalid for an unknown goal, or less memory than anything runs in.

    Without `costs` nobody knows what the working set takes, and the shares stand as they are.
    """
    if goal not in GOALS:
        raise Invalid(f"There is no goal {goal!r}.", remedy=f"Use one of: {', '.join(GOALS)}.")
    if not LEAST_MEMORY_MB <= memory_mb <= MOST_MEMORY_MB:
        raise Invalid(
            f"Memory is {LEAST_MEMORY_MB:,} to {MOST_MEMORY_MB:,} MiB, not {memory_mb:,}.",
            remedy="Give what the machine has for this product.",
        )
    before = running or CacheTuning()
    case = _Case(GOALS[goal], workload, memory_mb, _working_set_mb(workload, costs))
    tuning = case.goal.tuning(memory_mb, before)
    why = _reasons_of_goal(case)
    for rule in RULES:
        for knob, value, key, numbers in rule(case, tuning):
            tuning = replace(tuning, **{knob: value})
            why[knob] = (key, numbers)
    assert tuning.memory_mb <= max(memory_mb * MOST_OF_MEMORY, LEAST_MEMORY_MB)
    return Proposal(
        goal=goal,
        workload=workload,
        memory_mb=memory_mb,
        tuning=tuning,
        reasons=_changed(before, tuning, why),
        is_assumed=not workload.num_requests,
    )


def named_workload(name: str) -> Workload:
    """Raises Invalid."""
    if name not in WORKLOADS:
        raise Invalid(f"There is no workload {name!r}.", remedy=f"Use one of: {', '.join(WORKLOADS)}.")
    return WORKLOADS[name]


def _working_set_mb(workload: Workload, costs: BlockCosts | None) -> int | None:
    if costs is None:
        return None
    return max(round(workload.working_set_tokens * costs.bytes_per_token / MIB), 1)


def _reasons_of_goal(case: _Case) -> dict[str, tuple[str, dict[str, float]]]:
    why: dict[str, tuple[str, dict[str, float]]] = {knob: ("goal", {}) for knob in case.goal.knobs}
    for size, share in case.goal.shares.items():
        numbers: dict[str, float] = {"percent": round(share * 100), "memory_mb": case.memory_mb}
        why[SIZES[size]] = ("disk_share" if size == "disk" else "share", numbers)
    return why


def _fit_sizes(case: _Case, tuning: CacheTuning) -> list[Change]:
    """No room for more than is reused: it is somebody else's memory."""
    if case.working_set_mb is None:
        return []
    enough = round(case.working_set_mb * ROOM_TO_SPARE) + 1
    numbers: dict[str, float] = {"working_set_mb": case.working_set_mb}
    changes: list[Change] = []
    device = min(tuning.device_mb, max(enough, LEAST_DEVICE_MB))
    if device < tuning.device_mb:
        changes.append(("device_mb", device, "working_set", numbers))
    left = max(enough - device, 0)
    if left < tuning.host_mb:
        changes.append(("host_mb", left, "working_set" if left else "nothing_below", numbers))
    if enough < tuning.disk_mb:
        changes.append(("disk_mb", enough, "working_set", numbers))
    if enough < tuning.prefetch_mb:
        changes.append(("prefetch_mb", enough, "working_set", numbers))
    return changes


def _choose_form(case: _Case, tuning: CacheTuning) -> list[Change]:
    """Rounding pays where blocks do not fit, and costs answers where they do. Speed never decodes."""
    if case.working_set_mb is None or not tuning.host_mb or case.goal.key == "speed":
        return []
    room = tuning.device_mb + tuning.host_mb
    is_short = case.working_set_mb > room
    numbers: dict[str, float] = {"working_set_mb": case.working_set_mb, "room_mb": room}
    if is_short and tuning.host_form == "raw" and case.goal.key != "balance":
        return [("host_form", "int8", "rounded", numbers)]
    if not is_short and tuning.host_form == "int8":
        return [("host_form", "raw", "fits", numbers)]
    return [("host_form", tuning.host_form, "rounded", numbers)] if tuning.host_form == "int8" else []


def _choose_policy(case: _Case, tuning: CacheTuning) -> list[Change]:
    share = case.workload.possible_hit_rate
    if share >= LITTLE_REUSE:
        return []
    return [("policy", "lru", "little_reuse", {"percent": round(share * 100, 1)})]


def _fetch_ahead(case: _Case, tuning: CacheTuning) -> list[Change]:
    share = case.workload.possible_hit_rate
    room = min(tuning.prefetch_mb * 2, round(case.memory_mb * MOST_OF_MEMORY) - tuning.memory_mb)
    if share < MUCH_REUSE or room <= tuning.prefetch_mb:
        return []
    return [("prefetch_mb", room, "much_reuse", {"percent": round(share * 100)})]


def _choose_pieces(case: _Case, tuning: CacheTuning) -> list[Change]:
    if case.workload.prompt_tokens < LONG_PROMPT_TOKENS or case.goal.key == "speed":
        return []
    numbers: dict[str, float] = {"prompt_tokens": case.workload.prompt_tokens}
    return [("prefill_tokens", 1024, "long_prompts", numbers)]


def _choose_batch(case: _Case, tuning: CacheTuning) -> list[Change]:
    if case.workload.requests_per_minute < BUSY_PER_MINUTE:
        return []
    numbers: dict[str, float] = {"requests_per_minute": round(case.workload.requests_per_minute)}
    return [
        ("max_batch", min(tuning.max_batch * 4, 64), "busy", numbers),
        ("look_ahead", min(tuning.look_ahead * 4, 1024), "busy_ahead", numbers),
    ]


RULES: tuple[Callable[[_Case, CacheTuning], list[Change]], ...] = (
    _fit_sizes,
    _choose_form,
    _choose_policy,
    _fetch_ahead,
    _choose_pieces,
    _choose_batch,
)
"""In this order; a later rule sees what the earlier ones made."""


def _changed(
    before: CacheTuning, after: CacheTuning, why: dict[str, tuple[str, dict[str, float]]]
) -> tuple[Reason, ...]:
    old = asdict(before)
    return tuple(
        Reason(knob=knob, value=value, sentence=SENTENCES[why[knob][0]], numbers=why[knob][1])
        for knob, value in asdict(after).items()
        if value != old[knob]
    )
