"""What an engine runs under when the product starts again: as the last change left it.

A knob that arguments, environment or app.toml name is an exception: who writes a value there wants it at the
next start. Knobs that were left to their defaults are not named, so the last change holds.
"""

from __future__ import annotations

import logging

from core.errors import WorkbenchError
from core.inference.cache_tuning import CacheTuning
from core.settings import Settings
from core.storage import Storage
from core.tuning.applied import KNOB_NAMES, AppliedTuning, from_plain
from core.tuning.engine import TunableEngine
from core.tuning.moded_engine import CurrentMode

log = logging.getLogger(__name__)


def take_up(storage: Storage, settings: Settings, engine: TunableEngine, mode: CurrentMode) -> None:
    """Tune an engine that starts. One that refuses, for want of memory say, starts as it is configured."""
    last = last_tuning(storage)
    if last is None:
        return
    wanted = taken_up(last, settings, engine.tuning())
    mode.key = wanted.mode
    try:
        engine.tune(wanted.tuning)
    except WorkbenchError as error:
        log.warning("The last tuning was not taken up: %s", error)


def last_tuning(storage: Storage) -> AppliedTuning | None:
    """What the last change of the engine left running; None before the first."""
    with storage.transaction(readonly=True) as work:
        last = work.tuning_changes.last()
    return None if last is None else from_plain(last.after)


def pinned_knobs(settings: Settings) -> frozenset[str]:
    """Knobs that are configured by name: changing one lasts until the next start."""
    return frozenset(knob for knob in KNOB_NAMES if f"cache_{knob}" in settings.model_fields_set)


def taken_up(last: AppliedTuning, settings: Settings, configured: CacheTuning) -> AppliedTuning:
    """The last change, but for the knobs that are configured by name."""
    pinned = pinned_knobs(settings)
    values = {knob: getattr(configured if knob in pinned else last.tuning, knob) for knob in KNOB_NAMES}
    return AppliedTuning(CacheTuning(**values), last.mode)
