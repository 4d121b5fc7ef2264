"""docs/reference/metrics.md tells every figure that is exported, and no other."""

from __future__ import annotations

import re

from prometheus_client.core import Metric

from core.telemetry.alerts.rules import RECORDINGS, RULES
from core.telemetry.cache_metrics import (
    cache_metrics,
    latency_metrics,
    response_cache_metrics,
    scheduler_metrics,
)
from core.telemetry.health import Finding, HealthMonitor
from core.telemetry.metrics import Metrics, job_metrics, process_metrics, system_metrics
from kvcache.engine.device_load import DeviceLoad
from tests.conftest import ROOT
from tests.fakes.product import Product
from tests.fakes.replica_snapshot import replica_snapshot
from tests.telemetry.test_cache_metrics import store

PAGE = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs/how_to/watch_with_prometheus.md").read_text(encoding="utf-8")
ANSWERS = ("hits", "misses", "bypassed", "stored", "evictions", "damaged", "errors", "entries", "num_bytes")


def families() -> list[Metric]:
    """All there can be, each with a sample."""
    metrics = Metrics()
    metrics.observe_request("ListJobs", "ok", 0.1)
    metrics.observe_job("ingest", "ok", 0.1)
    metrics.observe_prompt(1, {"tail": 1})
    monitor = HealthMonitor({"database": lambda: Finding("healthy")})
    monitor.look()
    gpu = DeviceLoad(used_bytes=1, total_bytes=2, busy_share=0.5)
    replicas = [replica_snapshot(device="cuda:0", load=gpu)]
    return [
        *metrics.families(),
        *monitor.families(),
        *cache_metrics([store()], 64),
        *latency_metrics([store()], replicas),
        *scheduler_metrics(replicas),
        *response_cache_metrics(dict.fromkeys(ANSWERS, 1)),
        *process_metrics({"app": 1}),
        *job_metrics({"done": 1}),
        *system_metrics(num_connections=1, memory_ratio=0.5, installed_at=1.0, backed_up_at=1.0),
    ]


def line(family: Metric) -> str:
    """As the page has it."""
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return f"| `{name}` | {family.type} | {family.documentation} |"


def test_every_figure_is_told_with_its_kind_and_meaning() -> None:
    assert [line(family) for family in families() if line(family) not in PAGE] == []


def test_no_figure_is_told_that_is_not_exported() -> None:
    told = set(re.findall(r"^\| `([a-z_]+)` \| (?:counter|gauge|histogram) ", PAGE, re.MULTILINE))
    exported = {f"{each.name}_total" if each.type == "counter" else each.name for each in families()}
    assert told == exported


def test_what_the_running_product_exports_is_told(product: Product) -> None:
    written = set(re.findall(r"^# TYPE (\S+)", product.get("/metrics")[1], re.MULTILINE))
    assert [name for name in sorted(written) if f"`{name}`" not in PAGE] == []


def test_recorded_names_and_alerts_are_told() -> None:
    assert [each.name for each in RECORDINGS if f"`{each.name}`" not in PAGE] == []
    assert [rule.name for rule in RULES if f"| `{rule.name}` | {rule.severity} |" not in HOW_TO] == []
