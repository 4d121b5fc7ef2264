"""What happened at one moment and is marked on every chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """Kinds of marks."""

    STARTED = "started"
    MODEL_LOADED = "model loaded"
    TIER_FULL = "tier full"
    TUNED = "tuned"
    ROLLED_BACK = "rolled back"
    TRIAL_STARTED = "trial started"
    TRIAL_ENDED = "trial ended"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is in seconds since 1970; `detail` a name such as that of a tier or a policy, never text."""

    at: float
    kind: EventKind
    detail: str = ""


def as_row(event: Event) -> dict[str, object]:
    return {"at": event.at, "kind": event.kind.value, "detail": event.detail}


def from_row(row: Mapping[str, object]) -> Event:
    """Raises KeyError, ValueError or TypeError for what is no event."""
    at = row["at"]
    if not isinstance(at, int | float):
        raise TypeError("an event without a time")
    return Event(float(at), EventKind(str(row["kind"])), str(row["detail"]))
