"""Pages of three vendors, in forms of several versions, as the same figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.errors import Invalid
from core.telemetry.sources.reading import Point, point_between, read_page
from tests.telemetry.sources import pages

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def between(page: Callable[[int], str], before: int, after: int) -> Point:
    """What happened in five seconds between two turns."""
    return point_between(read_page(page(before)), read_page(page(after)), 5.0, NOW)


def test_vllm_tells_everything() -> None:
    assert between(pages.vllm, 3, 4) == Point(
        at=NOW,
        hit_ratio=0.75,
        usage_ratio=0.25,
        running=3,
        waiting=2,
        prompt_tokens_per_second=400,
        cached_tokens_per_second=300,
        new_tokens_per_second=100,
        requests_per_second=2,
        first_token_p50_seconds=0.1,
        first_token_p95_seconds=0.75,
        total_p50_seconds=0.1,
        total_p95_seconds=0.75,
    )


def test_engines_of_one_server_are_added_up_and_their_ratios_averaged() -> None:
    point = between(lambda turn: pages.vllm(turn, engines=4), 3, 4)
    assert (point.running, point.usage_ratio, point.hit_ratio) == (12, 0.25, 0.75)
    assert (point.requests_per_second, point.first_token_p95_seconds) == (8, 0.75)


def test_an_older_vllm_tells_a_ratio_only() -> None:
    point = between(pages.vllm_0_6, 1, 2)
    assert (point.hit_ratio, point.usage_ratio, point.prompt_tokens_per_second) == (0.75, 0.5, None)


def test_sglang_is_read_by_its_counters_not_by_the_ratio_of_one_batch() -> None:
    point = between(pages.sglang, 1, 2)
    assert point.hit_ratio == 0.5
    assert (point.running, point.waiting, point.usage_ratio) == (5, 1, 0.28)
    assert (point.requests_per_second, point.total_p95_seconds) == (2, 0.75)


def test_lmcache_tells_what_it_knows() -> None:
    point = between(pages.lmcache, 1, 2)
    assert (point.hit_ratio, point.requests_per_second, point.usage_ratio) == (0.25, 1, None)


def test_a_page_with_lmcache_beside_vllm_is_the_engines() -> None:
    assert read_page(pages.lmcache(1) + pages.vllm(1)).kind == "vllm"


def test_a_counter_that_fell_has_begun_again() -> None:
    point = between(pages.vllm, 9, 1)
    assert (point.prompt_tokens_per_second, point.hit_ratio) == (400, 0.75)
    assert point.first_token_p95_seconds == 0.75


def test_without_traffic_there_is_no_ratio_and_no_quantile() -> None:
    point = between(pages.vllm, 3, 3)
    assert (point.hit_ratio, point.first_token_p95_seconds) == (None, None)
    assert point.requests_per_second == 0


@pytest.mark.parametrize(
    "text", ["", "<html>Not here</html>", "process_cpu_seconds_total 3\n", "vllm:num_requests_running NaN\n"]
)
def test_another_page_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_page(text)
    assert "/metrics" in refused.value.remedy
