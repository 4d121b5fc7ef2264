"""See what runs, what could run, and what was changed and came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.inference.cache_tuning import CacheTuning
from core.storage.tuning_changes import LASTING, TuningChange
from core.tuning import measured
from core.tuning.applied import AppliedTuning, KnobChange, differences, from_plain
from core.tuning.catalogue import GOALS, KNOBS, MODES, PRESETS, RECIPES, WORKLOADS, Knob, Profile, Workload
from core.tuning.machine import memory_mb
from core.tuning.measured import Measured
from core.tuning.restore import pinned_knobs
from core.use_cases.request import Request
from core.workbench import Workbench

NOT_TUNABLE = "The engine in use has no cache that can be tuned here."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTuning(Request["TuningView"]):
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A preset, recipe or mode as it would run on this machine, and what it would change of what runs."""

    profile: Profile
    tuning: CacheTuning
    changes: tuple[KnobChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change as a row. `measured_after` grows until the next change, or for an hour; None for a trial."""

    change: TuningChange
    before: AppliedTuning
    after: AppliedTuning
    changes: tuple[KnobChange, ...]
    measured_before: Measured | None
    measured_after: Measured | None
    is_running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningView:
    """`tuning` is None, and `why_not` says so, where the engine in use cannot be tuned here.

    `last_change` goes back as `seen` with whatever is decided on this view. `pinned` knobs return to the
    configuration at the next start. `history` is newest first: of the whole installation for those who may
    change it, else of the own workspace.
    """

    tuning: CacheTuning | None
    mode: str
    why_not: str
    may_change: bool
    may_replay: bool
    last_change: str | None
    history: tuple[ChangeView, ...]
    pinned: frozenset[str]
    machine_memory_mb: int
    presets: tuple[Offer, ...]
    recipes: tuple[Offer, ...]
    modes: tuple[Offer, ...]
    goals: tuple[Profile, ...]
    workloads: tuple[Workload, ...]
    knobs: tuple[Knob, ...]


def read_tuning(request: ReadTuning, principal: Principal, workbench: Workbench) -> TuningView:
    principal.require(Permission.READ)
    may_change = principal.may(Permission.OPERATE)
    with workbench.storage.transaction(readonly=True) as work:
        last = work.tuning_changes.last()
        seen = None if may_change else principal.workspace
        history = work.tuning_changes.history(seen, limit=request.limit)
    engine = workbench.tunable
    running = AppliedTuning(CacheTuning() if engine is None else engine.tuning(), workbench.mode.key)
    memory = memory_mb()
    return TuningView(
        tuning=None if engine is None else running.tuning,
        mode=running.mode,
        why_not=NOT_TUNABLE if engine is None else "",
        may_change=may_change and engine is not None,
        may_replay=principal.may(Permission.CONTRIBUTE),
        last_change=None if last is None else last.id,
        history=tuple(_view(workbench, change, last) for change in history),
        pinned=pinned_knobs(workbench.settings),
        machine_memory_mb=memory,
        presets=tuple(_offer(profile, running, memory) for profile in PRESETS.values()),
        recipes=tuple(_offer(profile, running, memory) for profile in RECIPES.values()),
        modes=tuple(_offer(profile, running, memory, mode=key) for key, profile in MODES.items()),
        goals=tuple(GOALS.values()),
        workloads=tuple(WORKLOADS.values()),
        knobs=tuple(KNOBS.values()),
    )


def _offer(profile: Profile, running: AppliedTuning, memory: int, mode: str | None = None) -> Offer:
    tuning = profile.tuning(memory, running.tuning)
    wanted = AppliedTuning(tuning, running.mode if mode is None else mode)
    return Offer(profile=profile, tuning=tuning, changes=differences(running, wanted))


def _view(workbench: Workbench, change: TuningChange, last: TuningChange | None) -> ChangeView:
    is_running = last is not None and change.id == last.id
    before, wanted = from_plain(change.before), from_plain(change.after)
    after = measured.from_plain(change.result.get("after"))
    if after is None and is_running:
        begun = change.created_at.timestamp()
        after = measured.measure(workbench.history, begun, min(time.time(), begun + measured.WINDOW_SECONDS))
    return ChangeView(
        change=change,
        before=before,
        after=wanted,
        changes=differences(before, wanted),
        measured_before=measured.from_plain(change.result.get("before")),
        measured_after=after if change.action in LASTING else None,
        is_running=is_running,
    )
