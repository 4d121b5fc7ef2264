"""An engine that counts what is asked of it, and asks for no more than was allowed."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from core.documents.writing.reasons import BudgetUsed
from core.inference.constrained import NUMBER_TOKENS
from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    GenerateText,
    InferenceEngine,
    Piece,
    Prompt,
    Usage,
    never,
)
from core.inference.errors import DeadlinePassed, EngineError

FEWEST_MEASURED = 128
"""Computed tokens of a prompt from which its first piece tells how fast prompts are computed."""

_MOST_LEFT = 64  # pieces that are waited for after an answer was left, to learn what it took


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """Tokens of prompts and answers of all calls together, those that a cache served included."""

    most_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the calls for one document took. Of the prompts' tokens `cached_tokens` were not computed.

    `saved_seconds` is what computing those would have taken at the measured speed, waiting included; None
    where no prompt was long enough to measure. `num_estimated` calls had their tokens counted here, since
    the engine did not tell.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    saved_seconds: float | None = None
    num_estimated: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.new_tokens

    @property
    def computed_tokens(self) -> int:
        """Of the prompts."""
        return self.prompt_tokens - self.cached_tokens


def deaf(text: str, is_whole: bool) -> None:
    """Nobody listens."""


class MeteredEngine:
    """Passes everything on but scores, which no usage tells of. For one thread at a time.

    An answer that is left early is waited for until the engine says what it took. Raises BudgetUsed before a
    call that the budget may not cover, and DeadlinePassed when the time given to `begin` is over. `hear` gets
    every answer that is longer than a number, as far as it came, and whether it is whole.
    """

    name: ClassVar[str] = "metered"

    def __init__(
        self,
        engine: InferenceEngine,
        budget: TokenBudget | None = None,
        *,
        hear: Callable[[str, bool], None] = deaf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self._budget = budget
        self._hear = hear
        self._clock = clock
        self._until: float | None = None
        self._calls = self._prompt = self._cached = self._new = self._estimated = 0
        self._seconds = 0.0
        self._measured_tokens, self._measured_seconds = 0, 0.0

    @property
    def spent(self) -> Spent:
        rate = self._measured_tokens / self._measured_seconds if self._measured_seconds > 0 else None
        return Spent(
            calls=self._calls,
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            new_tokens=self._new,
            seconds=self._seconds,
            saved_seconds=None if rate is None else self._cached / rate,
            num_estimated=self._estimated,
        )

    def begin(self, most_seconds: float) -> None:
        """From now on calls may go on for so long, all together."""
        self._until = self._clock() + most_seconds

    def identity(self) -> EngineIdentity:
        return self.engine.identity()

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self._admit(request)
        started = self._clock()
        is_left = is_told = False
        self._calls += 1
        pieces = self.engine.generate(request, is_cancelled=lambda: is_left or is_cancelled())
        text: list[str] = []
        with closing(pieces):
            try:
                for piece in pieces:
                    text.append(piece.text)
                    if piece.usage is not None:
                        is_told = True
                        self._add(piece.usage)
                    self._check_time()
                    if request.max_new_tokens > NUMBER_TOKENS:
                        self._hear("".join(text), piece.usage is not None)
                    yield piece
            finally:
                is_left = True
                if not is_told and not self._await_usage(pieces):
                    self._estimate(request, "".join(text))
                self._seconds += self._clock() - started

    def count_tokens(self, prompt: Prompt) -> int:
        return self.engine.count_tokens(prompt)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return None

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self.engine.announce(requests)

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self.engine.withdraw(requests)

    def health(self) -> EngineHealth:
        return self.engine.health()

    def close(self) -> None:
        """The engine is somebody else's."""

    def _admit(self, request: GenerateText) -> None:
        self._check_time()
        if self._budget is None:
            return
        needed = self.engine.count_tokens(request.prompt) + request.max_new_tokens
        if self._prompt + self._new + needed > self._budget.most_tokens:
            raise BudgetUsed("The tokens that were allowed are used up.", remedy="Allow more tokens.")

    def _check_time(self) -> None:
        if self._until is not None and self._clock() > self._until:
            raise DeadlinePassed("The model took longer than a section may take.", remedy="Try again later.")

    def _await_usage(self, pieces: Generator[Piece, None, None]) -> bool:
        try:
            for _ in range(_MOST_LEFT):
                piece = next(pieces, None)
                if piece is None:
                    return False
                if piece.usage is not None:
                    self._add(piece.usage)
                    return True
        except EngineError:
            return False
        return False

    def _add(self, usage: Usage) -> None:
        """An answer that was kept from before computed nothing."""
        cached = usage.prompt_tokens if usage.is_stored_answer else usage.cached_tokens
        self._prompt += usage.prompt_tokens
        self._cached += cached
        self._new += usage.new_tokens
        self._estimated += usage.is_estimated
        computed = usage.prompt_tokens - cached
        if computed >= FEWEST_MEASURED and not usage.is_estimated:
            self._measured_tokens += computed
            self._measured_seconds += usage.first_piece_seconds

    def _estimate(self, request: GenerateText, text: str) -> None:
        """The engine broke off: what it had read and written counts all the same."""
        self._estimated += 1
        try:
            self._prompt += self.engine.count_tokens(request.prompt)
            self._new += self.engine.count_tokens(text) if text else 0
        except EngineError:
            return
