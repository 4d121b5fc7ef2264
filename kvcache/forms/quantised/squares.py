"""Eight bits for each scale, under one float32 for each layer and head.

A number is `super_scale * (code / levels) ** 2` with the sign of the code. Squares spend the codes where the
small scales are, so that one outlier channel does not coarsen those of its neighbours. Super-scales over
groups are those of the k-quants of llama.cpp and of QLoRA's double quantisation (arXiv 2305.14314).
"""

from __future__ import annotations

import torch
from torch import Tensor

SLACK = 1e-3
"""Part of a code that float32 may add on the way back; less is not rounded up to the next code."""


def super_scale_of(numbers: Tensor) -> Tensor:
    """The largest magnitude of each layer and head: `(layers, heads, ...)` to `(layers, heads)`."""
    return numbers.flatten(2).abs().amax(-1)


def to_codes(numbers: Tensor, super_scale: Tensor, levels: int, *, up: bool) -> Tensor:
    """Codes as float32, -levels to levels; `up` never takes a magnitude smaller than the number's."""
    roots = (numbers.abs() / _beside(super_scale, numbers)).nan_to_num_(0.0, 1.0).sqrt_().mul_(levels)
    codes = roots.sub_(SLACK).ceil_() if up else roots.round_()
    return codes.clamp_(0, levels).copysign_(numbers)


def from_codes(codes: Tensor, super_scale: Tensor, levels: int) -> Tensor:
    """The numbers that the codes stand for, as float32."""
    roots = codes.to(torch.float32)
    return roots.mul(roots.abs()).mul_(_beside(super_scale / levels**2, roots))


def inverse(scales: Tensor) -> Tensor:
    """1 / scale, and 0 for scale 0: such a group has one number only."""
    return scales.reciprocal().masked_fill_(scales.abs() < torch.finfo(torch.float32).tiny, 0.0)


def _beside(super_scale: Tensor, numbers: Tensor) -> Tensor:
    return super_scale.view(*super_scale.shape, *(1,) * (numbers.dim() - 2))
