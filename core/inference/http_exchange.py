"""Requests to one HTTP server whose answers are read as they come, and can be left at any moment.

A thread of its own runs the connections, because only there a read that waits can be broken off.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import SplitResult, urlsplit

from core.errors import Invalid
from core.inference.engine import never
from core.inference.errors import Cancelled, EngineError, EngineFailed, EngineUnavailable

if TYPE_CHECKING:
    import httpx

NOT_WANTED = "The answer is not wanted any more."
IDLE_SECONDS = 2.0  # shorter than servers keep a connection that nobody uses
WATCH_SECONDS = 0.05
"""How long a cancelled call may go unnoticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """`silence_seconds` is the longest time without a byte, `total_seconds` that of a whole call."""

    connect_seconds: float = 5.0
    silence_seconds: float = 60.0
    total_seconds: float = 300.0
    max_response_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is whole, or `error` says what became of it."""

    error: EngineError | None = None


Event: TypeAlias = Head | bytes | Ended


class Reply:
    """One answer under way. Closing it breaks the connection off, wherever it is."""

    def __init__(self, events: SimpleQueue[Event], run: Future[None], is_cancelled: Callable[[], bool]):
        self._events = events
        self._run = run
        self._is_cancelled = is_cancelled
        self.head = self._begin()

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes. Raises Cancelled, EngineUnavailable or EngineFailed."""
        while True:
            event = self._next()
            if isinstance(event, Ended):
                return
            assert isinstance(event, bytes)
            yield event

    def lines(self) -> Iterator[str]:
        """The body by lines, without their ends; a last line without an end is one too."""
        rest = b""
        for chunk in self.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.rstrip(b"\r").decode("utf-8", "replace")
        if rest:
            yield rest.decode("utf-8", "replace")

    def body(self) -> bytes:
        return b"".join(self.chunks())

    def close(self) -> None:
        self._run.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> Head:
        try:
            event = self._next()
        except EngineError:
            self.close()
            raise
        assert isinstance(event, Head)
        return event

    def _next(self) -> Event:
        """The next event; asks meanwhile whether somebody still waits for it."""
        while True:
            if self._is_cancelled():
                self.close()
                raise Cancelled(NOT_WANTED)
            try:
                event = self._events.get(timeout=WATCH_SECONDS)
            except Empty:
                if not self._run.done() or not self._events.empty():
                    continue
                event = Ended(EngineUnavailable("The connection was closed.", remedy="Try again."))
            if isinstance(event, Ended) and event.error is not None:
                raise event.error
            return event


class HttpExchange:
    """Sends requests to one address. No proxy, no redirect, no cookie; certificates are always verified.

    The thread starts with the first request. Nothing that is sent or received is logged.
    """

    def __init__(
        self,
        address: str,
        *,
        headers: Callable[[], Mapping[str, str]] = dict,
        limits: HttpLimits | None = None,
        ca_file: Path | None = None,
    ) -> None:
        """`headers` are asked for at each request; `ca_file` holds the certificates to trust instead."""
        self.address = address.rstrip("/")
        self.limits = limits or HttpLimits()
        self._headers = headers
        self._ca_file = ca_file
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._thread: Thread | None = None

    def send(
        self,
        method: str,
        path: str,
        payload: Any = None,
        *,
        is_cancelled: Callable[[], bool] = never,
        total_seconds: float | None = None,
    ) -> Reply:
        """The answer, once it has begun; use it in a `with`. `payload` travels as JSON.

        Raises EngineUnavailable where nobody answers, and Cancelled.
        """
        events: SimpleQueue[Event] = SimpleQueue()
        seconds = min(total_seconds or self.limits.total_seconds, self.limits.total_seconds)
        run = self._start(lambda client: self._run(client, method, path, payload, seconds, events))
        return Reply(events, run, is_cancelled)

    def close(self) -> None:
        """Break off what is under way, and end the thread."""
        with self._lock:
            loop, thread, client = self._loop, self._thread, self._client
            self._loop = self._thread = self._client = None
        if loop is None or thread is None or client is None:
            return
        asyncio.run_coroutine_threadsafe(_end(client), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _start(self, make: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]) -> Future[None]:
        with self._lock:
            if self._loop is None or self._client is None:
                self._client = self._make_client()
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name="engine-http", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(make(self._client), self._loop)

    def _make_client(self) -> httpx.AsyncClient:
        import httpx

        limits = self.limits
        return httpx.AsyncClient(
            verify=ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True,
            timeout=httpx.Timeout(limits.silence_seconds, connect=limits.connect_seconds),
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=8, keepalive_expiry=IDLE_SECONDS
            ),
            headers={"Accept-Encoding": "identity", "Content-Type": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    async def _run(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        payload: Any,
        seconds: float,
        events: SimpleQueue[Event],
    ) -> None:
        import httpx

        try:
            async with asyncio.timeout(seconds):
                await self._receive(client.stream, method, path, payload, events)
            events.put(Ended())
        except TimeoutError:
            events.put(Ended(_late(f"The engine did not finish within {seconds:g} seconds.")))
        except EngineError as error:
            events.put(Ended(error))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            events.put(Ended(self._translated(error)))

    async def _receive(
        self, stream: Any, method: str, path: str, payload: Any, events: SimpleQueue[Event]
    ) -> None:
        most, num_received = self.limits.max_response_bytes, 0
        content = None if payload is None else json.dumps(payload).encode()
        async with stream(
            method, self.address + path, content=content, headers=dict(self._headers())
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if headers.get("content-encoding", "identity") != "identity":
                raise EngineFailed(
                    "The engine sent a packed answer nobody asked for.", remedy="Check its address."
                )
            events.put(Head(response.status_code, headers))
            async for chunk in response.aiter_raw():
                num_received += len(chunk)
                if num_received > most:
                    raise EngineFailed(
                        f"The engine sent more than {most:,} bytes.",
                        remedy="Ask for fewer tokens, or check that the address is an engine.",
                    )
                events.put(bytes(chunk))

    def _translated(self, error: Exception) -> EngineError:
        import httpx

        shown = shown_address(self.address)
        if _is_certificate(error):
            return EngineUnavailable(
                f"The certificate of {shown} cannot be verified.",
                remedy="Name the file of its certificate authority in engine_ca_file.",
            )
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return EngineUnavailable(
                f"No engine answers at {shown}.", remedy="Check that it runs and that engine_url is right."
            )
        if isinstance(error, httpx.TimeoutException):
            return _late(f"The engine sent nothing for {self.limits.silence_seconds:g} seconds.")
        return EngineUnavailable("The connection to the engine broke off.", remedy="Try again.")


def _late(message: str) -> EngineUnavailable:
    return EngineUnavailable(message, remedy="Try again, ask for fewer tokens, or allow more time.")


def check_address(address: str, *, has_key: bool, allows_plain_http: bool = False) -> str:
    """The address without a slash at its end. Raises Invalid where a text or a key could be overheard."""
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        parts, has_port = SplitResult("", "", "", "", ""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not has_port:
        raise Invalid("The address of the engine cannot be read.", remedy="Write it like https://host:port.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Invalid(
            "The address of the engine carries more than a place.",
            remedy="Give the key as engine_key, not in the address.",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname) and (has_key or not allows_plain_http):
        raise Invalid(
            f"http://{parts.hostname} is another machine: what goes there could be overheard.",
            remedy="Use https://; in a network of your own engine_plain_http allows it without a key.",
        )
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the name means this machine, without asking anybody."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown_address(address: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _end(client: httpx.AsyncClient) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await client.aclose()
