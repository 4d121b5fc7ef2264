"""One look at another engine's metrics page, and what happened between two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, isfinite

from prometheus_client.parser import text_string_to_metric_families

from core.errors import Invalid
from core.telemetry.sources.vendors import VENDORS, Kind, Names

Buckets = Mapping[float, float]
COUNTERS = ("looked_up_tokens", "cached_tokens", "prompt_tokens", "new_tokens", "requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Counters since the server's start and gauges now; what the page does not tell is absent or None.

    Those of several models, ranks or replicas are summed, ratios averaged. Buckets go by their upper bound.
    """

    kind: Kind
    counters: Mapping[str, float]
    running: float | None
    waiting: float | None
    usage_ratio: float | None
    hit_ratio: float | None
    first_token: Buckets = field(default_factory=dict)
    total: Buckets = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a server did between two looks, the second of them at `at`. None: not told, or no traffic.

    Ratios are shares; rates are in a second. Quantiles are estimated within the server's own buckets.
    """

    at: datetime
    hit_ratio: float | None
    usage_ratio: float | None
    running: float | None
    waiting: float | None
    prompt_tokens_per_second: float | None
    cached_tokens_per_second: float | None
    new_tokens_per_second: float | None
    requests_per_second: float | None
    first_token_p50_seconds: float | None
    first_token_p95_seconds: float | None
    total_p50_seconds: float | None
    total_p95_seconds: float | None


def read_page(text: str) -> Reading:
    """Raises Invalid for a page that is none of a known vendor.

    >>> read_page("vllm:num_requests_running 3\\n").running
    3.0
    """
    try:
        samples = _samples(text)
    except ValueError:
        raise _unknown() from None
    for kind, names in VENDORS.items():
        if any(name.startswith(f"{kind}:") for name in samples):
            return _reading(kind, names, samples)
    raise _unknown()


def point_between(before: Reading, after: Reading, seconds: float, at: datetime) -> Point:
    """What happened in these seconds. A counter that fell has begun again at 0 meanwhile."""
    grown = {
        name: _growth(before.counters.get(name, 0.0), value)
        for name, value in after.counters.items()
        if name in before.counters
    }
    first_token = _grown_buckets(before.first_token, after.first_token)
    total = _grown_buckets(before.total, after.total)

    def rate(name: str) -> float | None:
        return grown[name] / seconds if name in grown else None

    return Point(
        at=at,
        hit_ratio=_hit_ratio(grown, after),
        usage_ratio=after.usage_ratio,
        running=after.running,
        waiting=after.waiting,
        prompt_tokens_per_second=rate("prompt_tokens"),
        cached_tokens_per_second=rate("cached_tokens"),
        new_tokens_per_second=rate("new_tokens"),
        requests_per_second=rate("requests"),
        first_token_p50_seconds=_quantile(0.5, first_token),
        first_token_p95_seconds=_quantile(0.95, first_token),
        total_p50_seconds=_quantile(0.5, total),
        total_p95_seconds=_quantile(0.95, total),
    )


Samples = Mapping[str, list[tuple[Mapping[str, str], float]]]


def _unknown() -> Invalid:
    return Invalid(
        "This is no metrics page of vLLM, SGLang or LMCache.",
        remedy="Give the address of /metrics; SGLang has one when it is started with --enable-metrics.",
    )


def _samples(text: str) -> Samples:
    found: dict[str, list[tuple[Mapping[str, str], float]]] = defaultdict(list)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if isfinite(sample.value):
                found[sample.name].append((sample.labels, float(sample.value)))
    return found


def _reading(kind: Kind, names: Names, samples: Samples) -> Reading:
    counters = {name: _total(getattr(names, name), samples) for name in COUNTERS}
    return Reading(
        kind=kind,
        counters={name: value for name, value in counters.items() if value is not None},
        running=_total(names.running, samples),
        waiting=_total(names.waiting, samples),
        usage_ratio=_mean(names.usage_ratio, samples),
        hit_ratio=_mean(names.hit_ratio, samples),
        first_token=_buckets(names.first_token_seconds, samples),
        total=_buckets(names.total_seconds, samples),
    )


def _values(names: tuple[str, ...], samples: Samples) -> list[float]:
    """Of the first name that is there, as a counter or as it stands."""
    for name in names:
        for written in (f"{name}_total", name):
            if written in samples:
                return [value for _, value in samples[written]]
    return []


def _total(names: tuple[str, ...], samples: Samples) -> float | None:
    values = _values(names, samples)
    return sum(values) if values else None


def _mean(names: tuple[str, ...], samples: Samples) -> float | None:
    values = _values(names, samples)
    return sum(values) / len(values) if values else None


def _buckets(names: tuple[str, ...], samples: Samples) -> Buckets:
    counts: dict[float, float] = defaultdict(float)
    for name in names:
        for labels, value in samples.get(f"{name}_bucket", ()):
            counts[float(labels.get("le", "inf"))] += value
        if counts:
            break
    return dict(counts)


def _growth(before: float, after: float) -> float:
    return after - before if after >= before else after


def _grown_buckets(before: Buckets, after: Buckets) -> Buckets:
    has_begun_again = any(after[bound] < count for bound, count in before.items() if bound in after)
    base: Buckets = {} if has_begun_again else before
    return {bound: count - base.get(bound, 0.0) for bound, count in after.items()}


def _hit_ratio(grown: Mapping[str, float], after: Reading) -> float | None:
    if "looked_up_tokens" not in grown or "cached_tokens" not in grown:
        return after.hit_ratio
    looked_up = grown["looked_up_tokens"]
    return min(grown["cached_tokens"] / looked_up, 1.0) if looked_up > 0 else None


def _quantile(share: float, buckets: Buckets) -> float | None:
    """Linear inside a bucket; the last finite bound for what lies above it."""
    total = max(buckets.values(), default=0.0)
    if total <= 0:
        return None
    low, below = 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= share * total:
            return low if bound == inf else low + (bound - low) * (share * total - below) / (count - below)
        low, below = bound, count
    return low
