"""A request on its way through the engine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from transformers.cache_utils import Cache

from kvcache.engine.request import Answer, FinishReason, GenerationRequest, Usage
from kvcache.engine.sampling import Sampler
from kvcache.engine.text_stream import TextStream
from kvcache.open_prompt import OpenPrompt


@dataclass(slots=True, eq=False)
class Generation:
    """Its tokens, its place in the buffer, and what was answered so far.

    The first `num_computed` tokens of `tokens` are in the cache. The last one never is before it is decoded.
    """

    request: GenerationRequest
    prompt: tuple[int, ...]
    opened: OpenPrompt
    cache: Cache
    num_computed: int
    num_reused: int
    sampler: Sampler
    text: TextStream
    begun_at: float
    answer: list[int] = field(default_factory=list)
    fresh_text: str = ""
    finish_reason: FinishReason | None = None
    prefill_seconds: float = 0.0
    first_token_seconds: float = 0.0
    is_published: bool = False

    @property
    def is_prefilled(self) -> bool:
        return self.num_computed >= len(self.prompt)

    @property
    def num_to_prefill(self) -> int:
        return len(self.prompt) - self.num_computed

    def as_answer(self) -> Answer:
        """What came out. To be asked when it is finished."""
        assert self.finish_reason is not None
        return Answer(
            tokens=tuple(self.answer),
            text=self.text.text,
            finish_reason=self.finish_reason,
            usage=Usage(
                prompt_tokens=len(self.prompt),
                cached_tokens=self.num_reused,
                new_tokens=len(self.answer),
                truncated_tokens=len(self.request.prompt) - len(self.prompt),
                first_token_seconds=self.first_token_seconds,
                seconds=time.perf_counter() - self.begun_at,
            ),
        )
