"""What every form promises."""

from __future__ import annotations

import pytest
import torch

from kvcache.forms import FORMS, BlockLayout
from kvcache.forms.layout import DTYPES


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", [name for name in FORMS if FORMS[name].is_lossless])
def test_a_lossless_form_returns_every_bit(form: str, dtype: str) -> None:
    layout = BlockLayout(num_layers=2, num_kv_heads=2, block_tokens=16, head_dim=32, dtype=dtype)
    values = torch.randn(layout.shape, generator=torch.Generator().manual_seed(1)).to(layout.torch_dtype)
    decoded = torch.empty_like(values)
    FORMS[form].decode(FORMS[form].encode(values, layout), layout, decoded)
    assert torch.equal(decoded.view(torch.uint8), values.view(torch.uint8))
