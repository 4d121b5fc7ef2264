"""What a worker holds, and how it notices a job that it took and never began."""

from __future__ import annotations

from datetime import UTC, datetime

from core.jobs.held import STRAY_SECONDS, Held
from core.jobs.job import JobKind
from core.storage.job_records import JobRecord

KINDS = {"plain": JobKind("plain", lambda *_: {}), "rare": JobKind("rare", lambda *_: {}, max_running=1)}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def job(name: str, claim: str, kind: str = "plain") -> JobRecord:
    return JobRecord(
        id=name, workspace="w", kind=kind, title="t", request={}, priority=3, author="a",
        created_at=datetime(2026, 1, 1, tzinfo=UTC), claim=claim,
    )  # fmt: skip


def test_places_and_room_count_what_is_held() -> None:
    held = Held(3, KINDS)
    assert (held.num_free(), held.room()) == (3, {"plain": 3, "rare": 1})
    first = job("a", "1", "rare")
    held.add(first)
    assert (held.num_free(), held.room()) == (2, {"plain": 3, "rare": 0})
    held.drop(first)
    assert (held.num_free(), held.room()) == (3, {"plain": 3, "rare": 1})


def test_a_job_begins_once_and_a_start_that_comes_too_late_gets_none() -> None:
    held = Held(3, KINDS)
    held.add(job("a", "1"))
    assert held.begin("a") == job("a", "1")
    assert held.begin("a") is None
    assert held.begin("b") is None
    held.drop(job("a", "1"))
    held.add(job("a", "2"))
    assert held.begin("a") == job("a", "2"), "another start of the same job"


def test_what_was_taken_and_never_began_is_noticed_after_a_while() -> None:
    clock = Clock()
    held = Held(3, KINDS, clock)
    held.add(job("a", "1"))
    held.add(job("b", "2"))
    held.begin("b")
    claims = {"1": "a", "2": "b", "3": "known to the database only"}
    assert held.strays(claims) == []
    clock.now += STRAY_SECONDS - 1
    assert held.strays(claims) == []
    clock.now += 1
    assert held.strays(claims) == ["1", "3"]
    assert held.num_free() == 2


def test_the_end_waits_until_nothing_is_held() -> None:
    held = Held(3, KINDS)
    held.add(job("a", "1"))
    assert not held.wait_until_empty(0)
    held.drop(job("a", "1"))
    assert held.wait_until_empty(0)
