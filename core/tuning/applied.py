"""What runs: knobs and mode, as a change stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning
from core.tuning.catalogue import MODES

MODE = "mode"
KNOB_NAMES = tuple(knob.name for knob in fields(CacheTuning))


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
    knobs = {knob: row[knob] for knob in KNOB_NAMES if knob in row}
    mode = str(row.get(MODE, ""))
    return AppliedTuning(CacheTuning(**knobs), mode if mode in MODES else "")


def differences(before: AppliedTuning, after: AppliedTuning) -> tuple[KnobChange, ...]:
    """What changed, in the order of the knobs, the mode last."""
    old, new = as_plain(before), as_plain(after)
    return tuple(KnobChange(knob, old[knob], new[knob]) for knob in new if new[knob] != old[knob])
