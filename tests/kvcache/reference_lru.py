"""Leaf LRU in prefix semantics as anyone would write it: one dictionary, a scan for each victim."""

from __future__ import annotations

from kvcache.traces import Trace, num_full_blocks


def hit_blocks_of_each_request(trace: Trace, capacity_blocks: int) -> list[int]:
    """Leading resident blocks of every request; partly filled last blocks are neither kept nor hit."""
    last_used: dict[int, int] = {}
    parent: dict[int, int | None] = {}
    hits = []
    for now, request in enumerate(trace.requests):
        full = num_full_blocks(len(request.block_ids), request.num_tokens, trace.block_tokens)
        prompt = request.block_ids[:full]
        leading = 0
        while leading < full and prompt[leading] in last_used:
            leading += 1
        hits.append(leading)
        for block in prompt[:leading]:
            last_used[block] = now
        for depth in range(leading, full):
            if len(last_used) >= capacity_blocks:
                victim = _oldest_leaf(last_used, parent, set(prompt))
                if victim is None:
                    break
                del last_used[victim], parent[victim]
            last_used[prompt[depth]] = now
            parent[prompt[depth]] = prompt[depth - 1] if depth else None
    return hits


def _oldest_leaf(last_used: dict[int, int], parent: dict[int, int | None], pinned: set[int]) -> int | None:
    parents = set(parent.values())
    leaves = [block for block in last_used if block not in parents and block not in pinned]
    return min(leaves, key=last_used.__getitem__, default=None)
