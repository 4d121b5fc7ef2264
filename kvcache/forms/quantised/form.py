"""Quantised blocks: keys by channel, values by token, or lossless where that cannot be done."""

from __future__ import annotations

from math import isfinite
from typing import ClassVar

import torch
from torch import Tensor

from kvcache.forms.form import UnreadableForm, as_bytes, as_tensor
from kvcache.forms.layout import BlockLayout
from kvcache.forms.quantised.payload import cut, payload_bytes
from kvcache.forms.quantised.per_channel import restore_keys, round_keys
from kvcache.forms.quantised.per_token import restore_values, round_values
from kvcache.forms.split import Split

LOSSLESS, QUANTISED = 0, 1
SPLIT = Split()
HEADROOM = 4
"""The dtype's largest number is so many times the largest magnitude that is rounded: rounding up near the end
of a dtype would make infinities. A block with greater ones is kept lossless."""


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
        into = cut(payload, layout, self.key_bits, self.value_bits)
        return round_keys(values[:, 0], self.key_bits, into, largest) and round_values(
            values[:, 1], self.value_bits, into, largest
        )

    def _restore(self, payload: Tensor, layout: BlockLayout, out: Tensor) -> None:
        sections = cut(payload, layout, self.key_bits, self.value_bits)
        if not isfinite(float(sections.key_super_scales.sum() + sections.value_super_scales.sum())):
            raise UnreadableForm("A super-scale is not a finite number.")
        restore_keys(sections, self.key_bits, out[:, 0])
        restore_values(sections, self.value_bits, out[:, 1])
