"""How right a threshold is, estimated from pairs that people judged: same matter, or different.

Pairs are drawn by strata of similarity, a few from each, because most pairs of a library lie where nobody
doubts. Every judged pair then stands for as many pairs as its stratum has for each judged one. The intervals
are Bayesian: each stratum's share has a Beta posterior under Jeffreys' prior (Brown, Cai and DasGupta, 2001),
and precision and recall are computed from draws of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.redundancy.pairs import PairTable

Verdict = Literal["same", "different"]

STRATUM_WIDTH = 0.05
PAIRS_TO_LABEL = 20

_DRAWS = 4_000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Share:
    """An estimate between 0 and 1 with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ThresholdQuality:
    """`precision`: the share of the pairs at `threshold` and above that are the same matter. `recall`: the
    share of such pairs, among all down to the floor, that lie at the threshold and above. None where nothing
    that bears on it was judged. `num_labels` were judged at the threshold and above.
    """

    threshold: float
    num_pairs: int
    num_labels: int
    precision: Share | None
    recall: Share | None


def draw_pairs(pairs: PairTable, num_pairs: int = PAIRS_TO_LABEL, seed: int = 0) -> list[int]:
    """Positions in the table, drawn evenly over the strata and at random within each; each once.

    The same table and seed give the same pairs. Where strata have too few, the others give more.
    """
    rng = np.random.default_rng(seed)
    strata = [rng.permutation(np.flatnonzero(stratum)) for stratum in _strata(pairs)]
    drawn: list[int] = []
    for turn in range(max(map(len, strata), default=0)):
        for stratum in reversed(strata):
            if turn < len(stratum) and len(drawn) < num_pairs:
                drawn.append(int(stratum[turn]))
    return drawn


def estimate_quality(pairs: PairTable, labels: Mapping[int, Verdict]) -> tuple[ThresholdQuality, ...]:
    """Precision and recall at the lower edge of every stratum, from judged positions of the table."""
    strata = _strata(pairs)
    edges = _edges(pairs.floor)
    sizes = np.array([np.count_nonzero(stratum) for stratum in strata], np.float64)
    num_judged, num_same = _judged(strata, labels)
    drawn = np.random.default_rng(0).beta(
        num_same[:, None] + 0.5, (num_judged - num_same)[:, None] + 0.5, (len(edges), _DRAWS)
    )
    known = num_judged > 0
    shares = np.divide(num_same, num_judged, out=np.full(len(edges), 0.5), where=known)
    judged_or_empty = known | (sizes == 0)
    found = []
    for place, threshold in enumerate(edges):
        above = slice(place, None)
        same_above, same_drawn = shares[above] @ sizes[above], sizes[above] @ drawn[above]
        total = sizes[above].sum()
        precision = recall = None
        if total and judged_or_empty[above].all():
            precision = _share(same_above / total, same_drawn / total)
        if judged_or_empty.all() and shares @ sizes > 0:
            recall = _share(same_above / (shares @ sizes), same_drawn / (sizes @ drawn))
        found.append(ThresholdQuality(threshold, int(total), int(num_judged[above].sum()), precision, recall))
    return tuple(found)


def _edges(floor: float) -> list[float]:
    num_strata = max(1, round((1 - floor) / STRATUM_WIDTH))
    return [round(floor + place * (1 - floor) / num_strata, 4) for place in range(num_strata)]


def _strata(pairs: PairTable) -> list[NDArray[np.bool_]]:
    """Which pairs lie in each stratum; the last one includes the similarity 1."""
    edges = [*_edges(pairs.floor), np.inf]
    return [(pairs.jaccard >= low) & (pairs.jaccard < high) for low, high in pairwise(edges)]


def _judged(
    strata: Sequence[NDArray[np.bool_]], labels: Mapping[int, Verdict]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    num_judged, num_same = np.zeros(len(strata)), np.zeros(len(strata))
    for position, verdict in labels.items():
        stratum = next(place for place, members in enumerate(strata) if members[position])
        num_judged[stratum] += 1
        num_same[stratum] += verdict == "same"
    return num_judged, num_same


def _share(value: float, draws: NDArray[np.float64]) -> Share:
    low, high = np.percentile(draws, _INTERVAL)
    return Share(float(value), min(float(low), float(value)), max(float(high), float(value)))
