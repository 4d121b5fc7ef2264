"""What the cache page shows of a window of time: series by buckets, totals, marks. It is counted here alone.

Quantiles are the smallest value that so large a share does not exceed. A bucket without traffic has no value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.observation.columns import Rows
from core.observation.events import Event
from core.observation.history import History
from core.observation.request_columns import COLUMN, OUTCOMES, RequestColumns
from core.observation.samples import COUNTERS, FIELD, GAUGES, TIERS
from kvcache.request_log import MISS_CAUSES

WINDOWS: Mapping[int, int] = {300: 2, 900: 5, 3600: 15, 21_600: 90, 86_400: 360}
"""Seconds of a window, and of one of its buckets."""
QUANTILES = (0.5, 0.95, 0.99)
MOST_LABELS = 8
LEAST_COMPUTED_TOKENS = 16
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantiles:
    """In milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class LabelTotal:
    """What requests of one label saved."""

    label: str
    requests: int
    prompt_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTotals:
    """Sums over `begin` to `end`, in seconds since 1970.

    `hit_tokens` and `hit_requests` go by tier, `missed_tokens` and `missed_requests` by cause; a request
    counts for each that it had tokens of. `compute_ms_per_token` is what a computed token took before the
    first token of an answer; None where too little was computed. `saved_seconds` are the cached tokens at
    that price, less the time it took to load them. `counted` says how much each counter of the samples grew,
    `now` what the newest sample measured.
    """

    begin: float
    end: float
    requests: Mapping[str, int]
    prompt_tokens: int
    cached_tokens: int
    possible_tokens: int
    new_tokens: int
    hit_tokens: Mapping[str, int]
    hit_requests: Mapping[str, int]
    missed_tokens: Mapping[str, int]
    missed_requests: Mapping[str, int]
    lookup_ms: Quantiles | None
    first_token_ms: Quantiles | None
    total_ms: Quantiles | None
    compute_ms_per_token: float | None
    load_seconds: float
    saved_seconds: float | None
    labels: tuple[LabelTotal, ...]
    other_tenants: LabelTotal | None
    counted: Mapping[str, float]
    now: Mapping[str, float]

    @property
    def num_requests(self) -> int:
        return sum(self.requests.values())

    @property
    def seconds(self) -> float:
        return self.end - self.begin

    @property
    def hit_rate(self) -> float | None:
        """Cached among the tokens of prompts; None without any."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None

    @property
    def possible_rate(self) -> float | None:
        """What a cache without bounds would have hit."""
        return self.possible_tokens / self.prompt_tokens if self.prompt_tokens else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheView:
    """Buckets are numbered from 1970 in `width` seconds; `series` begin with bucket `first`."""

    now: float
    window: int
    width: int
    first: int
    series: Mapping[str, list[float | None]]
    totals: CacheTotals
    events: tuple[Event, ...]


def build_view(
    history: History,
    *,
    now: float,
    window: int,
    selection: tuple[float, float] | None = None,
    tenant: int | None = None,
    since_bucket: int | None = None,
) -> CacheView:
    """`selection` limits the totals; `since_bucket` the series; labels are told of this tenant alone."""
    width = WINDOWS[window]
    last = math.floor(now / width)
    first = last - window // width + 1
    if since_bucket is not None:
        first = min(max(first, since_bucket), last)
    begin, end = selection or (now - window, now)
    with history.reading():
        return CacheView(
            now=now,
            window=window,
            width=width,
            first=first,
            series=_series(history, first, last, width),
            totals=_totals(history, begin, end, tenant),
            events=tuple(event for event in history.events if event.at >= now - window),
        )


def _series(history: History, first: int, last: int, width: int) -> dict[str, list[float | None]]:
    num = last - first + 1
    edges = (np.arange(first, last + 2) * width).astype(np.float64)
    rows = history.requests.between(np.nextafter(edges[0], 0), edges[-1])
    bucket = np.minimum((rows[:, 0] // width).astype(np.int64) - first, num - 1)

    def summed(column: int) -> Values:
        return np.bincount(bucket, rows[:, column], num).astype(np.float64)

    found: dict[str, Values] = {}
    prompts = summed(COLUMN["prompt_tokens"])
    prompts[prompts == 0] = np.nan
    for tier in TIERS:
        found[f"hit_{tier}"] = (
            100 * sum(map(summed, _columns_of(history.requests, tier)), np.zeros(num)) / prompts
        )
    found["possible"] = 100 * summed(COLUMN["possible_tokens"]) / prompts
    for cause in MISS_CAUSES:
        found[f"missed_{cause}"] = summed(COLUMN[cause]) / width
    for number, outcome in enumerate(OUTCOMES):
        is_such = rows[:, COLUMN["outcome"]] == number
        found[f"requests_{outcome}"] = np.bincount(bucket, is_such, num) / width
    found["new_tokens"] = summed(COLUMN["new_tokens"]) / width
    for share, values in zip(
        QUANTILES, _bucket_quantiles(bucket, rows[:, COLUMN["first_token_ms"]], num), strict=True
    ):
        found[f"first_token_p{share * 100:.0f}"] = values
    found |= _sampled(history.samples.rows, edges)
    return {name: _plain(values) for name, values in found.items()}


def _sampled(samples: Rows, edges: Values) -> dict[str, Values]:
    """The last value of each gauge in a bucket, and how fast each counter grew since the bucket before."""
    num = len(edges) - 1
    at = np.searchsorted(samples[:, 0], edges) - 1
    has_value = at[1:] > at[:-1]
    found: dict[str, Values] = {}
    if not len(samples):
        return {name: np.full(num, np.nan) for name in (*GAUGES, *COUNTERS)}
    here, before = samples[at[1:]], samples[at[:-1]]
    for name in GAUGES:
        found[name] = np.where(has_value, here[:, FIELD[name]], np.nan)
    seconds = here[:, 0] - before[:, 0]
    has_past = has_value & (at[:-1] >= 0)
    for name in COUNTERS:
        growth = here[:, FIELD[name]] - before[:, FIELD[name]]
        with np.errstate(divide="ignore", invalid="ignore"):
            found[name] = np.where(has_past & (growth >= 0), growth / seconds, np.nan)
    return found


def _totals(history: History, begin: float, end: float, tenant: int | None) -> CacheTotals:
    requests = history.requests
    rows = requests.between(begin, end)

    def total(name: str) -> int:
        return int(rows[:, COLUMN[name]].sum())

    per_tier = {
        tier: sum((rows[:, column] for column in _columns_of(requests, tier)), np.zeros(len(rows)))
        for tier in TIERS
    }
    computed = rows[:, COLUMN["prompt_tokens"]] - rows[:, COLUMN["cached_tokens"]]
    spent = rows[:, COLUMN["first_token_ms"]] - sum(
        rows[:, COLUMN[f"{part}_ms"]] for part in ("queue", "lookup", "load")
    )
    is_telling = (computed >= LEAST_COMPUTED_TOKENS) & (spent > 0)
    per_token = float(spent[is_telling].sum() / computed[is_telling].sum()) if is_telling.any() else None
    load_seconds = float(rows[:, COLUMN["load_ms"]].sum()) / 1e3
    cached = total("cached_tokens")
    own = np.array([number == tenant for number in requests.tenants], dtype=bool)
    is_own = own[rows[:, COLUMN["tenant"]].astype(np.int64)] if len(own) else np.zeros(len(rows), dtype=bool)
    samples = history.sample_rows(begin, end)
    newest = history.samples.rows[-1:]
    return CacheTotals(
        begin=begin,
        end=end,
        requests={
            name: int((rows[:, COLUMN["outcome"]] == number).sum()) for number, name in enumerate(OUTCOMES)
        },
        prompt_tokens=total("prompt_tokens"),
        cached_tokens=cached,
        possible_tokens=total("possible_tokens"),
        new_tokens=total("new_tokens"),
        hit_tokens={tier: int(tokens.sum()) for tier, tokens in per_tier.items()},
        hit_requests={tier: int((tokens > 0).sum()) for tier, tokens in per_tier.items()},
        missed_tokens={cause: total(cause) for cause in MISS_CAUSES},
        missed_requests={cause: int((rows[:, COLUMN[cause]] > 0).sum()) for cause in MISS_CAUSES},
        lookup_ms=_quantiles(rows[rows[:, COLUMN["prompt_tokens"]] > 0][:, COLUMN["lookup_ms"]]),
        first_token_ms=_quantiles(rows[:, COLUMN["first_token_ms"]]),
        total_ms=_quantiles(rows[rows[:, COLUMN["outcome"]] == 0][:, COLUMN["total_ms"]]),
        compute_ms_per_token=per_token,
        load_seconds=load_seconds,
        saved_seconds=None if per_token is None else cached * per_token / 1e3 - load_seconds,
        labels=_labels(requests, rows[is_own]),
        other_tenants=_label_total("", rows[~is_own]),
        counted={name: _growth(samples[:, FIELD[name]]) for name in COUNTERS},
        now={name: float(newest[0, FIELD[name]]) for name in GAUGES} if len(newest) else {},
    )


def _columns_of(requests: RequestColumns, tier: str) -> list[int]:
    """The columns of a tier's places; what was in memory on its way down or up counts for the host."""
    names = {"host": ("host", "staged")}.get(tier, (tier,))
    return [requests.place_column(place) for place in requests.places if place.split(" ", 1)[0] in names]


def _labels(requests: RequestColumns, rows: Rows) -> tuple[LabelTotal, ...]:
    numbers = np.unique(rows[:, COLUMN["label"]]).astype(np.int64)
    found = [
        _label_total(requests.labels[number], rows[rows[:, COLUMN["label"]] == number]) for number in numbers
    ]
    named = [each for each in found if each is not None]
    return tuple(sorted(named, key=lambda each: (-each.cached_tokens, each.label))[:MOST_LABELS])


def _label_total(label: str, rows: Rows) -> LabelTotal | None:
    if not len(rows):
        return None
    prompt, cached = (int(rows[:, COLUMN[name]].sum()) for name in ("prompt_tokens", "cached_tokens"))
    return LabelTotal(label, len(rows), prompt, cached)


def _growth(values: Values) -> float:
    """How much a counter grew, over restarts that set it back."""
    known = values[~np.isnan(values)]
    return float(np.maximum(np.diff(known), 0).sum()) if len(known) > 1 else 0.0


def _quantiles(values: Values) -> Quantiles | None:
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return None
    return Quantiles(*(float(known[math.ceil(share * len(known)) - 1]) for share in QUANTILES))


def _bucket_quantiles(bucket: NDArray[np.int64], values: Values, num: int) -> list[Values]:
    is_known = ~np.isnan(values)
    bucket, values = bucket[is_known], values[is_known]
    order = np.lexsort((values, bucket))
    ranked = values[order]
    counts = np.bincount(bucket, minlength=num)
    starts = np.cumsum(counts) - counts
    found = []
    for share in QUANTILES:
        at = starts + np.maximum(np.ceil(share * counts).astype(np.int64) - 1, 0)
        result = np.full(num, np.nan)
        result[counts > 0] = ranked[at[counts > 0]]
        found.append(result)
    return found


def _plain(values: Values) -> list[float | None]:
    """Numbers of four digits, which is more than a chart can show; None where there is none."""
    return [None if math.isnan(value) else float(f"{value:.4g}") for value in values.tolist()]
