"""The bytes as they are: nothing to compute, read without a copy."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from kvcache.forms.form import UnreadableForm, as_bytes, as_tensor
from kvcache.forms.layout import BlockLayout


class Raw:
    """The values in their dtype, row by row, without a header."""

    name: ClassVar[str] = "raw"
    is_lossless: ClassVar[bool] = True

    def encode(self, values: Tensor, layout: BlockLayout) -> bytes:
        layout.check(values)
        return bytes(as_bytes(values))

    def decode(self, payload: bytes | memoryview, layout: BlockLayout, out: Tensor) -> None:
        layout.check_room(out)
        if len(payload) != layout.num_bytes:
            raise UnreadableForm(f"{len(payload):,} bytes where the layout has {layout.num_bytes:,}.")
        out.copy_(as_tensor(payload, layout.torch_dtype).view(layout.shape))
