"""What a trial shows: hit rate and first-token time of both arms, and whether they differ by chance.

Requests of one family share a beginning and so the cache, and are no independent observations: families are
what is resampled (cluster bootstrap; Davison and Hinkley 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.tuning.estimate import (
    FEWEST_FAMILIES,
    Estimate,
    Floats,
    Integers,
    draw_families,
    in_chunks,
    interval,
)

Arm = Literal["a", "b"]
RUNNING: Arm = "a"
TRIED: Arm = "b"
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Observation:
    """One answered request. Requests of one `family` begin alike."""

    family: int
    arm: Arm
    prompt_tokens: int
    cached_tokens: int
    first_token_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """What one arm did. `hit_rate` is of tokens; None without requests."""

    num_requests: int
    num_families: int
    hit_rate: float | None
    first_token_p50_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Arm b's figure less that of a. `winner` is named only where the interval excludes zero."""

    estimate: Estimate
    winner: Arm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`hit_rate` and `first_token_ms` are None while an arm has nothing to compare.

    `has_enough` says whether each arm rests on families enough for an interval.
    """

    a: ArmFigures
    b: ArmFigures
    hit_rate: Difference | None
    first_token_ms: Difference | None
    num_families: int
    has_enough: bool


def compare_arms(
    observations: Sequence[Observation], *, resamples: int = RESAMPLES, seed: int = 0
) -> Comparison:
    """Equal observations give equal figures. O(resamples x requests)."""
    a = _Sample([each for each in observations if each.arm == RUNNING])
    b = _Sample([each for each in observations if each.arm == TRIED])
    families = {each.family for each in observations}
    fewest = min(a.num_families, b.num_families)
    hit_rate = first_token = None
    if a.num_tokens and b.num_tokens:
        draws = _draw(a, b, resamples, seed)
        value = b.hit_rate() - a.hit_rate()
        hit_rate = _difference(interval(value, draws[:, 0], fewest), more_is_better=True)
        if a.num_timed and b.num_timed:
            value = b.median() - a.median()
            first_token = _difference(interval(value, draws[:, 1], fewest), more_is_better=False)
    return Comparison(
        a=a.figures(),
        b=b.figures(),
        hit_rate=hit_rate,
        first_token_ms=first_token,
        num_families=len(families),
        has_enough=fewest >= FEWEST_FAMILIES,
    )


class _Sample:
    """One arm as columns: sums for each family, and first-token times in order."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        names = np.array([each.family for each in observations], dtype=np.int64)
        self.names, places = np.unique(names, return_inverse=True)
        self.num_requests = len(observations)
        self.num_families = len(self.names)
        prompt = np.array([each.prompt_tokens for each in observations], dtype=np.float64)
        cached = np.array([each.cached_tokens for each in observations], dtype=np.float64)
        self._prompt = np.bincount(places, prompt, self.num_families)
        self._cached = np.bincount(places, cached, self.num_families)
        self.num_tokens = float(prompt.sum())
        timed = np.array([each.first_token_ms is not None for each in observations], dtype=bool)
        times = np.array([each.first_token_ms or 0.0 for each in observations])[timed]
        order = np.argsort(times, kind="stable")
        self._times = times[order]
        self._owners = places[timed][order]
        self.num_timed = len(times)

    def hit_rate(self) -> float:
        return float(self._cached.sum() / self._prompt.sum())

    def median(self) -> float:
        return float(np.median(self._times))

    def hit_rates(self, counts: Integers) -> Floats:
        with np.errstate(invalid="ignore"):
            rates: Floats = (counts @ self._cached) / (counts @ self._prompt)
        return rates

    def medians(self, counts: Integers) -> Floats:
        """The median of each resample; NaN where it has no timed request."""
        if not self.num_timed:
            return np.full(len(counts), np.nan)
        heaped = np.cumsum(counts[:, self._owners], axis=1)
        total = heaped[:, -1]
        lower = np.argmax(heaped * 2 >= total[:, None], axis=1)
        upper = np.argmax(heaped * 2 > total[:, None], axis=1)
        medians: Floats = (self._times[lower] + self._times[upper]) / 2
        return np.where(total > 0, medians, np.nan)

    def figures(self) -> ArmFigures:
        return ArmFigures(
            num_requests=self.num_requests,
            num_families=self.num_families,
            hit_rate=self.hit_rate() if self.num_tokens else None,
            first_token_p50_ms=self.median() if self.num_timed else None,
        )


def _draw(a: _Sample, b: _Sample, resamples: int, seed: int) -> Floats:
    """Both differences in each resample, (resamples, 2).

    Families of one arm only are drawn within their arm, those of both arms for both at once.
    """
    random = np.random.default_rng(seed)
    both = np.intersect1d(a.names, b.names)
    width = a.num_requests + b.num_requests
    differences = []
    for num in in_chunks(resamples, width):
        shared = draw_families(random, num, len(both))
        of_a = _counts(a, both, shared, random)
        of_b = _counts(b, both, shared, random)
        hit_rates = b.hit_rates(of_b) - a.hit_rates(of_a)
        medians = b.medians(of_b) - a.medians(of_a)
        differences.append(np.column_stack([hit_rates, medians]))
    return np.concatenate(differences)


def _counts(arm: _Sample, both: Integers, shared: Integers, random: np.random.Generator) -> Integers:
    is_shared = np.isin(arm.names, both)
    counts = np.empty((len(shared), arm.num_families), dtype=np.int64)
    counts[:, is_shared] = shared
    counts[:, ~is_shared] = draw_families(random, len(shared), int((~is_shared).sum()))
    return counts


def _difference(estimate: Estimate, *, more_is_better: bool) -> Difference:
    if not estimate.excludes_zero:
        return Difference(estimate=estimate, winner=None)
    b_wins = (estimate.value > 0) == more_is_better
    return Difference(estimate=estimate, winner=TRIED if b_wins else RUNNING)
