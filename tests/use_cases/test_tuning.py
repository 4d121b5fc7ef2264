"""Changing the running engine: with the right, on what was seen, both in the engine and in the history."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable, WorkbenchError
from core.gateway.roles import Principal, Role
from core.inference.cache_tuning import BOUNDS, CHOICES, CacheTuning
from core.settings import Settings
from core.storage import Storage
from core.tuning.applied import KNOB_NAMES, AppliedTuning, as_plain, from_plain
from core.tuning.catalogue import MODES, PRESETS
from core.tuning.moded_engine import CurrentMode
from core.tuning.restore import last_tuning, pinned_knobs, take_up, taken_up
from core.use_cases import (
    ApplyTuning,
    ProposeTuning,
    ReadTuning,
    RollBackTuning,
    apply_tuning,
    propose_tuning,
    read_tuning,
    roll_back_tuning,
)
from core.use_cases.read_tuning import TuningView
from core.workbench import Workbench
from kvcache.request_log import RequestRecord
from tests.conftest import as_role
from tests.fakes.tunable_engine import FakeTunable

LRU = CacheTuning(policy="lru")
SMALL = CacheTuning(device_mb=64)
TOO_LARGE = CacheTuning(device_mb=100_000)


@pytest.fixture
def engine() -> FakeTunable:
    return FakeTunable()


@pytest.fixture
def bench(workbench: Workbench, engine: FakeTunable) -> Workbench:
    return replace(workbench, tunable=engine)


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


def view(bench: Workbench, principal: Principal) -> TuningView:
    return read_tuning(ReadTuning(), principal, bench)


def test_what_is_applied_runs_and_is_written_down(
    bench: Workbench, engine: FakeTunable, admin: Principal
) -> None:
    change = apply_tuning(ApplyTuning(tuning=LRU, seen=None, reason=" to compare "), admin, bench)
    assert engine.tuning() == LRU
    assert (change.action, change.author, change.reason) == ("apply", "admin", "to compare")
    seen = view(bench, admin)
    assert seen.tuning == LRU
    assert seen.last_change == change.id
    (row,) = seen.history
    assert [(each.knob, each.before, each.after) for each in row.changes] == [("policy", "adaptive", "lru")]
    assert row.is_running
    assert (row.before, row.after) == (AppliedTuning(CacheTuning()), AppliedTuning(LRU))


def test_rolling_back_brings_back_what_ran_before_and_can_be_rolled_back(
    bench: Workbench, engine: FakeTunable, admin: Principal
) -> None:
    first = apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    second = apply_tuning(ApplyTuning(tuning=SMALL, seen=first.id, mode="bulk"), admin, bench)
    back = roll_back_tuning(RollBackTuning(change=second.id, seen=second.id), admin, bench)
    assert engine.tuning() == LRU
    assert bench.mode.key == ""
    roll_back_tuning(RollBackTuning(change=back.id, seen=back.id), admin, bench)
    assert engine.tuning() == SMALL
    assert bench.mode.key == "bulk"
    assert [row.change.action for row in view(bench, admin).history] == ["roll_back"] * 2 + ["apply"] * 2
    with pytest.raises(NotFound):
        roll_back_tuning(RollBackTuning(change="unknown", seen=None), admin, bench)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_who_may_not_leaves_the_engine_untouched(bench: Workbench, engine: FakeTunable, role: Role) -> None:
    somebody = as_role(role)
    with pytest.raises(Forbidden):
        apply_tuning(ApplyTuning(tuning=LRU, seen=None), somebody, bench)
    with pytest.raises(Forbidden):
        roll_back_tuning(RollBackTuning(change="x", seen=None), somebody, bench)
    assert engine.given == [CacheTuning()]
    seen = view(bench, somebody)
    assert not seen.may_change
    assert seen.may_replay == (role is Role.ANALYST)


def test_an_engine_that_refuses_leaves_no_row(
    bench: Workbench, engine: FakeTunable, admin: Principal
) -> None:
    with pytest.raises(Invalid, match="more memory"):
        apply_tuning(ApplyTuning(tuning=TOO_LARGE, seen=None), admin, bench)
    assert engine.given == [CacheTuning()]
    assert view(bench, admin).history == ()
    assert view(bench, admin).last_change is None


def test_the_second_of_two_who_saw_the_same_is_told(
    bench: Workbench, engine: FakeTunable, admin: Principal
) -> None:
    apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    elsewhere = replace(as_role(Role.ADMIN, "other"), user="bea")
    with pytest.raises(Conflict, match="admin changed the engine after you looked"):
        apply_tuning(ApplyTuning(tuning=SMALL, seen=None), elsewhere, bench)
    assert engine.tuning() == LRU
    assert len(view(bench, admin).history) == 1


def test_of_two_at_the_same_moment_one_wins(workbench: Workbench, storage: Storage) -> None:
    """On both databases: the engine runs what the only row in the history says."""
    engine = FakeTunable()
    bench = replace(workbench, storage=storage, tunable=engine)
    together = threading.Barrier(4)
    refused: list[WorkbenchError] = []

    def apply(number: int) -> None:
        request = ApplyTuning(tuning=replace(LRU, max_batch=number + 1), seen=None)
        together.wait()
        try:
            apply_tuning(request, as_role(Role.ADMIN), bench)
        except WorkbenchError as error:
            refused.append(error)

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in refused] == [Conflict] * 3
    last = last_tuning(storage)
    assert last is not None
    assert last.tuning == engine.tuning()
    assert len(engine.given) == 2


def test_what_cannot_be_written_down_does_not_run(
    bench: Workbench, engine: FakeTunable, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Storage.transaction

    @contextmanager
    def failing(self: Storage, **options: bool) -> Iterator[object]:
        with whole(self, **options) as work:
            yield work
            if not options:
                raise Unavailable("The database does not answer.")

    monkeypatch.setattr(Storage, "transaction", failing)
    with pytest.raises(Unavailable):
        apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    monkeypatch.undo()
    assert engine.tuning() == CacheTuning()
    assert view(bench, admin).history == ()


def test_what_runs_already_and_an_unknown_mode_are_no_change(bench: Workbench, admin: Principal) -> None:
    with pytest.raises(Invalid, match="runs already"):
        apply_tuning(ApplyTuning(tuning=CacheTuning(), seen=None), admin, bench)
    with pytest.raises(Invalid, match="no mode"):
        apply_tuning(ApplyTuning(tuning=LRU, seen=None, mode="warp"), admin, bench)
    change = apply_tuning(ApplyTuning(tuning=CacheTuning(), seen=None, mode="bulk"), admin, bench)
    assert change.after["mode"] == "bulk"


def test_an_engine_elsewhere_cannot_be_tuned(workbench: Workbench, admin: Principal) -> None:
    bench = replace(workbench, tunable=None)
    with pytest.raises(Unavailable, match="no cache that can be tuned"):
        apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    seen = view(bench, admin)
    assert seen.tuning is None
    assert seen.why_not
    assert not seen.may_change
    assert [offer.profile.key for offer in seen.presets] == list(PRESETS)


def test_offers_say_what_they_would_change(bench: Workbench, admin: Principal) -> None:
    seen = view(bench, admin)
    for offer in (*seen.presets, *seen.recipes, *seen.modes):
        assert offer.changes, offer.profile.key
    bulk = seen.modes[-1]
    assert {each.knob for each in bulk.changes} == {"max_batch", "prefill_tokens", "mode"}


def record(at: float, cached: int, first: float) -> RequestRecord:
    return RequestRecord(
        at=at,
        tenant=1,
        outcome="answered",
        prompt_tokens=100,
        cached_tokens=cached,
        first_token_ms=first,
    )


def test_a_change_shows_what_was_measured_before_and_after(bench: Workbench, admin: Principal) -> None:
    now = time.time()
    for age in (30, 20):
        bench.history.add_request(record(now - age, 20, 80.0))
    first = apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    bench.history.add_request(record(time.time(), 60, 40.0))
    (row,) = view(bench, admin).history
    assert row.measured_before is not None
    assert (row.measured_before.num_requests, row.measured_before.hit_rate) == (2, 0.2)
    assert row.measured_after is not None
    assert (row.measured_after.hit_rate, row.measured_after.first_token_p50_ms) == (0.6, 40.0)
    apply_tuning(ApplyTuning(tuning=SMALL, seen=first.id), admin, bench)
    bench.history.add_request(record(time.time(), 90, 10.0))
    newest, older = view(bench, admin).history
    assert newest.measured_before is not None
    assert newest.measured_before.num_requests == 1
    assert older.measured_after is not None
    assert older.measured_after.hit_rate == 0.6, "what came after the next change is not its result"


def test_others_see_the_changes_of_their_own_workspace(
    bench: Workbench, admin: Principal, stranger: Principal
) -> None:
    change = apply_tuning(ApplyTuning(tuning=LRU, seen=None), admin, bench)
    assert view(bench, stranger).history == ()
    assert view(bench, stranger).tuning == LRU
    assert view(bench, stranger).last_change == change.id
    assert len(view(bench, as_role(Role.ADMIN, "other")).history) == 1


def test_the_last_change_is_taken_up_but_for_what_was_configured(
    bench: Workbench, admin: Principal, settings: Settings
) -> None:
    assert last_tuning(bench.storage) is None
    tuned = replace(LRU, device_mb=100, max_batch=3)
    apply_tuning(ApplyTuning(tuning=tuned, seen=None, mode="streaming"), admin, bench)
    last = last_tuning(bench.storage)
    assert last == AppliedTuning(tuned, "streaming")
    restarted, mode = FakeTunable(), CurrentMode()
    take_up(bench.storage, settings, restarted, mode)
    assert (restarted.tuning(), mode.key) == (tuned, "streaming")
    short_of_memory = FakeTunable(memory_mb=10)
    take_up(bench.storage, settings, short_of_memory, mode)
    assert short_of_memory.tuning() == CacheTuning()
    named = Settings(data_dir=settings.data_dir, cache_device_mb=300)
    assert pinned_knobs(named) == {"device_mb"}
    again = taken_up(last, named, CacheTuning(device_mb=300))
    assert again.tuning == replace(tuned, device_mb=300)


@given(
    st.builds(
        CacheTuning,
        **{
            knob: st.sampled_from(CHOICES[knob]) if knob in CHOICES else st.integers(*map(int, BOUNDS[knob]))
            for knob in KNOB_NAMES
        },
    ),
    st.sampled_from(["", *MODES]),
)
def test_any_tuning_comes_back_as_it_was_stored(tuning: CacheTuning, mode: str) -> None:
    applied = AppliedTuning(tuning, mode)
    assert from_plain(json.loads(json.dumps(as_plain(applied)))) == applied


def test_what_another_version_wrote_can_be_read() -> None:
    plain = as_plain(AppliedTuning(LRU, "bulk"))
    assert from_plain(plain) == AppliedTuning(LRU, "bulk")
    del plain["look_ahead"]
    assert from_plain(plain | {"warp": 9, "mode": "gone"}) == AppliedTuning(LRU, "")
    assert set(MODES) >= {"bulk"}


def test_the_wizard_asks_what_blocks_take_and_what_runs(
    bench: Workbench, engine: FakeTunable, viewer: Principal
) -> None:
    asked = ProposeTuning(goal="balance", workload="chat", memory_mb=8192)
    before = propose_tuning(asked, viewer, bench)
    engine.load(block_bytes=bench.settings.cache_block_tokens * 480)
    after = propose_tuning(asked, viewer, bench)
    assert after.tuning.memory_mb < before.tuning.memory_mb
    assert after.is_assumed
    with pytest.raises(Invalid, match="were recorded"):
        propose_tuning(replace(asked, workload="recorded"), viewer, bench)
