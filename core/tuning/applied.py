"""What runs: knobs and mode, as a change stores them, and what is taken up again at the next start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning
from core.settings import Settings
from core.storage import Storage
from core.tuning.catalogue import MODES

MODE = "mode"
_KNOBS = tuple(knob.name for knob in fields(CacheTuning))


@dataclass(frozen=True, slots=True)
class AppliedTuning:
    """`mode` is a key of MODES, or empty where none was chosen."""

    tuning: CacheTuning
    mode: str = ""

    def __post_init__(self) -> None:
        """Raises Invalid."""
        if self.mode and self.mode not in MODES:
            raise Invalid(f"There is no mode {self.mode!r}.", remedy=f"Use one of: {', '.join(MODES)}.")


@dataclass(frozen=True, slots=True)
class KnobChange:
    """A knob, or the mode, with its value before and after."""

    knob: str
    before: str | int | float
    after: str | int | float


def as_plain(applied: AppliedTuning) -> dict[str, Any]:
    return asdict(applied.tuning) | {MODE: applied.mode}


def from_plain(row: Mapping[str, Any]) -> AppliedTuning:
    """What another version wrote comes back too: unknown knobs are left out, missing ones take defaults."""
    knobs = {knob: row[knob] for knob in _KNOBS if knob in row}
    mode = str(row.get(MODE, ""))
    return AppliedTuning(CacheTuning(**knobs), mode if mode in MODES else "")


def differences(before: AppliedTuning, after: AppliedTuning) -> tuple[KnobChange, ...]:
    """What changed, in the order of the knobs, the mode last."""
    old, new = as_plain(before), as_plain(after)
    return tuple(KnobChange(knob, old[knob], new[knob]) for knob in new if new[knob] != old[knob])


def last_tuning(storage: Storage) -> AppliedTuning | None:
    """What the last change of the engine left running; None before the first."""
    with storage.transaction(readonly=True) as work:
        last = work.tuning_changes.last()
    return None if last is None else from_plain(last.after)


def pinned_knobs(settings: Settings) -> frozenset[str]:
    """Knobs that arguments, environment or app.toml name: changing one lasts until the next start."""
    return frozenset(knob for knob in _KNOBS if f"cache_{knob}" in settings.model_fields_set)


def taken_up(last: AppliedTuning, settings: Settings, configured: CacheTuning) -> AppliedTuning:
    """What a start runs: the last change, but for the knobs that were configured by name."""
    pinned = pinned_knobs(settings)
    values = {knob: getattr(configured if knob in pinned else last.tuning, knob) for knob in _KNOBS}
    return AppliedTuning(CacheTuning(**values), last.mode)
