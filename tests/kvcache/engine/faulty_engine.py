"""An engine that fails when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kvcache.engine.engine import Engine
from kvcache.engine.generation import Generation
from kvcache.engine.request import Answer, GenerationRequest


class Injected(Exception):
    """An error that a test put there."""


class FaultyEngine:
    """Fails where `fails(act, requests)` says so: before an act, or after a decode."""

    def __init__(self, engine: Engine, fails: Callable[[str, list[GenerationRequest]], bool]) -> None:
        self._engine, self._fails = engine, fails

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def answer(self, request: GenerationRequest) -> Answer:
        self._may_fail("answer", [request])
        return self._engine.answer(request)

    def begin(self, request: GenerationRequest) -> Generation:
        self._may_fail("begin", [request])
        return self._engine.begin(request)

    def prefill(self, generation: Generation) -> bool:
        self._may_fail("prefill", [generation.request])
        return self._engine.prefill(generation)

    def decode(self, generations: Sequence[Generation]) -> None:
        requests = [generation.request for generation in generations]
        self._may_fail("decode", requests)
        self._engine.decode(generations)
        self._may_fail("after decode", requests)

    def publish(self, generation: Generation) -> None:
        self._may_fail("publish", [generation.request])
        self._engine.publish(generation)

    def finish(self, generation: Generation) -> None:
        self._may_fail("finish", [generation.request])
        self._engine.finish(generation)

    def _may_fail(self, act: str, requests: list[GenerationRequest]) -> None:
        if self._fails(act, requests):
            raise Injected(act)
