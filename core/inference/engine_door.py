"""The door of an engine: serves any engine over HTTP, so that other processes use its one cache."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from threading import BoundedSemaphore, Event, Thread
from typing import Any, TypeAlias

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool

from core.errors import Forbidden, Invalid, WorkbenchError
from core.inference import engine_wire as wire
from core.inference.engine import GenerateText, InferenceEngine
from core.inference.errors import EngineFailed, Overloaded

LOG = logging.getLogger(__name__)
LEAST_KEY_LENGTH = 16
STATUS = {Forbidden: 401, Invalid: 422, Overloaded: 429}
Lines: TypeAlias = "asyncio.Queue[bytes | None]"


def build_engine_door(
    engine: InferenceEngine,
    key: SecretStr,
    *,
    max_calls: int = 64,
    max_request_bytes: int = 8 << 20,
    keep_alive_seconds: float = 5.0,
) -> APIRouter:
    """The router to mount. Who does not show the key learns nothing, not even who answers.

    At most `max_calls` at a time; further ones are told to come again. A caller that goes away has its
    answer cancelled. Raises Invalid for a key that could be guessed.
    """
    if len(key.get_secret_value()) < LEAST_KEY_LENGTH:
        raise Invalid(f"The key of an engine's door has at least {LEAST_KEY_LENGTH} characters.")
    door = _Door(engine, key, max_calls, max_request_bytes, keep_alive_seconds)
    router = APIRouter()
    router.add_api_route("/identity", door.identity, methods=["GET"], response_model=None)
    router.add_api_route("/health", door.health, methods=["GET"], response_model=None)
    for path, handler in (
        ("/generate", door.generate),
        ("/count_tokens", door.count_tokens),
        ("/score", door.score),
        ("/announce", door.announce),
        ("/withdraw", door.withdraw),
    ):
        router.add_api_route(path, handler, methods=["POST"], response_model=None)
    return router


class _Door:
    def __init__(
        self,
        engine: InferenceEngine,
        key: SecretStr,
        max_calls: int,
        max_request_bytes: int,
        keep_alive_seconds: float,
    ) -> None:
        self._engine = engine
        self._key = key
        self._max_request_bytes = max_request_bytes
        self._keep_alive_seconds = keep_alive_seconds
        self._calls = BoundedSemaphore(max_calls)

    async def identity(self, request: Request) -> Response:
        return await self._answer(request, lambda _found: asdict(self._engine.identity()))

    async def health(self, request: Request) -> Response:
        return await self._answer(request, lambda _found: asdict(self._engine.health()))

    async def count_tokens(self, request: Request) -> Response:
        return await self._answer(
            request,
            lambda found: {"tokens": self._engine.count_tokens(wire.read_request(found["request"]).prompt)},
        )

    async def score(self, request: Request) -> Response:
        return await self._answer(
            request,
            lambda found: wire.write_scores(
                self._engine.score(wire.read_request(found["request"]), wire.read_texts(found["texts"]))
            ),
        )

    async def announce(self, request: Request) -> Response:
        return await self._answer(
            request, lambda found: self._engine.announce(wire.read_requests(found["requests"]))
        )

    async def withdraw(self, request: Request) -> Response:
        return await self._answer(
            request, lambda found: self._engine.withdraw(wire.read_requests(found["requests"]))
        )

    async def generate(self, request: Request) -> Response:
        """200 and the answer line by line. An error of the engine is a line of it."""
        try:
            self._check_key(request)
            asked = wire.read_request(_json(await self._body(request)))
        except WorkbenchError as error:
            return _refused(error)
        call = _Call(self._engine, asked, self._calls)
        return StreamingResponse(call.lines(self._keep_alive_seconds), media_type="application/x-ndjson")

    async def _answer(self, request: Request, act: Callable[[Any], dict[str, Any] | None]) -> Response:
        """What `act` makes of the body, in a thread of its own."""
        try:
            self._check_key(request)
            found = _json(await self._body(request)) if request.method == "POST" else {}
            return JSONResponse(await run_in_threadpool(act, found) or {})
        except (KeyError, TypeError):
            return _refused(Invalid("The body of the request lacks something."))
        except WorkbenchError as error:
            return _refused(error)
        except Exception:
            LOG.exception("The engine failed behind its door.")
            return _refused(_broken())

    def _check_key(self, request: Request) -> None:
        shown = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self._key.get_secret_value()}".encode()
        if not hmac.compare_digest(shown, wanted):
            raise Forbidden("The key does not open this engine.", remedy="Set engine_key to its key.")

    async def _body(self, request: Request) -> bytes:
        parts, num_bytes = [], 0
        async for part in request.stream():
            num_bytes += len(part)
            if num_bytes > self._max_request_bytes:
                raise Invalid(f"A request has at most {self._max_request_bytes:,} bytes.")
            parts.append(part)
        return b"".join(parts)


class _Call:
    """One answer under way: a thread asks the engine, the event loop hands on what comes."""

    def __init__(self, engine: InferenceEngine, request: GenerateText, calls: BoundedSemaphore) -> None:
        self._engine = engine
        self._request = request
        self._calls = calls
        self._is_left = Event()

    async def lines(self, keep_alive_seconds: float) -> AsyncGenerator[bytes, None]:
        """Ends, and cancels, when the caller goes away."""
        if not self._calls.acquire(blocking=False):
            yield wire.error_line(_crowded())
            return
        lines: Lines = asyncio.Queue()
        loop = asyncio.get_running_loop()
        Thread(target=self._ask, args=(lines, loop), name="engine-door", daemon=True).start()
        try:
            while True:
                try:
                    line = await asyncio.wait_for(lines.get(), keep_alive_seconds)
                except TimeoutError:
                    line = wire.KEEP_ALIVE
                if line is None:
                    return
                yield line
        finally:
            self._is_left.set()

    def _ask(self, lines: Lines, loop: asyncio.AbstractEventLoop) -> None:
        def hand_on(line: bytes | None) -> None:
            try:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            except RuntimeError:  # the server has ended
                self._is_left.set()

        try:
            for piece in self._engine.generate(self._request, is_cancelled=self._is_left.is_set):
                hand_on(wire.write_piece(piece))
        except WorkbenchError as error:
            hand_on(wire.error_line(error))
        except Exception:
            LOG.exception("The engine failed behind its door.")
            hand_on(wire.error_line(_broken()))
        finally:
            self._calls.release()
            hand_on(None)


def _crowded() -> Overloaded:
    return Overloaded(
        "As many calls are under way as the door lets in.",
        remedy="Try again in a moment.",
        retry_after_seconds=1.0,
    )


def _broken() -> EngineFailed:
    return EngineFailed("The engine failed.", remedy="Look for the cause in the log of the application.")


def _refused(error: WorkbenchError) -> JSONResponse:
    number = next((number for kind, number in STATUS.items() if isinstance(error, kind)), 503)
    seconds = getattr(error, "retry_after_seconds", None)
    headers = {"Retry-After": str(max(round(seconds), 1))} if seconds else {}
    return JSONResponse({"error": wire.write_error(error)}, status_code=number, headers=headers)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Invalid("The body of the request is not JSON.") from None
