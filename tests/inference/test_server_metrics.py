"""What vLLM and SGLang say at /metrics, in the forms of several versions."""

from __future__ import annotations

from core.inference.server_metrics import ServerMetrics, read_server_metrics

VLLM = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 1.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 7.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.2
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.4
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 1000.0
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 250.0
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="m"} 1200.0
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="m"} 80.0
"""

OLD_VLLM = """\
vllm:gpu_cache_usage_perc{model_name="m"} 0.5
vllm:gpu_prefix_cache_hit_rate{model_name="m"} 0.75
"""

SGLANG = """\
# TYPE sglang:num_running_reqs gauge
sglang:num_running_reqs{model_name="m"} 5.0
# TYPE sglang:num_queue_reqs gauge
sglang:num_queue_reqs{model_name="m"} 2.0
# TYPE sglang:token_usage gauge
sglang:token_usage{model_name="m"} 0.28
# TYPE sglang:cache_hit_rate gauge
sglang:cache_hit_rate{model_name="m"} 0.0075
# TYPE sglang:prompt_tokens_total counter
sglang:prompt_tokens_total{model_name="m"} 8.128902e+06
"""


def test_vllm_is_read_with_its_replicas_together() -> None:
    assert read_server_metrics(VLLM) == ServerMetrics(
        kind="vllm",
        num_running=4,
        num_waiting=7,
        cache_usage_ratio=0.30000000000000004,
        prefix_query_tokens=1000,
        prefix_hit_tokens=250,
        prefix_hit_ratio=0.25,
        prompt_tokens=1200,
        new_tokens=80,
    )


def test_older_names_of_vllm_are_read() -> None:
    assert read_server_metrics(OLD_VLLM) == ServerMetrics(
        kind="vllm", cache_usage_ratio=0.5, prefix_hit_ratio=0.75
    )


def test_sglang_is_read() -> None:
    assert read_server_metrics(SGLANG) == ServerMetrics(
        kind="sglang",
        num_running=5,
        num_waiting=2,
        cache_usage_ratio=0.28,
        prefix_hit_ratio=0.0075,
        prompt_tokens=8_128_902,
    )


def test_what_is_of_neither_is_none() -> None:
    assert read_server_metrics("process_cpu_seconds_total 3\n") is None
    assert read_server_metrics("<html>nothing</html>") is None
    assert read_server_metrics("vllm:num_requests_running NaN\n") is None
    assert read_server_metrics("") is None
