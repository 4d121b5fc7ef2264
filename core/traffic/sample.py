"""A trace that is made up: questions about a few long documents, and conversations that grow."""

from __future__ import annotations

import random

from kvcache.traces import Trace, TraceRequest

BLOCK_TOKENS = 64
SEED = 20_260_101
NUM_DOCUMENTS, DOCUMENT_BLOCKS = 24, (8, 18)
SYSTEM_BLOCKS = 2
SHARE_OF_CONVERSATIONS = 0.4
MOST_TURNS = 8
SECONDS_BETWEEN = 0.5


def sample_trace(num_requests: int = 600) -> Trace:
    """Always the same one. Some documents are asked about often, most seldom; a conversation repeats all
    that was said in it before. Arrivals are a Poisson process with a mean of half a second.
    """
    choose = random.Random(SEED)  # noqa: S311
    documents = _Documents(choose)
    conversations = _Conversations(choose, first_block=1_000_000)
    requests: list[TraceRequest] = []
    timestamp_ms = 0.0
    for _ in range(num_requests):
        timestamp_ms += choose.expovariate(1 / SECONDS_BETWEEN) * 1e3
        source = conversations if choose.random() < SHARE_OF_CONVERSATIONS else documents
        blocks = source.next_prompt()
        tail_tokens = choose.randrange(1, BLOCK_TOKENS)
        requests.append(
            TraceRequest(
                timestamp_ms=round(timestamp_ms, 1),
                num_tokens=(len(blocks) - 1) * BLOCK_TOKENS + tail_tokens,
                num_output_tokens=choose.randrange(4, 25),
                block_ids=tuple(blocks),
            )
        )
    return Trace(BLOCK_TOKENS, tuple(requests))


class _Documents:
    """Each question has the same beginning, one document, and an end of its own."""

    def __init__(self, choose: random.Random) -> None:
        self._choose = choose
        self._next = 1 + SYSTEM_BLOCKS
        self._documents = [self._fresh(choose.randrange(*DOCUMENT_BLOCKS)) for _ in range(NUM_DOCUMENTS)]
        self._weights = [1 / (rank + 1) for rank in range(NUM_DOCUMENTS)]

    def next_prompt(self) -> list[int]:
        (document,) = self._choose.choices(self._documents, self._weights)
        return [*range(1, 1 + SYSTEM_BLOCKS), *document, *self._fresh(1)]

    def _fresh(self, num_blocks: int) -> list[int]:
        first = self._next
        self._next += num_blocks
        return list(range(first, self._next))


class _Conversations:
    """A few go on at a time; each turn brings a block or two more."""

    def __init__(self, choose: random.Random, first_block: int) -> None:
        self._choose = choose
        self._next = first_block
        self._open: list[tuple[int, list[int]]] = []

    def next_prompt(self) -> list[int]:
        if len(self._open) < 6 or self._choose.random() < 0.2:
            self._open.append((1, self._fresh(self._choose.randrange(2, 5))))
        at = self._choose.randrange(len(self._open))
        turn, said = self._open.pop(at)
        prompt = said + self._fresh(self._choose.randrange(1, 3))
        if turn < MOST_TURNS:
            self._open.append((turn + 1, prompt))
        return prompt

    def _fresh(self, num_blocks: int) -> list[int]:
        first = self._next
        self._next += num_blocks
        return list(range(first, self._next))
