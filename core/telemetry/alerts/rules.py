"""The alerts of the product: each rule once, as a question to Prometheus and as the same question here.

Prometheus evaluates `expression`, this process `read`. Names, thresholds, patience and texts are the same
because both come from this table; a test feeds both the same figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.settings import Settings
from core.telemetry.alerts.recent_figures import RecentFigures

Severity: TypeAlias = Literal["warning", "high", "critical"]
Unit: TypeAlias = Literal["seconds", "ratio", "per_second", "state"]
MINUTE, HOUR = 60.0, 3600.0
BEHIND = 1.1
"""More arrive than are answered if it is by this factor; a window of rates is never exact."""
FAILED_OUTCOMES = ("failed", "overloaded", "past_deadline")
VITAL_PARTS = ("database", "worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A name that Prometheus keeps a value under."""

    name: str
    expression: str
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Raises an alert once the value has been beyond the threshold for `for_seconds`.

    `read` gives the value now, None where there is nothing to say: no traffic, or not known.
    `condition` is what must hold besides, in PromQL.
    """

    name: str
    severity: Severity
    summary: str
    remedy: str
    unit: Unit
    expression: str
    comparison: Literal[">", "<"]
    threshold: Callable[[Settings], float]
    for_seconds: float
    read: Callable[[RecentFigures, Settings], float | None]
    condition: Callable[[Settings], str] | None = None

    def is_beyond(self, value: float, settings: Settings) -> bool:
        threshold = self.threshold(settings)
        return value > threshold if self.comparison == ">" else value < threshold


def arrivals_rps(figures: RecentFigures) -> float:
    """Requests to the model that came in, those turned away at the door too."""
    refused = figures.rate("kv_cache_requests_total", outcome="overloaded") or 0.0
    return (figures.rate("kv_cache_submitted_requests_total") or 0.0) + refused


def _busy(read: Callable[[RecentFigures], float | None]) -> Callable[[RecentFigures, Settings], float | None]:
    """The value while enough requests come in."""

    def value(figures: RecentFigures, settings: Settings) -> float | None:
        return read(figures) if arrivals_rps(figures) >= settings.alert_least_rps else None

    return value


def _is_up(figures: RecentFigures, _settings: Settings) -> float | None:
    states = [value for part in VITAL_PARTS for value in figures.latest("system_part_up", part=part)]
    return min(states, default=None)


def _first_token_seconds(figures: RecentFigures) -> float | None:
    return figures.quantile(0.95, "kv_cache_latency_seconds", stage="first_token")


def _error_ratio(figures: RecentFigures, settings: Settings) -> float | None:
    """The worse of the two ratios that have enough traffic."""
    ratios: list[float] = []
    if arrivals_rps(figures) >= settings.alert_least_rps:
        rates = {
            outcome: figures.rate("kv_cache_requests_total", outcome=outcome) or 0.0
            for outcome in ("answered", *FAILED_OUTCOMES)
        }
        total = sum(rates.values())
        ratios += [(total - rates["answered"]) / total] if total else []
    requests = figures.rate("system_requests_total") or 0.0
    if requests and requests >= settings.alert_least_rps:
        ratios.append((figures.rate("system_errors_total") or 0.0) / requests)
    return max(ratios, default=None)


def _hit_share(figures: RecentFigures) -> float | None:
    possible = figures.rate("kv_cache_possible_tokens_total")
    return (figures.rate("kv_cache_hit_tokens_total") or 0.0) / possible if possible else None


def _memory_ratio(figures: RecentFigures, _settings: Settings) -> float | None:
    used = figures.latest("gpu_memory_used_bytes")
    total = figures.latest("gpu_memory_total_bytes")
    of_gpus = [part / whole for part, whole in zip(used, total, strict=True)]
    return max([*figures.latest("system_memory_usage_ratio"), *of_gpus], default=None)


def _throughput(figures: RecentFigures) -> float | None:
    """None while about all that comes is answered: then there is no more to answer."""
    answered = figures.rate("kv_cache_requests_total", outcome="answered")
    return None if answered is None or arrivals_rps(figures) <= BEHIND * answered else answered


def _misses(figures: RecentFigures) -> float | None:
    requested = figures.rate("kv_cache_requested_blocks_total")
    return None if requested is None else requested - (figures.rate("kv_cache_hit_blocks_total") or 0.0)


def _backup_age(figures: RecentFigures, _settings: Settings) -> float | None:
    made = figures.latest("system_last_backup_timestamp_seconds")
    since = made or figures.latest("system_installation_timestamp_seconds")
    return figures.now.timestamp() - max(since) if since and figures.now else None


def _rate(name: str, outcomes: str = "") -> str:
    choice = f'{{outcome=~"{outcomes}"}}' if outcomes else ""
    return f"sum(rate({name}{choice}[5m]))"


def _quantile(share: float) -> Recording:
    """Nothing, not NaN, where there was no request."""
    rates = "sum by (le, stage) (rate(kv_cache_latency_seconds_bucket[5m]))"
    return Recording(
        name="kv_cache_latency_seconds",
        labels=(("quantile", str(share)),),
        expression=f"histogram_quantile({share}, {rates}) >= 0",
    )


def _share(name: str, part: str, whole: str, *labels: tuple[str, str]) -> Recording:
    """Nothing, not NaN, where there is no whole."""
    return Recording(name=name, labels=labels, expression=f"{part} / ({whole} > 0)")


_FAILED = "|".join(FAILED_OUTCOMES)
_OF_MODEL, _OF_USE_CASES = ("of", "model"), ("of", "use_cases")
_REQUESTS, _USE_CASES = "kv_cache_requests_total", "system_requests_total"
_PROMPTS, _POSSIBLE, _HITS = (
    _rate(f"kv_cache_{name}_tokens_total") for name in ("prompt", "possible", "hit")
)
_VITAL = "|".join(VITAL_PARTS)
RECORDINGS = (
    _quantile(0.5),
    _quantile(0.95),
    _quantile(0.99),
    _share("kv_cache_hit_rate", _HITS, _PROMPTS),
    Recording(name="kv_cache_miss_rate", expression="1 - kv_cache_hit_rate"),
    _share("kv_cache_achievable_hit_rate", _POSSIBLE, _PROMPTS),
    _share("kv_cache_achieved_hit_share", _HITS, _POSSIBLE),
    Recording(name="kv_cache_throughput_rps", expression=_rate(_REQUESTS, "answered")),
    Recording(
        name="kv_cache_misses_per_second",
        expression=f"{_rate('kv_cache_requested_blocks_total')} - {_rate('kv_cache_hit_blocks_total')}",
    ),
    Recording(
        name="system_arrivals_rps",
        labels=(_OF_MODEL,),
        expression=f"{_rate('kv_cache_submitted_requests_total')} + {_rate(_REQUESTS, 'overloaded')}",
    ),
    Recording(name="system_arrivals_rps", labels=(_OF_USE_CASES,), expression=_rate(_USE_CASES)),
    _share(
        "system_error_ratio", _rate(_REQUESTS, _FAILED), _rate(_REQUESTS, f"answered|{_FAILED}"), _OF_MODEL
    ),
    _share("system_error_ratio", _rate("system_errors_total"), _rate(_USE_CASES), _OF_USE_CASES),
    Recording(
        name="system_memory_usage_ratio:max",
        expression="max(system_memory_usage_ratio or gpu_memory_used_bytes / gpu_memory_total_bytes)",
    ),
    Recording(
        name="system_backup_age_seconds",
        expression=(
            "time() - (max(system_last_backup_timestamp_seconds)"
            " or max(system_installation_timestamp_seconds))"
        ),
    ),
)


def _while_busy(settings: Settings) -> str:
    return f'on() (system_arrivals_rps{{of="model"}} >= {settings.alert_least_rps:g})'


def _while_behind(settings: Settings) -> str:
    is_behind = f'on() (system_arrivals_rps{{of="model"}} > on() {BEHIND:g} * kv_cache_throughput_rps)'
    return f"{_while_busy(settings)} and {is_behind}"


def _while_each_is_busy(settings: Settings) -> str:
    return f"on(of) (system_arrivals_rps >= {settings.alert_least_rps:g})"


def _error_rule(name: str, severity: Severity, threshold: Callable[[Settings], float]) -> Rule:
    return Rule(
        name=name,
        severity=severity,
        summary="Requests fail that should not.",
        remedy="Look at the health of the parts, then at the log for the first error.",
        unit="ratio",
        expression="system_error_ratio",
        comparison=">",
        threshold=threshold,
        for_seconds=5 * MINUTE,
        condition=_while_each_is_busy,
        read=_error_ratio,
    )


def _memory_rule(name: str, severity: Severity, threshold: Callable[[Settings], float]) -> Rule:
    return Rule(
        name=name,
        severity=severity,
        summary="Memory runs short.",
        remedy="Give the cache less room, or run fewer programs beside it.",
        unit="ratio",
        expression="system_memory_usage_ratio:max",
        comparison=">",
        threshold=threshold,
        for_seconds=10 * MINUTE,
        read=_memory_ratio,
    )


RULES = (
    Rule(
        name="SystemDown",
        severity="critical",
        summary="The application, its database or its worker does not answer.",
        remedy="Look at the health of the parts, and start what is down again.",
        unit="state",
        expression=f'min by (instance) (up{{job="blatam"}} or system_part_up{{part=~"{_VITAL}"}})',
        comparison="<",
        threshold=lambda _settings: 1.0,
        for_seconds=MINUTE,
        read=_is_up,
    ),
    Rule(
        name="SlowFirstToken",
        severity="high",
        summary="The model takes long to begin an answer: 95 % of the answers begin within this time.",
        remedy="See whether requests wait in the queue or prompts are long and unknown to the cache.",
        unit="seconds",
        expression='kv_cache_latency_seconds{quantile="0.95", stage="first_token"}',
        comparison=">",
        threshold=lambda settings: settings.alert_first_token_seconds,
        for_seconds=5 * MINUTE,
        condition=_while_busy,
        read=_busy(_first_token_seconds),
    ),
    _error_rule("ErrorsRise", "warning", lambda settings: settings.alert_error_warning_ratio),
    _error_rule("ErrorsHigh", "high", lambda settings: settings.alert_error_ratio),
    Rule(
        name="FewHits",
        severity="warning",
        summary="The cache finds less than it could of what was there before.",
        remedy="Give it more room, or another policy: the tuning page tells what each would bring.",
        unit="ratio",
        expression="kv_cache_achieved_hit_share",
        comparison="<",
        threshold=lambda settings: settings.alert_hit_share,
        for_seconds=15 * MINUTE,
        condition=_while_busy,
        read=_busy(_hit_share),
    ),
    _memory_rule("MemoryRises", "warning", lambda settings: settings.alert_memory_warning_ratio),
    _memory_rule("MemoryHigh", "high", lambda settings: settings.alert_memory_ratio),
    _memory_rule("MemoryCritical", "critical", lambda settings: settings.alert_memory_critical_ratio),
    Rule(
        name="LowThroughput",
        severity="warning",
        summary="The model answers fewer requests than come, and fewer than it should.",
        remedy="See whether replicas failed, and whether larger batches or more room for blocks help.",
        unit="per_second",
        expression="kv_cache_throughput_rps",
        comparison="<",
        threshold=lambda settings: settings.alert_throughput_rps,
        for_seconds=15 * MINUTE,
        condition=_while_behind,
        read=_busy(_throughput),
    ),
    Rule(
        name="ManyMisses",
        severity="warning",
        summary="Many blocks of prompts are in no tier.",
        remedy="See why they are missed: new text costs nothing to fix, evicted blocks ask for room.",
        unit="per_second",
        expression="kv_cache_misses_per_second",
        comparison=">",
        threshold=lambda settings: settings.alert_misses_per_second,
        for_seconds=HOUR,
        condition=_while_busy,
        read=_busy(_misses),
    ),
    Rule(
        name="BackupOld",
        severity="warning",
        summary="The last backup is old, or there is none.",
        remedy="Write one: python -m core backup FILE.",
        unit="seconds",
        expression="system_backup_age_seconds",
        comparison=">",
        threshold=lambda settings: settings.alert_backup_hours * HOUR,
        for_seconds=0.0,
        read=_backup_age,
    ),
)

NAMES = frozenset(
    {
        "gpu_memory_total_bytes",
        "gpu_memory_used_bytes",
        "kv_cache_hit_blocks_total",
        "kv_cache_hit_tokens_total",
        "kv_cache_latency_seconds_bucket",
        "kv_cache_possible_tokens_total",
        "kv_cache_requested_blocks_total",
        "kv_cache_requests_total",
        "kv_cache_submitted_requests_total",
        "system_errors_total",
        "system_installation_timestamp_seconds",
        "system_last_backup_timestamp_seconds",
        "system_memory_usage_ratio",
        "system_part_up",
        "system_requests_total",
    }
)
"""What the rules read."""
