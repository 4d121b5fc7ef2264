"""Pairs become clusters: the connected components of the texts that are similar enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.redundancy.pairs import PairTable


def cluster(pairs: PairTable, threshold: float) -> tuple[tuple[int, ...], ...]:
    """Positions of the texts that hang together through pairs of at least `threshold`.

    Each cluster has two members or more, in input order; large clusters come first, then by first member.
    Members need not be similar to each other directly. Raises Invalid below the floor of the pairs. Takes
    O(pairs) per round and about log(size of the longest chain) rounds.
    """
    similar = pairs.at_least(threshold)
    members = np.flatnonzero(np.bincount(np.concatenate((similar.first, similar.second)), minlength=1))
    labels = _components(
        np.searchsorted(members, similar.first), np.searchsorted(members, similar.second), len(members)
    )
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    found = [tuple(part.tolist()) for part in np.split(members[order], cuts) if len(part)]
    return tuple(sorted(found, key=lambda cluster: (-len(cluster), cluster[0])))


def _components(first: NDArray[np.intp], second: NDArray[np.intp], num_nodes: int) -> NDArray[np.int64]:
    """For each node the smallest node of its component: labels hook onto smaller ones, chains are cut."""
    labels = np.arange(num_nodes)
    while len(first):
        one, other = labels[first], labels[second]
        apart = one != other
        first, second = first[apart], second[apart]
        np.minimum.at(labels, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
    return labels
