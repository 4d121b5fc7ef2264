"""The application counts what its model serves, watches the servers attached to it, and ends its watch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from core.bootstrap import Application, set_running
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.inference import GenerateText, answer
from core.settings import Settings
from core.telemetry.sources import poller
from core.use_cases import AttachSource, ListSources, ReadHealth
from core.use_cases.attach_sources import SourceView
from tests.fakes.product import free_port
from tests.fakes.serving import serving
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until
from tests.telemetry.sources import pages

QUESTION = "Where is Paris, the city of light, and which river runs through it?"
WATCHERS = {"health", "alerts", "sources"}


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    folder = write_small_model(tmp_path / "model", [(QUESTION, "On the Seine.")])
    started = Application(
        Settings(
            data_dir=tmp_path / "var",
            port=free_port(),
            sample_library=False,
            model_folder=folder,
            cache_block_tokens=16,
            response_cache="off",
        )
    )
    started.start()
    yield started
    started.stop()
    set_running(None)


def figures(application: Application) -> dict[str, float]:
    """Values by name and labels, those of the histograms' buckets left out."""
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in application.metrics.families()
        for sample in family.samples
        if "le" not in sample.labels
    }


def test_what_the_model_serves_is_counted(application: Application) -> None:
    request = GenerateText(prompt=QUESTION, max_new_tokens=4, tenant="somebody")
    first = answer(application.engine, request)
    second = answer(application.engine, request)
    assert (first.usage.cached_tokens, second.usage.cached_tokens > 0) == (0, True)
    possible = second.usage.cached_tokens
    wait_until(lambda: figures(application)["kv_cache_possible_tokens_total"] == possible)
    found = figures(application)
    blocks = len(QUESTION) // 16
    assert found["kv_cache_prompt_tokens_total"] == 2 * first.usage.prompt_tokens
    assert found["kv_cache_hit_tokens_total{device}"] == 16 * blocks
    assert found["kv_cache_requested_blocks_total"] == 2 * found["kv_cache_hit_blocks_total{device}"]
    assert found["kv_cache_requests_total{answered}"] == 2
    missed = sum(value for name, value in found.items() if name.startswith("kv_cache_missed_tokens_total"))
    assert missed == 2 * first.usage.prompt_tokens - second.usage.cached_tokens
    assert found["kv_cache_latency_seconds_count{total}"] == 2
    assert found["kv_cache_latency_seconds_sum{total}"] >= found["kv_cache_latency_seconds_sum{first_token}"]
    assert found["kv_cache_new_tokens_total"] == first.usage.new_tokens + second.usage.new_tokens
    assert b"somebody" not in application.metrics.text()


def test_an_attached_server_is_watched_until_it_goes(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "PERIOD_SECONDS", 0.1)
    turns = count(1)
    app = Starlette(routes=[Route("/metrics", lambda _: PlainTextResponse(pages.vllm(next(turns))))])

    def only() -> SourceView:
        (view,) = application.gateway.ask(ListSources(), LOCAL_ADMINISTRATOR)
        return view

    with serving(app) as address:
        application.gateway.ask(AttachSource(name="gpu", url=address), LOCAL_ADMINISTRATOR)
        wait_until(lambda: bool(only().points))
        assert (only().kind, only().state, only().points[0].hit_ratio) == ("vllm", "healthy", 0.75)
    wait_until(lambda: only().state == "offline")
    parts = application.gateway.ask(ReadHealth(), LOCAL_ADMINISTRATOR).parts
    assert [(part.name, part.state) for part in parts if part.kind == "source"] == [("gpu", "offline")]
    assert figures(application)["system_sources{offline}"] == 1


def test_no_watcher_outlives_the_application(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "var", port=free_port(), sample_library=False, engine="deterministic"
    )
    application = Application(settings)
    application.start()
    assert {thread.name for thread in threading.enumerate()} >= WATCHERS
    application.stop()
    set_running(None)
    assert not WATCHERS & {thread.name for thread in threading.enumerate()}
