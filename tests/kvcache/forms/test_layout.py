"""The shape of a block and its bytes."""

from __future__ import annotations

import doctest

import pytest

import kvcache.forms.layout
import kvcache.forms.quantised.payload
from kvcache.forms import BlockLayout


@pytest.mark.parametrize("module", [kvcache.forms.layout, kvcache.forms.quantised.payload])
def test_the_examples_run(module: object) -> None:
    assert doctest.testmod(module) == (0, doctest.testmod(module).attempted)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dtype", "least", "said"), [("int8", 1, "float16"), ("float16", 0, "at least one")])
def test_a_layout_that_cannot_be_is_refused(dtype: str, least: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BlockLayout(num_layers=least, num_kv_heads=1, block_tokens=16, head_dim=32, dtype=dtype)
