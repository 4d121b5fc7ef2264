"""Families of requests: those that begin alike, and so share what is cached for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.tuning.estimate import Integers

SHARED_BY = 0.5
"""A beginning that more than this share of the requests have tells them apart no more than none."""


def number_families(prompts: Sequence[tuple[int, ...]]) -> Integers:
    """For each request the number of its family, from 0, in the order in which they appear.

    Requests of one family share their first block. Where one block begins more than half of them, as a common
    system prompt does, the block after it counts, and so on.
    """
    depth = _common_depth(prompts)
    numbers: dict[tuple[int, ...], int] = {}
    found = [numbers.setdefault(blocks[: depth + 1], len(numbers)) for blocks in prompts]
    return np.array(found, dtype=np.int64)


def first_block(block_ids: Sequence[int]) -> int:
    """The name of a family for those who know no other requests; 0 for a prompt without a block."""
    return block_ids[0] if block_ids else 0


def _common_depth(prompts: Sequence[tuple[int, ...]]) -> int:
    """How many leading blocks more than half of all requests have in common."""
    depth = 0
    sharing = list(prompts)
    while True:
        following = Counter(blocks[depth] for blocks in sharing if len(blocks) > depth)
        if not following:
            return depth
        block, num = following.most_common(1)[0]
        if num <= SHARED_BY * len(prompts):
            return depth
        sharing = [blocks for blocks in sharing if len(blocks) > depth and blocks[depth] == block]
        depth += 1
