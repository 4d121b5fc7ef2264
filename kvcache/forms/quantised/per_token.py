"""Values: up to 64 channels of one token are a group with a scale of its own, and zero stays zero."""

from __future__ import annotations

import torch
from torch import Tensor

from kvcache.forms.quantised.nibbles import pack, unpack
from kvcache.forms.quantised.payload import Sections
from kvcache.forms.quantised.squares import from_codes, inverse, super_scale_of, to_codes

SCALE_LEVELS = 127


def round_values(values: Tensor, bits: int, into: Sections, largest: float) -> bool:
    """Quantise values `(layers, heads, tokens, dim)`, float32; False if one is past `largest` or NaN.

    The number of largest magnitude takes the lowest code, `-2 ** (bits - 1)`, whatever its sign: the scale
    has its opposite sign. So no code is lost to symmetry (as in Q4_0 of llama.cpp).
    """
    groups = torch.unflatten(values, -1, (into.value_scales.shape[3], -1))
    low, high = groups.amin(-1), groups.amax(-1)
    if not float(torch.maximum(high, -low).max()) <= largest:
        return False
    widest = torch.where(high > -low, high, low) / -(2 ** (bits - 1))
    into.value_super_scales.copy_(super_scale_of(widest))
    into.value_scales.copy_(to_codes(widest, into.value_super_scales, SCALE_LEVELS, up=True))
    codes = groups * inverse(_scale(into)).unsqueeze(-1)
    codes.round_().clamp_(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    pack(codes.flatten(-2), bits, into.value_codes)
    return True


def restore_values(sections: Sections, bits: int, out: Tensor) -> None:
    """Write the values into float32 `(layers, heads, tokens, dim)`, strided as it likes."""
    shift = unpack(sections.value_codes, bits, out)
    scale = _scale(sections) / shift
    torch.unflatten(out, -1, (scale.shape[3], -1)).mul_(scale.unsqueeze(-1))


def _scale(sections: Sections) -> Tensor:
    return from_codes(sections.value_scales, sections.value_super_scales, SCALE_LEVELS)
