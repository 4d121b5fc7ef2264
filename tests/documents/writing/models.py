"""Models that say what a test wants, leaf by leaf, with usages as a real engine gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

from core.documents.draft import DraftSection
from core.documents.drafting import SourceShelf, SourceText
from core.documents.plan import DocumentPlan
from core.documents.writing import ModelWriter, TokenBudget
from core.inference import Deterministic, GenerateText, InferenceEngine, Piece, Prompt, Usage
from core.inference.engine import never, prompt_text
from core.priority import Priority

ASKED = re.compile(r"without quotes\. (?P<path>\S+): (?P<hint>.*)\Z", re.DOTALL)
REPAIR = "Write it again so that it says only what this source says."
BLOCK = 16  # tokens that a cache keeps together


@dataclass
class Model(Deterministic):
    """Says the next of `sentences` wherever a sentence is asked for, and `repairs` where one is asked again.

    It asks for as many items as it may, names source `source`, and reads as cached what it read before.
    """

    sentences: Iterable[str] = ()
    repairs: Iterable[str] = ()
    source: int = 1
    context_tokens: int = 32_768
    num_items: int = 99
    requests: list[GenerateText] = field(default_factory=list)
    announced: list[GenerateText] = field(default_factory=list)
    withdrawn: list[GenerateText] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(context_tokens=self.context_tokens)
        self._sentences, self._repairs = iter(self.sentences), iter(self.repairs)
        self._read: list[str] = []

    def reply(self, request: GenerateText) -> str:
        asked = ASKED.search(prompt_text(request.prompt))
        assert asked is not None
        if "number of items" in asked["hint"]:
            return str(self.num_items)
        if "whole number" in asked["hint"]:
            return str(self.source)
        if REPAIR in prompt_text(request.prompt):
            return next(self._repairs, "")
        return next(self._sentences, "")

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.requests.append(request)
        prompt, _ = self._fitted(request)
        said = self.reply(request)
        words = re.findall(r"\s*\S+", said)[: request.max_new_tokens]
        yield from (Piece(word) for word in words)
        yield Piece(
            "",
            0,
            Usage(
                prompt_tokens=len(prompt),
                new_tokens=len(words),
                finish_reason="stop",
                first_piece_seconds=0.001 * len(prompt),
                seconds=0.001 * (len(prompt) + len(words)),
                cached_tokens=self._known("".join(prompt)),
            ),
        )

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return None

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self.announced += requests

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self.withdrawn += requests

    def _known(self, prompt: str) -> int:
        best = max((_common(prompt, other) for other in self._read), default=0)
        self._read.append(prompt)
        return self.count_tokens(prompt[:best]) // BLOCK * BLOCK if best else 0


class Raising(Model):
    """Answers so many requests, then raises in the middle of an answer."""

    def __init__(self, error: Exception, after: int = 0, sentences: Iterable[str] = ()) -> None:
        super().__init__(sentences=sentences)
        self.error, self.after = error, after

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        if len(self.requests) < self.after:
            yield from super().generate(request, is_cancelled=is_cancelled)
            return
        self.requests.append(request)
        yield Piece("The programme ")
        raise self.error


class Endless(Model):
    """Never ends an answer, and does not care who leaves."""

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.requests.append(request)
        while True:
            yield Piece("and so on ")


class Uncounting(Model):
    """Cannot even count."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def count_tokens(self, prompt: Prompt) -> int:
        raise self.error


def writer(
    plan: DocumentPlan,
    engine: InferenceEngine,
    *sources: SourceText,
    is_cancelled: Callable[[], bool] = never,
    budget: TokenBudget | None = None,
    tell: Callable[[DraftSection], None] = lambda section: None,
    clock: Callable[[], float] = lambda: 0.0,
) -> ModelWriter:
    return ModelWriter(
        SourceShelf(sources),
        plan,
        engine,
        tenant="one",
        priority=Priority.NORMAL,
        label="document:1",
        is_cancelled=is_cancelled,
        budget=budget,
        tell=tell,
        clock=clock,
    )


def _common(one: str, other: str) -> int:
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)
