"""One order of all shingles that every worker agrees on: those that are frequent in a sample come last.

The prefix filter is exact under any one order; how well the order tells rare from frequent decides only how
many candidates there are. So a small table made from a sample serves, and nothing is counted in full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BUCKET_BITS = 24
_LEVELS_PER_DOUBLING = 8
_MOST_COUNTED = (1 << 20) - 1
_KEY_BITS = np.uint64(56)
_LEVEL_BITS = np.uint64(8)


@dataclass(frozen=True, slots=True, eq=False)
class Rarity:
    """How frequent the keys of a bucket are, as a level from 0 to 255. 16 MiB."""

    levels: NDArray[np.uint8]  # (2²⁴,) by the lowest bits of the key

    @staticmethod
    def of(keys: NDArray[np.uint64]) -> Rarity:
        """From the keys of sampled sets, repeats included."""
        buckets = (keys & np.uint64((1 << _BUCKET_BITS) - 1)).view(np.int64)
        counts = np.bincount(buckets, minlength=1 << _BUCKET_BITS)
        return Rarity(_level_of_count()[np.minimum(counts, _MOST_COUNTED, out=counts)])

    def order(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """A number for each key, lower for rarer ones. Where two keys share one, the lower key is first."""
        levels = self.levels[(keys & np.uint64((1 << _BUCKET_BITS) - 1)).view(np.int64)]
        order: NDArray[np.uint64] = (levels.astype(np.uint64) << _KEY_BITS) | (keys >> _LEVEL_BITS)
        return order


def _level_of_count() -> NDArray[np.uint8]:
    levels = _LEVELS_PER_DOUBLING * np.log2(1 + np.arange(_MOST_COUNTED + 1))
    return levels.clip(0, 255).astype(np.uint8)
