"""Gives requests that name no deadline or priority those of the mode that the engine runs in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import ClassVar

from core.inference import EngineHealth, EngineIdentity, GenerateText, InferenceEngine, Piece, Prompt
from core.inference.engine import never
from core.priority import Priority
from core.tuning.catalogue import MODES


class CurrentMode:
    """The mode that was chosen last, a key of MODES; empty: none, and requests stay as they are."""

    def __init__(self) -> None:
        self.key = ""

    def fill_in(self, request: GenerateText) -> GenerateText:
        """A request of normal priority names none."""
        mode = MODES.get(self.key)
        if mode is None:
            return request
        if request.priority == Priority.NORMAL and mode.priority is not None:
            request = replace(request, priority=mode.priority)
        if request.deadline_seconds is None and mode.deadline_seconds is not None:
            request = replace(request, deadline_seconds=mode.deadline_seconds)
        return request


class ModedEngine:
    """An InferenceEngine before another one, whose requests it fills in."""

    name: ClassVar[str] = "moded"

    def __init__(self, engine: InferenceEngine, mode: CurrentMode) -> None:
        self.engine = engine
        self._mode = mode

    def identity(self) -> EngineIdentity:
        return self.engine.identity()

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        return self.engine.generate(self._mode.fill_in(request), is_cancelled=is_cancelled)

    def count_tokens(self, prompt: Prompt) -> int:
        return self.engine.count_tokens(prompt)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return self.engine.score(self._mode.fill_in(request), continuations)

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self.engine.announce([self._mode.fill_in(request) for request in requests])

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self.engine.withdraw([self._mode.fill_in(request) for request in requests])

    def health(self) -> EngineHealth:
        return self.engine.health()

    def close(self) -> None:
        self.engine.close()
