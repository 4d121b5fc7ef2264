"""The cache page: what it says of a history that is known, and what it sends to the browser."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import set_running
from core.gateway.roles import Principal, Role
from core.inference import Deterministic
from core.inference.local import Local, LocalModel
from core.observation import Event, EventKind, History
from kvcache.request_log import EVICTED, NEVER_SEEN, RequestRecord
from tests.pages.conftest import InlineApplication, Open, no_exception, texts


@pytest.fixture
def watched(application: InlineApplication, tmp_path: Path) -> InlineApplication:
    """An application whose engine is a model in its process, with a known minute behind it."""
    local = Local(LocalModel(folder=tmp_path, state_dir=tmp_path))
    bench = replace(application.workbench, engine=local, history=History())
    inline = InlineApplication(bench)
    set_running(inline)  # type: ignore[arg-type]
    now = time.time()
    for seconds_ago, cached in ((60, 0), (40, 750), (20, 250)):
        bench.history.add_request(
            RequestRecord(
                at=now - seconds_ago,
                tenant=1,
                outcome="answered",
                label="<b>memo</b>",
                prompt_tokens=1000,
                cached_tokens=cached,
                possible_tokens=800 if cached else 0,
                new_tokens=10,
                hit_tokens={"device": cached} if cached else {},
                missed_tokens={NEVER_SEEN: 200, EVICTED: 800 - cached} if cached else {NEVER_SEEN: 1000},
                first_token_ms=50.0,
                total_ms=80.0,
            )
        )
    bench.history.add_sample(now - 2, {"device_bytes": 3 * 2**20, "device_limit_bytes": 4 * 2**20})
    bench.history.add_event(Event(now - 30, EventKind.TUNED, "lru"))
    return inline


def sent(session: AppTest) -> dict[str, Any]:
    """What the board of the page was given."""
    (board,) = boards(session)
    found: dict[str, Any] = json.loads(board.bytes)
    return found


def boards(session: AppTest) -> list[Any]:
    components = [each.proto for each in session.get("bidi_component")]
    return [each for each in components if each.component_name.endswith("live_board")]


def tile(data: dict[str, Any], label: str) -> dict[str, str]:
    (found,) = [tile for tile in data["tiles"] if tile["label"] == label]
    return found


def test_the_figures_are_those_of_the_history(watched: InlineApplication, open_page: Open) -> None:
    session = open_page("cache")
    data = sent(session)
    assert tile(data, "Hit rate")["value"] == "33%"
    assert tile(data, "Hit rate")["note"] == "53% would be possible"
    assert tile(data, "Tokens saved")["value"] == "1,000"
    assert tile(data, "First token")["value"] == "50 ms"
    assert tile(data, "Memory taken")["value"] == "75%"
    assert [text for _at, text in data["events"]] == ["Tuned: lru"]
    causes = data["tables"][1]["rows"]
    assert [(row[0]["text"], row[1]) for row in causes] == [("Never seen", "1,400"), ("Evicted", "600")]
    assert data["tables"][2]["rows"] == [["Other workspaces", "3", "1,000", "33%"]]


def test_a_price_turns_tokens_into_money(watched: InlineApplication, open_page: Open) -> None:
    session = open_page("cache")
    session.number_input(key="price").set_value(2.0).run()
    assert "0.002" in tile(sent(no_exception(session)), "Tokens saved")["note"]


def test_the_address_names_window_and_rate(watched: InlineApplication, open_page: Open) -> None:
    data = sent(open_page("cache", window="3600", rate="off"))
    assert (data["window"], data["width"]) == (3600, 15)
    assert sent(open_page("cache", window="77"))["window"] == 900


def test_who_may_only_look_sees_it_too(watched: InlineApplication, open_page: Open) -> None:
    watched.assumed_principal = Principal(user="guest", role=Role.VIEWER, workspace="default")
    assert tile(sent(open_page("cache")), "Hit rate")["value"] == "33%"


def test_while_the_model_warms_up_the_page_says_so(watched: InlineApplication, open_page: Open) -> None:
    assert "warming up" in texts(open_page("cache"))


def test_without_a_model_in_this_process_there_is_nothing_to_watch(
    application: InlineApplication, open_page: Open
) -> None:
    set_running(InlineApplication(replace(application.workbench, engine=Deterministic())))  # type: ignore[arg-type]
    session = open_page("cache")
    assert "does not run in this process" in texts(session)
    assert boards(session) == []


@pytest.mark.parametrize("lang", ["es", "pt"])
def test_it_speaks_the_readers_language(lang: str, watched: InlineApplication, open_page: Open) -> None:
    labels = {tile["label"] for tile in sent(open_page("cache", lang=lang))["tiles"]}
    assert "Hit rate" not in labels


def two_messages() -> None:
    import streamlit as st

    from pages.components.live_board import BLUE, Chart, Line, Table, Tile, live_board

    number = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    live_board(
        "board",
        whole=number == 1,
        locale="en",
        words={},
        charts=[Chart(title="Rate", unit="%", series=[Line("rate", "Rate", BLUE)])] if number == 1 else (),
        tiles=[Tile("Rate", f"{number}%", "of all", "How it is counted.")],
        tables=[Table(title="Causes", head=("Cause", "Tokens"), rows=[["new", "7"]], none="None")],
        note="",
        now=float(number),
        window=300,
        width=2,
        first=number,
        series={"rate": [float(number)], "not drawn": [0.0]},
        events=[(0.5, "Started"), (number + 0.5, "Tuned")],
        selection=None,
    )


def test_later_messages_carry_what_differs_from_the_first_and_nothing_else() -> None:
    session = AppTest.from_function(two_messages).run()
    first = sent(no_exception(session))
    assert "class Board" in first["code"]
    assert (first["names"], first["series"]) == (["rate"], [[1.0]])
    assert first["tables"][0]["rows"] == [["new", "7"]]
    for number in (2, 3):
        later = sent(no_exception(session.run()))
        assert later["tiles"] == [{"value": f"{number}%"}]
        assert later["tables"] == [{}]
        assert (later["first"], later["series"]) == (number, [[float(number)]])
        assert later["events"] == [[number + 0.5, "Tuned"]]
        assert "code" not in later
        assert "charts" not in later


def begun(key: str, lost: int | None) -> None:
    import streamlit as st

    from pages.components.live_board import _Begun, has_begun

    st.session_state[f"{key}_begun"] = _Begun(4, [], (), [], [])
    st.session_state[key] = {} if lost is None else {"lost": lost}
    st.text(str(has_begun(key)))


@pytest.mark.parametrize(("lost", "answer"), [(None, "True"), (3, "True"), (4, "False")])
def test_a_browser_that_missed_the_beginning_is_sent_it_again(lost: int | None, answer: str) -> None:
    session = AppTest.from_function(begun, args=("a_board", lost)).run()
    assert no_exception(session).text[0].value == answer
