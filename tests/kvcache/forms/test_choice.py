"""Which form a block of a prompt takes."""

from __future__ import annotations

import pytest

from kvcache.forms.choice import FormChoice


def test_both_ends_of_a_prompt_stay_lossless() -> None:
    choice = FormChoice("int4")
    assert [choice.form_of(at, 4) for at in range(4)] == ["split", "int4", "int4", "split"]


def test_a_short_prompt_stays_lossless_as_a_whole() -> None:
    assert [FormChoice("int4").form_of(at, 2) for at in range(2)] == ["split", "split"]


def test_as_many_blocks_as_asked_for_stay_lossless() -> None:
    choice = FormChoice("int8", lossless="raw", first_blocks=0, newest_blocks=2)
    assert [choice.form_of(at, 4) for at in range(4)] == ["int8", "int8", "raw", "raw"]


def test_a_lossless_tier_keeps_every_block_in_its_own_form() -> None:
    assert {FormChoice("raw").form_of(at, 4) for at in range(4)} == {"raw"}


def test_the_bytes_of_a_prompt_are_those_of_its_blocks() -> None:
    assert FormChoice("int4").prompt_bytes(32, lossless_bytes=100, form_bytes=25) == 2 * 100 + 30 * 25
    assert FormChoice("split").prompt_bytes(32, lossless_bytes=100, form_bytes=100) == 3200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"form": "int5"}, "No form is called 'int5'"),
        ({"form": "int4", "lossless": "int8"}, "'int8' is not lossless"),
        ({"form": "int4", "first_blocks": -1}, "0 or more"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FormChoice(**arguments)  # type: ignore[arg-type]
