"""Text for the blocks of a trace: equal blocks get equal words, so prompts share what the trace shares."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from kvcache.traces import Trace, TraceRequest

WORDS = (
    "report",
    "contract",
    "customer",
    "invoice",
    "delivery",
    "quality",
    "budget",
    "meeting",
    "project",
    "market",
    "service",
    "product",
    "team",
    "informe",
    "contrato",
    "cliente",
    "factura",
    "entrega",
    "calidad",
    "presupuesto",
    "proyecto",
    "mercado",
    "servicio",
    "equipo",
    "plan",
    "review",
    "annual",
    "number",
    "between",
    "several",
    "important",
    "first",
    "office",
    "supply",
    "order",
    "result",
    "change",
    "region",
    "price",
)
TOKENS_A_WORD = 1.6
"""About what the tokenizer of the shipped model needs for these words."""
CONTEXT_SHARE = 0.8
"""How much of the model's context the longest prompt fills at most, by that estimate."""


@dataclass(frozen=True, slots=True)
class PromptScale:
    """How long the text of one block is, and how many blocks a prompt keeps."""

    words_per_block: int
    most_blocks: int


def scale_for(trace: Trace, context_tokens: int | None) -> PromptScale:
    """Blocks as long as the trace says, or shorter, so that the longest prompt fits the model."""
    longest = max((len(request.block_ids) for request in trace.requests), default=1)
    room = int((context_tokens or 2048) * CONTEXT_SHARE / TOKENS_A_WORD)
    words = max(1, min(int(trace.block_tokens / TOKENS_A_WORD), room // max(longest, 1)))
    return PromptScale(words_per_block=words, most_blocks=max(1, room // words))


def prompt_of(request: TraceRequest, scale: PromptScale) -> str:
    """The words of a prompt. A prompt without blocks is a single word."""
    blocks = request.block_ids[: scale.most_blocks]
    return " ".join(_block_text(block, scale.words_per_block) for block in blocks) or WORDS[0]


@lru_cache(maxsize=4096)
def _block_text(block_id: int, num_words: int) -> str:
    choose = random.Random(block_id)  # noqa: S311
    return " ".join(choose.choices(WORDS, k=num_words))
