"""The table of similar pairs that a join hands on, and what a threshold slider reads from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """Pairs of texts with their Jaccard similarity, complete down to `floor`, sorted by (first, second).

    `first[k] < second[k]` are positions in the sequence that was joined. `large_groups` lists texts with
    equal shingle sets where there are more of them than LARGE_GROUP: such a group stands in the arrays as the
    pairs of its first text with each of the others, and towards other texts as its first text alone, because
    n equal texts make n (n - 1) / 2 pairs that say nothing more. Clusters come out the same at every
    threshold.
    """

    first: NDArray[np.int32]  # (pairs,)
    second: NDArray[np.int32]  # (pairs,)
    jaccard: NDArray[np.float64]  # (pairs,)
    floor: float
    num_texts: int
    large_groups: tuple[NDArray[np.int32], ...] = ()

    def __len__(self) -> int:
        return len(self.first)

    def at_least(self, threshold: float) -> PairTable:
        """The pairs of at least this similarity. Raises Invalid below the floor: those pairs are not here."""
        if not threshold >= self.floor:
            raise Invalid(
                f"These pairs are complete from {self.floor} upwards, not from {threshold}.",
                remedy="Choose a higher threshold, or search again with a lower floor.",
            )
        kept = self.jaccard >= threshold
        return PairTable(
            self.first[kept],
            self.second[kept],
            self.jaccard[kept],
            threshold,
            self.num_texts,
            self.large_groups,
        )


@dataclass(frozen=True, slots=True)
class Bin:
    """The number of pairs with lower <= similarity < upper; the last bin includes its upper edge."""

    lower: float
    upper: float
    num_pairs: int


def histogram(pairs: PairTable, bins: int = 10) -> tuple[Bin, ...]:
    """How many pairs there are per similarity, from the floor to 1, in bins of equal width."""
    counts, edges = np.histogram(pairs.jaccard, bins=bins, range=(min(pairs.floor, 1 - 1e-9), 1.0))
    bounds = edges.tolist()
    return tuple(
        Bin(lower, upper, count)
        for lower, upper, count in zip(bounds, bounds[1:], counts.tolist(), strict=False)
    )
