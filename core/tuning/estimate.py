"""A figure with the interval that holds it 95 times out of 100, by resampling families of requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CONFIDENCE = 0.95
FEWEST_FAMILIES = 10
"""Below this an interval says nothing, and none is given."""
CHUNK_CELLS = 2_000_000
"""How many counts are drawn at a time: 16 MB."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`low` and `high` are None where too few families were seen to tell."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def draw_families(random: np.random.Generator, resamples: int, num_families: int) -> Integers:
    """How often each family occurs in each resample of as many, (resamples, families)."""
    drawn = random.integers(max(num_families, 1), size=(resamples, num_families))
    drawn += np.arange(resamples)[:, None] * num_families
    counts = np.bincount(drawn.ravel(), minlength=resamples * num_families)
    return counts.reshape(resamples, num_families)


def in_chunks(resamples: int, width: int) -> Iterator[int]:
    """How many resamples to draw at a time, where each is so many numbers."""
    at_once = max(CHUNK_CELLS // max(width, 1), 1)
    for begun in range(0, resamples, at_once):
        yield min(at_once, resamples - begun)


def interval(value: float, draws: Floats, num_families: int) -> Estimate:
    """The value between the percentiles of its draws.

    They lie further out than 2.5 and 97.5 by what a t distribution is wider than a normal one, and by the
    sqrt(n / (n - 1)) that a resample of n varies too little (Hesterberg 2015, section 5.3).
    """
    known = draws[np.isfinite(draws)]
    if num_families < FEWEST_FAMILIES or not len(known):
        return Estimate(value)
    n = num_families
    tail = NormalDist().cdf(-sqrt(n / (n - 1)) * _t_quantile((1 + CONFIDENCE) / 2, n - 1))
    low, high = np.quantile(known, (tail, 1 - tail))
    return Estimate(value, float(low), float(high))


def _t_quantile(share: float, degrees: int) -> float:
    """Cornish-Fisher expansion, exact to 0.001 from 9 degrees on."""
    z = NormalDist().inv_cdf(share)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3
