"""Candidates become pairs: the exact Jaccard similarity of two sets of keys, many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.redundancy.backends.keyed_sets import KeyedSets
from core.redundancy.overlap import num_shared
from core.redundancy.sets import ShingleSets

_Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LeaderPairs:
    """Similar pairs of documents that stand for all documents with an equal set."""

    one: _Positions  # (num_pairs,)
    other: _Positions  # (num_pairs,)
    jaccard: NDArray[np.float64]  # (num_pairs,)


def verify(one: KeyedSets, other: KeyedSets, floor: float) -> LeaderPairs:
    """The pairs `one[k]`, `other[k]` that are similar enough, as core.redundancy.join computes it."""
    num_pairs = len(one.documents)
    _, ranks = np.unique(np.concatenate((one.keys, other.keys)), return_inverse=True)
    starts = np.concatenate((one.starts, other.starts[1:] + one.starts[-1]))
    sets = ShingleSets(np.arange(2 * num_pairs), ranks.astype(np.int64), starts)
    left = np.arange(num_pairs)
    shared = num_shared(sets, left, left + num_pairs)
    jaccard = shared / (one.sizes + other.sizes - shared)
    similar = jaccard >= floor
    return LeaderPairs(one.documents[similar], other.documents[similar], jaccard[similar])
