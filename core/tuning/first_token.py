"""What the first token of a request costs, fitted to the requests that were recorded.

milliseconds = start + per_token x computed + per_pair x computed x depth, where `depth` is how far into the
prompt the computed tokens lie on average: cached + computed / 2, as attention looks back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.tuning.estimate import Floats, Integers
from core.tuning.families import number_families
from core.tuning.recorded import RecordedRequest

FEWEST_REQUESTS = 30
FEWEST_LENGTHS = 3
TOO_FEW = "Too few requests were recorded to tell how long the first token takes; 30 are needed."
TOO_ALIKE = "All recorded requests computed the same number of tokens: what more would take cannot be told."
_SCALE = np.array([1.0, 1e-3, 1e-6])


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTokenModel:
    """Milliseconds, without waiting for one's turn. `error_ms` is the median absolute error of the fit."""

    start_ms: float
    ms_per_token: float
    ms_per_pair: float
    num_requests: int
    error_ms: float


@dataclass(frozen=True, slots=True)
class TimedRequests:
    """Recorded requests with a first token as columns: features (requests, 3), times, and family numbers."""

    features: Floats
    times_ms: Floats
    families: Integers
    num_families: int


def timed_requests(measured: Sequence[RecordedRequest]) -> TimedRequests:
    known = [each for each in measured if each.computing_ms is not None]
    tokens = np.array([each.request.num_tokens for each in known], dtype=np.float64)
    cached = np.array([each.cached_tokens for each in known], dtype=np.float64)
    times = np.array([each.computing_ms for each in known], dtype=np.float64)
    families = number_families([each.request.block_ids for each in known])
    num_families = int(families.max()) + 1 if known else 0
    return TimedRequests(features_of(tokens, np.minimum(cached, tokens)), times, families, num_families)


def features_of(tokens: Floats, cached: Floats) -> Floats:
    """(requests, 3): one, thousands of computed tokens, millions of pairs."""
    computed = tokens - cached
    pairs = computed * (cached + computed / 2)
    columns: Floats = np.column_stack([np.ones_like(computed), computed, pairs]) * _SCALE
    return columns


def why_unknown(timed: TimedRequests) -> str:
    """The sentence to show where no model can be fitted; empty where one can."""
    if len(timed.times_ms) < FEWEST_REQUESTS:
        return TOO_FEW
    if len(np.unique(timed.features[:, 1])) < FEWEST_LENGTHS:
        return TOO_ALIKE
    return ""


def fit(timed: TimedRequests) -> Floats:
    """Weights of least squares, none negative: the best of all sets of features that may count at all."""
    x, y = timed.features, timed.times_ms
    best, best_error = np.array([y.mean(), 0.0, 0.0]), float(((y - y.mean()) ** 2).sum())
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            columns = list(chosen)
            found = np.linalg.lstsq(x[:, columns], y, rcond=1e-9)[0]
            error = float(((y - x[:, columns] @ found) ** 2).sum())
            if found.min() >= 0 and error < best_error:
                best, best_error = np.zeros(3), error
                best[columns] = found
    return best


def refit(timed: TimedRequests, weights: Floats, counts: Integers) -> Floats:
    """The weights of each resample of families, (resamples, 3): the features of `weights`, fitted again."""
    used = np.flatnonzero(weights > 0)
    x, y = timed.features[:, used], timed.times_ms
    width = len(used)
    squares = _by_family(timed, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1))
    products = _by_family(timed, x * y[:, None])
    left = (counts @ squares).reshape(-1, width, width)
    right = counts @ products
    ridge = np.eye(width) * 1e-9 * max(float(np.abs(squares).sum()), 1e-9)
    found = np.zeros((len(counts), 3))
    found[:, used] = np.maximum(np.linalg.solve(left + ridge, right[:, :, None])[:, :, 0], 0.0)
    return found


def describe(timed: TimedRequests, weights: Floats) -> FirstTokenModel:
    start, per_token, per_pair = (weights * _SCALE).tolist()
    return FirstTokenModel(
        start_ms=start,
        ms_per_token=per_token,
        ms_per_pair=per_pair,
        num_requests=len(timed.times_ms),
        error_ms=float(np.median(np.abs(timed.times_ms - timed.features @ weights))),
    )


def _by_family(timed: TimedRequests, values: Floats) -> Floats:
    sums = np.zeros((timed.num_families, values.shape[1]))
    np.add.at(sums, timed.families, values)
    return sums
