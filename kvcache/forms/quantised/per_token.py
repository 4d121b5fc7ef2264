"""Values: up to 64 channels of one token are a group with a scale of its own, and zero stays zero."""

from __future__ import annotations

import torch
from torch import Tensor

from kvcache.forms.quantised.nibbles import code_unit, pack, unpack
from kvcache.forms.quantised.payload import Sections
from kvcache.forms.quantised.pieces import as_float32, into_float32
from kvcache.forms.quantised.squares import from_codes, inverse, super_scale_of, to_codes

SCALE_LEVELS = 127


def round_values(values: Tensor, bits: int, into: Sections, largest: float) -> bool:
    """Quantise values `(layers, heads, tokens, dim)`; False if one is past `largest` in magnitude, or NaN.

    The number of largest magnitude takes the lowest code, `-2 ** (bits - 1)`, whatever its sign: the scale
    has its opposite sign. So no code is lost to symmetry (as in Q4_0 of llama.cpp).
    """
    low, high = _extremes(values, into.value_scales)
    if not float(torch.maximum(high, -low).max()) <= largest:
        return False
    scale = torch.where(high > -low, high, low) / -(2 ** (bits - 1))
    into.value_super_scales.copy_(super_scale_of(scale, SCALE_LEVELS))
    into.value_scales.copy_(to_codes(scale, into.value_super_scales))
    scale = _scale(into)
    steps = inverse(scale).unsqueeze(-1)
    for place, piece in as_float32(values):
        _groups(piece, scale).mul_(steps[place])
        pack(piece, bits, into.value_codes[place])
    return True


def restore_values(sections: Sections, bits: int, out: Tensor) -> None:
    """Write the values into `(layers, heads, tokens, dim)`."""
    scale = _scale(sections)
    steps = (scale / code_unit(bits)).unsqueeze(-1)
    for place, piece in into_float32(out):
        unpack(sections.value_codes[place], bits, piece)
        _groups(piece, scale).mul_(steps[place])


def _groups(values: Tensor, like: Tensor) -> Tensor:
    """Values `(layers, heads, tokens, groups, dim)`, for scales `(layers, heads, tokens, groups)`."""
    return torch.unflatten(values, -1, (like.shape[3], -1))


def _extremes(values: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    low, high = torch.empty(like.shape), torch.empty(like.shape)
    for place, piece in as_float32(values):
        groups = _groups(piece, like)
        low[place], high[place] = groups.amin(-1), groups.amax(-1)
    return low, high


def _scale(sections: Sections) -> Tensor:
    return from_codes(sections.value_scales, sections.value_super_scales)
