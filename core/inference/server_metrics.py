"""What a vLLM or SGLang server says of itself at /metrics."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeAlias

from prometheus_client.parser import text_string_to_metric_families

Kind: TypeAlias = Literal["vllm", "sglang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetrics:
    """One reading. What the server does not tell is None; counters count since it started.

    `cache_usage_ratio` is the share of KV memory in use, `prefix_hit_ratio` the share of prompt tokens found
    in its prefix cache. Requests and counters of several replicas are summed, ratios averaged.
    """

    kind: Kind
    num_running: int | None = None
    num_waiting: int | None = None
    cache_usage_ratio: float | None = None
    prefix_query_tokens: int | None = None
    prefix_hit_tokens: int | None = None
    prefix_hit_ratio: float | None = None
    prompt_tokens: int | None = None
    new_tokens: int | None = None


Values: TypeAlias = dict[str, list[float]]

# Names change with versions; the first that is there counts.
NAMES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "vllm": {
        "num_running": ("vllm:num_requests_running",),
        "num_waiting": ("vllm:num_requests_waiting",),
        "cache_usage_ratio": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
        "prefix_query_tokens": ("vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"),
        "prefix_hit_tokens": ("vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"),
        "prefix_hit_ratio": ("vllm:gpu_prefix_cache_hit_rate",),
        "prompt_tokens": ("vllm:prompt_tokens_total",),
        "new_tokens": ("vllm:generation_tokens_total",),
    },
    "sglang": {
        "num_running": ("sglang:num_running_reqs",),
        "num_waiting": ("sglang:num_queue_reqs",),
        "cache_usage_ratio": ("sglang:token_usage",),
        "prefix_hit_tokens": ("sglang:cached_tokens_total",),
        "prefix_hit_ratio": ("sglang:cache_hit_rate",),
        "prompt_tokens": ("sglang:prompt_tokens_total",),
        "new_tokens": ("sglang:generation_tokens_total",),
    },
}


def read_server_metrics(exposition: str) -> ServerMetrics | None:
    """The reading in a Prometheus text; None if it is of neither server, or no such text.

    >>> read_server_metrics("vllm:num_requests_running 3\\n").num_running
    3
    """
    try:
        values = _values(exposition)
    except ValueError:
        return None
    for kind, names in NAMES.items():
        if any(name.startswith(f"{kind}:") for name in values):
            return _reading(kind, names, values)
    return None


def _values(exposition: str) -> Values:
    values: Values = defaultdict(list)
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if isfinite(sample.value):
                values[sample.name].append(sample.value)
    return values


def _reading(kind: Kind, names: dict[str, tuple[str, ...]], values: Values) -> ServerMetrics:
    def total(field: str) -> int | None:
        found = _first(names.get(field, ()), values)
        return None if found is None else round(sum(found))

    def mean(field: str) -> float | None:
        found = _first(names.get(field, ()), values)
        return None if found is None else sum(found) / len(found)

    queries, hits = total("prefix_query_tokens"), total("prefix_hit_tokens")
    return ServerMetrics(
        kind=kind,
        num_running=total("num_running"),
        num_waiting=total("num_waiting"),
        cache_usage_ratio=mean("cache_usage_ratio"),
        prefix_query_tokens=queries,
        prefix_hit_tokens=hits,
        prefix_hit_ratio=hits / queries if queries and hits is not None else mean("prefix_hit_ratio"),
        prompt_tokens=total("prompt_tokens"),
        new_tokens=total("new_tokens"),
    )


def _first(names: tuple[str, ...], values: Values) -> list[float] | None:
    return next((values[name] for name in names if name in values), None)
