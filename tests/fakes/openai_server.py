"""A server with OpenAI's API that answers well, or misbehaves as its script says."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeAlias

from core.inference import Deterministic, GenerateText, Message, Piece
from core.inference.errors import PromptTooLong

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
MODEL = "tiny"


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Behaviour: TypeAlias = Callable[["OpenAiServer", Received, Send], Awaitable[None]]


class OpenAiServer:
    """An ASGI application. Each POST is answered by the next behaviour of `script`, then by `well`.

    `released` lets go what waits, `is_left` tells that a client went away while it waited.
    """

    def __init__(self, answers: list[tuple[str, str]]) -> None:
        self.engine = Deterministic(answers, context_tokens=200)
        self.script: deque[Behaviour] = deque()
        self.received: list[Received] = []
        self.metrics: str | None = None
        self.released = Event()
        self.is_left = Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["method"] == "GET":
            await self._get(scope["path"], send)
            return
        asked = Received(scope["path"], headers, json.loads(await _body(receive)))
        self.received.append(asked)
        behave = self.script.popleft() if self.script else well
        acting = asyncio.ensure_future(behave(self, asked, send))
        leaving = asyncio.ensure_future(self._watch(receive))
        await asyncio.wait([acting, leaving], return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not acting.done():
            acting.cancel()
            return
        await acting

    async def _watch(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.is_left.set()

    async def _get(self, path: str, send: Send) -> None:
        if path == "/v1/models":
            await whole(send, 200, json.dumps({"data": [{"id": MODEL}]}))
        elif path == "/metrics" and self.metrics is not None:
            await whole(send, 200, self.metrics)
        else:
            await whole(send, 404, "nothing here")

    def pieces(self, body: dict[str, Any]) -> list[Piece]:
        prompt = body.get("prompt") or tuple(Message(m["role"], m["content"]) for m in body["messages"])
        request = GenerateText(
            prompt=prompt, max_new_tokens=body["max_tokens"], stop=tuple(body.get("stop", ()))
        )
        return list(self.engine.generate(request))


async def well(server: OpenAiServer, asked: Received, send: Send) -> None:
    """The whole answer, streamed as vLLM does."""
    try:
        *pieces, last = server.pieces(asked.body)
    except PromptTooLong:
        said = {"error": {"message": "maximum context length is 200 tokens", "code": 400}}
        await whole(send, 400, json.dumps(said))
        return
    assert last.usage is not None
    await begin(send)
    for piece in pieces:
        await event(send, delta(asked, piece.text))
    await event(send, {"choices": [{"delta": {}, "finish_reason": last.usage.finish_reason}]})
    if asked.body.get("stream_options"):
        tokens = {"prompt_tokens": last.usage.prompt_tokens, "completion_tokens": last.usage.new_tokens}
        await event(send, {"choices": [], "usage": tokens | {"prompt_tokens_details": {"cached_tokens": 3}}})
    await chunk(send, "data: [DONE]\n\n")
    await end(send)


def status(number: int, body: str = "", **headers: str) -> Behaviour:
    """Refuses with a status."""

    async def behave(_server: OpenAiServer, _asked: Received, send: Send) -> None:
        await whole(send, number, body, headers)

    return behave


def says(*parts: str | bytes, is_cut: bool = False, **headers: str) -> Behaviour:
    """Streams these bytes, then ends, or breaks the connection off."""

    async def behave(_server: OpenAiServer, _asked: Received, send: Send) -> None:
        await begin(send, headers)
        for part in parts:
            await chunk(send, part)
        if is_cut:
            raise ConnectionAbortedError
        await end(send)

    return behave


def waits(*parts: str) -> Behaviour:
    """Streams these bytes, then nothing until it is released; then ends."""

    async def behave(server: OpenAiServer, _asked: Received, send: Send) -> None:
        if parts:
            await begin(send)
        for part in parts:
            await chunk(send, part)
        while not server.released.is_set():
            await asyncio.sleep(0.01)
        await (end(send) if parts else whole(send, 503, ""))

    return behave


async def hangs_up(_server: OpenAiServer, _asked: Received, _send: Send) -> None:
    """Breaks the connection off before a word."""
    raise ConnectionAbortedError


async def floods(_server: OpenAiServer, _asked: Received, send: Send) -> None:
    """Never stops."""
    await begin(send)
    while True:
        await chunk(send, text("x" * 10_000))


def delta(asked: Received, said: str) -> dict[str, Any]:
    if asked.path.endswith("/chat/completions"):
        return {"choices": [{"index": 0, "delta": {"content": said}, "finish_reason": None}]}
    return {"choices": [{"index": 0, "text": said, "finish_reason": None}]}


def text(said: str) -> str:
    """An event of a conversation that adds these characters."""
    return f"data: {json.dumps({'choices': [{'delta': {'content': said}}]})}\n\n"


FINISHED = f"data: {json.dumps({'choices': [{'delta': {}, 'finish_reason': 'stop'}]})}\n\n"


async def begin(send: Send, headers: dict[str, str] | None = None) -> None:
    found = {"content-type": "text/event-stream"} | {
        name.replace("_", "-"): value for name, value in (headers or {}).items()
    }
    pairs = [(name.encode(), value.encode()) for name, value in found.items()]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})


async def chunk(send: Send, part: str | bytes) -> None:
    data = part.encode() if isinstance(part, str) else part
    await send({"type": "http.response.body", "body": data, "more_body": True})
    await asyncio.sleep(0)


async def event(send: Send, said: dict[str, Any]) -> None:
    await chunk(send, f"data: {json.dumps(said)}\n\n")


async def end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


async def whole(send: Send, number: int, body: str, headers: dict[str, str] | None = None) -> None:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in (headers or {}).items()]
    await send({"type": "http.response.start", "status": number, "headers": pairs})
    await send({"type": "http.response.body", "body": body.encode()})


async def _body(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
