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


def pack(numbers: Tensor, bits: int, out: Tensor) -> None:
    """Round float32 `(..., tokens, dim)` to codes, in place, and put them into int8 rows of packed_tokens."""
    numbers.round_().clamp_(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if bits == 8:
        out.copy_(numbers)
        return
    codes = numbers.to(torch.int8)
    rows = out.shape[-2]
    low, high = codes[..., :rows, :], codes[..., rows:, :]
    torch.bitwise_and(low, 15, out=out)
    out[..., : high.shape[-2], :].add_(high, alpha=16)


def unpack(packed: Tensor, bits: int, out: Tensor) -> None:
    """Put the codes, times `code_unit`, into float32 `(..., tokens, dim)`."""
    if bits == 8:
        out.copy_(packed)
        return
    rows = packed.shape[-2]
    codes = torch.empty(out.shape, dtype=torch.int8)
    torch.bitwise_left_shift(packed, 4, out=codes[..., :rows, :])
    torch.bitwise_and(packed[..., : out.shape[-2] - rows, :], -16, out=codes[..., rows:, :])
    out.copy_(codes)


def code_unit(bits: int) -> int:
    """What a code of 1 is unpacked to: one of 4 bits stays in the upper half of its byte, sign and all."""
    return 1 if bits == 8 else 16
