"""What rounding costs is measured, and more rounding costs more."""

from __future__ import annotations

import random

import pytest

from kvcache.engine.errors import UnusableModel
from kvcache.engine.quality import measure_forms
from tests.kvcache.engine.models import VOCABULARY, make_model


def texts(num_tokens: int = 700) -> list[list[int]]:
    choose = random.Random(3)
    return [[choose.randrange(4, VOCABULARY) for _ in range(num_tokens)] for _ in range(2)]


@pytest.mark.parametrize("name", ["llama", "gemma3"])
def test_the_more_is_rounded_the_more_is_lost(name: str) -> None:
    lossless, eight, four = measure_forms(
        make_model(name),
        texts(),
        ["split", "int8", "int4"],
        block_tokens=32,
        prefix_blocks=8,
        scored_tokens=64,
    )
    assert lossless.divergence == lossless.key_error == lossless.perplexity_change == 0.0
    assert lossless.agreement == 1.0
    assert 0.0 < eight.key_error < 0.01 < four.key_error < 0.1
    assert 0.0 < eight.divergence < four.divergence
    assert lossless.ratio < eight.ratio < four.ratio
    assert eight.num_tokens == 2 * 2 * 64


def test_texts_that_are_too_short_are_refused_with_the_length_needed() -> None:
    with pytest.raises(ValueError, match="1,792 tokens"):
        measure_forms(make_model("llama"), texts(100), ["int8"])


def test_a_model_with_states_is_refused() -> None:
    with pytest.raises(UnusableModel):
        measure_forms(make_model("qwen3-next"), texts(), ["int8"])
