"""The tuning page: what it offers, what it changes, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import set_running
from core.gateway.roles import Principal, Role
from core.inference import Deterministic
from core.inference.cache_tuning import CacheTuning
from core.inference.local import Local, LocalModel
from core.observation import History
from tests.pages.conftest import InlineApplication, Open, click, keys, no_exception, texts

BEGUN = CacheTuning(policy="lru", device_mb=16, host_mb=0, disk_mb=0, prefetch_mb=0)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Local]:
    """A model that is never loaded: it takes a tuning all the same, and runs it once it is."""
    local = Local(LocalModel(folder=tmp_path, state_dir=tmp_path, tuning=BEGUN))
    yield local
    local.close()


@pytest.fixture
def tunable(application: InlineApplication, engine: Local) -> InlineApplication:
    bench = replace(application.workbench, engine=engine, tunable=engine, history=History())
    inline = InlineApplication(bench)
    set_running(inline)  # type: ignore[arg-type]
    return inline


def open_recipe(open_page: Open, way: str, key: str) -> AppTest:
    session = open_page("tuning", way=way)
    return no_exception(session.radio(key=f"offer_{way}").set_value(key).run())


def test_a_preset_is_applied_listed_and_taken_back(
    tunable: InlineApplication, engine: Local, open_page: Open
) -> None:
    session = open_recipe(open_page, "preset", "development")
    session.text_input(key="reason").set_value("to look at <b>it</b>").run()
    click(session, "apply")
    applied = engine.tuning()
    assert applied != BEGUN
    assert applied.write == "write-through"
    said = texts(session)
    assert "**Applied** · local" in said
    assert "to look at \\<b\\>it\\</b\\>" in said
    click(session, "roll_back_now")
    assert engine.tuning() == BEGUN
    assert "**Rolled back** · local" in texts(session)


@pytest.mark.parametrize("way", ["preset", "recipe"])
def test_every_offer_can_be_looked_at(way: str, tunable: InlineApplication, open_page: Open) -> None:
    session = open_page("tuning", way=way)
    for key in session.radio(key=f"offer_{way}").options:
        assert key
    assert len(session.radio(key=f"offer_{way}").options) == {"preset": 5, "recipe": 8}[way]


def test_the_wizard_proposes_for_assumed_traffic_and_says_why(
    tunable: InlineApplication, engine: Local, open_page: Open
) -> None:
    session = open_page("tuning")
    assert "Fewer than" in texts(session)
    session.selectbox(key="workload").set_value("chat").run()
    said = texts(no_exception(session))
    assert "assumed" in said
    assert "apply" in keys(session)
    assert engine.tuning() == BEGUN


def test_a_knob_is_turned_by_hand(tunable: InlineApplication, engine: Local, open_page: Open) -> None:
    session = open_page("tuning", way="hand")
    session.number_input(key="knob_device_mb").set_value(48).run()
    session.selectbox(key="mode").set_value("bulk").run()
    click(session, "apply")
    assert engine.tuning() == replace(BEGUN, device_mb=48)
    assert "mode: Bulk" in texts(session)


def test_what_exceeds_the_machine_is_refused_and_changes_nothing(
    tunable: InlineApplication, engine: Local, open_page: Open
) -> None:
    session = open_page("tuning", way="hand")
    session.number_input(key="knob_device_mb").set_value(1_000_000).run()
    click(session, "apply")
    assert "more memory" in session.error[0].value
    assert engine.tuning() == BEGUN
    assert "Nothing has been changed yet" in texts(session)


def test_a_second_operator_learns_that_somebody_was_quicker(
    tunable: InlineApplication, engine: Local, open_page: Open
) -> None:
    first, second = (open_recipe(open_page, "preset", key) for key in ("development", "memory_efficient"))
    click(first, "apply")
    applied = engine.tuning()
    click(second, "apply")
    assert "changed the engine after you looked" in second.error[0].value
    assert engine.tuning() == applied


def test_a_viewer_looks_and_is_offered_no_act(
    tunable: InlineApplication, engine: Local, open_page: Open
) -> None:
    tunable.assumed_principal = Principal(user="guest", role=Role.VIEWER, workspace="default")
    session = open_recipe(open_page, "preset", "development")
    assert not {"apply", "start_trial", "replay", "roll_back_now"} & keys(session)
    assert "An administrator can apply this." in texts(session)
    assert engine.tuning() == BEGUN


def test_an_engine_elsewhere_cannot_be_tuned_here(application: InlineApplication, open_page: Open) -> None:
    bench = replace(application.workbench, engine=Deterministic(), tunable=None)
    set_running(InlineApplication(bench))  # type: ignore[arg-type]
    assert "has no cache that can be tuned here" in texts(open_page("tuning"))
