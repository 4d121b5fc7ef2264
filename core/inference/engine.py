"""What is asked of a language model, what comes back piece by piece, and what every engine promises."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias

from core.errors import Invalid
from core.inference.errors import EngineFailed
from core.priority import Priority

Role: TypeAlias = Literal["system", "user", "assistant"]
FinishReason: TypeAlias = Literal["stop", "length", "cancelled"]
GREEDY = 0.0
MOST_SEED = 2**63 - 1
MOST_LABEL_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


Prompt: TypeAlias = str | tuple[Message, ...]
"""Plain text that the model goes on with, or a conversation that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateText:
    """A prompt, and how to go on from it.

    `temperature` 0 takes the likeliest token each time; `top_k` 0 considers all. Equal seeds choose alike.
    An answer ends before any of the `stop` texts. It must begin within `deadline_seconds`. `tenant` is the
    workspace: nothing is shared between tenants. `may_truncate` allows a prompt that is too long to lose its
    beginning; an engine that cannot do that refuses it. `label` names what it is for, such as
    `document:<id>`: those who watch the engine see it, and it changes no answer.

    >>> GenerateText(prompt="Once upon a time", max_new_tokens=20).is_repeatable
    True
    """

    prompt: Prompt
    max_new_tokens: int = 256
    temperature: float = GREEDY
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    deadline_seconds: float | None = None
    tenant: str = ""
    may_truncate: bool = False
    label: str = ""

    def __post_init__(self) -> None:
        """Raises Invalid."""
        for sentence in _faults(self):
            raise Invalid(sentence)

    @property
    def is_repeatable(self) -> bool:
        """Whether another run gives the same answer: it is greedy or has a seed."""
        return self.temperature == GREEDY or self.seed is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one answer took. Seconds count from the call; `cached_tokens` of the prompt were not computed.

    `is_estimated`: the engine does not say how many tokens these were. `is_stored_answer`: the response cache
    gave it, and nothing was computed now.
    """

    prompt_tokens: int
    new_tokens: int
    finish_reason: FinishReason
    first_piece_seconds: float
    seconds: float
    cached_tokens: int = 0
    truncated_tokens: int = 0
    is_estimated: bool = False
    is_stored_answer: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of an answer and how many tokens it took. The last one, and no other, carries the usage."""

    text: str
    num_tokens: int = 1
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    text: str
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineIdentity:
    """Who answers. `fingerprint` changes with whatever changes answers: weights, tokenizer, chat template.

    `context_tokens` is None where nobody says. `counts_exactly`: count_tokens is no estimate.
    """

    engine: str
    model: str
    fingerprint: str
    context_tokens: int | None = None
    counts_exactly: bool = False
    can_score: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHealth:
    """How an engine is. Counts are None where it does not tell."""

    state: Literal["healthy", "warning", "unhealthy", "offline"]
    detail: str = ""
    num_running: int | None = None
    num_waiting: int | None = None


def never() -> bool:
    """Nobody cancels."""
    return False


class InferenceEngine(Protocol):
    """Something that goes on with text. Safe for threads. Every call may raise an EngineError.

    Nothing of a prompt, an answer or a key is ever logged.
    """

    name: ClassVar[str]
    """The same as its key in ENGINES."""

    def identity(self) -> EngineIdentity:
        """Who answers. May ask a server the first time."""

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        """The answer as it comes. Nothing happens before the first piece is asked for.

        The last piece carries the usage, its text may be empty. Once `is_cancelled` says so the answer ends
        within a moment, in a last piece whose usage says "cancelled". Closing the generator cancels too.
        After the first piece nothing is tried again; an answer that breaks off raises.
        """

    def count_tokens(self, prompt: Prompt) -> int:
        """How many tokens a prompt has, at least 1; an estimate unless `identity().counts_exactly`."""

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        """The log-likelihood of each text as what comes after the prompt; None where `can_score` is False."""

    def announce(self, requests: Sequence[GenerateText]) -> None:
        """These come next, in this order, after those announced before. A hint: it costs nothing to lie."""

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        """These were announced and will not come after all."""

    def health(self) -> EngineHealth:
        """How it is now. Raises nothing: who does not answer is offline."""

    def close(self) -> None:
        """Let go of connections and threads. Closing again changes nothing."""


def answer(
    engine: InferenceEngine, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
) -> Answer:
    """The whole answer at once."""
    texts = []
    for piece in engine.generate(request, is_cancelled=is_cancelled):
        texts.append(piece.text)
        if piece.usage is not None:
            return Answer("".join(texts), piece.usage)
    raise EngineFailed("The engine ended an answer without saying so.", remedy="Send the request again.")


def prompt_text(prompt: Prompt) -> str:
    """The prompt as one text, for engines and counts that know no conversation."""
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(f"{message.role}: {message.content}" for message in prompt)


def _is_text(text: str) -> bool:
    """Whether it has no half of a surrogate pair, which no tokenizer and no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _faults(request: GenerateText) -> Generator[str, None, None]:
    if not request.prompt:
        yield "The prompt is empty."
    if not _is_text(prompt_text(request.prompt)) or not all(map(_is_text, request.stop)):
        yield "A prompt is made of whole characters; half of one cannot be read."
    if request.max_new_tokens < 1:
        yield "max_new_tokens is 1 or more."
    if not 0.0 <= request.temperature <= 10.0:
        yield "temperature is 0 to 10."
    if not 0.0 < request.top_p <= 1.0:
        yield "top_p is above 0 and at most 1."
    if request.top_k < 0:
        yield "top_k is 0 or more."
    if not 0.1 <= request.repetition_penalty <= 10.0:
        yield "repetition_penalty is 0.1 to 10."
    if request.seed is not None and not 0 <= request.seed <= MOST_SEED:
        yield f"seed is 0 to {MOST_SEED:,}."
    if not all(request.stop):
        yield "A stop text is not empty."
    if len(request.label) > MOST_LABEL_CHARACTERS or not request.label.isprintable():
        yield f"A label is at most {MOST_LABEL_CHARACTERS} printable characters."
    if request.deadline_seconds is not None and not 0 < request.deadline_seconds < math.inf:
        yield "deadline_seconds is above 0."
