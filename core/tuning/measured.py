"""What the engine really did in a span of time, to set beside what was predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.observation.history import History
from core.observation.request_columns import COLUMN, OUTCOMES

WINDOW_SECONDS = 3600.0
"""How long before and after a change is measured, or to the change next to it."""
ANSWERED = OUTCOMES.index("answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Answered requests of every workspace. `hit_rate` is of tokens; None without requests."""

    num_requests: int
    hit_rate: float | None
    first_token_p50_ms: float | None


def measure(history: History, begin: float, end: float) -> Measured:
    """Requests that ended in `begin < at <= end`, in seconds since 1970."""
    with history.reading() as held:
        rows = held.requests.columns.rows
        first, last = np.searchsorted(rows[:, COLUMN["at"]], (begin, end), side="right")
        rows = rows[first:last]
        rows = rows[rows[:, COLUMN["outcome"]] == ANSWERED]
        prompt = float(rows[:, COLUMN["prompt_tokens"]].sum())
        cached = float(rows[:, COLUMN["cached_tokens"]].sum())
        times = rows[:, COLUMN["first_token_ms"]]
        times = times[np.isfinite(times)]
        return Measured(
            num_requests=len(rows),
            hit_rate=cached / prompt if prompt else None,
            first_token_p50_ms=float(np.median(times)) if len(times) else None,
        )


def as_plain(measured: Measured) -> dict[str, Any]:
    return asdict(measured)


def from_plain(row: Mapping[str, Any] | None) -> Measured | None:
    return None if row is None else Measured(**row)
