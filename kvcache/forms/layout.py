"""What the values of one block look like, and how many bytes they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLayout:
    """Shape and dtype of the values of one block, for a model whose layers are all alike.

    The values are `(layers, 2, kv_heads, block_tokens, head_dim)`; index 1 holds the keys after RoPE at 0 and
    the values at 1.

    >>> layout = BlockLayout(num_layers=6, num_kv_heads=2, block_tokens=64, head_dim=64, dtype="float32")
    >>> layout.shape, layout.num_bytes, layout.sixteen_bit_bytes
    ((6, 2, 2, 64, 64), 393216, 196608)
    """

    num_layers: int
    num_kv_heads: int
    block_tokens: int
    head_dim: int
    dtype: str

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype is one of: {', '.join(DTYPES)}.")
        if min(self.shape) < 1:
            raise ValueError("A block has at least one layer, head, token and channel.")

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """`(layers, 2, kv_heads, block_tokens, head_dim)`."""
        return self.num_layers, 2, self.num_kv_heads, self.block_tokens, self.head_dim

    @property
    def num_values(self) -> int:
        """Numbers in a block, keys and values together."""
        return prod(self.shape)

    @property
    def torch_dtype(self) -> torch.dtype:
        """The dtype as torch names it."""
        return DTYPES[self.dtype]

    @property
    def num_bytes(self) -> int:
        """Bytes of a block in its dtype."""
        return self.num_values * self.torch_dtype.itemsize

    @property
    def sixteen_bit_bytes(self) -> int:
        """Bytes of a block at 2 bytes a number: what every ratio here is taken against."""
        return 2 * self.num_values

    def check(self, values: Tensor) -> None:
        """Raise ValueError unless these are values of this layout."""
        if values.shape != self.shape or values.dtype != self.torch_dtype:
            raise ValueError(
                f"Values of {tuple(values.shape)}, {values.dtype}, are not of {self.shape}, {self.dtype}."
            )

    def check_room(self, out: Tensor) -> None:
        """Raise ValueError unless a block can be decoded into `out`, of whichever dtype known here."""
        if out.shape != self.shape or out.dtype not in DTYPES.values():
            raise ValueError(f"A block of {self.shape} does not go into {tuple(out.shape)}, {out.dtype}.")
