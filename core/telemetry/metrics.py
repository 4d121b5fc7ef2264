"""Counters and gauges of this process and of its workers, written in the Prometheus text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2.5, 5, 10)
JOB_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """One registry of its own, so that two products in one process (tests) do not share counters."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._others: Callable[[], Iterable[Iterable[Metric]]] = tuple
        self._requests = self._counter(
            "system_requests_total", "Requests to use cases.", "use_case", "outcome"
        )
        self._errors = self._counter(
            "system_errors_total", "Requests that failed through no fault of who asked.", "use_case"
        )
        self._durations = self._histogram(
            "system_request_duration_seconds", "Duration of use cases.", BUCKETS, "use_case"
        )
        self._possible_tokens = self._counter(
            "kv_cache_possible_tokens_total",
            "Tokens of prompts that a cache without bounds would have known.",
        )
        self._missed_tokens = self._counter(
            "kv_cache_missed_tokens_total", "Tokens of prompts that were computed, by why.", "cause"
        )
        self._job_runs = self._counter("system_job_runs_total", "Runs of jobs that ended.", "kind", "outcome")
        self._job_durations = self._histogram(
            "system_job_run_duration_seconds", "Duration of job runs.", JOB_BUCKETS, "kind"
        )

    def observe_request(self, use_case: str, outcome: str, seconds: float, *, is_error: bool = False) -> None:
        """`is_error` where the product failed, not where it refused."""
        self._requests.labels(use_case, outcome).inc()
        self._errors.labels(use_case).inc(1 if is_error else 0)
        self._durations.labels(use_case).observe(seconds)

    def observe_job(self, kind: str, outcome: str, seconds: float) -> None:
        self._job_runs.labels(kind, outcome).inc()
        self._job_durations.labels(kind).observe(seconds)

    def observe_prompt(self, possible_tokens: int, missed_tokens: Mapping[str, int]) -> None:
        """`missed_tokens` go by the cause for which they were computed."""
        self._possible_tokens.inc(possible_tokens)
        for cause, num_tokens in missed_tokens.items():
            self._missed_tokens.labels(cause.replace(" ", "_")).inc(num_tokens)

    def watch(self, collect: Callable[[], Iterable[Metric]]) -> None:
        """Have `collect` called at every scrape."""
        self._registry.register(_Watched(collect))

    def include(self, others: Callable[[], Iterable[Iterable[Metric]]]) -> None:
        """Have what other processes counted added at every scrape."""
        self._others = others

    def families(self) -> list[Metric]:
        """Everything at this moment, each family once."""
        return added_up([self._registry.collect(), *self._others()])

    def text(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return as_text(self.families())

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self._registry)


class _Watched(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is collected before the first scrape


class _Collected(CollectorRegistry):
    """Families as the writer of the text wants them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def added_up(groups: Iterable[Iterable[Metric]]) -> list[Metric]:
    """One family of each name; equal samples of several groups are added. Times of creation are left out."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for family in (family for group in groups for family in group):
        if family.name not in families:
            families[family.name] = Metric(family.name, family.documentation, family.type)
            values[family.name] = {}
        known = values[family.name]
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                key = (sample.name, tuple(sample.labels.items()))
                known[key] = known.get(key, 0.0) + sample.value
    for name, family in families.items():
        for (sample_name, labels), value in values[name].items():
            family.add_sample(sample_name, dict(labels), value)
    return list(families.values())


def as_text(families: Iterable[Metric]) -> bytes:
    return generate_latest(_Collected(families))


def process_metrics(processes: Mapping[str, int | None]) -> Iterator[Metric]:
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


def job_metrics(counts: Mapping[str, int]) -> Iterator[Metric]:
    """Jobs by state."""
    jobs = GaugeMetricFamily("system_jobs", "Jobs by state.", labels=["state"])
    for state, count in counts.items():
        jobs.add_metric([state], count)
    yield jobs


def system_metrics(
    *,
    num_connections: int | None,
    memory_ratio: float,
    installed_at: float | None,
    backed_up_at: float | None,
) -> Iterator[Metric]:
    """What there is one of. Times are seconds since 1970; what is not known is left out."""
    for name, meaning, value in (
        ("system_active_connections", "Browser sessions that are open.", num_connections),
        (
            "system_memory_usage_ratio",
            "Share of the memory in use that processes here may take.",
            memory_ratio,
        ),
        ("system_installation_timestamp_seconds", "When the database was made.", installed_at),
        ("system_last_backup_timestamp_seconds", "When the last backup was made.", backed_up_at),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, meaning, value=value)
