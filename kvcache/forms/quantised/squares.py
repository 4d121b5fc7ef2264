"""Eight bits for each scale, under one float32 for each layer and head.

A number is `super_scale * code ** 2` with the sign of the code. Squares spend the codes where the
small scales are, so that one outlier channel does not coarsen those of its neighbours. Super-scales over
groups are those of the k-quants of llama.cpp and of QLoRA's double quantisation (arXiv 2305.14314).
"""

from __future__ import annotations

import torch
from torch import Tensor


def super_scale_of(numbers: Tensor, levels: int) -> Tensor:
    """What makes `levels` the code of the largest magnitude: `(layers, heads, ...)` to `(layers, heads)`."""
    return numbers.flatten(2).abs().amax(-1) / levels**2


def to_codes(numbers: Tensor, super_scale: Tensor) -> Tensor:
    """The nearest codes, as float32; 0 for all where the super-scale is 0."""
    squares = (numbers.abs() / _beside(super_scale, numbers)).nan_to_num_(0.0)
    return squares.sqrt_().round_().copysign_(numbers)


def from_codes(codes: Tensor, super_scale: Tensor) -> Tensor:
    """The numbers that the codes stand for, as float32."""
    roots = codes.to(torch.float32)
    return roots.mul(roots.abs()).mul_(_beside(super_scale, roots))


def inverse(scales: Tensor) -> Tensor:
    """1 / scale, and 0 for scale 0: such a group has one number only."""
    return scales.reciprocal().masked_fill_(scales.abs() < torch.finfo(torch.float32).tiny, 0.0)


def _beside(super_scale: Tensor, numbers: Tensor) -> Tensor:
    return super_scale.view(*super_scale.shape, *(1,) * (numbers.dim() - 2))
