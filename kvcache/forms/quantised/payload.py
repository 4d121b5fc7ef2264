"""Where the parts of a quantised block lie in its payload."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import prod

import torch
from torch import Tensor

from kvcache.forms.layout import BlockLayout
from kvcache.forms.quantised.nibbles import packed_tokens

KEY_GROUP, VALUE_GROUP = 32, 64
"""Tokens of a key group and channels of a value group, at most.

Keys have the smaller groups: on normal numbers groups of 64 lose 0.090 of the norm at 4 bits, of 32 0.079.
"""

Part = tuple[tuple[int, ...], torch.dtype]


@dataclass(frozen=True, slots=True)
class Sections:
    """The parts of a quantised block, in the order of the payload; each begins `(layers, heads, ...)`."""

    key_super_scales: Tensor  # float32 (layers, heads, 2): of the centres, of the scales
    value_super_scales: Tensor  # float32 (layers, heads)
    key_centres: Tensor  # int8 (layers, heads, groups, dim)
    key_scales: Tensor  # uint8 (layers, heads, groups, dim)
    value_scales: Tensor  # int8 (layers, heads, tokens, groups)
    key_codes: Tensor  # int8 (layers, heads, packed tokens, dim)
    value_codes: Tensor  # int8 (layers, heads, packed tokens, dim)


@cache
def payload_bytes(layout: BlockLayout, key_bits: int, value_bits: int) -> int:
    """Bytes of all parts together."""
    return sum(map(_num_bytes, _parts(layout, key_bits, value_bits)))


def cut(payload: Tensor, layout: BlockLayout, key_bits: int, value_bits: int) -> Sections:
    """The parts as views of a flat payload of bytes."""
    parts = _parts(layout, key_bits, value_bits)
    pieces = torch.split(payload, [_num_bytes(part) for part in parts])
    return Sections(
        *(piece.view(dtype).view(shape) for piece, (shape, dtype) in zip(pieces, parts, strict=True))
    )


@cache
def _parts(layout: BlockLayout, key_bits: int, value_bits: int) -> list[Part]:
    lead = (layout.num_layers, layout.num_kv_heads)
    tokens, dim = layout.block_tokens, layout.head_dim
    key_groups = tokens // group_size(tokens, KEY_GROUP)
    return [
        ((*lead, 2), torch.float32),
        (lead, torch.float32),
        ((*lead, key_groups, dim), torch.int8),
        ((*lead, key_groups, dim), torch.uint8),
        ((*lead, tokens, dim // group_size(dim, VALUE_GROUP)), torch.int8),
        ((*lead, packed_tokens(tokens, key_bits), dim), torch.int8),
        ((*lead, packed_tokens(tokens, value_bits), dim), torch.int8),
    ]


def group_size(length: int, most: int) -> int:
    """The largest divisor of the length up to `most`; where that is small, the next one above.

    >>> group_size(64, 32), group_size(80, 64), group_size(67, 64)
    (32, 40, 67)
    """
    divisors = [size for size in range(1, length + 1) if not length % size]
    fitting = max(size for size in divisors if size <= most)
    return fitting if 4 * fitting >= min(most, length) else min(size for size in divisors if size > most)


def _num_bytes(part: Part) -> int:
    shape, dtype = part
    return prod(shape) * dtype.itemsize
