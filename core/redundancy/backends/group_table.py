"""Pairs of leaders and the documents that equal them become the table of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.backends.verification import LeaderPairs
from core.redundancy.pair_spread import PairSpread
from core.redundancy.pairs import PairTable

_Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Followers:
    """Documents whose set equals that of an earlier one, with the first of the group."""

    documents: _Positions  # (num_followers,)
    leaders: _Positions  # (num_followers,)


def check_floor(floor: float) -> None:
    """Raises Invalid outside (0, 1], as core.redundancy.join does."""
    if not 0 < floor <= 1:
        raise Invalid(
            f"A similarity of {floor} cannot be asked for.", remedy="Choose a floor above 0, at most 1."
        )


def pair_table(
    pairs: LeaderPairs, followers: Followers, floor: float, num_documents: int, max_pairs: int
) -> PairTable:
    """The table of core.redundancy.join.find_pairs. Raises Invalid for more than `max_pairs` pairs."""
    leaders = np.unique(np.concatenate((pairs.one, pairs.other, followers.leaders)))
    documents = np.concatenate((leaders, followers.documents))
    leading = np.concatenate((leaders, followers.leaders))
    order = np.lexsort((documents, leading))
    starts = np.append(np.searchsorted(leading[order], leaders), len(documents))
    spread = PairSpread(documents[order], starts, max_pairs)
    spread.add(np.searchsorted(leaders, pairs.one), np.searchsorted(leaders, pairs.other), pairs.jaccard)
    return spread.table(floor, num_documents)
