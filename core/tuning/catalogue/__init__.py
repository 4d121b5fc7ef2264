"""Presets, recipes, modes, goals and workloads: data out of the files beside this one, checked when read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.inference.cache_tuning import BOUNDS, CHOICES, CacheTuning
from core.priority import Priority

SIZES = MappingProxyType(
    {"device": "device_mb", "host": "host_mb", "prefetch": "prefetch_mb", "disk": "disk_mb"}
)
"""The knob that each share sets."""
MOST_OF_MEMORY = 0.75
"""Shares never take more of the memory together; the rest is the model's and the pages'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Some knobs with a title and a reason. Shares are of the machine's memory.

    `priority` and `deadline_seconds` are a mode's, for requests that name none.
    """

    key: str
    title: str
    reason: str
    shares: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    knobs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    priority: Priority | None = None
    deadline_seconds: float | None = None

    def tuning(self, memory_mb: int, base: CacheTuning | None = None) -> CacheTuning:
        """What runs under it on a machine with so much memory; what it does not name is as in `base`."""
        sizes = {SIZES[name]: _sized(SIZES[name], share, memory_mb) for name, share in self.shares.items()}
        return replace(base or CacheTuning(), **{**sizes, **self.knobs})


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One knob in words, with its bounds or its choices."""

    name: str
    title: str
    meaning: str
    unit: str
    effect: str
    least: float | None
    most: float | None
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Traffic in figures. `possible_hit_rate` a cache without bounds would reach.

    `num_requests` is 0 where the figures are assumed and not recorded.
    """

    key: str
    title: str
    prompt_tokens: int
    requests_per_minute: float
    working_set_tokens: int
    possible_hit_rate: float
    num_requests: int = 0


def _sized(knob: str, share: float, memory_mb: int) -> int:
    least, most = BOUNDS[knob]
    return int(min(max(round(share * memory_mb), least), most))


def _table(name: str) -> dict[str, dict[str, Any]]:
    with (Path(__file__).parent / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _profiles(name: str) -> dict[str, Profile]:
    return {key: _profile(key, entry) for key, entry in _table(name).items()}


def _profile(key: str, entry: dict[str, Any]) -> Profile:
    priority = entry.pop("priority", None)
    shares, knobs = entry.pop("shares", {}), entry.pop("knobs", {})
    assert sum(share for size, share in shares.items() if size != "disk") <= MOST_OF_MEMORY, key
    assert knobs.keys() <= {knob.name for knob in fields(CacheTuning)}, key
    return Profile(
        key=key,
        shares=MappingProxyType(shares),
        knobs=MappingProxyType(knobs),
        priority=None if priority is None else Priority[priority.upper()],
        **entry,
    )


def _knob(name: str, entry: dict[str, Any]) -> Knob:
    least, most = BOUNDS.get(name, (None, None))
    return Knob(name=name, least=least, most=most, choices=CHOICES.get(name, ()), **entry)


PRESETS: dict[str, Profile] = _profiles("presets")
RECIPES: dict[str, Profile] = _profiles("recipes")
MODES: dict[str, Profile] = _profiles("modes")
GOALS: dict[str, Profile] = _profiles("goals")
WORKLOADS: dict[str, Workload] = {
    key: Workload(key=key, **entry) for key, entry in _table("workloads").items()
}
KNOBS: dict[str, Knob] = {name: _knob(name, entry) for name, entry in _table("knobs").items()}
