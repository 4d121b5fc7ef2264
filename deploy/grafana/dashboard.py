"""Writes dashboards/blatam.json: `python -m deploy.grafana.dashboard`. A panel is an entry of the table.

Each has a sentence on what it means and the names it draws, and says "No traffic" where there is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "dashboards" / "blatam.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS, WIDTH, HEIGHT = 3, 8, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`queries` go by the legend of their lines. `limits` are where it turns orange and red."""

    title: str
    meaning: str
    queries: dict[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    limits: tuple[float, float] | None = None


def rate(name: str, by: str = "") -> str:
    return f"sum {f'by ({by}) ' if by else ''}(rate({name}[5m]))"


ROWS: dict[str, tuple[Panel, ...]] = {
    "How it is": (
        Panel(
            title="Parts that answer",
            meaning="1 while a part of the product answers, 0 while it does not (system_part_up).",
            queries={"{{part}}": "min by (part) (system_part_up)"},
        ),
        Panel(
            title="Requests that fail",
            meaning="Share of requests that fail through no fault of who asks (system_error_ratio).",
            queries={"{{of}}": "system_error_ratio"},
            unit="percentunit",
            limits=(0.05, 0.1),
        ),
        Panel(
            title="Alerts that fire",
            meaning="Alerts by severity that fire now (ALERTS, which Prometheus keeps itself).",
            queries={"{{severity}}": 'count by (severity) (ALERTS{alertstate="firing"})'},
        ),
    ),
    "What the cache brings": (
        Panel(
            title="Hit rate",
            meaning=(
                "Share of prompt tokens found in the cache, beside what a cache without bounds would find "
                "(kv_cache_hit_rate, kv_cache_achievable_hit_rate)."
            ),
            queries={"found": "kv_cache_hit_rate", "achievable": "kv_cache_achievable_hit_rate"},
            unit="percentunit",
        ),
        Panel(
            title="Hits by tier",
            meaning="Tokens a second by where their blocks rested (kv_cache_hit_tokens_total).",
            queries={"{{tier}}": rate("kv_cache_hit_tokens_total", "tier")},
        ),
        Panel(
            title="Misses by cause",
            meaning="Tokens a second that were computed, by why (kv_cache_missed_tokens_total).",
            queries={"{{cause}}": rate("kv_cache_missed_tokens_total", "cause")},
        ),
        Panel(
            title="Answers kept",
            meaning="Share of questions answered without the model (response_cache_requests_total).",
            queries={
                "kept": (
                    'sum(rate(response_cache_requests_total{outcome="hit"}[5m])) / '
                    "(sum(rate(response_cache_requests_total[5m])) > 0)"
                )
            },
            unit="percentunit",
        ),
        Panel(
            title="Bytes spared by equal blocks",
            meaning="Bytes a second that were not stored twice (kv_cache_deduplicated_bytes_total).",
            queries={"spared": rate("kv_cache_deduplicated_bytes_total")},
            unit="Bps",
        ),
        Panel(
            title="Compression",
            meaning=(
                "What blocks take in a tier, as a share of what they took on the device "
                "(kv_cache_stored_bytes_total, kv_cache_raw_bytes_total)."
            ),
            queries={
                "{{tier}}": (
                    f"{rate('kv_cache_stored_bytes_total', 'tier')} / "
                    f"({rate('kv_cache_raw_bytes_total', 'tier')} > 0)"
                )
            },
            unit="percentunit",
        ),
    ),
    "How fast it is": (
        Panel(
            title="First token",
            meaning="Seconds to the first token of an answer, by quantile (kv_cache_latency_seconds).",
            queries={"{{quantile}}": 'kv_cache_latency_seconds{stage="first_token"}'},
            unit="s",
            limits=(1, 2),
        ),
        Panel(
            title="Whole answer",
            meaning="Seconds to the end of an answer, by quantile (kv_cache_latency_seconds).",
            queries={"{{quantile}}": 'kv_cache_latency_seconds{stage="total"}'},
            unit="s",
        ),
        Panel(
            title="Looking up and loading",
            meaning="Seconds to find a prompt's blocks and to bring one up, P95 (kv_cache_latency_seconds).",
            queries={"{{stage}}": 'kv_cache_latency_seconds{stage=~"lookup|load", quantile="0.95"}'},
            unit="s",
        ),
        Panel(
            title="Answers a second",
            meaning="Requests that the model answered (kv_cache_throughput_rps).",
            queries={"answered": "kv_cache_throughput_rps"},
            unit="reqps",
        ),
        Panel(
            title="Queue",
            meaning=(
                "Computations that wait by priority, and those that run "
                "(kv_cache_waiting_requests, kv_cache_running_requests)."
            ),
            queries={
                "{{priority}}": "sum by (priority) (kv_cache_waiting_requests)",
                "running": "sum(kv_cache_running_requests)",
            },
        ),
        Panel(
            title="Batch",
            meaning="Computations that run together in a turn, mean (kv_cache_batch_size).",
            queries={
                "mean": f"{rate('kv_cache_batch_size_sum')} / ({rate('kv_cache_batch_size_count')} > 0)"
            },
        ),
    ),
    "Where blocks rest": (
        Panel(
            title="Room",
            meaning="Share of its room that each tier fills (kv_cache_bytes, kv_cache_limit_bytes).",
            queries={"{{tier}}": "sum by (tier) (kv_cache_bytes) / sum by (tier) (kv_cache_limit_bytes)"},
            unit="percentunit",
        ),
        Panel(
            title="Evictions",
            meaning="Blocks a second that went, by tier and cause (kv_cache_evictions_total).",
            queries={"{{tier}} {{cause}}": rate("kv_cache_evictions_total", "tier, cause")},
        ),
        Panel(
            title="Up and down",
            meaning=(
                "Blocks a second that went down into a tier and came up from it "
                "(kv_cache_demoted_blocks_total, kv_cache_loaded_blocks_total)."
            ),
            queries={
                "down {{tier}}": rate("kv_cache_demoted_blocks_total", "tier"),
                "up {{tier}}": rate("kv_cache_loaded_blocks_total", "tier"),
            },
        ),
        Panel(
            title="Fetched ahead",
            meaning="Blocks a second by whether a request took them (kv_cache_prefetched_blocks_total).",
            queries={"{{outcome}}": rate("kv_cache_prefetched_blocks_total", "outcome")},
        ),
        Panel(
            title="Faults",
            meaning=(
                "Damaged blocks, calls that a tier did not answer, and errors of the model, a second "
                "(kv_cache_damaged_blocks_total, kv_cache_tier_errors_total, kv_cache_engine_errors_total)."
            ),
            queries={
                "damaged {{tier}}": rate("kv_cache_damaged_blocks_total", "tier"),
                "unanswered {{tier}}": rate("kv_cache_tier_errors_total", "tier"),
                "model": rate("kv_cache_engine_errors_total"),
            },
        ),
        Panel(
            title="GPU",
            meaning=(
                "Share of the GPU's time and memory in use "
                "(gpu_utilization_ratio, gpu_memory_used_bytes, gpu_memory_total_bytes)."
            ),
            queries={
                "time {{gpu}}": "gpu_utilization_ratio",
                "memory {{gpu}}": "gpu_memory_used_bytes / gpu_memory_total_bytes",
            },
            unit="percentunit",
            limits=(0.9, 0.98),
        ),
    ),
    "The machine and its work": (
        Panel(
            title="Memory",
            meaning="Share of the machine's memory in use (system_memory_usage_ratio).",
            queries={"in use": "max(system_memory_usage_ratio)"},
            unit="percentunit",
            limits=(0.85, 0.95),
        ),
        Panel(
            title="Memory of the processes",
            meaning="Resident memory of application and worker (process_resident_memory_bytes).",
            queries={"{{process}}": "sum by (process) (process_resident_memory_bytes)"},
            unit="bytes",
        ),
        Panel(
            title="Processor",
            meaning="Processors that each process keeps busy (process_cpu_seconds_total).",
            queries={"{{process}}": rate("process_cpu_seconds_total", "process")},
        ),
        Panel(
            title="Requests",
            meaning="Requests to use cases a second (system_requests_total).",
            queries={"{{use_case}}": rate("system_requests_total", "use_case")},
            unit="reqps",
        ),
        Panel(
            title="Sessions",
            meaning="Browser sessions that are open (system_active_connections).",
            queries={"open": "sum(system_active_connections)"},
        ),
        Panel(
            title="Jobs",
            meaning="Job runs a second by how they ended (system_job_runs_total).",
            queries={"{{kind}} {{outcome}}": rate("system_job_runs_total", "kind, outcome")},
        ),
        Panel(
            title="Age of the last backup",
            meaning="Since the last backup, or since the installation (system_backup_age_seconds).",
            queries={"age": "system_backup_age_seconds"},
            unit="s",
            limits=(43_200, 86_400),
            kind="stat",
        ),
    ),
}


def dashboard() -> dict[str, Any]:
    """The whole dashboard as Grafana imports it."""
    return {
        "uid": "blatam",
        "title": "Blatam Academy",
        "tags": ["blatam"],
        "timezone": "browser",
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [panel | {"id": number} for number, panel in enumerate(_panels(), start=1)],
    }


def _panels() -> Iterator[dict[str, Any]]:
    top = 0
    for title, panels in ROWS.items():
        yield {
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": _place(top, 0, 1, 24),
        }
        top += 1
        for number, panel in enumerate(panels):
            row, column = divmod(number, COLUMNS)
            yield _panel(panel, _place(top + row * HEIGHT, column * WIDTH, HEIGHT, WIDTH))
        top += -(-len(panels) // COLUMNS) * HEIGHT


def _place(top: int, left: int, height: int, width: int) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}


def _panel(panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "noValue": "No traffic"}
    if panel.limits is not None:
        colours = zip(("green", "orange", "red"), (None, *panel.limits), strict=True)
        steps = [{"color": colour, "value": value} for colour, value in colours]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.meaning,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def main() -> None:
    FILE.write_text(json.dumps(dashboard(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
