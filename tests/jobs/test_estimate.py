"""The start of a waiting job follows from what its like took, and is not made up where nothing says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from core.jobs.estimate import Capacity, estimate_starts
from core.storage.job_records import RUNNING, JobRecord

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SECONDS = {("w", "short"): 10.0, ("w", "long"): 100.0}


def job(name: str, kind: str = "short", workspace: str = "w") -> JobRecord:
    return JobRecord(
        id=name, workspace=workspace, kind=kind, title="t", request={}, priority=3, author="a", created_at=NOW
    )


def running(name: str, kind: str, since_seconds: float) -> JobRecord:
    return replace(job(name, kind), state=RUNNING, started_at=NOW - timedelta(seconds=since_seconds))


def starts(
    front: list[JobRecord],
    places: int,
    held_up: tuple[str, ...] = (),
    most: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, float]:
    found = estimate_starts(front, SECONDS, Capacity(places, most), held_up, NOW)
    return {name: (start - NOW).total_seconds() for name, start in found.items()}


def test_each_waits_for_the_place_that_is_free_first() -> None:
    front = [running("r", "long", 40), job("a"), job("b"), job("c", "long"), job("d")]
    assert starts(front, 2) == {"a": 0, "b": 10, "c": 20, "d": 60}


def test_a_job_that_takes_longer_than_usual_is_expected_to_end_now() -> None:
    assert starts([running("r", "short", 999), job("a")], 1) == {"a": 0}


def test_nothing_is_foretold_behind_a_job_of_unknown_length() -> None:
    assert starts([job("a", "new"), job("b")], 1) == {"a": 0}
    assert starts([job("a", "new"), job("b"), job("c")], 2) == {"a": 0, "b": 0, "c": 10}


def test_nothing_is_foretold_without_a_worker_or_for_a_workspace_that_is_held_up() -> None:
    assert starts([job("a")], 0) == {}
    assert starts([job("a"), job("b", workspace="other"), job("c")], 1, ("other",)) == {"a": 0, "c": 10}


def test_a_job_that_may_not_start_yet_is_expected_when_it_may() -> None:
    later = replace(job("a"), not_before=NOW + timedelta(seconds=30))
    assert starts([later], 1) == {"a": 30}


def test_a_kind_that_is_full_waits_for_its_own_and_lets_others_by() -> None:
    front = [running("r", "long", 40), job("a", "long"), job("b"), job("c"), job("d")]
    assert starts(front, 3, most={"long": 1}) == {"a": 60, "b": 0, "c": 0, "d": 10}
