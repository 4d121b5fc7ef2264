"""Conversations whose structure is known: families that begin alike, turns that go on from the last."""

from __future__ import annotations

import random

from core.tuning.recorded import RecordedRequest, Traffic
from kvcache.traces import Trace, TraceRequest

BLOCK_TOKENS = 64


def conversations(
    num_requests: int = 400, *, families: int = 40, is_timed: bool = True, seed: int = 1
) -> Traffic:
    """Each request goes on with one of the conversations; computing takes 20 + 0.1 ms a token."""
    chance = random.Random(seed)
    ids = iter(range(1, 10**9))
    open_ones: dict[int, list[int]] = {family: [next(ids)] for family in range(families)}
    requests, measured = [], []
    for number in range(num_requests):
        blocks = open_ones[chance.randrange(families)]
        num_new = chance.randint(1, 6)
        cached = (len(blocks) - 1) * BLOCK_TOKENS
        blocks.extend(next(ids) for _ in range(num_new))
        request = TraceRequest(number * 1000.0, len(blocks) * BLOCK_TOKENS, 10, tuple(blocks))
        requests.append(request)
        first = 20 + 0.1 * (request.num_tokens - cached) + chance.gauss(0, 1)
        measured.append(RecordedRequest(request, BLOCK_TOKENS, "", cached, max(first, 1.0)))
    trace = Trace(BLOCK_TOKENS, tuple(requests))
    return Traffic(trace, tuple(measured) if is_timed else ())
