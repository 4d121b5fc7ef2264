"""Codes to bytes and back: one byte for a code of 8 bits, a half of it for one of 4.

Two codes of 4 bits share the byte of a token in the first half of the block and one in the second half, so
that both halves are read as they lie.
"""

from __future__ import annotations

import torch
from torch import Tensor


def packed_tokens(block_tokens: int, bits: int) -> int:
    """Rows of bytes that hold the codes of so many tokens."""
    return block_tokens if bits == 8 else -(-block_tokens // 2)


def pack(codes: Tensor, bits: int, out: Tensor) -> None:
    """Write signed codes `(..., tokens, dim)`, float32, into int8 rows `(..., packed_tokens, dim)`."""
    if bits == 8:
        out.copy_(codes)
        return
    rows = out.shape[-2]
    low, high = codes[..., :rows, :].to(torch.int8), codes[..., rows:, :].to(torch.int8)
    torch.bitwise_and(low, 15, out=out)
    out[..., : high.shape[-2], :].add_(high, alpha=16)


def unpack(packed: Tensor, bits: int, out: Tensor) -> float:
    """Write the codes into `out` `(..., tokens, dim)`, times a number that is returned: 1 or 16.

    A code of 4 bits is left in the upper half of its byte, where its sign is the sign of the byte.
    """
    if bits == 8:
        out.copy_(packed)
        return 1.0
    rows = packed.shape[-2]
    out[..., :rows, :].copy_(packed << 4)
    out[..., rows:, :].copy_((packed & -16)[..., : out.shape[-2] - rows, :])
    return 16.0
