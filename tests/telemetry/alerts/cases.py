"""Figures under which each alert fires or stays silent, in Prometheus and in the product alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STEP = 30
"""Seconds between two readings."""

Series = tuple[float, float]
"""The value at the start, and what it grows by in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`labels` are those of the alert that Prometheus raises, beside its name and severity."""

    rule: str
    when: str
    series: Mapping[str, Series]
    seconds: int
    fires: bool
    labels: Mapping[str, str] = field(default_factory=dict)


def model(**rates: float) -> dict[str, Series]:
    """Requests a second by outcome, 10 taken in unless told."""
    submitted = rates.pop("submitted", 10)
    outcomes = {"answered": 10, "failed": 0, "overloaded": 0, "past_deadline": 0} | rates
    return {"kv_cache_submitted_requests_total": (0, submitted)} | {
        f'kv_cache_requests_total{{outcome="{outcome}"}}': (0, rate) for outcome, rate in outcomes.items()
    }


def first_tokens(slow_share: float) -> dict[str, Series]:
    """Ten answers a second, of which this share takes between 2.048 and 4.096 s to begin."""
    name = "kv_cache_latency_seconds_bucket"
    fast = 10 * (1 - slow_share)
    return {
        f'{name}{{stage="first_token", le="{bound}"}}': (0, rate)
        for bound, rate in (("1.024", fast), ("2.048", fast), ("4.096", 10), ("+Inf", 10))
    }


def hits(achieved: float) -> dict[str, Series]:
    return {
        'kv_cache_hit_tokens_total{tier="device"}': (0, 1000 * achieved),
        "kv_cache_possible_tokens_total": (0, 1000),
    }


def misses(rate: float) -> dict[str, Series]:
    return {
        "kv_cache_requested_blocks_total": (0, 500 + rate),
        'kv_cache_hit_blocks_total{tier="device"}': (0, 400),
        'kv_cache_hit_blocks_total{tier="disk"}': (0, 100),
    }


def use_cases(requests: float, errors: float) -> dict[str, Series]:
    return {
        'system_requests_total{use_case="ListJobs", outcome="ok"}': (0, requests - errors),
        'system_requests_total{use_case="ListJobs", outcome="unavailable"}': (0, errors),
        'system_errors_total{use_case="ListJobs"}': (0, errors),
    }


def parts(**states: float) -> dict[str, Series]:
    known = {"database": 1.0, "worker": 1.0, "engine": 1.0} | states
    scraped = {'up{job="blatam", instance="a"}': (1.0, 0.0)}
    return scraped | {
        f'system_part_up{{part="{part}", job="blatam", instance="a"}}': (state, 0.0)
        for part, state in known.items()
    }


QUIET = model(submitted=0.5, answered=0.5)
FIVE, TEN, FIFTEEN, HOUR, DAY = 300, 600, 900, 3600, 86_400
RAMP = 300
"""By then the window of the rates is full; before, Prometheus takes them for lower."""
FIRST_TOKEN = {"quantile": "0.95", "stage": "first_token"}
MEMORY = "system_memory_usage_ratio"
MADE, INSTALLED = "system_last_backup_timestamp_seconds", "system_installation_timestamp_seconds"


def case(
    rule: str, when: str, series: Mapping[str, Series], seconds: int, fires: bool = True, **labels: str
) -> Case:
    return Case(rule=rule, when=when, series=series, seconds=seconds, fires=fires, labels=labels)


CASES = (
    case("SystemDown", "the worker is away for over a minute", parts(worker=0), 90, instance="a"),
    case("SystemDown", "the worker is away for half a minute", parts(worker=0), 30, fires=False),
    case("SystemDown", "only the model is away", parts(engine=0), HOUR, fires=False),
    case(
        "SlowFirstToken",
        "a tenth of the answers begin late",
        model() | first_tokens(0.1),
        FIVE + RAMP,
        **FIRST_TOKEN,
    ),
    case("SlowFirstToken", "not for long", model() | first_tokens(0.1), FIVE - STEP, fires=False),
    case("SlowFirstToken", "few begin late", model() | first_tokens(0.01), HOUR, fires=False),
    case("SlowFirstToken", "few requests come", QUIET | first_tokens(0.1), HOUR, fires=False),
    case("ErrorsRise", "7 % fail", model(answered=9.3, failed=0.7), FIVE + RAMP, of="model"),
    case("ErrorsRise", "7 % of the use cases fail", use_cases(10, 0.7), FIVE + RAMP, of="use_cases"),
    case("ErrorsRise", "3 % fail", model(answered=9.7, failed=0.3), HOUR, fires=False),
    case(
        "ErrorsHigh",
        "a fifth is refused or late",
        model(answered=8, overloaded=1, past_deadline=1),
        400,
        of="model",
    ),
    case("ErrorsHigh", "7 % fail", model(answered=9.3, failed=0.7), HOUR, fires=False),
    case(
        "ErrorsHigh", "few requests come", model(submitted=0.5, answered=0.2, failed=0.3), HOUR, fires=False
    ),
    case("ErrorsHigh", "few use cases are asked", use_cases(0.5, 0.4), HOUR, fires=False),
    case("FewHits", "a third of what was possible", model() | hits(0.33), FIFTEEN + RAMP),
    case("FewHits", "most of what was possible", model() | hits(0.8), HOUR, fires=False),
    case("FewHits", "few requests come", QUIET | hits(0.1), HOUR, fires=False),
    case(
        "FewHits",
        "nothing came twice",
        model() | {"kv_cache_possible_tokens_total": (0, 0)},
        HOUR,
        fires=False,
    ),
    case("MemoryRises", "87 %", {MEMORY: (0.87, 0)}, TEN + RAMP),
    case("MemoryRises", "80 %", {MEMORY: (0.80, 0)}, HOUR, fires=False),
    case("MemoryHigh", "92 %", {MEMORY: (0.92, 0)}, TEN + RAMP),
    case("MemoryHigh", "92 % for nine minutes", {MEMORY: (0.92, 0)}, 540, fires=False),
    case("MemoryHigh", "87 %", {MEMORY: (0.87, 0)}, HOUR, fires=False),
    case(
        "MemoryCritical",
        "a GPU is full",
        {
            MEMORY: (0.3, 0),
            'gpu_memory_used_bytes{gpu="cuda:0"}': (97, 0),
            'gpu_memory_total_bytes{gpu="cuda:0"}': (100, 0),
        },
        TEN + RAMP,
    ),
    case("MemoryCritical", "92 %", {MEMORY: (0.92, 0)}, HOUR, fires=False),
    case("LowThroughput", "10 answers for 15 requests", model(submitted=15, answered=10), FIFTEEN + RAMP),
    case("LowThroughput", "all 10 requests answered", model(), HOUR, fires=False),
    case("LowThroughput", "30 answers a second", model(submitted=30, answered=30), HOUR, fires=False),
    case("LowThroughput", "few requests come", QUIET, HOUR, fires=False),
    case("ManyMisses", "150 blocks a second for an hour", model() | misses(150), HOUR + RAMP),
    case("ManyMisses", "150 blocks a second for half of it", model() | misses(150), HOUR // 2, fires=False),
    case("ManyMisses", "50 blocks a second", model() | misses(50), 2 * HOUR, fires=False),
    case("ManyMisses", "few requests come", QUIET | misses(150), 2 * HOUR, fires=False),
    case("BackupOld", "a day and an hour", {MADE: (0, 0), INSTALLED: (0, 0)}, DAY + HOUR),
    case("BackupOld", "never made", {INSTALLED: (0, 0)}, DAY + HOUR),
    case("BackupOld", "made an hour ago", {MADE: (DAY, 0), INSTALLED: (0, 0)}, DAY + HOUR, fires=False),
)
