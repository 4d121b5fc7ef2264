"""The door of an engine and who knocks at it, over real connections."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.errors import Invalid, Unavailable
from core.inference import (
    Deterministic,
    EngineDoor,
    GenerateText,
    HttpEngine,
    InferenceEngine,
    Message,
    Piece,
    Usage,
    answer,
)
from core.inference import engine_wire as wire
from core.inference.engine_door import build_engine_door
from core.inference.errors import (
    ENGINE_ERRORS,
    Cancelled,
    EngineError,
    EngineFailed,
    EngineUnavailable,
    KeyRefused,
    Overloaded,
)
from core.inference.http_exchange import HttpLimits
from core.priority import Priority
from tests.conftest import ROOT
from tests.fakes.engines import KEY, SAID, FailingEngine, HeldEngine, UnendedEngine, door_app
from tests.fakes.product import free_port
from tests.fakes.serving import serving
from tests.fakes.waiting import wait_until

QUESTION = GenerateText(prompt="Where is Paris?", max_new_tokens=40)


@contextmanager
def opened(
    engine: InferenceEngine, *, limits: HttpLimits | None = None, **door: float
) -> Iterator[HttpEngine]:
    with serving(door_app(engine, **door)) as address:
        client = HttpEngine(EngineDoor(url=address + "/engine", key=KEY, limits=limits or HttpLimits()))
        yield client
        client.close()


requests = st.builds(
    GenerateText,
    prompt=st.text(min_size=1)
    | st.lists(
        st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text()), min_size=1
    ).map(tuple),
    max_new_tokens=st.integers(1, 10**6),
    temperature=st.floats(0, 10),
    top_p=st.floats(0.01, 1),
    top_k=st.integers(0, 1000),
    repetition_penalty=st.floats(0.1, 10),
    seed=st.none() | st.integers(0, 2**63 - 1),
    stop=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    priority=st.sampled_from(Priority),
    deadline_seconds=st.none() | st.floats(0.001, 1e6),
    tenant=st.text(),
    may_truncate=st.booleans(),
)


@given(request=requests)
def test_a_request_travels_unchanged(request: GenerateText) -> None:
    assert wire.read_request(json.loads(json.dumps(wire.write_request(request)))) == request


@given(text=st.text(), num=st.integers(0, 9), cached=st.integers(0, 99))
def test_a_piece_travels_unchanged(text: str, num: int, cached: int) -> None:
    usage = Usage(
        prompt_tokens=3, new_tokens=num, finish_reason="length", first_piece_seconds=0.1, seconds=0.5,
        cached_tokens=cached,
    )  # fmt: skip
    for piece in (Piece(text, num), Piece(text, num, usage)):
        line = wire.write_piece(piece)
        assert line.count(b"\n") == 1
        assert wire.read_piece(line.decode()) == piece


@pytest.mark.parametrize("code", sorted(ENGINE_ERRORS))
def test_every_error_comes_back_as_itself(code: str) -> None:
    sent = ENGINE_ERRORS[code]("What happened.", remedy="What to do.", retry_after_seconds=2.5)
    found = wire.read_error(json.loads(json.dumps(wire.write_error(sent))))
    assert type(found) is type(sent)
    assert isinstance(found, EngineError)
    assert (found.message, found.remedy, found.retry_after_seconds) == ("What happened.", "What to do.", 2.5)


@pytest.mark.parametrize("code", sorted(set(ENGINE_ERRORS) - {Cancelled.code}))
def test_an_engine_that_fails_behind_the_door_fails_alike_before_it(code: str) -> None:
    with opened(FailingEngine(ENGINE_ERRORS[code]("It broke."))) as client:
        said = []
        with pytest.raises(ENGINE_ERRORS[code], match="It broke"):
            said.extend(piece.text for piece in client.generate(QUESTION))
        with pytest.raises(ENGINE_ERRORS[code], match="It broke"):
            client.count_tokens("words")


def test_a_fault_of_the_engine_is_logged_there_and_told_without_its_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with opened(FailingEngine(ZeroDivisionError("secret detail"))) as client:
        for call in (lambda: answer(client, QUESTION), lambda: client.count_tokens("words")):
            with pytest.raises(EngineFailed) as failed:
                call()
            assert "secret detail" not in str(failed.value)
    assert caplog.text.count("ZeroDivisionError") == 2


def test_everything_of_a_request_arrives() -> None:
    engine = HeldEngine()
    engine.released.set()
    asked = replace(QUESTION, priority=Priority.BACKGROUND, deadline_seconds=9.0, tenant="acme", seed=4)
    with opened(engine) as client:
        assert answer(client, asked).text == SAID
        client.announce([asked, QUESTION])
        client.withdraw([QUESTION])
    assert (engine.requests, engine.announced, engine.withdrawn) == ([asked], [asked, QUESTION], [QUESTION])


def test_pieces_come_while_the_answer_is_still_being_made() -> None:
    engine = HeldEngine()
    with opened(engine) as client:
        pieces = client.generate(QUESTION)
        assert next(pieces).text + next(pieces).text == "Paris is"
        engine.released.set()
        assert "Paris is" + "".join(piece.text for piece in pieces) == SAID


def test_a_caller_that_goes_away_has_its_answer_cancelled() -> None:
    engine = HeldEngine()
    with opened(engine, keep_alive_seconds=60) as client:
        pieces = client.generate(QUESTION)
        next(pieces)
        pieces.close()
        wait_until(engine.is_cancelled.is_set)


def test_cancelling_reaches_the_engine_while_nothing_comes() -> None:
    engine = HeldEngine()
    with opened(engine, keep_alive_seconds=60) as client:
        said: list[Piece] = []
        said += client.generate(QUESTION, is_cancelled=lambda: len(said) >= 2)
        assert said[-1].usage is not None
        assert said[-1].usage.finish_reason == "cancelled"
        wait_until(engine.is_cancelled.is_set)


def test_an_answer_that_ends_without_saying_so_is_no_answer() -> None:
    with opened(UnendedEngine()) as client, pytest.raises(EngineUnavailable) as ended:
        answer(client, QUESTION)
    assert ended.value.is_retryable


def test_a_long_silence_of_the_engine_is_bridged_by_the_door() -> None:
    engine = HeldEngine()
    with opened(engine, limits=HttpLimits(silence_seconds=0.3), keep_alive_seconds=0.05) as client:
        pieces = client.generate(QUESTION)
        next(pieces), next(pieces)
        begun = time.monotonic()
        wait_until(lambda: time.monotonic() - begun > 0.5)
        engine.released.set()
        assert len(list(pieces)) > 2


def test_more_calls_than_the_door_lets_in_are_told_to_come_again() -> None:
    engine = HeldEngine()
    with opened(engine, max_calls=1) as client:
        first = client.generate(QUESTION)
        next(first)
        with pytest.raises(Overloaded) as crowded:
            answer(client, QUESTION)
        assert crowded.value.retry_after_seconds == 1.0
        engine.released.set()
        assert len(list(first)) > 2
        wait_until(lambda: _is_answered(client))


def _is_answered(client: HttpEngine) -> bool:
    try:
        return answer(client, QUESTION).text == SAID
    except Overloaded:
        return False


@pytest.mark.parametrize("path", ["identity", "health", "generate", "count_tokens", "score", "announce"])
@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", "Basic x", KEY.get_secret_value(), "é"])
def test_without_the_key_the_door_says_nothing(door: str, path: str, shown: str) -> None:
    method = "GET" if path in ("identity", "health") else "POST"
    reply = httpx.request(method, f"{door}/{path}", headers={b"Authorization": shown.encode()})  # type: ignore[dict-item]
    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "forbidden"


@pytest.fixture(scope="module")
def door() -> Iterator[str]:
    with serving(door_app(Deterministic(), max_request_bytes=2000)) as address:
        yield address + "/engine"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"3", b'{"prompt": ""}', b'{"prompt": "x", "color": 1}', b'{"prompt": 4}',
     b'{"prompt": "x", "top_p": 7}', b'{"prompt": "x", "priority": 99}', b'{"prompt": "%s"}' % (b"x" * 3000)],
)  # fmt: skip
def test_what_is_no_request_is_refused(door: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {KEY.get_secret_value()}"}
    reply = httpx.post(f"{door}/generate", content=body, headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("path", ["count_tokens", "score", "announce", "withdraw"])
@pytest.mark.parametrize("body", ["{}", "[]", '{"request": 3, "texts": 4, "requests": 5}'])
def test_a_body_that_lacks_something_is_refused(door: str, path: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {KEY.get_secret_value()}"}
    reply = httpx.post(f"{door}/{path}", content=body, headers=headers)
    assert reply.status_code == 422


def test_a_request_that_makes_no_sense_raises_the_same_here() -> None:
    with (
        opened(FailingEngine(Invalid("top_k is too high."))) as client,
        pytest.raises(Invalid, match="top_k"),
    ):
        answer(client, QUESTION)


def test_a_wrong_key_is_said_with_a_remedy(door: str) -> None:
    client = HttpEngine(EngineDoor(url=door, key=SecretStr("another-key-that-is-long")))
    for call in (lambda: answer(client, QUESTION), client.identity):
        with pytest.raises(KeyRefused) as refused:
            call()
        assert "engine_key" in refused.value.remedy
    assert client.health().state == "unhealthy"
    client.close()


def test_a_key_that_could_be_guessed_opens_no_door() -> None:
    with pytest.raises(Invalid):
        build_engine_door(Deterministic(), SecretStr("short"))
    with pytest.raises(Invalid):
        HttpEngine(EngineDoor(url="http://127.0.0.1:1", key=SecretStr("")))


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:8501/engine", "http://app:8501", "http://localhost.evil.com"]
)
def test_another_machine_is_reached_over_tls_only(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        HttpEngine(EngineDoor(url=url, key=KEY))
    assert "https" in refused.value.remedy
    HttpEngine(EngineDoor(url=url.replace("http://", "https://"), key=KEY))


def test_over_tls_the_certificate_counts(certificate: Path) -> None:
    with serving(door_app(Deterministic([("", SAID)])), certificate=certificate) as address:
        place = EngineDoor(url=address + "/engine", key=KEY, ca_file=certificate)
        trusting, distrusting = HttpEngine(place), HttpEngine(replace(place, ca_file=None))
        assert answer(trusting, QUESTION).text == SAID
        with pytest.raises(EngineUnavailable, match="certificate"):
            answer(distrusting, QUESTION)
        trusting.close()
        distrusting.close()


def test_what_is_no_door_is_told_apart() -> None:
    with serving(door_app(Deterministic())) as address:
        client = HttpEngine(EngineDoor(url=address, key=KEY))
        for call in (lambda: answer(client, QUESTION), client.identity, lambda: client.count_tokens("x")):
            with pytest.raises(EngineFailed):
                call()
        client.close()


def test_nobody_at_the_address_is_unavailable() -> None:
    client = HttpEngine(EngineDoor(url=f"http://127.0.0.1:{free_port()}", key=KEY))
    with pytest.raises(EngineUnavailable):
        answer(client, QUESTION)
    assert client.health().state == "offline"
    client.close()


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """An engine in a process of its own, which can be killed."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.engine_process"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    yield started, started.stdout.readline().strip() + "/engine"
    started.kill()
    started.wait()
    started.stdout.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_a_call_whose_process_died_or_hangs_is_retryable_at_once(
    process: tuple[subprocess.Popen[str], str], end: int
) -> None:
    client = HttpEngine(EngineDoor(url=process[1], key=KEY, limits=HttpLimits(silence_seconds=0.5)))
    pieces = client.generate(QUESTION)
    assert next(pieces).text + next(pieces).text == "Paris is"
    process[0].send_signal(end)
    begun = time.monotonic()
    with pytest.raises(EngineUnavailable) as died:
        list(pieces)
    assert time.monotonic() - begun < 2.0
    assert died.value.is_retryable
    assert isinstance(died.value, Unavailable)
    if end == signal.SIGKILL:
        with pytest.raises(EngineUnavailable):
            answer(client, QUESTION)
    client.close()


def test_closing_ends_what_is_under_way() -> None:
    engine = HeldEngine()
    with opened(engine) as client:
        pieces = client.generate(QUESTION)
        next(pieces), next(pieces)
        client.close()
        with pytest.raises(EngineUnavailable):
            list(pieces)


def test_identity_names_the_engine_behind() -> None:
    engine = Deterministic(context_tokens=77)
    with opened(engine) as client:
        there, here = engine.identity(), client.identity()
    assert (here.engine, here.model, here.context_tokens) == ("http", there.model, 77)
    assert there.fingerprint in here.fingerprint
