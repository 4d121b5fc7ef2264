"""Dashboard and rules against a real Prometheus that scrapes the running product."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from core.settings import Settings
from core.telemetry.alerts.prometheus import expression
from core.telemetry.alerts.rules import NAMES, RECORDINGS, RULES
from deploy.grafana.dashboard import FILE, ROWS, dashboard
from tests.conftest import ROOT
from tests.fakes.product import Product, free_port
from tests.fakes.waiting import wait_until

PANELS = [panel for panels in ROWS.values() for panel in panels]
QUERIES = [query for panel in PANELS for query in panel.queries.values()]
EXPRESSIONS = [recording.expression for recording in RECORDINGS] + [
    expression(rule, Settings()) for rule in RULES
]
RECORDED = {recording.name for recording in RECORDINGS}
OF_PROMETHEUS = {"up", "ALERTS"}
WITH_GPU_ONLY = {"gpu_utilization_ratio", "gpu_memory_used_bytes", "gpu_memory_total_bytes"}
NOT_YET = {"system_last_backup_timestamp_seconds"}
NAME = re.compile(r"\b(?:kv_cache|system|process|gpu|response_cache)_[a-z_]+(?::max)?|\bup(?=\{)|\bALERTS\b")


class Prometheus:
    def __init__(self, address: str) -> None:
        self._address = address

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        with urlopen(f"{self._address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        assert found["status"] == "success"
        return found

    def query(self, expression: str) -> list[dict[str, Any]]:
        return list(self.get("query", query=expression)["data"]["result"])

    def names(self) -> set[str]:
        """Of every series, and of the families that the product describes."""
        described = set(self.get("metadata")["data"])
        return set(self.get("label/__name__/values")["data"]) | described

    def is_scraping(self) -> bool:
        try:
            return len(self.query('up{job="blatam"} == 1 and on() system_part_up')) == 1
        except (OSError, HTTPError):
            return False


@pytest.fixture(scope="module")
def watching(
    product: Product, prometheus: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Prometheus with the rules and the configuration that ship, scraping the product every second."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    shipped = ROOT / "deploy" / "prometheus"
    config = (shipped / "prometheus.yml").read_text()
    config = config.replace("127.0.0.1:8501", f"127.0.0.1:{product.port}").replace("15s", "1s")
    (folder / "prometheus.yml").write_text(config)
    (folder / "rules.yml").write_text((shipped / "rules.yml").read_text())
    process = subprocess.Popen(
        [
            prometheus,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    started = Prometheus(f"http://127.0.0.1:{port}")
    try:
        wait_until(started.is_scraping, 30)
        wait_until(lambda: RECORDED & started.names() != set(), 30)
        yield started
    finally:
        process.terminate()
        process.wait()


@pytest.mark.prometheus
def test_every_query_is_one_and_every_name_is_scraped(watching: Prometheus) -> None:
    for each in QUERIES + EXPRESSIONS:
        watching.query(each)
    known = watching.names()
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "sum", "count")}
    absent = {name for each in QUERIES + EXPRESSIONS for name in NAME.findall(each)} - known
    assert absent - WITH_GPU_ONLY - NOT_YET - RECORDED - OF_PROMETHEUS == set()
    assert NAMES - known - WITH_GPU_ONLY - NOT_YET == set()


@pytest.mark.prometheus
def test_no_rule_fails_and_none_fires_on_a_product_at_rest(watching: Prometheus) -> None:
    groups = watching.get("rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(RECORDINGS) + len(RULES)
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule.get("lastError")] == []
    quiet = {"MemoryRises", "MemoryHigh", "MemoryCritical"}  # the machine's own affair
    firing = [rule["name"] for rule in rules if rule.get("state") == "firing"]
    assert set(firing) <= quiet


@pytest.mark.prometheus
def test_nothing_that_is_drawn_is_not_a_number(watching: Prometheus) -> None:
    for query in QUERIES:
        assert [series for series in watching.query(query) if series["value"][1] == "NaN"] == [], query


def test_the_dashboard_is_the_one_that_the_table_writes() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == dashboard()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_says_in_one_sentence_what_it_means_and_which_names_it_draws(panel: Any) -> None:
    assert panel.meaning.endswith(").")
    assert panel.meaning.count(". ") == 0
    drawn = {name for query in panel.queries.values() for name in NAME.findall(query)}
    told = set(NAME.findall(panel.meaning))
    assert {name.removesuffix("_sum").removesuffix("_count") for name in drawn} == told


def test_every_panel_says_no_traffic_and_none_overlaps() -> None:
    panels = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]
    assert {panel["fieldConfig"]["defaults"]["noValue"] for panel in panels} == {"No traffic"}
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in dashboard()["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))


def test_provisioning_leads_to_the_dashboard() -> None:
    provisioned = (FILE.parents[1] / "provisioning" / "datasources" / "prometheus.yml").read_text()
    assert "uid: prometheus" in provisioned
    assert Path(FILE).parent.name == "dashboards"
