"""Who starts next, on both databases, however many take from the line at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from core.storage import Storage
from core.storage.job_records import JobRecord
from core.storage.queues import QueueState
from tests.conftest import WORKSPACE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = {"k": 99, "rare": 99}


def add(storage: Storage, name: str, **fields: Any) -> None:
    workspace, after = fields.pop("workspace", WORKSPACE), fields.pop("after", 0)
    plain = JobRecord(
        id=name, workspace=workspace, kind="k", title="t", request={}, priority=3, author="a",
        created_at=NOW + timedelta(seconds=after),
    )  # fmt: skip
    with storage.transaction() as work:
        work.workspaces.ensure(workspace, workspace)
        work.jobs.add(replace(plain, **fields))


def take(storage: Storage, places: int = 9, room: dict[str, int] | None = None) -> list[str]:
    with storage.transaction() as work:
        return [job.id for job in work.line.take("w", places, ALL if room is None else room)]


def test_the_most_urgent_starts_first_then_the_one_that_came_first(storage: Storage) -> None:
    add(storage, "late", after=2)
    add(storage, "early", after=1)
    add(storage, "urgent", priority=1, after=3)
    add(storage, "idle", priority=5)
    assert take(storage, 2) == ["urgent", "early"]
    assert take(storage) == ["late", "idle"]
    assert take(storage) == []


def test_a_kind_that_is_full_or_unknown_lets_others_by(storage: Storage) -> None:
    for number in range(3):
        add(storage, f"rare{number}", kind="rare", priority=1, after=number)
    add(storage, "new", kind="unknown", priority=1)
    add(storage, "plain", priority=5)
    assert take(storage, 9, {"rare": 1, "k": 9}) == ["rare0", "plain"]
    with storage.transaction(readonly=True) as work:
        assert not work.line.has_next(["k"])
        assert work.line.has_next(["rare"])


def test_a_paused_workspace_is_left_out_and_keeps_its_order(storage: Storage) -> None:
    add(storage, "ours", priority=1)
    add(storage, "theirs", workspace="other")
    with storage.transaction() as work:
        work.queues.set(WORKSPACE, QueueState("paused", "ana", NOW))
        assert work.line.take_one("ours", "w") is None
    assert take(storage) == ["theirs"]
    with storage.transaction() as work:
        work.queues.set(WORKSPACE, QueueState("open", "ana", NOW))
    assert take(storage) == ["ours"]


def test_a_job_that_comes_back_stands_where_it_stood(storage: Storage) -> None:
    add(storage, "first")
    add(storage, "second", after=1)
    with storage.transaction() as work:
        (job,) = work.line.take("w", 1, ALL)
        assert work.line.give_back(job.id, job.claim)
    assert take(storage, 1) == ["first"]


def test_a_job_waits_for_its_time(storage: Storage) -> None:
    add(storage, "broken")
    add(storage, "next", after=1)
    with storage.transaction() as work:
        (job,) = work.line.take("w", 1, ALL)
        later = datetime.now(UTC) + timedelta(hours=1)
        work.line.give_back(job.id, job.claim, not_before=later, is_retry=True)
        assert work.jobs.get("broken").retries == 1
    assert take(storage) == ["next"]


def test_a_job_that_is_run_again_goes_to_the_end(storage: Storage) -> None:
    add(storage, "failed")
    take(storage)
    with storage.transaction() as work:
        work.jobs.fail("failed", "e", "r")
        add_later = JobRecord(
            id="later", workspace=WORKSPACE, kind="k", title="t", request={}, priority=3, author="a",
            created_at=datetime.now(UTC),
        )  # fmt: skip
        work.jobs.add(add_later)
        work.jobs.redrive("failed")
    assert take(storage) == ["later", "failed"]


def test_a_job_is_given_to_one_of_those_who_take_at_once_and_none_is_left(storage: Storage) -> None:
    names = [uuid4().hex for _ in range(60)]
    for number, name in enumerate(names):
        add(storage, name, after=number)

    def take_all(worker: int) -> list[str]:
        found: list[str] = []
        while True:
            with storage.transaction() as work:
                taken = [job.id for job in work.line.take(f"w{worker}", 3, ALL)]
            if not taken:
                return found
            found += taken

    with ThreadPoolExecutor(4) as pool:
        each = list(pool.map(take_all, range(4)))
    assert sorted(name for found in each for name in found) == sorted(names)


def test_a_cancelled_job_never_starts_and_a_started_one_is_asked(storage: Storage) -> None:
    add(storage, "waits")
    with storage.transaction() as work:
        assert work.jobs.cancel_waiting("waits")
    assert take(storage) == []
    add(storage, "runs")
    take(storage)
    with storage.transaction() as work:
        assert not work.jobs.cancel_waiting("runs")
        assert not work.line.word("runs").is_cancelled
        work.jobs.request_cancel("runs")
        assert work.line.word("runs").is_cancelled


def test_what_comes_next_and_how_long_the_last_ones_took(storage: Storage) -> None:
    for number in range(3):
        add(storage, f"j{number}", after=number)
    take(storage, 1)
    with storage.transaction() as work:
        assert [(job.id, job.state) for job in work.line.front()] == [
            ("j0", "running"),
            ("j1", "waiting"),
            ("j2", "waiting"),
        ]
        work.jobs.finish("j0", {})
        (seconds,) = work.line.last_seconds(WORKSPACE, "k", 5)
        assert 0 <= seconds < 60
        assert work.line.counts(WORKSPACE) == {"waiting": 2, "done": 1}
        assert work.line.num_finished_since(WORKSPACE, datetime.now(UTC) - timedelta(hours=1)) == 1
        assert work.line.num_finished_since("other", NOW) == 0
