"""An engine that is no model: it repeats sentences of its prompt, the same ones each time."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from typing import ClassVar

from core.inference.engine import (
    GREEDY,
    EngineHealth,
    EngineIdentity,
    FinishReason,
    GenerateText,
    Message,
    Piece,
    Prompt,
    Usage,
    never,
    prompt_text,
)
from core.inference.errors import PromptTooLong

TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]")
WORD = re.compile(r"\w{4,}")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
NOTHING_TO_REPEAT = "There is no text to answer from."
SENTENCES = 3
VOCABULARY = 10_000


class Deterministic:
    """For work without a model, and for tests: the same request gives the same answer on any machine.

    It answers with the fixed text of the first pattern in `answers` that the prompt matches, else with the
    sentences of the prompt whose words are most frequent there. A temperature with a seed takes others;
    top_p, top_k and the penalty change nothing. A token is a word or a sign with the space before it. Scores
    are those of a unigram model of the prompt with add-one smoothing.

    >>> engine = Deterministic(answers=[("capital of France", "Paris.")])
    >>> "".join(piece.text for piece in engine.generate(GenerateText(prompt="The capital of France is")))
    'Paris.'
    """

    name: ClassVar[str] = "deterministic"

    def __init__(
        self,
        answers: Sequence[tuple[str, str]] = (),
        *,
        context_tokens: int = 32_768,
        seconds_per_token: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`seconds_per_token` above 0 paces the answer by `sleep`, as a model would."""
        self._answers = tuple(answers)
        self._context_tokens = context_tokens
        self._seconds_per_token = seconds_per_token
        self._sleep = sleep
        self._clock = clock

    def identity(self) -> EngineIdentity:
        made_of = repr((1, self._answers, self._context_tokens)).encode()
        return EngineIdentity(
            engine=self.name,
            model="no model: sentences of the prompt",
            fingerprint=hashlib.blake2b(made_of, digest_size=16).hexdigest(),
            context_tokens=self._context_tokens,
            counts_exactly=True,
            can_score=True,
        )

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        started = self._clock()
        prompt, num_truncated = self._fitted(request)
        tokens, reason = _cut(self._reply(prompt, request), request)
        first_at, num_given = None, 0
        for token in tokens:
            if is_cancelled():
                reason = "cancelled"
                break
            if self._seconds_per_token:
                self._sleep(self._seconds_per_token)
            first_at = self._clock() if first_at is None else first_at
            num_given += 1
            yield Piece(token)
        now = self._clock()
        yield Piece(
            "",
            0,
            Usage(
                prompt_tokens=max(len(prompt), 1),
                new_tokens=num_given,
                truncated_tokens=num_truncated,
                finish_reason=reason,
                first_piece_seconds=(now if first_at is None else first_at) - started,
                seconds=now - started,
            ),
        )

    def count_tokens(self, prompt: Prompt) -> int:
        return max(len(_tokens(prompt_text(prompt))), 1)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        counts = Counter(token.strip().casefold() for token in _tokens(prompt_text(request.prompt)))
        total = counts.total() + VOCABULARY
        return tuple(
            sum(math.log((counts[token.strip().casefold()] + 1) / total) for token in _tokens(text))
            for text in continuations
        )

    def announce(self, requests: Sequence[GenerateText]) -> None:
        """Nothing is prepared here."""

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        """Nothing was prepared here."""

    def health(self) -> EngineHealth:
        return EngineHealth(state="healthy", detail="Answers repeat the prompt; no model is configured.")

    def close(self) -> None:
        """Nothing is held."""

    def _fitted(self, request: GenerateText) -> tuple[list[str], int]:
        """The tokens of the prompt that are seen, and how many are not."""
        tokens = _tokens(prompt_text(request.prompt))
        most = self._context_tokens - request.max_new_tokens
        if len(tokens) <= most:
            return tokens, 0
        if most < 1 or not request.may_truncate:
            raise PromptTooLong(
                f"The prompt has {len(tokens):,} tokens; beside {request.max_new_tokens:,} new ones there is "
                f"room for {max(most, 0):,}.",
                remedy="Shorten it, or allow it to be truncated.",
            )
        return tokens[-most:], len(tokens) - most

    def _reply(self, prompt: list[str], request: GenerateText) -> str:
        seen = "".join(prompt)
        for pattern, text in self._answers:
            if re.search(pattern, seen):
                return text
        is_whole = isinstance(request.prompt, str) or len(_tokens(prompt_text(request.prompt))) > len(prompt)
        return _extract(seen if is_whole else _contents(request.prompt), _variant(request))


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def _contents(prompt: Prompt) -> str:
    turns: Sequence[Message] = prompt if isinstance(prompt, tuple) else ()
    return "\n".join(message.content for message in turns)


def _variant(request: GenerateText) -> int:
    if request.temperature == GREEDY or request.seed is None:
        return 0
    return int.from_bytes(hashlib.blake2b(str(request.seed).encode(), digest_size=4).digest(), "big")


def _extract(text: str, variant: int) -> str:
    """The sentences whose words are most frequent, in the order of the text; with a variant, other ones."""
    sentences = [part.strip() for part in SENTENCE_END.split(text) if WORD.search(part)]
    if not sentences:
        return NOTHING_TO_REPEAT
    counts = Counter(WORD.findall(text.casefold()))
    weights = [_weight(sentence, counts) for sentence in sentences]
    ranked = sorted(range(len(sentences)), key=lambda place: (-weights[place], place))
    turn = variant % len(ranked)
    chosen = sorted((ranked[turn:] + ranked[:turn])[:SENTENCES])
    return " ".join(sentences[place] for place in chosen)


def _weight(sentence: str, counts: Counter[str]) -> float:
    words = WORD.findall(sentence.casefold())
    return sum(counts[word] for word in words) / len(words)


def _cut(text: str, request: GenerateText) -> tuple[list[str], FinishReason]:
    """The tokens up to a stop text or the most that are wanted."""
    ends = [place for stop in request.stop if (place := text.find(stop)) >= 0]
    tokens = _tokens(text[: min(ends)] if ends else text)
    if len(tokens) > request.max_new_tokens:
        return tokens[: request.max_new_tokens], "length"
    return tokens, "stop"
