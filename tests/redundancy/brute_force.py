"""The definition of similarity, written once more and as plainly as possible."""

from __future__ import annotations

import re
from collections.abc import Sequence


def shingle_set(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    if 0 < len(words) < 3:
        return {tuple(words)}
    return {tuple(words[index : index + 3]) for index in range(len(words) - 2)}


def all_pairs(texts: Sequence[str], floor: float) -> dict[tuple[int, int], float]:
    sets = [shingle_set(text) for text in texts]
    found = {}
    for second, other in enumerate(sets):
        for first, one in enumerate(sets[:second]):
            if one and other and len(one & other) / len(one | other) >= floor:
                found[first, second] = len(one & other) / len(one | other)
    return found
