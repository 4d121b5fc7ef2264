"""Families begin alike, and what nearly everybody begins with tells nobody apart."""

from __future__ import annotations

from core.tuning.families import first_block, number_families


def test_requests_that_share_their_first_block_are_one_family() -> None:
    assert number_families([(1, 2), (3,), (1, 9), (4, 2), (3, 7)]).tolist() == [0, 1, 0, 2, 1]


def test_a_system_prompt_that_all_have_is_no_family() -> None:
    prompts = [(0, 8, 1), (0, 8, 2, 5), (0, 8, 1, 6), (0, 8, 3), (0, 8)]
    assert number_families(prompts).tolist() == [0, 1, 0, 2, 3]


def test_prompts_without_blocks_are_one_family() -> None:
    assert number_families([(), (1,), ()]).tolist() == [0, 1, 0]
    assert number_families([]).tolist() == []
    assert (first_block((7, 8)), first_block(())) == (7, 0)
