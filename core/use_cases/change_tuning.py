"""Change the running engine: apply a tuning, or roll one back. Both are kept with who, when and why."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Conflict, Invalid, Unavailable, WorkbenchError
from core.gateway.roles import Permission, Principal
from core.inference.cache_tuning import CacheTuning
from core.observation.events import Event, EventKind
from core.storage import UnitOfWork
from core.storage.tuning_changes import APPLY, ROLL_BACK, TuningChange
from core.tuning import measured
from core.tuning.applied import AppliedTuning, as_plain, from_plain
from core.tuning.engine import TunableEngine
from core.use_cases.request import Request
from core.workbench import Workbench

LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTuning(Request[TuningChange]):
    """Have the engine run under this tuning from now on, and again after a restart.

    `seen` is the last change that was shown to who decides (TuningView.last_change); another one since then
    is a conflict. `mode` None keeps the mode as it is, an empty one ends it.
    """

    tuning: CacheTuning
    seen: str | None
    reason: str = ""
    mode: str | None = None


def apply_tuning(request: ApplyTuning, principal: Principal, workbench: Workbench) -> TuningChange:
    """The change that was made. If the engine refuses, neither it nor the history changes.

    Raises Conflict, Unavailable where no engine can be tuned, and what the engine raises.
    """
    principal.require(Permission.OPERATE)
    mode = workbench.mode.key if request.mode is None else request.mode
    wanted = AppliedTuning(request.tuning, mode)
    return change_engine(workbench, principal, APPLY, wanted, request.reason, request.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackTuning(Request[TuningChange]):
    """Have the engine run again as it did before this change. `seen` as for ApplyTuning."""

    change: str
    seen: str | None
    reason: str = ""


def roll_back_tuning(request: RollBackTuning, principal: Principal, workbench: Workbench) -> TuningChange:
    """A change of its own, which can be rolled back too."""
    principal.require(Permission.OPERATE)
    with workbench.storage.transaction(readonly=True) as work:
        change = work.tuning_changes.get(None, request.change)
    wanted = from_plain(change.before)
    return change_engine(workbench, principal, ROLL_BACK, wanted, request.reason, request.seen)


def change_engine(
    workbench: Workbench,
    principal: Principal,
    action: str,
    wanted: AppliedTuning,
    reason: str,
    seen: str | None,
) -> TuningChange:
    """Tune the engine and write it down, both or neither."""
    engine = engine_to_tune(workbench)
    before = AppliedTuning(engine.tuning(), workbench.mode.key)
    if wanted == before:
        raise Invalid("This is what runs already.", remedy="Change something first.")
    is_tuned = False
    try:
        with workbench.storage.transaction() as work:
            change = new_change(principal, action, before, wanted, reason)
            revision = work.tuning_changes.revision()
            last = check_seen(work, seen)
            work.tuning_changes.append(principal.workspace, change, revision)
            _note_results(workbench, work, last, change)
            engine.tune(wanted.tuning)
            is_tuned = True
    except WorkbenchError:
        if is_tuned:  # it could not be written down
            engine.tune(before.tuning)
        raise
    workbench.mode.key = wanted.mode
    kind = EventKind.TUNED if action == APPLY else EventKind.ROLLED_BACK
    workbench.history.add_event(Event(time.time(), kind, wanted.tuning.policy))
    return change


def engine_to_tune(workbench: Workbench) -> TunableEngine:
    """Raises Unavailable where the engine is not in this process, or is no model."""
    if workbench.tunable is None:
        raise Unavailable(
            "The engine in use has no cache that can be tuned here.",
            remedy="Set engine to local, or tune the server itself.",
        )
    return workbench.tunable


def check_seen(work: UnitOfWork, seen: str | None) -> TuningChange | None:
    """The last change. Raises Conflict unless it is the one that was seen."""
    last = work.tuning_changes.last()
    if (None if last is None else last.id) == seen:
        return last
    who = "Somebody" if last is None else last.author
    raise Conflict(
        f"{who} changed the engine after you looked.",
        remedy="Look at what runs now, then decide again.",
    )


def new_change(
    principal: Principal, action: str, before: AppliedTuning, after: AppliedTuning, reason: str
) -> TuningChange:
    return TuningChange(
        id=uuid4().hex,
        action=action,
        author=principal.user,
        created_at=datetime.now(UTC),
        before=as_plain(before),
        after=as_plain(after),
        reason=reason.strip()[:LONGEST_REASON],
    )


def _note_results(
    workbench: Workbench, work: UnitOfWork, last: TuningChange | None, change: TuningChange
) -> None:
    """What was measured until now is the result of the last change, and what this one starts from."""
    now = change.created_at.timestamp()
    begin = now - measured.WINDOW_SECONDS
    if last is not None:
        begin = max(begin, last.created_at.timestamp())
        end = last.created_at.timestamp() + measured.WINDOW_SECONDS
        after = measured.measure(workbench.history, last.created_at.timestamp(), min(end, now))
        work.tuning_changes.fill_result(last.id, last.result | {"after": measured.as_plain(after)})
    before = measured.measure(workbench.history, begin, now)
    work.tuning_changes.fill_result(change.id, {"before": measured.as_plain(before)})
