"""What a form costs and loses on one block, measured on the block itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, isfinite

import torch
from torch import Tensor

from kvcache.forms import FORMS
from kvcache.forms.layout import BlockLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class FormError:
    """Loss and size of one block in one form.

    The relative errors are Frobenius norms, `||K - K'|| / ||K||` for keys and the same for values, 0 where
    nothing was there to lose; numbers that are not finite count only for being equal. `max_error` is the
    largest absolute difference. `ratio` is how many times smaller than at 16 bits a number.
    """

    relative_key_error: float
    relative_value_error: float
    max_error: float
    num_bytes: int
    ratio: float


def form_error(values: Tensor, payload: bytes | memoryview, form: str, layout: BlockLayout) -> FormError:
    """Decode the payload and compare it with the values that it was made of.

    Takes about as long as encoding: fit for one block in some dozens of a running cache, not for each.
    """
    decoded = torch.empty(layout.shape, dtype=layout.torch_dtype)
    FORMS[form].decode(payload, layout, decoded)
    layers = [_compare(exact, read) for exact, read in zip(values.detach(), decoded, strict=True)]
    lost_keys, keys, lost_values, numbers, errors = zip(*layers, strict=True)
    return FormError(
        relative_key_error=_relative(hypot(*lost_keys), hypot(*keys)),
        relative_value_error=_relative(hypot(*lost_values), hypot(*numbers)),
        max_error=max(errors),
        num_bytes=len(payload),
        ratio=layout.sixteen_bit_bytes / len(payload),
    )


def measure(values: Tensor, form: str, layout: BlockLayout) -> FormError:
    """Encode the values and say what was lost."""
    return form_error(values, FORMS[form].encode(values, layout), form, layout)


def _compare(exact: Tensor, read: Tensor) -> tuple[float, float, float, float, float]:
    """Of a layer `(2, heads, tokens, dim)`: norm lost and norm of keys, the same of values, largest error."""
    lost = _lost(exact, read)
    largest = max(float(lost.max()), -float(lost.min()))
    return _norm(lost[0]), _norm(exact[0]), _norm(lost[1]), _norm(exact[1]), largest


def _lost(exact: Tensor, read: Tensor) -> Tensor:
    lost = read.to(torch.float32) - exact
    if isfinite(float(lost.sum())):
        return lost
    return lost.masked_fill_((exact == read) | (exact.isnan() & read.isnan()), 0.0)


def _norm(numbers: Tensor) -> float:
    """NOTE: in float32 the squares of very large and very small numbers are lost; then it is float64."""
    norm = float(torch.linalg.vector_norm(numbers, dtype=torch.float32))
    return norm if 0 < norm < inf else float(torch.linalg.vector_norm(numbers, dtype=torch.float64))


def _relative(lost: float, whole: float) -> float:
    return lost / whole if lost else 0.0
