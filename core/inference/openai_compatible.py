"""Any server that speaks OpenAI's HTTP API: vLLM, SGLang, llama.cpp, or one in a data centre."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr

from core.errors import Invalid
from core.inference.circuit_breaker import CircuitBreaker
from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    FinishReason,
    GenerateText,
    Piece,
    Prompt,
    Usage,
    never,
    prompt_text,
)
from core.inference.errors import (
    Cancelled,
    CircuitOpen,
    DeadlinePassed,
    EngineError,
    EngineUnavailable,
)
from core.inference.http_exchange import NOT_WANTED, HttpExchange, HttpLimits, Reply, check_address
from core.inference.openai_wire import DONE, Chunk, body_of, read_chunk, refusal
from core.inference.retries import RetryPolicy, retry, sleep_watching
from core.inference.server_metrics import ServerMetrics, read_server_metrics

CHARACTERS_PER_TOKEN = 4
HEALTH_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAiServer:
    """Where the server is and how patient to be with it. `url` ends before `/v1`.

    `allows_plain_http` lets texts, never a key, travel to another machine without TLS.
    """

    url: str
    model: str
    key: SecretStr | None = None
    limits: HttpLimits = field(default_factory=HttpLimits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    ca_file: Path | None = None
    allows_plain_http: bool = False


class OpenAiCompatible:
    """Conversations go to /v1/chat/completions, plain text to /v1/completions; both are streamed.

    A call that fails before its first piece is made again. Priorities and announcements stay here: the API
    has no word for them. Token counts before an answer are estimates of four characters a token.
    """

    name: ClassVar[str] = "openai"

    def __init__(
        self,
        server: OpenAiServer,
        *,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float, Callable[[], bool]], None] = sleep_watching,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Raises Invalid for an address that must not be used."""
        if not server.model:
            raise Invalid("No model of the engine is named.", remedy="Set engine_model.")
        url = check_address(
            server.url, has_key=server.key is not None, allows_plain_http=server.allows_plain_http
        )
        self._server = server
        self._exchange = HttpExchange(
            url.removesuffix("/v1"), headers=self._headers, limits=server.limits, ca_file=server.ca_file
        )
        self._breaker = breaker or CircuitBreaker()
        self._sleep = sleep
        self._clock = clock
        self._asks_usage = True

    def identity(self) -> EngineIdentity:
        """The server does not show its weights: the fingerprint is its address and the model's name."""
        return EngineIdentity(
            engine=self.name,
            model=self._server.model,
            fingerprint=f"{self._exchange.address}/{self._server.model}",
        )

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        begun = self._clock()
        call = _Call(request, begun, self._clock, self._server.limits.total_seconds)
        try:
            pieces = retry(
                lambda: self._begin(call, is_cancelled),
                self._server.retries,
                lambda seconds: self._sleep(seconds, is_cancelled),
            )
            try:
                yield from pieces
            finally:
                pieces.close()
        except Cancelled:
            yield call.end("cancelled")

    def count_tokens(self, prompt: Prompt) -> int:
        return -(-len(prompt_text(prompt)) // CHARACTERS_PER_TOKEN) or 1

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return None

    def announce(self, requests: Sequence[GenerateText]) -> None:
        """The API has no word for it."""

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        """Nothing was announced."""

    def health(self) -> EngineHealth:
        """Whether the server lists the model, and how many requests it has if it tells."""
        try:
            with self._exchange.send("GET", "/v1/models", total_seconds=HEALTH_SECONDS) as reply:
                body, status = reply.body(), reply.head.status
        except EngineError as error:
            return EngineHealth(state="offline", detail=str(error))
        if status != 200:
            return EngineHealth(state="unhealthy", detail=str(refusal(status, reply.head.headers, body)))
        found = self.server_metrics()
        is_listed = self._server.model.encode() in body
        return EngineHealth(
            state="healthy" if is_listed else "warning",
            detail="" if is_listed else "The server does not list the model.",
            num_running=None if found is None else found.num_running,
            num_waiting=None if found is None else found.num_waiting,
        )

    def server_metrics(self) -> ServerMetrics | None:
        """What a vLLM or SGLang server says at /metrics; None where there is no such thing."""
        with (
            suppress(EngineError),
            self._exchange.send("GET", "/metrics", total_seconds=HEALTH_SECONDS) as reply,
        ):
            if reply.head.status == 200:
                return read_server_metrics(reply.body().decode("utf-8", "replace"))
        return None

    def close(self) -> None:
        self._exchange.close()

    def _headers(self) -> dict[str, str]:
        key = self._server.key
        return {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}

    def _begin(self, call: _Call, is_cancelled: Callable[[], bool]) -> Generator[Piece, None, None]:
        """The answer with its first piece there. Keeps the breaker informed."""
        if is_cancelled():
            raise Cancelled(NOT_WANTED)
        if not self._breaker.admit():
            seconds = self._breaker.seconds_left
            raise CircuitOpen(
                f"The engine failed several times in a row and is left alone for {seconds:.0f} seconds.",
                remedy="Look for the cause in its log; it is tried again after that.",
                retry_after_seconds=seconds,
            )
        pieces = self._pieces(call, is_cancelled)
        return _resumed(next(pieces), pieces)

    def _pieces(self, call: _Call, is_cancelled: Callable[[], bool]) -> Generator[Piece, None, None]:
        call.begin_anew()
        try:
            with self._send(call, is_cancelled) as reply:
                for chunk in self._chunks(reply):
                    call.take(chunk)
                    if chunk.text:
                        yield call.piece(chunk.text)
                    if is_cancelled():
                        raise Cancelled(NOT_WANTED)
            self._breaker.succeeded()
            yield call.end(call.finish_reason)
        except EngineUnavailable:
            self._breaker.failed()
            raise
        except (Cancelled, DeadlinePassed):
            raise  # our own doing: nothing is learnt of the server
        except EngineError:
            self._breaker.succeeded()  # it answers, whatever it says
            raise

    def _send(self, call: _Call, is_cancelled: Callable[[], bool]) -> Reply:
        request = call.request
        path = "/v1/completions" if isinstance(request.prompt, str) else "/v1/chat/completions"
        body = body_of(request, self._server.model, asks_usage=self._asks_usage)
        reply = self._exchange.send(
            "POST", path, body, is_cancelled=call.watch(is_cancelled), total_seconds=call.seconds_left
        )
        if reply.head.status == 200:
            return reply
        with reply:
            said = reply.body()
        if reply.head.status in (400, 422) and self._asks_usage and b"stream_options" in said:
            self._asks_usage = False
            return self._send(call, is_cancelled)
        raise refusal(reply.head.status, reply.head.headers, said)

    def _chunks(self, reply: Reply) -> Iterator[Chunk]:
        """What the server says until it is finished. Raises EngineUnavailable if it stops before."""
        if not reply.head.headers.get("content-type", "").startswith("text/event-stream"):
            yield read_chunk(reply.body().decode("utf-8", "replace"))
            return
        is_finished = False
        for data in events_of(reply.lines()):
            if data == DONE:
                return
            chunk = read_chunk(data)
            is_finished = is_finished or chunk.finish_reason is not None
            yield chunk
        if not is_finished:
            raise EngineUnavailable("The engine stopped in the middle of its answer.", remedy="Try again.")


class _Call:
    """What is known of one call so far; for one thread."""

    def __init__(
        self, request: GenerateText, begun: float, clock: Callable[[], float], total_seconds: float
    ) -> None:
        self.request = request
        self._begun = begun
        self._clock = clock
        self._total_seconds = total_seconds
        self.begin_anew()

    def begin_anew(self) -> None:
        self.finish_reason: FinishReason = "stop"
        self._first_piece: float | None = None
        self._num_pieces = 0
        self._told = Chunk()

    @property
    def seconds_left(self) -> float:
        """Of the whole call, all attempts together. Raises EngineUnavailable when there are none."""
        left = self._total_seconds - (self._clock() - self._begun)
        if left <= 0:
            raise EngineUnavailable(
                f"The engine did not answer within {self._total_seconds:g} seconds.",
                remedy="Try again later.",
            )
        return left

    def watch(self, is_cancelled: Callable[[], bool]) -> Callable[[], bool]:
        """The same question, which also raises DeadlinePassed when the answer did not begin in time."""
        return lambda: self._check_deadline() or is_cancelled()

    def take(self, chunk: Chunk) -> None:
        self.finish_reason = chunk.finish_reason or self.finish_reason
        if chunk.new_tokens is not None:
            self._told = chunk

    def piece(self, text: str) -> Piece:
        self._num_pieces += 1
        if self._first_piece is None:
            self._first_piece = self._clock() - self._begun
        return Piece(text)

    def end(self, reason: FinishReason) -> Piece:
        seconds = self._clock() - self._begun
        told = self._told
        is_estimated = told.new_tokens is None or told.prompt_tokens is None
        prompt = -(-len(prompt_text(self.request.prompt)) // CHARACTERS_PER_TOKEN) or 1
        usage = Usage(
            prompt_tokens=prompt if told.prompt_tokens is None else told.prompt_tokens,
            new_tokens=self._num_pieces if told.new_tokens is None else told.new_tokens,
            cached_tokens=told.cached_tokens,
            finish_reason=reason,
            first_piece_seconds=seconds if self._first_piece is None else self._first_piece,
            seconds=seconds,
            is_estimated=is_estimated,
        )
        return Piece("", 0, usage)

    def _check_deadline(self) -> bool:
        deadline = self.request.deadline_seconds
        if deadline is None or self._first_piece is not None or self._clock() - self._begun < deadline:
            return False
        raise DeadlinePassed(
            f"The answer did not begin within {deadline:g} seconds.",
            remedy="Allow more time, or send it when fewer wait.",
        )


def events_of(lines: Iterator[str]) -> Iterator[str]:
    """The data of each server-sent event; comments and other fields are skipped."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def _resumed(first: Piece, rest: Generator[Piece, None, None]) -> Generator[Piece, None, None]:
    try:
        yield first
        yield from rest
    finally:
        rest.close()
