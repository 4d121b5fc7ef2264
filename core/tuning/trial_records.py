"""The requests of a trial, out of what was recorded, as a comparison takes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.tuning.comparison import RUNNING, TRIED, Arm, Comparison, Observation, compare_arms
from core.tuning.families import first_block
from core.tuning.recorded import RecordedRequest, read_traffic

KNOWN_MS = 3_600_000.0
ARMS: dict[str, Arm] = {RUNNING: RUNNING, TRIED: TRIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFigures:
    """What both arms did. Families are drawn for an arm as a whole, so they are what the intervals rest on.

    Arm b began with an empty cache. `num_known_families` of arm a had been served in the hour before: what
    was cached of them speaks for a, and for less the longer the trial runs.
    """

    comparison: Comparison
    num_known_families: int


def compare_recorded(folder: Path, begun_ms: float, ended_ms: float) -> TrialFigures:
    """The trial that ran between these times, in milliseconds since 1970."""
    recorded = read_traffic(folder, since_ms=begun_ms - KNOWN_MS).measured
    within = [
        each for each in recorded if each.arm in ARMS and begun_ms <= each.request.timestamp_ms <= ended_ms
    ]
    known = {_family(each) for each in recorded if each.request.timestamp_ms < begun_ms}
    of_a = {_family(each) for each in within if each.arm == RUNNING}
    comparison = compare_arms([_observed(each) for each in within])
    return TrialFigures(comparison=comparison, num_known_families=len(of_a & known))


def _family(recorded: RecordedRequest) -> int:
    return first_block(recorded.request.block_ids)


def _observed(recorded: RecordedRequest) -> Observation:
    return Observation(
        family=_family(recorded),
        arm=ARMS[recorded.arm],
        prompt_tokens=recorded.request.num_tokens,
        cached_tokens=recorded.cached_tokens,
        first_token_ms=recorded.first_token_ms,
    )
