"""What is said about the loss of a form is so."""

from __future__ import annotations

import pytest
import torch

from kvcache.forms import FORMS, BlockLayout
from kvcache.forms.error import form_error, measure
from tests.kvcache.forms.realistic_blocks import normal_blocks

LAYOUT = BlockLayout(num_layers=2, num_kv_heads=2, block_tokens=64, head_dim=64, dtype="float32")


def test_the_errors_are_relative_norms_of_what_was_lost() -> None:
    values = normal_blocks(LAYOUT, 1)[0]
    read = values.clone()
    read[:, 0] *= 1.01
    read[:, 1] *= 0.5
    error = form_error(values, FORMS["raw"].encode(read, LAYOUT), "raw", LAYOUT)
    assert error.relative_key_error == pytest.approx(0.01, rel=1e-4)
    assert error.relative_value_error == pytest.approx(0.5, rel=1e-4)
    assert error.max_error == pytest.approx(0.5 * float(values[:, 1].abs().max()), rel=1e-4)


def test_a_lossless_form_lost_nothing_and_says_its_size() -> None:
    error = measure(normal_blocks(LAYOUT, 1)[0], "raw", LAYOUT)
    assert (error.relative_key_error, error.relative_value_error, error.max_error) == (0, 0, 0)
    assert (error.num_bytes, error.ratio) == (LAYOUT.num_bytes, 0.5)


def test_what_is_not_finite_and_was_kept_is_no_loss() -> None:
    values = normal_blocks(LAYOUT, 1)[0]
    values[0, 0, 0, 0, :2] = torch.tensor([float("nan"), float("inf")])
    error = measure(values, "int4", LAYOUT)
    assert (error.relative_key_error, error.max_error) == (0, 0)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_the_errors_do_not_depend_on_the_magnitude(size: float) -> None:
    values = normal_blocks(LAYOUT, 1)[0]
    usual, extreme = measure(values, "int8", LAYOUT), measure(values * size, "int8", LAYOUT)
    assert extreme.relative_key_error == pytest.approx(usual.relative_key_error, rel=0.01)
    assert extreme.relative_value_error == pytest.approx(usual.relative_value_error, rel=0.01)


def test_numbers_that_a_form_made_of_others_are_no_numbers() -> None:
    values = normal_blocks(LAYOUT, 1)[0]
    garbage = torch.full_like(values, float("nan"))
    error = form_error(values, FORMS["raw"].encode(garbage, LAYOUT), "raw", LAYOUT)
    assert not error.relative_key_error <= 1
