"""Replays as jobs, and the traces they run on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.inference.cache_tuning import CacheTuning
from core.inference.secret_file import read_or_draw
from core.jobs import JobCancelled
from core.storage.job_records import DONE, JobRecord
from core.storage.replays import MOST_KEPT, StoredReplay
from core.tuning.recorded import TenantNames
from core.use_cases import (
    AddTrace,
    ListTraces,
    ReadReplay,
    ReadTrace,
    RemoveTrace,
    ReplayTrace,
    add_trace,
    list_traces,
    read_replay,
    read_trace_file,
    remove_trace,
    replay_trace,
)
from core.use_cases.replay_trace import MOST_OPEN, REPLAY, replay_stored
from core.workbench import Workbench
from tests.conftest import as_role
from tests.fakes.tunable_engine import FakeTunable
from tests.tuning.generated_traffic import conversations


@pytest.fixture
def bench(workbench: Workbench) -> Iterator[Workbench]:
    engine = FakeTunable()
    engine.load()
    made = replace(workbench, tunable=engine)
    made.jobs.workbench = made  # type: ignore[attr-defined]
    yield made
    made.jobs.workbench = workbench  # type: ignore[attr-defined]


def record(bench: Workbench, workspace: str, num: int = 60) -> None:
    """As the engine would record it."""
    secret = read_or_draw(bench.settings.data_dir / "kvcache.secret")
    tenant = TenantNames(secret).id(workspace)
    folder = bench.settings.data_dir / "traces"
    folder.mkdir(exist_ok=True)
    with (folder / "trace-00000001.jsonl").open("a") as file:
        for each in conversations(num, families=12).measured:
            row = {
                "timestamp": each.request.timestamp_ms,
                "input_length": each.request.num_tokens,
                "hash_ids": each.request.block_ids,
                "block_tokens": 64,
                "tenant": tenant,
                "label": "document:1",
                "cached_tokens": each.cached_tokens,
                "queue_ms": 0.0,
                "first_token_ms": each.first_token_ms,
            }
            file.write(json.dumps(row) + "\n")


def uploaded(num: int = 3) -> bytes:
    rows = [{"timestamp": n, "input_length": 1024, "hash_ids": [1, n + 2]} for n in range(num)]
    return "\n".join(map(json.dumps, rows)).encode()


def test_recorded_traffic_is_replayed_for_what_runs_and_what_is_proposed(
    bench: Workbench, analyst: Principal
) -> None:
    record(bench, analyst.workspace)
    proposal = CacheTuning(policy="lru", device_mb=1, host_mb=0, disk_mb=0)
    job = replay_trace(ReplayTrace(proposal=proposal), analyst, bench)
    assert job.state == DONE
    shown = read_replay(ReadReplay(), analyst, bench)
    assert shown.job.id == job.id
    assert shown.job.done == shown.job.total
    assert shown.findings is not None
    assert shown.findings.is_done
    assert len(shown.findings.curves) == 8
    current, proposed = shown.findings.predictions
    assert (current.name, proposed.name, proposed.tuning) == ("current", "proposed", proposal)
    assert proposed.first_token_ms is not None
    assert shown == read_replay(ReadReplay(job=job.id), analyst, bench)


class Watcher:
    """A JobContext that looks at what is kept whenever it is told of progress; cancels at the third curve."""

    def __init__(self, bench: Workbench, job: JobRecord, principal: Principal) -> None:
        self.job = job
        self.seen: list[int] = []
        self._bench = bench
        self._principal = principal

    def step(self, _name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return act()

    def progress(self, _done: int, _total: int) -> None:
        findings = read_replay(ReadReplay(job=self.job.id), self._principal, self._bench).findings
        num = 0 if findings is None else len(findings.curves)
        if num not in self.seen:
            self.seen.append(num)
        if num == 3:
            raise JobCancelled

    def check_cancelled(self) -> None:
        """Nobody asks."""


def test_the_first_curve_is_kept_while_the_rest_runs_and_what_was_found_stays_when_cancelled(
    bench: Workbench, analyst: Principal
) -> None:
    record(bench, analyst.workspace)
    job = waiting(bench, analyst)
    watcher = Watcher(bench, job, analyst)
    with pytest.raises(JobCancelled):
        replay_stored(bench, watcher)
    assert watcher.seen == [0, 1, 2, 3]
    shown = read_replay(ReadReplay(job=job.id), analyst, bench)
    assert shown.findings is not None
    assert not shown.findings.is_done


def waiting(bench: Workbench, principal: Principal) -> JobRecord:
    """A replay that nobody has begun."""
    job = JobRecord(
        id=uuid4().hex,
        workspace=principal.workspace,
        kind=REPLAY,
        title="Recorded traffic",
        request={"source": "recorded", "tenant": None, "tunings": {}, "costs": None},
        priority=3,
        author=principal.user,
        created_at=datetime.now(UTC),
    )
    with bench.storage.transaction() as work:
        work.jobs.add(job)
    return job


def test_only_the_own_requests_are_replayed_and_taken_away(
    bench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    record(bench, analyst.workspace, 60)
    record(bench, stranger.workspace, 30)
    for somebody, num in ((analyst, 60), (stranger, 30), (as_role(Role.ADMIN), 90)):
        file = read_trace_file(ReadTrace(), somebody, bench)
        assert file.num_requests == num
        assert b"document:1" not in gzip.decompress(file.data)
        replay_trace(ReplayTrace(), somebody, bench)
        shown = read_replay(ReadReplay(), somebody, bench)
        assert shown.findings is not None
        assert shown.findings.num_requests == num
    with pytest.raises(NotFound):
        read_replay(ReadReplay(job=shown.job.id), stranger, bench)


def test_there_may_be_nothing(bench: Workbench, analyst: Principal, viewer: Principal) -> None:
    with pytest.raises(NotFound, match="replayed"):
        read_replay(ReadReplay(), viewer, bench)
    with pytest.raises(NotFound, match="recorded"):
        read_trace_file(ReadTrace(), viewer, bench)
    replay_trace(ReplayTrace(), analyst, bench)
    shown = read_replay(ReadReplay(), viewer, bench)
    assert shown.findings is not None
    assert shown.findings.notes == ("There is no request to replay.",)
    with pytest.raises(Forbidden):
        replay_trace(ReplayTrace(), viewer, bench)


def test_an_uploaded_trace_is_replayed_shown_downloaded_and_removed(
    bench: Workbench, analyst: Principal, stranger: Principal, viewer: Principal
) -> None:
    taken = add_trace(AddTrace(name="mine.jsonl", source=uploaded()), analyst, bench)
    assert list_traces(ListTraces(), viewer, bench) == (taken,)
    assert list_traces(ListTraces(), stranger, bench) == ()
    job = replay_trace(ReplayTrace(source=taken.id), analyst, bench)
    shown = read_replay(ReadReplay(job=job.id), viewer, bench)
    assert shown.title == "mine.jsonl"
    assert shown.findings is not None
    assert shown.findings.possible_hit_rate == pytest.approx(1 / 3)
    file = read_trace_file(ReadTrace(source=taken.id), viewer, bench)
    assert (file.num_requests, file.name) == (3, f"{taken.id}.jsonl.gz")
    assert add_trace(AddTrace(name="again", source=file.data), analyst, bench).id == taken.id
    for act in (
        lambda: replay_trace(ReplayTrace(source=taken.id), stranger, bench),
        lambda: remove_trace(RemoveTrace(trace=taken.id), stranger, bench),
        lambda: read_trace_file(ReadTrace(source=taken.id), stranger, bench),
    ):
        with pytest.raises(NotFound):
            act()
    remove_trace(RemoveTrace(trace=taken.id), analyst, bench)
    assert list_traces(ListTraces(), viewer, bench) == ()
    assert read_replay(ReadReplay(job=job.id), viewer, bench).findings is not None
    with pytest.raises(Invalid, match="Line 1 "):
        add_trace(AddTrace(name="x", source=b"no trace"), analyst, bench)


def test_few_replays_wait_at_a_time(bench: Workbench, analyst: Principal, stranger: Principal) -> None:
    for _ in range(MOST_OPEN):
        waiting(bench, analyst)
    with pytest.raises(Conflict, match="wait or run"):
        replay_trace(ReplayTrace(), analyst, bench)
    assert replay_trace(ReplayTrace(), stranger, bench).state == DONE


def test_a_workspace_keeps_its_newest_replays(bench: Workbench, analyst: Principal) -> None:
    replay_trace(ReplayTrace(), analyst, bench)
    shown = read_replay(ReadReplay(), analyst, bench)
    with bench.storage.transaction() as work:
        for number in range(MOST_KEPT):
            later = shown.job.created_at.replace(year=2100, microsecond=number)
            work.replays.keep(
                "default", StoredReplay(id=f"{number:032d}", created_at=later, title="", findings={})
            )
        assert work.replays.find("default", shown.job.id) is None
        assert work.replays.find("default", f"{MOST_KEPT - 1:032d}") is not None
