"""One engine for all: the application's, which its worker asks through a door on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from core.engine_selection import SHIPPED_MODEL, local_model, open_engine
from core.errors import Invalid
from core.gateway.loopback import LoopbackOnly
from core.inference import Deterministic, GenerateText, Piece, answer
from core.inference.engine import never
from core.inference.engine_door import build_engine_door
from core.inference.errors import EngineUnavailable
from core.inference.response_cache import CachedEngine
from core.settings import Settings
from tests.fakes.product import Product
from tests.fakes.serving import serving
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until
from tests.fakes.workers import Bench, start_worker

KEY = "a key of a door that nobody guesses"
QUESTION, SAID = "Where is Paris?", "Paris lies on the Seine."


class DiesOnce(Deterministic):
    """An engine whose application dies in the middle of the first answer."""

    def __init__(self) -> None:
        super().__init__([(QUESTION, SAID)])
        self.num_calls = 0

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.num_calls += 1
        pieces = super().generate(request, is_cancelled=is_cancelled)
        yield next(pieces)
        if self.num_calls == 1:
            raise EngineUnavailable("The application went away.")
        yield from pieces


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[DiesOnce], Bench]]:
    """A queue whose worker process asks this engine through its door."""
    exits = []

    def open_bench(engine: DiesOnce) -> Bench:
        app = FastAPI()
        app.include_router(build_engine_door(engine, SecretStr(KEY)), prefix="/engine")
        served = serving(app)
        monkeypatch.setenv("BLATAM_ENGINE", "http")
        monkeypatch.setenv("BLATAM_ENGINE_URL", f"{served.__enter__()}/engine")
        monkeypatch.setenv("BLATAM_ENGINE_KEY", KEY)
        settings = Settings(data_dir=tmp_path / "var", job_backoff_seconds=0.01)
        bench = Bench(settings)
        worker = start_worker(settings)
        exits.append((worker, served, bench))
        return bench

    yield open_bench
    for worker, served, opened in exits:
        worker.terminate()
        worker.wait()
        served.__exit__(None, None, None)
        opened.storage.close()


def test_a_job_asks_the_engine_again_when_its_application_died(
    bench: Callable[[DiesOnce], Bench],
) -> None:
    engine = DiesOnce()
    opened = bench(engine)
    job = opened.ended(opened.submit("ask_engine", prompt=QUESTION))
    assert job.result == {"text": SAID}
    assert opened.lines() == ["asked", "asked"]
    assert engine.num_calls == 2


def test_the_product_answers_health_while_its_model_warms_up_and_opens_the_door_to_nobody_else(
    tmp_path: Path,
) -> None:
    folder = write_small_model(tmp_path / "model", [(QUESTION, SAID)])
    product = Product(tmp_path, settings={"engine": "local", "model_folder": str(folder)})
    product.start()
    try:
        first = json.loads(urlopen(f"{product.address}/api/health").read())
        assert first["engine"] in ("warning", "healthy")
        assert first["database"] == "healthy"
        wait_until(lambda: json.loads(urlopen(f"{product.address}/api/health").read())["engine"] == "healthy")
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            with pytest.raises(HTTPError) as refused:
                urlopen(Request(f"{product.address}/engine/identity", headers=headers))
            assert refused.value.code == 401
        wait_until((tmp_path / "var" / "kvcache_status.json").exists)
    finally:
        product.stop()


def test_who_calls_from_another_machine_is_refused_before_the_key_is_looked_at() -> None:
    app = FastAPI()
    app.include_router(build_engine_door(Deterministic(), SecretStr(KEY)))
    app.add_middleware(LoopbackOnly)
    headers = {"Authorization": f"Bearer {KEY}"}
    for client, status in (("192.0.2.7", 403), ("127.0.0.1", 200), ("::1", 200), ("testclient", 403)):
        assert TestClient(app, client=(client, 1)).get("/identity", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"engine": "openai"}, "engine_url"),
        ({"engine": "openai", "engine_url": "http://127.0.0.1:9"}, "engine_model"),
        ({"engine": "http", "engine_url": "http://127.0.0.1:9"}, "engine_key"),
        ({"response_cache": "redis"}, "response_cache_url"),
    ],
)
def test_settings_that_do_not_go_together_say_what_is_missing(
    settings: dict[str, Any], remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match=remedy):
        open_engine(Settings(data_dir=tmp_path, **settings))


def test_every_engine_can_be_chosen_and_has_its_answers_kept(tmp_path: Path) -> None:
    chosen = {
        "deterministic": {},
        "local": {},
        "openai": {"engine_url": "http://127.0.0.1:9", "engine_model": "m"},
    }
    for name, more in chosen.items():
        engine = open_engine(Settings(data_dir=tmp_path, engine=name, **more))  # type: ignore[arg-type]
        assert isinstance(engine, CachedEngine)
        assert engine.engine.name == name
        engine.close()
    off = open_engine(Settings(data_dir=tmp_path, engine="deterministic", response_cache="off"))
    assert isinstance(off, Deterministic)


def test_the_model_that_ships_is_the_default(tmp_path: Path) -> None:
    assert local_model(Settings(data_dir=tmp_path)).folder == SHIPPED_MODEL
    own = Settings(data_dir=tmp_path, model_folder=tmp_path)
    assert local_model(own).folder == tmp_path


def test_a_kept_answer_comes_back_without_the_engine(tmp_path: Path) -> None:
    engine = open_engine(Settings(data_dir=tmp_path, engine="deterministic"))
    request = GenerateText(prompt=QUESTION, tenant="w")
    first, second = answer(engine, request), answer(engine, request)
    assert first.text == second.text
    assert (first.usage.is_stored_answer, second.usage.is_stored_answer) == (False, True)
    engine.close()
