"""What a form costs and loses on one block, measured on the block itself."""

from __future__ import annotations

from dataclasses import dataclass

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
    exact, read = values.to(torch.float32), decoded.to(torch.float32)
    lost = (read - exact).masked_fill_(_is_same(values, decoded), 0.0)
    return FormError(
        relative_key_error=_relative(lost[:, 0], exact[:, 0]),
        relative_value_error=_relative(lost[:, 1], exact[:, 1]),
        max_error=float(lost.abs().max()),
        num_bytes=len(payload),
        ratio=layout.sixteen_bit_bytes / len(payload),
    )


def measure(values: Tensor, form: str, layout: BlockLayout) -> FormError:
    """Encode the values and say what was lost."""
    return form_error(values, FORMS[form].encode(values, layout), form, layout)


def _is_same(values: Tensor, decoded: Tensor) -> Tensor:
    return (values == decoded) | (values.isnan() & decoded.isnan())


def _relative(lost: Tensor, exact: Tensor) -> float:
    """NOTE: summed in float64, because squares of large numbers leave float32."""
    norm = float(torch.linalg.vector_norm(exact, dtype=torch.float64))
    error = float(torch.linalg.vector_norm(lost, dtype=torch.float64))
    return error / norm if error else 0.0
