"""What a form costs and loses on one block, measured on the block itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

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

    Takes one to three times as long as encoding: for one block in some dozens of a running cache.
    """
    decoded = torch.empty(layout.shape, dtype=layout.torch_dtype)
    FORMS[form].decode(payload, layout, decoded)
    exact, lost = values.detach(), _lost(values.detach(), decoded)
    return FormError(
        relative_key_error=_relative(lost[:, 0], exact[:, 0]),
        relative_value_error=_relative(lost[:, 1], exact[:, 1]),
        max_error=max(float(lost.max()), -float(lost.min())),
        num_bytes=len(payload),
        ratio=layout.sixteen_bit_bytes / len(payload),
    )


def measure(values: Tensor, form: str, layout: BlockLayout) -> FormError:
    """Encode the values and say what was lost."""
    return form_error(values, FORMS[form].encode(values, layout), form, layout)


def _lost(values: Tensor, decoded: Tensor) -> Tensor:
    lost = decoded.to(torch.float32) - values
    if isfinite(float(lost.sum())):
        return lost
    return lost.masked_fill_((values == decoded) | (values.isnan() & decoded.isnan()), 0.0)


def _relative(lost: Tensor, exact: Tensor) -> float:
    error = _norm(lost)
    return error / _norm(exact) if error else 0.0


def _norm(numbers: Tensor) -> float:
    """NOTE: in float32 the squares of very large and very small numbers are lost; then it is float64."""
    norm = float(torch.linalg.vector_norm(numbers, dtype=torch.float32))
    return norm if 0 < norm < inf else float(torch.linalg.vector_norm(numbers, dtype=torch.float64))
