"""The figures of the last minutes, and the rates and quantiles over them that PromQL would give."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from prometheus_client.core import Metric

Labels: TypeAlias = tuple[tuple[str, str], ...]
WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Reading:
    moment: datetime
    values: Mapping[str, Mapping[Labels, float]]


class RecentFigures:
    """Keeps the samples of these names as far back as rates look. Labels are chosen by exact values.

    >>> figures = RecentFigures({"requests_total"})
    >>> figures.rate("requests_total") is None
    True
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._readings: deque[_Reading] = deque()

    def add(self, moment: datetime, families: Iterable[Metric]) -> None:
        """One reading of everything."""
        values: dict[str, dict[Labels, float]] = {}
        for family in families:
            for sample in family.samples:
                if sample.name in self._names:
                    labels = tuple(sorted(sample.labels.items()))
                    values.setdefault(sample.name, {})[labels] = sample.value
        self._readings.append(_Reading(moment, values))
        while self._readings[0].moment < moment - WINDOW:
            self._readings.popleft()

    @property
    def now(self) -> datetime | None:
        """The moment of the last reading."""
        return self._readings[-1].moment if self._readings else None

    def latest(self, name: str, **labels: str) -> list[float]:
        """The last values of all series with these labels."""
        assert name in self._names, f"{name} is not kept"
        if not self._readings:
            return []
        return [value for _, value in _chosen(self._readings[-1], name, labels)]

    def rate(self, name: str, **labels: str) -> float | None:
        """What counters with these labels grew by in a second, added up; None before two readings of any.

        A counter that fell has begun again at 0.
        """
        grown = self._growth(name, labels)
        return None if grown is None else sum(grown.values()) / self._seconds()

    def quantile(self, share: float, name: str, **labels: str) -> float | None:
        """The quantile of what a histogram took in, as `histogram_quantile` has it; None without any."""
        grown = self._growth(f"{name}_bucket", labels)
        if not grown:
            return None
        buckets: dict[float, float] = {}
        for series, growth in grown.items():
            bound = float(dict(series)["le"])
            buckets[bound] = buckets.get(bound, 0.0) + growth
        return _quantile(share, sorted(buckets.items()))

    def _seconds(self) -> float:
        return (self._readings[-1].moment - self._readings[0].moment).total_seconds()

    def _growth(self, name: str, labels: Mapping[str, str]) -> dict[Labels, float] | None:
        assert name in self._names, f"{name} is not kept"
        if len(self._readings) < 2 or self._seconds() <= 0:
            return None
        grown: dict[Labels, float] = {}
        for before, after in pairwise(self._readings):
            earlier = dict(_chosen(before, name, labels))
            for series, value in _chosen(after, name, labels):
                if series in earlier:
                    fell = value < earlier[series]
                    grown[series] = grown.get(series, 0.0) + (value if fell else value - earlier[series])
        return grown or None


def _chosen(reading: _Reading, name: str, labels: Mapping[str, str]) -> Iterator[tuple[Labels, float]]:
    for series, value in reading.values.get(name, {}).items():
        if labels.items() <= dict(series).items():
            yield series, value


def _quantile(share: float, buckets: list[tuple[float, float]]) -> float | None:
    """Linear inside the bucket; the last finite bound for what lies above it."""
    total = buckets[-1][1]
    if total <= 0:
        return None
    rank = share * total
    low_bound, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            if bound == float("inf"):
                return low_bound
            return low_bound + (bound - low_bound) * (rank - below) / (count - below)
        low_bound, below = bound, count
    return low_bound
