"""Every figure of the cache page, walked back to a log of events that is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.observation import Event, EventKind, History, build_view
from core.observation.cache_view import WINDOWS, CacheView
from core.observation.columns import Columns
from core.observation.request_columns import MOST_LABELS, OTHER_LABELS, RequestColumns
from kvcache.request_log import CHEAPER, EVICTED, NEVER_SEEN, TAIL, RequestRecord

NOW = 1_000_000.0
OWN, OTHER = 11, 22


def record(seconds_ago: float, **changes: object) -> RequestRecord:
    fields = {
        "tenant": OWN,
        "outcome": "answered",
        "label": "template:memo",
        "prompt_tokens": 100,
        "cached_tokens": 64,
        "possible_tokens": 96,
        "new_tokens": 10,
        "hit_tokens": {"device": 64},
        "missed_tokens": {NEVER_SEEN: 4, EVICTED: 32},
        "queue_ms": 1.0,
        "lookup_ms": 0.5,
        "load_ms": 2.5,
        "first_token_ms": 40.0,
        "total_ms": 100.0,
    }
    return RequestRecord(at=NOW - seconds_ago, **(fields | changes))  # type: ignore[arg-type]


def known_log() -> History:
    history = History()
    history.add_request(record(400.0))  # before the window
    history.add_request(record(100.0, first_token_ms=10.0, total_ms=20.0))
    history.add_request(
        record(
            99.0,
            cached_tokens=0,
            possible_tokens=0,
            hit_tokens={},
            missed_tokens={NEVER_SEEN: 64, CHEAPER: 30, TAIL: 6},
            first_token_ms=104.0,
            total_ms=300.0,
            label="document:7",
        )
    )
    history.add_request(
        record(
            10.0, hit_tokens={"host int8": 32, "staged": 16, "disk split": 16}, tenant=OTHER, label="secret"
        )
    )
    history.add_request(
        record(
            9.0,
            outcome="refused",
            prompt_tokens=0,
            cached_tokens=0,
            possible_tokens=0,
            new_tokens=0,
            hit_tokens={},
            missed_tokens={},
            first_token_ms=None,
        )
    )
    sample = {"device_bytes": 512.0, "device_limit_bytes": 1024.0, "waiting_high": 3.0, "app_bytes": 7.0}
    counts = {"evicted_blocks": 5.0, "app_seconds": 1.0, "duplicate_blocks": 2.0, "raw_bytes": 100.0}
    history.add_sample(NOW - 20.0, sample | counts)
    history.add_sample(NOW - 10.0, sample | counts | {"evicted_blocks": 25.0, "app_seconds": 6.0})
    history.add_event(Event(NOW - 500.0, EventKind.STARTED))
    history.add_event(Event(NOW - 50.0, EventKind.TUNED, "lru"))
    return history


def view(history: History, **changes: object) -> CacheView:
    asked = {"now": NOW, "window": 300, "tenant": OWN} | changes
    return build_view(history, **asked)  # type: ignore[arg-type]


def at(found: CacheView, name: str, seconds_ago: float) -> float | None:
    return found.series[name][math.floor((NOW - seconds_ago) / found.width) - found.first]


def test_totals_are_sums_over_the_window() -> None:
    totals = view(known_log()).totals
    assert totals.requests == {"answered": 3, "cancelled": 0, "failed": 0, "refused": 1}
    assert (totals.prompt_tokens, totals.cached_tokens, totals.possible_tokens) == (300, 128, 192)
    assert totals.hit_rate == pytest.approx(128 / 300)
    assert totals.possible_rate == pytest.approx(192 / 300)
    assert totals.new_tokens == 30
    assert totals.hit_tokens == {"device": 64, "host": 48, "disk": 16, "remote": 0}
    assert totals.hit_requests == {"device": 1, "host": 1, "disk": 1, "remote": 0}
    assert totals.missed_tokens == {
        NEVER_SEEN: 4 + 64 + 4,
        EVICTED: 64,
        "other tenant": 0,
        "model changed": 0,
        CHEAPER: 30,
        TAIL: 6,
    }
    assert totals.missed_requests[EVICTED] == 2
    assert sum(totals.hit_tokens.values()) + sum(totals.missed_tokens.values()) == totals.prompt_tokens


def test_quantiles_are_values_that_were_measured() -> None:
    totals = view(known_log()).totals
    assert totals.first_token_ms is not None
    assert totals.total_ms is not None
    assert (totals.first_token_ms.p50, totals.first_token_ms.p95, totals.first_token_ms.p99) == (40, 104, 104)
    assert (totals.total_ms.p50, totals.total_ms.p99) == (100, 300)


def test_what_was_saved_has_the_price_of_what_was_computed() -> None:
    totals = view(known_log()).totals
    spent = (10 - 4) + (104 - 4) + (40 - 4)
    per_token = spent / (36 + 100 + 36)
    assert totals.compute_ms_per_token == pytest.approx(per_token)
    assert totals.load_seconds == pytest.approx(4 * 2.5 / 1e3)
    assert totals.saved_seconds == pytest.approx(128 * per_token / 1e3 - 4 * 2.5 / 1e3)


def test_labels_of_another_tenant_are_not_told() -> None:
    totals = view(known_log()).totals
    assert [(each.label, each.requests, each.cached_tokens) for each in totals.labels] == [
        ("template:memo", 2, 64),
        ("document:7", 1, 0),
    ]
    assert totals.other_tenants is not None
    assert (totals.other_tenants.label, totals.other_tenants.cached_tokens) == ("", 64)
    assert view(known_log(), tenant=None).totals.labels == ()


def test_series_hold_what_ended_in_each_bucket() -> None:
    found = view(known_log())
    assert found.width == 2
    assert len(found.series["hit_device"]) == 150
    assert at(found, "hit_device", 100.0) == pytest.approx(
        32.0
    )  # 64 of 200 tokens, the one a second later too
    assert at(found, "possible", 100.0) == pytest.approx(48.0)
    assert at(found, "hit_host", 10.0) == pytest.approx(48.0)
    assert at(found, "hit_device", 60.0) is None
    assert at(found, f"missed_{NEVER_SEEN}", 100.0) == pytest.approx((4 + 64) / 2)
    assert at(found, "requests_refused", 10.0) == 0.5
    assert at(found, "first_token_p50", 100.0) == 10.0
    assert at(found, "first_token_p95", 100.0) == 104.0
    assert at(found, "new_tokens", 100.0) == 10.0


def test_samples_are_shown_as_measured_and_counters_by_their_growth() -> None:
    found = view(known_log())
    assert at(found, "device_bytes", 20.0) == 512.0
    assert at(found, "device_bytes", 30.0) is None
    assert at(found, "evicted_blocks", 10.0) == pytest.approx(2.0)
    assert at(found, "evicted_blocks", 20.0) is None
    assert at(found, "app_seconds", 10.0) == pytest.approx(0.5)
    assert found.totals.counted["evicted_blocks"] == 20.0
    assert found.totals.now["waiting_high"] == 3.0


def test_a_counter_that_a_restart_set_back_loses_nothing_that_was_counted_since() -> None:
    history = History()
    for number, value in enumerate((10.0, 30.0, 0.0, 7.0)):
        history.add_sample(NOW - 100 + number * 10, {"evicted_blocks": value})
    found = view(history)
    assert found.totals.counted["evicted_blocks"] == 27.0
    assert at(found, "evicted_blocks", 80.0) is None


def test_a_selection_limits_the_totals_and_not_the_series() -> None:
    found = view(known_log(), selection=(NOW - 99.5, NOW - 50.0))
    assert found.totals.num_requests == 1
    assert found.totals.seconds == 49.5
    assert at(found, "hit_device", 100.0) == pytest.approx(32.0)


def test_the_newest_buckets_alone_are_the_end_of_all() -> None:
    history = known_log()
    whole = view(history)
    part = view(history, since_bucket=whole.first + 140)
    assert part.first == whole.first + 140
    assert all(part.series[name] == values[140:] for name, values in whole.series.items())
    assert view(history, since_bucket=0).first == whole.first


def test_events_in_the_window_are_marked() -> None:
    assert [event.detail for event in view(known_log()).events] == ["lru"]


def test_an_empty_history_has_no_values_and_no_errors() -> None:
    for window in WINDOWS:
        found = view(History(), window=window)
        assert found.totals.hit_rate is None
        assert found.totals.first_token_ms is None
        assert found.totals.saved_seconds is None
        assert all(value in (None, 0.0) for values in found.series.values() for value in values)


def test_the_past_comes_back_after_a_restart(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.add_sample(NOW - 20, {"device_bytes": 5.0})
    history.add_event(Event(NOW - 10, EventKind.TUNED, "lru"))
    history.close()
    (tmp_path / "samples-00000001.jsonl").open("a").write('{"at": "x"}\nnot json\n[]\n')
    again = History(tmp_path)
    again.load()
    assert at(view(again), "device_bytes", 20.0) == 5.0
    assert list(again.events) == [Event(NOW - 10, EventKind.TUNED, "lru")]


@given(
    st.lists(
        st.tuples(
            st.floats(0, 299), st.integers(0, 100), st.integers(0, 400), st.none() | st.floats(0.1, 1e4)
        ),
        max_size=40,
    )
)
def test_buckets_add_up_to_the_totals(rows: list[tuple[float, int, int, float | None]]) -> None:
    history = History()
    for seconds_ago, cached, computed, first in sorted(rows, key=lambda row: -row[0]):
        history.add_request(
            record(
                seconds_ago,
                prompt_tokens=cached + computed,
                cached_tokens=cached,
                hit_tokens={"device": cached},
                missed_tokens={NEVER_SEEN: computed},
                first_token_ms=first,
            )
        )
    found = view(history)
    per_second = found.series[f"missed_{NEVER_SEEN}"]
    in_series = sum(value * found.width for value in per_second if value is not None)
    outside = sum(computed for ago, _, computed, _ in rows if math.floor((NOW - ago) / 2) < found.first)
    assert in_series == pytest.approx(found.totals.missed_tokens[NEVER_SEEN] - outside, rel=1e-3, abs=0.5)
    firsts = [first for *_, first in rows if first is not None]
    if firsts:
        assert found.totals.first_token_ms is not None
        expected = np.quantile(firsts, [0.5, 0.95, 0.99], method="inverted_cdf")
        assert found.totals.first_token_ms.p95 == pytest.approx(expected[1])


def test_the_oldest_requests_are_forgotten_and_labels_are_bounded() -> None:
    requests = RequestColumns(most=100)
    for number in range(MOST_LABELS + 2_000):
        requests.append(record(0.0, label=f"document:{number}"))
    assert len(requests.columns) == 100
    assert len(requests.labels) == MOST_LABELS + 1
    assert requests.labels[-1] == OTHER_LABELS


def test_the_room_for_rows_is_at_most_a_quarter_more_than_their_bound() -> None:
    columns = Columns(2, 100_000)
    for number in range(230_000):
        columns.append((number, number))
    assert len(columns) == 100_000
    assert columns.rows[:, 0].tolist() == list(range(130_000, 230_000))
    assert columns.rows.base is not None
    assert columns.rows.base.shape[0] <= 1.25 * 100_000 + 1024
