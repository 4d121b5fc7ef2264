"""Keys: each channel of up to 32 tokens is a group with a centre and a scale of its own.

Key channels differ in offset and spread far more than tokens do (KIVI, arXiv 2402.02750).
"""

from __future__ import annotations

import torch
from torch import Tensor

from kvcache.forms.quantised.nibbles import pack, unpack
from kvcache.forms.quantised.payload import Sections
from kvcache.forms.quantised.squares import from_codes, inverse, super_scale_of, to_codes

CENTRE_LEVELS, SCALE_LEVELS = 127, 255


def round_keys(keys: Tensor, bits: int, into: Sections, largest: float) -> bool:
    """Quantise keys `(layers, heads, tokens, dim)`, float32; False if one is past `largest` or NaN.

    The codes run from the group's least to its greatest number, `2 ** bits - 1` scales apart. Centre and
    scale are rounded first, the scale upwards until it covers the group, and the codes then follow from what
    will be read, so decoded keys quantise to themselves as far as the scales are fine enough.
    """
    groups = torch.unflatten(keys, -2, (into.key_scales.shape[2], -1))
    low, high = groups.amin(-2), groups.amax(-2)
    if not float(torch.maximum(high, -low).max()) <= largest:
        return False
    centre = (low + high) / 2
    _store(centre, into.key_centres, into.key_super_scales[..., 0], CENTRE_LEVELS, up=False)
    centre = from_codes(into.key_centres, into.key_super_scales[..., 0], CENTRE_LEVELS)
    widest = 2 * torch.maximum(high - centre, centre - low) / (2**bits - 1)
    _store(widest, into.key_scales, into.key_super_scales[..., 1], SCALE_LEVELS, up=True)
    zero, scale = _zero_and_scale(into)
    steps = inverse(scale)
    codes = torch.addcmul((-zero * steps).unsqueeze(-2), groups, steps.unsqueeze(-2))
    codes.round_().clamp_(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    pack(codes.flatten(-3, -2), bits, into.key_codes)
    return True


def restore_keys(sections: Sections, bits: int, out: Tensor) -> None:
    """Write the keys into float32 `(layers, heads, tokens, dim)`, strided as it likes."""
    shift = unpack(sections.key_codes, bits, out)
    zero, scale = _zero_and_scale(sections)
    groups = torch.unflatten(out, -2, (scale.shape[2], -1))
    torch.addcmul(zero.unsqueeze(-2), groups, (scale / shift).unsqueeze(-2), out=groups)


def _store(numbers: Tensor, codes: Tensor, super_scale: Tensor, levels: int, *, up: bool) -> None:
    super_scale.copy_(super_scale_of(numbers))
    codes.copy_(to_codes(numbers, super_scale, levels, up=up))


def _zero_and_scale(sections: Sections) -> tuple[Tensor, Tensor]:
    """What code 0 stands for and what one code is worth, of each group. Codes lie evenly about the centre."""
    centre = from_codes(sections.key_centres, sections.key_super_scales[..., 0], CENTRE_LEVELS)
    scale = from_codes(sections.key_scales, sections.key_super_scales[..., 1], SCALE_LEVELS)
    return centre + scale / 2, scale
