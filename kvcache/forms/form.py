"""The promise of every form: how the values of a block are written down at rest."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor

from kvcache.forms.layout import BlockLayout


class UnreadableForm(Exception):
    """A payload is not what its form writes: cut, garbled, or of another layout. The block is a miss."""


class Form(Protocol):
    """Turns the values of one block into bytes and back. Holds no state: any thread may use it.

    * Each block stands for itself: no other block is needed to read it.
    * Equal values give equal bytes.
    * A lossless form returns every bit, NaN payloads and the sign of zero included.
    * A lossy form keeps a block lossless that it cannot hold: with NaN, infinities, or magnitudes near the
      end of the dtype.
    """

    name: ClassVar[str]
    is_lossless: ClassVar[bool]

    def encode(self, values: Tensor, layout: BlockLayout) -> bytes:
        """The payload of contiguous values `(layers, 2, kv_heads, block_tokens, head_dim)`.

        Raises ValueError if they are not of the layout.
        """

    def decode(self, payload: bytes | memoryview, layout: BlockLayout, out: Tensor) -> None:
        """Write the values into `out`, of the layout's shape, any strides, any dtype of DTYPES.

        Raises UnreadableForm if the payload is not one of this form and layout; `out` is then undefined. It
        asks for no more memory than a few times the block. Raises ValueError if `out` does not fit.
        """


def as_bytes(values: Tensor) -> memoryview:
    """The bytes of a tensor, row by row, without copying those of a contiguous one."""
    return values.detach().contiguous().view(-1).view(torch.uint8).numpy().data


def as_tensor(payload: bytes | memoryview, dtype: torch.dtype = torch.uint8) -> Tensor:
    """A flat tensor over the payload, without a copy. NOTE: only ever read it, it may be immutable bytes."""
    return torch.from_numpy(np.asarray(_Lent(payload))).view(dtype)


class _Lent:
    """Shows a payload to numpy as writable, because torch warns of every buffer that is not."""

    def __init__(self, payload: bytes | memoryview) -> None:
        self.owner = np.frombuffer(payload, np.uint8)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return {**self.owner.__array_interface__, "data": (self.owner.ctypes.data, False)}
