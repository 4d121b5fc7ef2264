"""Counters and gauges of this process, written in the Prometheus text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry of its own, so that two products in one process (tests) do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "system_requests_total", "Requests to use cases.", ["use_case", "outcome"], registry=self.registry
        )
        self._durations = Histogram(
            "system_request_duration_seconds",
            "Duration of use cases.",
            ["use_case"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def observe_request(self, use_case: str, outcome: str, seconds: float) -> None:
        self._requests.labels(use_case, outcome).inc()
        self._durations.labels(use_case).observe(seconds)

    def watch(self, collect: Callable[[], Iterable[Metric]]) -> None:
        """Have `collect` called at every scrape."""
        self.registry.register(_Watched(collect))

    def text(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return generate_latest(self.registry)


class _Watched(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is collected before the first scrape


def process_metrics(processes: dict[str, int | None]) -> Iterator[Metric]:
    """CPU seconds and resident bytes by process name; one that is gone is left out."""
    cpu = CounterMetricFamily("process_cpu_seconds", "CPU time, user and system.", labels=["process"])
    memory = GaugeMetricFamily("process_resident_memory_bytes", "Resident memory.", labels=["process"])
    for name, pid in processes.items():
        if pid is None:
            continue
        try:
            process = psutil.Process(pid)
            times = process.cpu_times()
            cpu.add_metric([name], times.user + times.system)
            memory.add_metric([name], process.memory_info().rss)
        except psutil.Error:
            continue
    yield cpu
    yield memory


def job_metrics(counts: dict[str, int]) -> Iterator[Metric]:
    """Jobs by state."""
    jobs = GaugeMetricFamily("system_jobs", "Jobs by state.", labels=["state"])
    for state, count in counts.items():
        jobs.add_metric([state], count)
    yield jobs
