"""Quantised blocks: keys by channel, values by token, or lossless where that cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import torch
from torch import Tensor

from kvcache.forms.form import UnreadableForm, as_bytes, as_tensor
from kvcache.forms.layout import BlockLayout
from kvcache.forms.quantised.payload import Sections, cut, payload_bytes
from kvcache.forms.quantised.per_channel import restore_keys, round_keys
from kvcache.forms.quantised.per_token import restore_values, round_values
from kvcache.forms.split import Split

LOSSLESS, QUANTISED = 0, 1
SPLIT = Split()
CHUNK_VALUES = 1 << 16
"""Numbers worked on at a time: as float32 they and what comes of them stay in a core's cache."""

HEADROOM = 4
"""A block with magnitudes above this part of the dtype's largest number is kept lossless, for rounding up
would make infinities of them."""


class Quantised:
    """Codes of `key_bits` and `value_bits`, 4 or 8. The last byte of a payload says how to read the rest."""

    is_lossless: ClassVar[bool] = False
    key_bits: ClassVar[int]
    value_bits: ClassVar[int]

    def encode(self, values: Tensor, layout: BlockLayout) -> bytes:
        layout.check(values)
        num_bytes = payload_bytes(layout, self.key_bits, self.value_bits)
        payload = torch.empty(num_bytes + 1, dtype=torch.uint8)
        payload[-1] = QUANTISED
        if self._round(values, layout, payload[:-1]):
            return bytes(as_bytes(payload))
        return SPLIT.encode(values, layout) + bytes([LOSSLESS])

    def decode(self, payload: bytes | memoryview, layout: BlockLayout, out: Tensor) -> None:
        layout.check_room(out)
        view = memoryview(payload)
        if not view or view[-1] not in (LOSSLESS, QUANTISED):
            raise UnreadableForm("No block ends like this.")
        if view[-1] == LOSSLESS:
            return SPLIT.decode(view[:-1], layout, out)
        expected = payload_bytes(layout, self.key_bits, self.value_bits)
        if len(view) != expected + 1:
            raise UnreadableForm(f"{len(view):,} bytes where the layout has {expected + 1:,}.")
        self._restore(as_tensor(view[:-1]), layout, out)

    def _round(self, values: Tensor, layout: BlockLayout, payload: Tensor) -> bool:
        largest = torch.finfo(layout.torch_dtype).max / HEADROOM
        sections = cut(payload, layout, self.key_bits, self.value_bits)
        for layers, heads in _chunks(layout):
            into = sections.at(layers, heads)
            if not round_keys(values[layers, 0, heads].to(torch.float32), self.key_bits, into, largest):
                return False
            if not round_values(values[layers, 1, heads].to(torch.float32), self.value_bits, into, largest):
                return False
        return True

    def _restore(self, payload: Tensor, layout: BlockLayout, out: Tensor) -> None:
        sections = cut(payload, layout, self.key_bits, self.value_bits)
        scales = (sections.key_super_scales, sections.value_super_scales)
        if not all(bool(scale.isfinite().all()) for scale in scales):
            raise UnreadableForm("A super-scale is not a finite number.")
        for layers, heads in _chunks(layout):
            part = sections.at(layers, heads)
            _write(restore_keys, part, self.key_bits, out[layers, 0, heads])
            _write(restore_values, part, self.value_bits, out[layers, 1, heads])


def _chunks(layout: BlockLayout) -> Iterator[tuple[slice, slice]]:
    """Layers and heads to be worked on together: whole layers, or some heads of one."""
    head_values = layout.block_tokens * layout.head_dim
    num_heads = max(1, min(layout.num_kv_heads, CHUNK_VALUES // head_values))
    num_layers = max(1, CHUNK_VALUES // (head_values * layout.num_kv_heads))
    for layer in range(0, layout.num_layers, num_layers):
        for head in range(0, layout.num_kv_heads, num_heads):
            yield slice(layer, layer + num_layers), slice(head, head + num_heads)


def _write(restore: Callable[[Sections, int, Tensor], None], part: Sections, bits: int, out: Tensor) -> None:
    """Restore into `out`, by way of float32 where it is of 16 bits."""
    if out.dtype == torch.float32:
        restore(part, bits, out)
        return
    room = torch.empty(out.shape, dtype=torch.float32)
    restore(part, bits, room)
    out.copy_(room)
