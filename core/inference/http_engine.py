"""The engine of another process, behind its door: how the worker asks the application's engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import SecretStr, ValidationError

from core.errors import Invalid, WorkbenchError
from core.inference import engine_wire as wire
from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    GenerateText,
    Piece,
    Prompt,
    Usage,
    never,
)
from core.inference.errors import Cancelled, EngineError, EngineFailed, EngineUnavailable, KeyRefused
from core.inference.http_exchange import HttpExchange, HttpLimits, Reply, check_address

HEALTH_SECONDS = 3.0
PATIENCE = HttpLimits(silence_seconds=15.0, total_seconds=900.0)
"""The door says something every five seconds, however long an answer takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDoor:
    """Where the door is, and the key to it. Plain http goes to this machine only."""

    url: str
    key: SecretStr
    limits: HttpLimits = field(default=PATIENCE)
    ca_file: Path | None = None


class HttpEngine:
    """Everything is passed on: priorities, deadlines, announcements, cancelling; errors come back the same.

    Nothing is retried here. A call whose engine died raises EngineUnavailable, which is retryable.
    """

    name: ClassVar[str] = "http"

    def __init__(self, door: EngineDoor) -> None:
        """Raises Invalid for an address that must not be used, or without a key."""
        if not door.key.get_secret_value():
            raise Invalid("The door of an engine opens with a key only.", remedy="Set engine_key.")
        self._door = door
        # NOTE: on this machine a key may go over plain http; check_address refuses it anywhere else.
        self._exchange = HttpExchange(
            check_address(door.url, has_key=True),
            headers=lambda: {"Authorization": f"Bearer {door.key.get_secret_value()}"},
            limits=door.limits,
            ca_file=door.ca_file,
        )

    def identity(self) -> EngineIdentity:
        """That of the engine behind the door, under the name of this one."""
        found = self._ask("GET", "/identity")
        try:
            there = wire.IDENTITY.validate_python(found)
        except ValidationError:
            raise _foreign() from None
        return EngineIdentity(
            engine=self.name,
            model=there.model,
            fingerprint=f"{there.engine}:{there.fingerprint}",
            context_tokens=there.context_tokens,
            counts_exactly=there.counts_exactly,
            can_score=there.can_score,
        )

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        begun, num_given = time.perf_counter(), 0
        try:
            with self._send("POST", "/generate", wire.write_request(request), is_cancelled) as reply:
                for line in reply.lines():
                    if not line:
                        continue
                    piece = wire.read_piece(line)
                    num_given += piece.num_tokens
                    yield piece
                    if piece.usage is not None:
                        return
                    if is_cancelled():
                        raise Cancelled("The answer is not wanted any more.")
            raise EngineUnavailable("The engine stopped in the middle of its answer.", remedy="Try again.")
        except Cancelled:
            yield Piece("", 0, _cut_short(num_given, time.perf_counter() - begun))

    def count_tokens(self, prompt: Prompt) -> int:
        request = wire.write_request(GenerateText(prompt=prompt))
        return int(self._asked("tokens", "/count_tokens", {"request": request}))

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        asked = {"request": wire.write_request(request), "texts": list(continuations)}
        scores = self._asked("scores", "/score", asked)
        return None if scores is None else tuple(map(float, scores))

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self._ask("POST", "/announce", {"requests": list(map(wire.write_request, requests))})

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self._ask("POST", "/withdraw", {"requests": list(map(wire.write_request, requests))})

    def health(self) -> EngineHealth:
        try:
            return wire.HEALTH.validate_python(self._ask("GET", "/health", total_seconds=HEALTH_SECONDS))
        except EngineUnavailable as error:
            return EngineHealth(state="offline", detail=str(error))
        except (WorkbenchError, ValidationError) as error:
            return EngineHealth(state="unhealthy", detail=str(error))

    def close(self) -> None:
        self._exchange.close()

    def _asked(self, name: str, path: str, payload: Any) -> Any:
        try:
            return self._ask("POST", path, payload)[name]
        except KeyError:
            raise _foreign() from None

    def _ask(
        self, method: str, path: str, payload: Any = None, *, total_seconds: float | None = None
    ) -> dict[str, Any]:
        with self._send(method, path, payload, never, total_seconds) as reply:
            return _object(reply.body())

    def _send(
        self,
        method: str,
        path: str,
        payload: Any,
        is_cancelled: Callable[[], bool],
        total_seconds: float | None = None,
    ) -> Reply:
        """The reply of a door that opened. Raises what it refused with."""
        reply = self._exchange.send(
            method, path, payload, is_cancelled=is_cancelled, total_seconds=total_seconds
        )
        if reply.head.status == 200:
            return reply
        with reply:
            said = reply.body()
        if reply.head.status == 401:
            raise KeyRefused(
                "The key does not open this engine.", remedy="Set engine_key to the key of its door."
            )
        raise wire.read_error(_object(said).get("error"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        raise _foreign() from None
    if not isinstance(found, dict):
        raise _foreign()
    return found


def _foreign() -> EngineError:
    return EngineFailed(
        "What answers there is no engine's door.", remedy="Set engine_url to the address of one."
    )


def _cut_short(num_tokens: int, seconds: float) -> Usage:
    """What is known of an answer that nobody waited for."""
    return Usage(
        prompt_tokens=0,
        new_tokens=num_tokens,
        finish_reason="cancelled",
        first_piece_seconds=seconds,
        seconds=seconds,
        is_estimated=True,
    )
