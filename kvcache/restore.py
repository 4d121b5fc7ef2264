"""Brings blocks back into the live buffer of a prompt."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def assemble(blocks: Sequence[Tensor], out: Tensor) -> int:
    """Copy blocks one after the other to the beginning of `out`; how many tokens that fills.

    Blocks are `(layers, 2, kv_heads, block_tokens, head_dim)`, on any device, `out` is the same with more
    tokens. One strided copy for each block: `torch.cat`, one copy for each row and a grouped copy were no
    quicker. Raises ValueError if the blocks do not fit; `out` is then partly written.
    """
    num_tokens = 0
    for block in blocks:
        end = num_tokens + block.shape[-2]
        target = out[..., num_tokens:end, :]
        if target.shape != block.shape:
            raise ValueError(f"A block {tuple(block.shape)} does not fit into {tuple(target.shape)}.")
        target.copy_(block)
        num_tokens = end
    return num_tokens
