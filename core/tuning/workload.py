"""Describes recorded traffic in the figures that the wizard goes by."""

from __future__ import annotations

import numpy as np

from core.tuning.catalogue import Workload
from core.tuning.recorded import Traffic
from core.tuning.wizard import RECORDED
from kvcache.traces import iterate_full_blocks

FEWEST_REQUESTS = 20
TITLE = "Recorded traffic"


def describe_traffic(traffic: Traffic) -> Workload | None:
    """None with fewer than 20 requests. The working set is what came at least twice."""
    requests = traffic.trace.requests
    if len(requests) < FEWEST_REQUESTS:
        return None
    once: set[int] = set()
    again: set[int] = set()
    hits = 0
    for block_ids in iterate_full_blocks(traffic.trace):
        hits += next((place for place, block in enumerate(block_ids) if block not in once), len(block_ids))
        again.update(block for block in block_ids if block in once)
        once.update(block_ids)
    lengths = [each.num_tokens for each in requests]
    minutes = max((requests[-1].timestamp_ms - requests[0].timestamp_ms) / 60_000, 1 / 60)
    return Workload(
        key=RECORDED,
        title=TITLE,
        prompt_tokens=int(np.median(lengths)),
        requests_per_minute=len(requests) / minutes,
        working_set_tokens=len(again) * traffic.trace.block_tokens,
        possible_hit_rate=hits * traffic.trace.block_tokens / max(sum(lengths), 1),
        num_requests=len(requests),
    )
