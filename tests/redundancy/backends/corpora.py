"""Bodies of texts on which every backend is held to the same answer."""

from __future__ import annotations

import random

import numpy as np

from core.redundancy import PairTable
from core.redundancy.pair_spread import LARGE_GROUP


def tricky_texts() -> list[str]:
    """Templates, equal texts, a group that is listed as one, other scripts, texts without a word, half a
    surrogate pair."""
    chance = random.Random(3)
    form = [f"clause{chance.randrange(400)}" for _ in range(60)]
    texts = ["", "?!", "alone", "two words", "Two words!", "niño AÇÃO Σας", "niño ação σας", "a \ud800 b c d"]
    for changed in (1, 4, 12):
        for _ in range(25):
            words = list(form)
            for place in chance.sample(range(len(words)), changed):
                words[place] = f"other{chance.randrange(30)}"
            texts.append(" ".join(words))
    texts += ["the same notice on every door"] * (LARGE_GROUP + 1) + ["the same notice on every door again"]
    texts += [" ".join(form)] * 3
    chance.shuffle(texts)
    return texts


def assert_same(found: PairTable, expected: PairTable) -> None:
    """To the last bit, large groups included."""
    for column in ("first", "second", "jaccard"):
        ours, theirs = getattr(found, column), getattr(expected, column)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs, err_msg=column)
    assert (found.floor, found.num_texts) == (expected.floor, expected.num_texts)
    assert [group.tolist() for group in found.large_groups] == [
        group.tolist() for group in expected.large_groups
    ]
