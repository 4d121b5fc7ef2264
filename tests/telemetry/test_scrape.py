"""What the running product says at /metrics."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.product import Product
from tests.fakes.waiting import wait_until
from tests.telemetry.conftest import run


def sample(product: Product, name: str, **labels: str) -> float:
    """One sample's value; 0 where there is none."""
    for family in text_string_to_metric_families(product.get("/metrics")[1]):
        for each in family.samples:
            if each.name == name and labels.items() <= each.labels.items():
                return float(each.value)
    return 0.0


@pytest.mark.prometheus
def test_prometheus_finds_nothing_to_object_to(product: Product, promtool: str) -> None:
    assert run([promtool, "check", "metrics"], product.get("/metrics")[1]) == ""


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("process_cpu_seconds_total", {"process": "app"}),
        ("process_resident_memory_bytes", {"process": "worker"}),
        ("system_memory_usage_ratio", {}),
        ("system_installation_timestamp_seconds", {}),
        ("kv_cache_limit_bytes", {"tier": "device"}),
    ],
)
def test_figures_that_are_never_zero(product: Product, name: str, labels: dict[str, str]) -> None:
    assert sample(product, name, **labels) > 0


def test_jobs_of_the_worker_are_counted_over_its_death(product: Product) -> None:
    """The sample library is read and analysed in the worker: two processes, one page of figures."""

    def analysed() -> float:
        return sample(product, "system_job_runs_total", kind="analyse", outcome="ok")

    wait_until(lambda: analysed() >= 1, 30)
    counted, before = analysed(), product.worker_pid
    product.kill_worker()
    wait_until(lambda: product.worker_pid not in (None, before), 30)
    assert analysed() >= counted


def test_an_open_browser_session_is_counted_while_it_lasts(product: Product) -> None:
    from websockets.sync.client import connect

    before = sample(product, "system_active_connections")
    with connect(f"ws://127.0.0.1:{product.port}/_stcore/stream"):
        wait_until(lambda: sample(product, "system_active_connections") == before + 1)
    wait_until(lambda: sample(product, "system_active_connections") == before)


def test_every_part_of_the_running_product_is_told(product: Product) -> None:
    wait_until(lambda: product.get("/api/ready")[0] == 200, 30)
    parts = {part["kind"]: part for part in product.health()["parts"]}  # type: ignore[attr-defined]
    assert set(parts) == {"database", "worker", "engine", "disk", "tier_disk", "response_cache"}
    assert parts["database"]["state"] == "healthy"
    assert parts["engine"]["response_ms"] is not None
    assert sample(product, "system_part_up", part="worker") == 1
