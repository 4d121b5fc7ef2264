"""Metrics pages as vLLM, SGLang and LMCache write them, shortened, with counts that grow by `turn`."""

from __future__ import annotations


def vllm(turn: int, *, engines: int = 1) -> str:
    """vLLM 0.10 and later. A turn: 10 requests, 2,000 prompt tokens of which 1,500 were known."""
    lines = [
        "# HELP vllm:num_requests_running Number of requests in model execution batches.",
        "# TYPE vllm:num_requests_running gauge",
        *_each("vllm:num_requests_running", 3.0, engines),
        "# HELP vllm:num_requests_waiting Number of requests waiting to be processed.",
        "# TYPE vllm:num_requests_waiting gauge",
        *_each("vllm:num_requests_waiting", 2.0, engines),
        "# HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.",
        "# TYPE vllm:kv_cache_usage_perc gauge",
        *_each("vllm:kv_cache_usage_perc", 0.25, engines),
        "# HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.",
        "# TYPE vllm:prefix_cache_queries_total counter",
        *_each("vllm:prefix_cache_queries_total", 2000.0 * turn, engines),
        "# TYPE vllm:prefix_cache_queries_created gauge",
        *_each("vllm:prefix_cache_queries_created", 1.7e9, engines),
        "# HELP vllm:prefix_cache_hits_total Prefix cache hits, in terms of number of cached tokens.",
        "# TYPE vllm:prefix_cache_hits_total counter",
        *_each("vllm:prefix_cache_hits_total", 1500.0 * turn, engines),
        "# TYPE vllm:prompt_tokens_total counter",
        *_each("vllm:prompt_tokens_total", 2000.0 * turn, engines),
        "# TYPE vllm:generation_tokens_total counter",
        *_each("vllm:generation_tokens_total", 500.0 * turn, engines),
        "# TYPE vllm:request_success_total counter",
        *_each("vllm:request_success_total", 8.0 * turn, engines, 'finished_reason="stop",'),
        *_each("vllm:request_success_total", 2.0 * turn, engines, 'finished_reason="length",'),
        *_histogram("vllm:time_to_first_token_seconds", turn, engines),
        *_histogram("vllm:e2e_request_latency_seconds", turn, engines),
    ]
    return "\n".join(lines) + "\n"


def vllm_0_6(_turn: int) -> str:
    """vLLM before it counted tokens of the prefix cache."""
    return (
        "# HELP vllm:gpu_cache_usage_perc GPU KV-cache usage. 1 means 100 percent usage.\n"
        "# TYPE vllm:gpu_cache_usage_perc gauge\n"
        'vllm:gpu_cache_usage_perc{model_name="m"} 0.5\n'
        "# HELP vllm:gpu_prefix_cache_hit_rate GPU prefix cache block hit rate.\n"
        "# TYPE vllm:gpu_prefix_cache_hit_rate gauge\n"
        'vllm:gpu_prefix_cache_hit_rate{model_name="m"} 0.75\n'
    )


def sglang(turn: int) -> str:
    """SGLang with --enable-metrics. Its cache_hit_rate is of one batch and says 0 between two."""
    labels = 'engine_type="unified",model_name="m",pp_rank="0",tp_rank="0"'
    lines = [
        "# HELP sglang:prompt_tokens_total Number of prefill tokens processed.",
        "# TYPE sglang:prompt_tokens_total counter",
        f'sglang:prompt_tokens_total{{{labels},is_streaming="false"}} {1000.0 * turn}',
        f'sglang:prompt_tokens_total{{{labels},is_streaming="true"}} {1000.0 * turn}',
        "# TYPE sglang:cached_tokens_total counter",
        f'sglang:cached_tokens_total{{{labels},cache_source="device"}} {900.0 * turn}',
        f'sglang:cached_tokens_total{{{labels},cache_source="host"}} {100.0 * turn}',
        "# TYPE sglang:generation_tokens_total counter",
        f"sglang:generation_tokens_total{{{labels}}} {500.0 * turn}",
        "# TYPE sglang:num_requests_total counter",
        f"sglang:num_requests_total{{{labels}}} {10.0 * turn}",
        "# TYPE sglang:token_usage gauge",
        f"sglang:token_usage{{{labels}}} 0.28",
        "# TYPE sglang:cache_hit_rate gauge",
        f"sglang:cache_hit_rate{{{labels}}} 0.0",
        "# TYPE sglang:num_running_reqs gauge",
        f"sglang:num_running_reqs{{{labels}}} 5.0",
        "# TYPE sglang:num_queue_reqs gauge",
        f"sglang:num_queue_reqs{{{labels}}} 1.0",
        *_histogram("sglang:time_to_first_token_seconds", turn, 1),
        *_histogram("sglang:e2e_request_latency_seconds", turn, 1),
    ]
    return "\n".join(lines) + "\n"


def lmcache(turn: int) -> str:
    """LMCache on a page of its own."""
    labels = 'model_name="m",role="worker",worker_id="0"'
    return (
        "# HELP lmcache:num_requested_tokens_total Total number of tokens requested from lmcache\n"
        "# TYPE lmcache:num_requested_tokens_total counter\n"
        f"lmcache:num_requested_tokens_total{{{labels}}} {4000.0 * turn}\n"
        "# HELP lmcache:num_hit_tokens_total Total number of tokens hit in lmcache\n"
        "# TYPE lmcache:num_hit_tokens_total counter\n"
        f"lmcache:num_hit_tokens_total{{{labels}}} {1000.0 * turn}\n"
        "# TYPE lmcache:num_retrieve_requests_total counter\n"
        f"lmcache:num_retrieve_requests_total{{{labels}}} {5.0 * turn}\n"
        "# TYPE lmcache:local_cache_usage gauge\n"
        f"lmcache:local_cache_usage{{{labels}}} 1.5e+09\n"
    )


def _each(name: str, value: float, engines: int, more: str = "") -> list[str]:
    return [f'{name}{{engine="{engine}",{more}model_name="m"}} {value}' for engine in range(engines)]


def _histogram(name: str, turn: int, engines: int) -> list[str]:
    """Ten values a turn: five up to 0.1 s, four up to 0.5 s, one up to 1 s."""
    lines = [f"# HELP {name} Histogram in seconds.", f"# TYPE {name} histogram"]
    for bound, count in (("0.1", 5), ("0.5", 9), ("1.0", 10), ("+Inf", 10)):
        lines += _each(f"{name}_bucket", float(count * turn), engines, f'le="{bound}",')
    lines += _each(f"{name}_count", 10.0 * turn, engines)
    return [*lines, *_each(f"{name}_sum", 2.5 * turn, engines)]
