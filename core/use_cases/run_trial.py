"""Try another tuning on a part of the requests, see how it does, and end it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from core.errors import Conflict, WorkbenchError
from core.gateway.roles import Permission, Principal
from core.inference.cache_tuning import CacheTuning
from core.observation.events import Event, EventKind
from core.storage.tuning_changes import TRIAL, TuningChange
from core.tuning.applied import AppliedTuning, KnobChange, differences, from_plain
from core.tuning.recorded import FOLDER
from core.tuning.trial_records import TrialFigures, compare_recorded
from core.use_cases.change_tuning import check_seen, engine_to_tune, new_change
from core.use_cases.request import Request
from core.workbench import Workbench

FIGURES = TypeAdapter(TrialFigures)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrial(Request[TuningChange]):
    """Serve a share of the families of requests under another tuning. `seen` as for ApplyTuning."""

    tuning: CacheTuning
    seen: str | None
    share: float = 0.5
    reason: str = ""


def start_trial(request: StartTrial, principal: Principal, workbench: Workbench) -> TuningChange:
    """The row of the trial in the history; its result comes when it ends. Engine and history change both, or
    neither. Raises Conflict when one runs already, and what the engine raises.
    """
    principal.require(Permission.OPERATE)
    engine = engine_to_tune(workbench)
    before = AppliedTuning(engine.tuning(), workbench.mode.key)
    trial = new_change(principal, TRIAL, before, AppliedTuning(request.tuning, before.mode), request.reason)
    has_begun = False
    try:
        with workbench.storage.transaction() as work:
            revision = work.tuning_changes.revision()
            check_seen(work, request.seen)
            work.tuning_changes.append(principal.workspace, trial, revision)
            engine.start_trial(request.tuning, share=request.share)
            has_begun = True
    except WorkbenchError:
        if has_begun:  # it could not be written down
            engine.end_trial()
        raise
    _mark(workbench, EventKind.TRIAL_STARTED, request.tuning)
    return trial


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrial(Request["TrialView | None"]):
    """The trial that runs, or one that has ended by the id of its change."""

    change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A trial under way, or one that has ended. `figures` is None for one that a stop of the product cut."""

    change: TuningChange
    tuning: CacheTuning
    changes: tuple[KnobChange, ...]
    begun: datetime
    share: float | None
    is_running: bool
    figures: TrialFigures | None


def read_trial(request: ReadTrial, principal: Principal, workbench: Workbench) -> TrialView | None:
    """None while no trial runs. Raises NotFound for an unknown change."""
    principal.require(Permission.READ)
    engine = workbench.tunable
    running = None if engine is None else engine.trial()
    if request.change is None and running is None:
        return None
    workspace = None if principal.may(Permission.OPERATE) or request.change is None else principal.workspace
    with workbench.storage.transaction(readonly=True) as work:
        newest = work.tuning_changes.newest_trial()
        if request.change is not None:
            trial = work.tuning_changes.get(workspace, request.change)
        elif newest is None:
            return None
        else:
            trial = newest
    is_running = running is not None and newest is not None and trial.id == newest.id
    stored = trial.result.get("trial")
    tried = from_plain(trial.after)
    return TrialView(
        change=trial,
        tuning=tried.tuning,
        changes=differences(from_plain(trial.before), tried),
        begun=trial.created_at,
        share=running.share if is_running and running is not None else None,
        is_running=is_running,
        figures=_figures(workbench, trial)
        if is_running
        else (None if stored is None else FIGURES.validate_python(stored)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTrial(Request[TuningChange]):
    """Serve everything as before the trial, and keep what it showed. Whoever likes it applies its tuning."""


def end_trial(request: EndTrial, principal: Principal, workbench: Workbench) -> TuningChange:
    """The row of the trial with its result. Raises Conflict when none runs."""
    principal.require(Permission.OPERATE)
    engine = engine_to_tune(workbench)
    with workbench.storage.transaction(readonly=True) as work:
        trial = work.tuning_changes.newest_trial()
    if engine.trial() is None or trial is None:
        raise Conflict("No trial runs.", remedy="Start one first.")
    engine.end_trial()
    result = {"trial": FIGURES.dump_python(_figures(workbench, trial), mode="json")}
    with workbench.storage.transaction() as work:
        work.tuning_changes.fill_result(trial.id, result)
        ended = work.tuning_changes.get(None, trial.id)
    _mark(workbench, EventKind.TRIAL_ENDED, from_plain(trial.after).tuning)
    return ended


def _figures(workbench: Workbench, trial: TuningChange) -> TrialFigures:
    """Until now: the arms are recorded only while it runs."""
    folder = workbench.settings.data_dir / FOLDER
    return compare_recorded(folder, trial.created_at.timestamp() * 1e3, time.time() * 1e3)


def _mark(workbench: Workbench, kind: EventKind, tuning: CacheTuning) -> None:
    workbench.history.add_event(Event(time.time(), kind, tuning.policy))
