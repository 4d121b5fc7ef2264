"""What is asked of an engine, and what comes back token by token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kvcache.engine.errors import InvalidRequest

FinishReason: TypeAlias = Literal["stop", "length", "cancelled"]
GREEDY = 0.0
MOST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen.

    `temperature` 0 takes the most likely one. `top_k` 0 considers all; `top_p` the fewest whose chances add
    up to it. `repetition_penalty` divides the logits of tokens that were there already (CTRL,
    arXiv 1909.05858). Equal seeds choose alike from equal chances; without one each request has its own.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= 10.0:
            raise InvalidRequest("temperature is 0 to 10.")
        if not 0.0 < self.top_p <= 1.0:
            raise InvalidRequest("top_p is above 0 and at most 1.")
        if self.top_k < 0:
            raise InvalidRequest("top_k is 0 or more.")
        if not 0.1 <= self.repetition_penalty <= 10.0:
            raise InvalidRequest("repetition_penalty is 0.1 to 10.")
        if self.seed is not None and not 0 <= self.seed <= MOST_SEED:
            raise InvalidRequest(f"seed is 0 to {MOST_SEED:,}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """A prompt as token ids, and how to go on from it.

    `stop_tokens` end the answer and are not part of it, nor are `stop` texts. `may_truncate` allows a prompt
    that is too long to lose its beginning; without it such a prompt is refused.

    `label` says what it is for and `arm` which side of a trial serves it; they are recorded, and change
    nothing else: requests that differ in them only are equal.
    """

    prompt: tuple[int, ...]
    max_new_tokens: int = 256
    sampling: Sampling = field(default_factory=Sampling)
    tenant: str = ""
    stop: tuple[str, ...] = ()
    stop_tokens: tuple[int, ...] = ()
    may_truncate: bool = False
    label: str = field(default="", compare=False)
    arm: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.prompt:
            raise InvalidRequest("The prompt is empty; give at least one token.")
        if self.max_new_tokens < 1:
            raise InvalidRequest("max_new_tokens is 1 or more.")
        if any(not text for text in self.stop):
            raise InvalidRequest("A stop text is not empty.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one request, and seconds to its first token and in all, from when its prefill began."""

    prompt_tokens: int
    cached_tokens: int
    new_tokens: int
    truncated_tokens: int
    first_token_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A finished answer."""

    tokens: tuple[int, ...]
    text: str
    finish_reason: FinishReason
    usage: Usage
