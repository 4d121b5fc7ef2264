"""See what the cache did in a window of time, and what it does now."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.inference import local_engine
from core.observation import CacheView, build_view
from core.observation.cache_view import WINDOWS
from core.observation.samples import eviction_histograms
from core.use_cases.request import Request
from core.workbench import Workbench
from kvcache.metrics import HistogramSnapshot

TICK_SECONDS = 0.5
"""Visitors who ask within this time see the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveCache(Request["CacheObservation"]):
    """`window` seconds until now, one of WINDOWS; totals of `selection` if there is one.

    `since_bucket` asks for the series from there on only. Raises Invalid.
    """

    window: int = 900
    selection: tuple[float, float] | None = None
    since_bucket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheObservation:
    """`at_eviction` are blocks by `age_ms`, `idle_ms` and `uses`, since the start of the engine.

    `has_cache` is False where this process has no engine of its own to watch.
    """

    view: CacheView
    at_eviction: dict[str, HistogramSnapshot]
    engine_state: str
    engine_detail: str
    has_cache: bool


def observe_cache(request: ObserveCache, principal: Principal, workbench: Workbench) -> CacheObservation:
    """Counts are those of all tenants; labels are told of the principal's workspace only."""
    principal.require(Permission.READ)
    _check(request)
    tick = math.floor(time.time() / TICK_SECONDS)
    observation: CacheObservation = workbench.kept_observations.get(
        (request, principal.workspace, tick), lambda: _observe(request, principal, workbench)
    )
    return observation


def _check(request: ObserveCache) -> None:
    if request.window not in WINDOWS:
        raise Invalid(f"A window has {', '.join(map(str, WINDOWS))} seconds.")
    if request.selection is not None:
        begin, end = request.selection
        if not (math.isfinite(begin) and math.isfinite(end) and begin < end):
            raise Invalid("A selection begins before it ends.")


def _observe(request: ObserveCache, principal: Principal, workbench: Workbench) -> CacheObservation:
    local = local_engine(workbench.engine)
    health = workbench.engine.health()
    return CacheObservation(
        view=build_view(
            workbench.history,
            now=time.time(),
            window=request.window,
            selection=request.selection,
            tenant=None if local is None else local.tenant_id(principal.workspace),
            since_bucket=request.since_bucket,
        ),
        at_eviction=eviction_histograms(local),
        engine_state=health.state,
        engine_detail=health.detail,
        has_cache=local is not None,
    )
