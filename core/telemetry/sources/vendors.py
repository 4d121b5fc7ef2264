"""What each vendor calls its figures. Names change with versions: the first that is on the page counts.

vLLM: docs.vllm.ai/en/stable/usage/metrics; its counters count tokens, and were called gpu_* before 0.10.
SGLang: docs.sglang.io/references/production_metrics; cache_hit_rate is of the last batch only.
LMCache: docs.lmcache.ai, "Metrics"; its figures often stand on the page of the vLLM that it serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["vllm", "sglang", "lmcache"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Counters are named without `_total`, histograms without `_bucket`.

    `looked_up_tokens` are those of prompts that were looked for in the cache, of which `cached_tokens` were
    there; `hit_ratio` counts only where one of the two is missing.
    """

    looked_up_tokens: tuple[str, ...] = ()
    cached_tokens: tuple[str, ...] = ()
    prompt_tokens: tuple[str, ...] = ()
    new_tokens: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    hit_ratio: tuple[str, ...] = ()
    usage_ratio: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    first_token_seconds: tuple[str, ...] = ()
    total_seconds: tuple[str, ...] = ()


VENDORS: Mapping[Kind, Names] = MappingProxyType(
    {
        "vllm": Names(
            looked_up_tokens=("vllm:prefix_cache_queries", "vllm:gpu_prefix_cache_queries"),
            cached_tokens=("vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits"),
            prompt_tokens=("vllm:prompt_tokens",),
            new_tokens=("vllm:generation_tokens",),
            requests=("vllm:request_success",),
            hit_ratio=("vllm:gpu_prefix_cache_hit_rate",),
            usage_ratio=("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
            running=("vllm:num_requests_running",),
            waiting=("vllm:num_requests_waiting",),
            first_token_seconds=("vllm:time_to_first_token_seconds",),
            total_seconds=("vllm:e2e_request_latency_seconds",),
        ),
        "sglang": Names(
            looked_up_tokens=("sglang:prompt_tokens",),
            cached_tokens=("sglang:cached_tokens",),
            prompt_tokens=("sglang:prompt_tokens",),
            new_tokens=("sglang:generation_tokens",),
            requests=("sglang:num_requests",),
            hit_ratio=("sglang:cache_hit_rate",),
            usage_ratio=("sglang:token_usage",),
            running=("sglang:num_running_reqs",),
            waiting=("sglang:num_queue_reqs",),
            first_token_seconds=("sglang:time_to_first_token_seconds",),
            total_seconds=("sglang:e2e_request_latency_seconds",),
        ),
        "lmcache": Names(
            looked_up_tokens=("lmcache:num_requested_tokens",),
            cached_tokens=("lmcache:num_hit_tokens",),
            prompt_tokens=("lmcache:num_requested_tokens",),
            requests=("lmcache:num_retrieve_requests",),
            hit_ratio=("lmcache:retrieve_hit_rate",),
        ),
    }
)
"""In the order in which a page is tried: one with figures of two vendors is the engine's."""
