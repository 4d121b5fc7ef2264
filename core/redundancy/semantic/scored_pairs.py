"""Pairs of documents with a score, and which of them to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.redundancy.pairs import PairTable

NEARLY_AS_GOOD = 0.8
"""Share of the best score in a language from which another translation stands beside the best."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPairs:
    """Sorted by (first, second); `first[k] < second[k]` are positions in the sequence that was asked for."""

    first: NDArray[np.int32]  # (pairs,)
    second: NDArray[np.int32]  # (pairs,)
    score: NDArray[np.float32]  # (pairs,)

    def __len__(self) -> int:
        return len(self.first)

    def only(self, kept: NDArray[np.bool_]) -> ScoredPairs:
        return ScoredPairs(self.first[kept], self.second[kept], self.score[kept])


def without_lexical(pairs: ScoredPairs, lexical: PairTable) -> ScoredPairs:
    """The pairs that the table does not hold, neither as a pair nor within one of its large groups."""
    group = np.arange(lexical.num_texts)
    for members in lexical.large_groups:
        group[members] = members.min()
    known = _keys(group[lexical.first], group[lexical.second], lexical.num_texts)
    first, second = group[pairs.first], group[pairs.second]
    return pairs.only(~np.isin(_keys(first, second, lexical.num_texts), known) & (first != second))


def strongest_links(pairs: ScoredPairs, languages: Sequence[str]) -> ScoredPairs:
    """The pairs that are nearly the best of either document in the other's language.

    A text has one translation in a language, and copies of it; older versions of it score lower (competitive
    linking, Melamed 2000).
    """
    best: dict[tuple[int, str], float] = {}
    for first, second, score in _rows(pairs):
        for own, other in ((first, second), (second, first)):
            best[own, languages[other]] = max(score, best.get((own, languages[other]), 0.0))
    return pairs.only(
        np.array(
            [
                score >= NEARLY_AS_GOOD * max(best[first, languages[second]], best[second, languages[first]])
                for first, second, score in _rows(pairs)
            ],
            np.bool_,
        )
    )


def _rows(pairs: ScoredPairs) -> list[tuple[int, int, float]]:
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.score.tolist(), strict=True))


def _keys(one: NDArray[np.int64], other: NDArray[np.int64], num_texts: int) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = np.minimum(one, other) * num_texts + np.maximum(one, other)
    return keys
