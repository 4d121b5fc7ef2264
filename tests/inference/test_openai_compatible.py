"""The OpenAI-compatible engine against a real server that misbehaves on demand."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import Invalid, Unavailable
from core.inference import GenerateText, Message, OpenAiCompatible, OpenAiServer, answer
from core.inference.circuit_breaker import CircuitBreaker
from core.inference.errors import (
    CircuitOpen,
    DeadlinePassed,
    EngineFailed,
    EngineUnavailable,
    KeyRefused,
    ModelMissing,
    Overloaded,
    PromptTooLong,
)
from core.inference.http_exchange import HttpLimits
from core.inference.retries import RetryPolicy
from tests.fakes import openai_server as fake
from tests.fakes.product import free_port
from tests.fakes.serving import serving
from tests.fakes.waiting import wait_until

QUESTION = GenerateText(prompt=(Message("user", "How are you?"),), max_new_tokens=50)
HELLO = (fake.text("Hel"), fake.text("lo"))
KEY = "sk-very-secret-93"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[fake.OpenAiServer, str]]:
    server = fake.OpenAiServer([("How are you", "Well, thank you.")])
    with serving(server) as address:
        yield server, address


@pytest.fixture
def server(served: tuple[fake.OpenAiServer, str]) -> Iterator[fake.OpenAiServer]:
    server = served[0]
    server.script.clear()
    server.received.clear()
    server.released.clear()
    server.is_left.clear()
    server.metrics = None
    yield server
    server.released.set()


class Sleeps(list[float]):
    """Writes down how long it was to sleep, and does not."""

    def __call__(self, seconds: float, is_cancelled: Callable[[], bool]) -> None:
        self.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def open_engine(
    served: tuple[fake.OpenAiServer, str], server: fake.OpenAiServer, sleeps: Sleeps
) -> Iterator[Callable[..., OpenAiCompatible]]:
    opened = []

    def opening(*, breaker: CircuitBreaker | None = None, **changes: object) -> OpenAiCompatible:
        place = replace(OpenAiServer(url=served[1], model=fake.MODEL), **changes)  # type: ignore[arg-type]
        opened.append(OpenAiCompatible(place, breaker=breaker, sleep=sleeps))
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


@pytest.fixture
def engine(open_engine: Callable[..., OpenAiCompatible]) -> OpenAiCompatible:
    return open_engine()


def test_keep_alives_and_other_fields_of_the_stream_are_skipped(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.says(": hi\n\n", "event: x\nid: 4\n", *HELLO, ": hi\r\n\r\n", fake.FINISHED))
    assert answer(engine, QUESTION).text == "Hello"


def test_a_stream_cut_anywhere_between_bytes_says_the_same(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    stream = (fake.text("Más ") + fake.text("día\u2028s 😀") + fake.FINISHED).encode()
    server.script.append(fake.says(*[stream[at : at + 1] for at in range(len(stream))]))
    assert answer(engine, QUESTION).text == "Más día\u2028s 😀"


def test_an_answer_that_is_finished_needs_no_done(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.says(*HELLO, fake.FINISHED))
    usage = answer(engine, QUESTION).usage
    assert (usage.finish_reason, usage.new_tokens, usage.is_estimated) == ("stop", 2, True)


def test_an_answer_that_is_not_streamed_is_an_answer_too(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    said = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "length"}]}
    server.script.append(fake.status(200, json.dumps(said), content_type="application/json"))
    assert answer(engine, QUESTION).text == "Hello"


def test_the_usage_is_what_the_server_counted(engine: OpenAiCompatible) -> None:
    usage = answer(engine, QUESTION).usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.is_estimated) == (6, 3, False)


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_stream_that_ends_before_its_first_piece_is_asked_for_again(
    engine: OpenAiCompatible, server: fake.OpenAiServer, sleeps: Sleeps, is_cut: bool
) -> None:
    server.script.append(fake.says(": wait\n\n", is_cut=is_cut))
    assert answer(engine, QUESTION).text == "Well, thank you."
    assert len(server.received) == 2
    assert len(sleeps) == 1


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_stream_that_breaks_off_after_a_piece_fails_and_is_not_repeated(
    engine: OpenAiCompatible, server: fake.OpenAiServer, is_cut: bool
) -> None:
    server.script.append(fake.says(*HELLO, is_cut=is_cut))
    said: list[str] = []
    with pytest.raises(EngineUnavailable) as broken:
        said.extend(piece.text for piece in engine.generate(QUESTION))
    assert broken.value.is_retryable
    assert isinstance(broken.value, Unavailable)
    assert "".join(said) == "Hello"[: len("".join(said))] != ""
    assert len(server.received) == 1


def test_a_connection_that_is_hung_up_is_tried_again(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.extend([fake.hangs_up, fake.hangs_up])
    assert answer(engine, QUESTION).text == "Well, thank you."
    assert len(server.received) == 3


@pytest.mark.parametrize(
    "garbage",
    [
        "{nonsense",
        "[]",
        '{"choices": 7}',
        '{"choices": [{"delta": 3}]}',
        '{"choices": [{"text": 5}]}',
        "\x00\xff",
    ],
)
def test_garbage_is_a_failure_and_not_an_answer(
    engine: OpenAiCompatible, server: fake.OpenAiServer, garbage: str
) -> None:
    server.script.append(fake.says(f"data: {garbage}\n\n", fake.FINISHED))
    with pytest.raises(EngineFailed):
        answer(engine, QUESTION)
    assert len(server.received) == 1


def test_an_error_in_the_middle_of_a_stream_is_told(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.says(HELLO[0], 'data: {"error": {"message": "boom", "code": 500}}\n\n'))
    with pytest.raises(EngineUnavailable):
        answer(engine, QUESTION)


def test_a_server_without_stream_options_is_asked_without_them(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.status(400, "unknown field stream_options"))
    assert answer(engine, QUESTION).usage.is_estimated
    assert answer(engine, QUESTION).usage.is_estimated
    assert [("stream_options" in asked.body) for asked in server.received] == [True, False, False]


def test_too_many_requests_waits_as_long_as_the_server_asks(
    engine: OpenAiCompatible, server: fake.OpenAiServer, sleeps: Sleeps
) -> None:
    server.script.append(fake.status(429, Retry_After="7"))
    assert answer(engine, QUESTION).text == "Well, thank you."
    assert sleeps == [7.0]


def test_a_wait_longer_than_our_patience_is_handed_on(
    engine: OpenAiCompatible, server: fake.OpenAiServer, sleeps: Sleeps
) -> None:
    server.script.append(fake.status(429, Retry_After="120"))
    with pytest.raises(Overloaded) as refused:
        answer(engine, QUESTION)
    assert refused.value.retry_after_seconds == 120.0
    assert sleeps == []


def test_errors_of_the_server_are_retried_with_growing_waits(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer, sleeps: Sleeps
) -> None:
    engine = open_engine(retries=RetryPolicy(attempts=4, first_pause_seconds=1.0, longest_pause_seconds=3.0))
    server.script.extend([fake.status(500), fake.status(502), fake.status(503), fake.status(504)])
    with pytest.raises(EngineUnavailable):
        answer(engine, QUESTION)
    assert len(server.received) == 4
    assert [1.0 >= sleeps[0] >= 0.5, 2.0 >= sleeps[1] >= 1.0, 3.0 >= sleeps[2] >= 1.5] == [True] * 3


@pytest.mark.parametrize(
    ("number", "error"),
    [(401, KeyRefused), (403, KeyRefused), (404, ModelMissing), (400, EngineFailed), (302, EngineFailed)],
)
def test_a_refusal_is_not_retried(
    engine: OpenAiCompatible, server: fake.OpenAiServer, number: int, error: type[Exception]
) -> None:
    server.script.append(fake.status(number, "no", Location="http://127.0.0.1:1/"))
    with pytest.raises(error) as refused:
        answer(engine, QUESTION)
    assert refused.value.remedy  # type: ignore[attr-defined]
    assert len(server.received) == 1


def test_a_prompt_that_is_too_long_is_named_as_such(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.status(400, '{"error": {"code": "context_length_exceeded"}}'))
    with pytest.raises(PromptTooLong):
        answer(engine, QUESTION)


def test_silence_before_the_first_piece_ends_the_attempt(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    engine = open_engine(limits=HttpLimits(silence_seconds=0.1))
    server.script.append(fake.waits())
    assert answer(engine, QUESTION).text == "Well, thank you."
    assert len(server.received) == 2


def test_silence_in_the_middle_fails(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    engine = open_engine(limits=HttpLimits(silence_seconds=0.1))
    server.script.append(fake.waits(*HELLO))
    with pytest.raises(EngineUnavailable, match="sent nothing"):
        answer(engine, QUESTION)


def test_a_whole_call_takes_no_longer_than_allowed(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    engine = open_engine(limits=HttpLimits(total_seconds=0.2))
    server.script.append(fake.waits(*HELLO))
    with pytest.raises(EngineUnavailable, match="did not finish"):
        answer(engine, QUESTION)


def test_an_answer_that_does_not_begin_by_the_deadline_is_given_up(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.waits())
    with pytest.raises(DeadlinePassed):
        answer(engine, replace(QUESTION, deadline_seconds=0.1))
    wait_until(server.is_left.is_set)


def test_cancelling_while_the_server_is_silent_leaves_it(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.waits(*HELLO))
    said: list[str] = []
    asked = count()
    for piece in engine.generate(QUESTION, is_cancelled=lambda: len(said) == 2 and next(asked) > 3):
        said.append(piece.text)
        last = piece
    assert last.usage is not None
    assert last.usage.finish_reason == "cancelled"
    wait_until(server.is_left.is_set)


def test_closing_the_generator_leaves_the_server(engine: OpenAiCompatible, server: fake.OpenAiServer) -> None:
    server.script.append(fake.waits(*HELLO))
    pieces = engine.generate(QUESTION)
    assert next(pieces).text == "Hel"
    pieces.close()
    wait_until(server.is_left.is_set)


def test_an_answer_without_end_is_cut_off(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    engine = open_engine(limits=HttpLimits(max_response_bytes=100_000))
    server.script.append(fake.floods)
    with pytest.raises(EngineFailed, match="more than"):
        answer(engine, QUESTION)
    wait_until(server.is_left.is_set)


def test_a_packed_answer_is_refused_and_never_unpacked(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.script.append(fake.says(b"\x1f\x8b", content_encoding="gzip"))
    with pytest.raises(EngineFailed):
        answer(engine, QUESTION)


def test_a_server_that_keeps_failing_is_left_alone_and_then_probed(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    now = [0.0]
    breaker = CircuitBreaker(most_failures=3, first_pause_seconds=5, clock=lambda: now[0])
    engine = open_engine(breaker=breaker, retries=RetryPolicy(attempts=1))
    server.script.extend([fake.status(500)] * 4)
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            answer(engine, QUESTION)
    with pytest.raises(CircuitOpen) as spared:
        answer(engine, QUESTION)
    assert (len(server.received), spared.value.retry_after_seconds) == (3, 5.0)
    now[0] = 5.0
    with pytest.raises(EngineUnavailable, match="status 500"):
        answer(engine, QUESTION)
    now[0] = 14.9
    with pytest.raises(CircuitOpen):
        answer(engine, QUESTION)
    now[0] = 15.0
    assert answer(engine, QUESTION).text == "Well, thank you."
    assert answer(engine, QUESTION).text == "Well, thank you."


def test_refusals_do_not_open_the_circuit(
    open_engine: Callable[..., OpenAiCompatible], server: fake.OpenAiServer
) -> None:
    engine = open_engine(breaker=CircuitBreaker(most_failures=2))
    server.script.extend([fake.status(400)] * 5)
    for _ in range(5):
        with pytest.raises(EngineFailed):
            answer(engine, QUESTION)
    assert answer(engine, QUESTION).text == "Well, thank you."


def test_nobody_at_the_address_is_said_with_a_remedy(
    open_engine: Callable[..., OpenAiCompatible],
) -> None:
    engine = open_engine(url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(EngineUnavailable) as away:
        answer(engine, QUESTION)
    assert "engine_url" in away.value.remedy
    assert engine.health().state == "offline"


def test_what_is_at_its_default_is_left_out_of_the_request(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    answer(engine, QUESTION)
    answer(engine, replace(QUESTION, top_k=4, top_p=0.5, seed=3, stop=("X",), repetition_penalty=1.1))
    plain, full = (set(asked.body) for asked in server.received)
    assert plain == {"model", "messages", "max_tokens", "temperature", "stream", "stream_options"}
    assert full - plain == {"top_k", "top_p", "seed", "stop", "repetition_penalty"}


def test_the_key_travels_to_the_server_and_nowhere_else(
    open_engine: Callable[..., OpenAiCompatible],
    server: fake.OpenAiServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = open_engine(key=SecretStr(KEY))
    server.script.extend([fake.status(500), fake.well, fake.status(401, KEY)])
    answer(engine, QUESTION)
    with pytest.raises(KeyRefused) as refused:
        answer(engine, QUESTION)
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    shown = caplog.text + str(refused.value) + repr(engine.identity()) + repr(vars(engine)["_server"])
    assert KEY not in shown
    assert "How are you" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["", "ftp://host", "http://", "https://user:word@host", "https://host?key=1", "http://host:99999",
     "http://192.168.1.5:8000", "http://vllm:8000"],
)  # fmt: skip
def test_an_address_that_must_not_be_used_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        OpenAiCompatible(OpenAiServer(url=url, model="m"))
    assert refused.value.remedy


def test_plain_http_to_another_machine_is_allowed_on_request_but_never_with_a_key() -> None:
    place = OpenAiServer(url="http://vllm:8000/v1", model="m", allows_plain_http=True)
    OpenAiCompatible(place)
    with pytest.raises(Invalid):
        OpenAiCompatible(replace(place, key=SecretStr(KEY)))


def test_a_certificate_is_verified(served: tuple[fake.OpenAiServer, str], certificate: Path) -> None:
    with serving(served[0], certificate=certificate) as address:
        place = OpenAiServer(url=address, model=fake.MODEL, retries=RetryPolicy(attempts=1))
        distrusting, trusting = OpenAiCompatible(place), OpenAiCompatible(replace(place, ca_file=certificate))
        with pytest.raises(EngineUnavailable) as refused:
            answer(distrusting, QUESTION)
        assert "engine_ca_file" in refused.value.remedy
        assert answer(trusting, QUESTION).text == "Well, thank you."
        distrusting.close()
        trusting.close()


def test_health_tells_what_a_serving_engine_counts(
    engine: OpenAiCompatible, server: fake.OpenAiServer
) -> None:
    server.metrics = "vllm:num_requests_running 2\nvllm:num_requests_waiting 5\n"
    health = engine.health()
    assert (health.state, health.num_running, health.num_waiting) == ("healthy", 2, 5)


def test_health_warns_of_a_model_that_is_not_listed(
    open_engine: Callable[..., OpenAiCompatible],
) -> None:
    assert open_engine(model="another").health().state == "warning"


def test_a_closed_engine_can_be_used_again(engine: OpenAiCompatible) -> None:
    engine.close()
    engine.close()
    assert answer(engine, QUESTION).text == "Well, thank you."
