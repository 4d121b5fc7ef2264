"""What loading a block costs beside recomputing it, fitted while the cache runs.

Loading is a latency and a time for each byte, tier by tier. Recomputing is a start, a time for each token,
and a time for each pair of a token with one before it, as attention makes it. All times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

FORGETTING = 0.98
"""What a measurement still weighs after the next one."""
FADING_WHEN_DECLINED = 0.95
"""What a tier's measurements still weigh after another decision against it: they grow old unproven."""
FEWEST_MEASUREMENTS = 3
PROBE_EVERY = 64
"""Every so many decisions against a tier one of its blocks is loaded all the same, to keep its price true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """How many of the blocks on offer to load, and both estimates for these where they are known.

    `declined` blocks are left to be recomputed although a tier has them.
    """

    num_load: int
    declined: int
    load_seconds: float | None
    recompute_seconds: float | None


class CostModel:
    """Learns both prices from measurements, and says how much of what the tiers offer is worth loading."""

    def __init__(self) -> None:
        self._loads: dict[str, OnlineFit] = {}
        self._compute = OnlineFit(3)
        self._declined_in_a_row = 0

    def observe_load(self, tier: str, num_bytes: int, seconds: float) -> None:
        """A record of so many bytes was loaded from the tier and decoded."""
        fit = self._loads.get(tier)
        if fit is None:
            fit = self._loads[tier] = OnlineFit(2)
        fit.add((1.0, num_bytes / 1e6), seconds)

    def observe_compute(self, num_tokens: int, depth: int, seconds: float) -> None:
        """So many tokens were computed behind `depth` known ones."""
        if num_tokens > 0:
            self._compute.add(_compute_features(num_tokens, depth), seconds)

    def load_seconds(self, tier: str, num_bytes: int) -> float | None:
        """What loading such a record is expected to cost; None before there are measurements."""
        fit = self._loads.get(tier)
        return None if fit is None else fit.predict((1.0, num_bytes / 1e6))

    def compute_seconds(self, num_tokens: int, depth: int) -> float | None:
        """What computing these tokens behind `depth` others is expected to cost; None if not yet known."""
        return self._compute.predict(_compute_features(num_tokens, depth)) if num_tokens else 0.0

    def plan(
        self, offers: Sequence[tuple[str, int]], *, depth: int, num_tokens: int, block_tokens: int
    ) -> LoadPlan:
        """How many leading blocks to load of those on offer, each a tier and its bytes.

        `num_tokens` are to be had behind `depth` resident ones; each block loaded spares `block_tokens`. What
        has no price yet is loaded: that is how it gets one.
        """
        loading = 0.0
        everything = self.compute_seconds(num_tokens, depth)
        if everything is None:
            return LoadPlan(num_load=len(offers), declined=0, load_seconds=None, recompute_seconds=None)
        best, best_seconds, best_loading = 0, everything, 0.0
        for number, (tier, num_bytes) in enumerate(offers, start=1):
            price = self.load_seconds(tier, num_bytes)
            if price is None:
                best, best_loading = number, loading
                continue
            loading += price
            spared = number * block_tokens
            rest = self.compute_seconds(max(num_tokens - spared, 0), depth + spared)
            assert rest is not None
            if loading + rest < best_seconds:
                best, best_seconds, best_loading = number, loading + rest, loading
        if best == 0 and offers and self._is_time_to_probe(offers[0][0]):
            best, best_loading = 1, self.load_seconds(*offers[0]) or 0.0
        spared = best * block_tokens
        rest = self.compute_seconds(max(num_tokens - spared, 0), depth + spared)
        return LoadPlan(
            num_load=best,
            declined=len(offers) - best,
            load_seconds=best_loading,
            recompute_seconds=max(everything - (rest or 0.0), 0.0),
        )

    def _is_time_to_probe(self, tier: str) -> bool:
        self._loads[tier].fade(FADING_WHEN_DECLINED)
        self._declined_in_a_row += 1
        if self._declined_in_a_row < PROBE_EVERY:
            return False
        self._declined_in_a_row = 0
        return True


class OnlineFit:
    """Least squares with forgetting over few features, never negative; recent measurements count most."""

    def __init__(self, num_features: int) -> None:
        self._num = 0
        self._squares = [[0.0] * num_features for _ in range(num_features)]
        self._products = [0.0] * num_features
        self._weights: list[float] | None = None

    def add(self, features: Sequence[float], value: float) -> None:
        self._num += 1
        self.fade(FORGETTING)
        for row, feature in enumerate(features):
            for column, other in enumerate(features):
                self._squares[row][column] += feature * other
            self._products[row] += feature * value
        self._weights = None

    def fade(self, share: float) -> None:
        """Let what was measured so far weigh only so much of what it did."""
        for row in self._squares:
            row[:] = [share * value for value in row]
        self._products = [share * value for value in self._products]

    def predict(self, features: Sequence[float]) -> float | None:
        """None before there are enough measurements."""
        if self._num < FEWEST_MEASUREMENTS:
            return None
        weights = self._weights
        if weights is None:
            weights = self._weights = _non_negative_solution(self._squares, self._products)
        return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def _compute_features(num_tokens: int, depth: int) -> tuple[float, float, float]:
    pairs = num_tokens * (depth + num_tokens / 2)
    return (1.0, num_tokens / 1e3, pairs / 1e6)


def _non_negative_solution(squares: list[list[float]], products: list[float]) -> list[float]:
    """The weights, none below 0, of least error: the best of all sets of features that may count at all."""
    best, best_error = [0.0] * len(products), 0.0
    for size in range(1, len(products) + 1):
        for chosen in combinations(range(len(products)), size):
            matrix = np.array([[squares[row][column] for column in chosen] for row in chosen])
            target = np.array([products[row] for row in chosen])
            found = np.linalg.lstsq(matrix, target, rcond=1e-12)[0]
            if found.min() < 0.0:
                continue
            error = float(found @ matrix @ found - 2 * target @ found)
            if error < best_error:
                best_error = error
                best = [0.0] * len(products)
                for row, weight in zip(chosen, found, strict=True):
                    best[row] = float(weight)
    return best
