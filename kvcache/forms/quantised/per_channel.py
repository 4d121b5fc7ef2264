"""Keys: each channel of up to 32 tokens is a group with a centre and a scale of its own.

Key channels differ in offset and spread far more than tokens do (KIVI, arXiv 2402.02750).
"""

from __future__ import annotations

import torch
from torch import Tensor

from kvcache.forms.quantised.nibbles import code_unit, pack, unpack
from kvcache.forms.quantised.payload import Sections
from kvcache.forms.quantised.pieces import as_float32, into_float32
from kvcache.forms.quantised.squares import from_codes, inverse, super_scale_of, to_codes

CENTRE_LEVELS, SCALE_LEVELS = 127, 255


def round_keys(keys: Tensor, bits: int, into: Sections, largest: float) -> bool:
    """Quantise keys `(layers, heads, tokens, dim)`; False if one is past `largest` in magnitude, or NaN.

    The codes run from the group's least to its greatest number, `2 ** bits - 1` scales apart. Centre and
    scale are rounded first and the codes follow from what will be read, so that decoded keys have the same
    ends and quantise to themselves, as far as the dtype can tell.
    """
    low, high = _extremes(keys, into.key_scales)
    if not float(torch.maximum(high, -low).max()) <= largest:
        return False
    _fit(low, high, bits, into)
    zero, scale = _zero_and_scale(into)
    steps = inverse(scale).unsqueeze(-2)
    offsets = -zero.unsqueeze(-2) * steps
    for place, piece in as_float32(keys):
        groups = _groups(piece, scale)
        torch.addcmul(offsets[place], groups, steps[place], out=groups)
        pack(piece, bits, into.key_codes[place])
    return True


def restore_keys(sections: Sections, bits: int, out: Tensor) -> None:
    """Write the keys into `(layers, heads, tokens, dim)`."""
    zero, scale = _zero_and_scale(sections)
    zeros, steps = zero.unsqueeze(-2), (scale / code_unit(bits)).unsqueeze(-2)
    for place, piece in into_float32(out):
        unpack(sections.key_codes[place], bits, piece)
        groups = _groups(piece, scale)
        torch.addcmul(zeros[place], groups, steps[place], out=groups)


def _groups(keys: Tensor, like: Tensor) -> Tensor:
    """Keys `(layers, heads, groups, tokens, dim)`, for scales `(layers, heads, groups, dim)`."""
    return torch.unflatten(keys, -2, (like.shape[2], -1))


def _extremes(keys: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    low, high = torch.empty(like.shape), torch.empty(like.shape)
    for place, piece in as_float32(keys):
        groups = _groups(piece, like)
        low[place], high[place] = groups.amin(-2), groups.amax(-2)
    return low, high


def _fit(low: Tensor, high: Tensor, bits: int, into: Sections) -> None:
    """Choose the centre and the scale of each group."""
    of_centres, of_scales = into.key_super_scales.unbind(-1)
    centre = (low + high) / 2
    of_centres.copy_(super_scale_of(centre, CENTRE_LEVELS))
    into.key_centres.copy_(to_codes(centre, of_centres))
    centre = from_codes(into.key_centres, of_centres)
    scale = torch.maximum(high - centre, centre - low) * (2 / (2**bits - 1))
    of_scales.copy_(super_scale_of(scale, SCALE_LEVELS))
    into.key_scales.copy_(to_codes(scale, of_scales))


def _zero_and_scale(sections: Sections) -> tuple[Tensor, Tensor]:
    """What code 0 stands for and what one code is worth, of each group. Codes lie evenly about the centre."""
    of_centres, of_scales = sections.key_super_scales.unbind(-1)
    centre = from_codes(sections.key_centres, of_centres)
    scale = from_codes(sections.key_scales, of_scales)
    return centre + scale / 2, scale
