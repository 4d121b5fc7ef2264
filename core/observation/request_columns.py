"""Records of requests as columns, so that a window of them is summed at once."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from core.observation.columns import Columns, Rows
from kvcache.request_log import MISS_CAUSES, RequestRecord

Name = TypeVar("Name", str, int)
OUTCOMES = ("answered", "cancelled", "failed", "refused")
FIXED = (
    "at",
    "tenant",
    "label",
    "outcome",
    "prompt_tokens",
    "cached_tokens",
    "possible_tokens",
    "new_tokens",
    "queue_ms",
    "lookup_ms",
    "load_ms",
    "first_token_ms",
    "total_ms",
)
COLUMN = {name: number for number, name in enumerate((*FIXED, *MISS_CAUSES))}
MOST_REQUESTS = 50_000
MOST_LABELS = 1_000
OTHER_LABELS = "…"


class RequestColumns:
    """The newest requests. Names of labels, tenants and places become numbers as they come."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self.columns = Columns(len(COLUMN), most)
        self.labels: list[str] = []
        self.tenants: list[int] = []
        self.places: list[str] = []
        self._label_numbers: dict[str, int] = {}
        self._tenant_numbers: dict[int, int] = {}

    def append(self, record: RequestRecord) -> None:
        for place in record.hit_tokens:
            if place not in self.places:
                self.places.append(place)
                self.columns.widen(1)
        first = record.first_token_ms
        self.columns.append(
            (
                record.at,
                _number(self.tenants, self._tenant_numbers, record.tenant),
                self._label(record.label),
                OUTCOMES.index(record.outcome) if record.outcome in OUTCOMES else len(OUTCOMES),
                record.prompt_tokens,
                record.cached_tokens,
                record.possible_tokens,
                record.new_tokens,
                record.queue_ms,
                record.lookup_ms,
                record.load_ms,
                np.nan if first is None else first,
                record.total_ms,
                *(record.missed_tokens.get(cause, 0) for cause in MISS_CAUSES),
                *(record.hit_tokens.get(place, 0) for place in self.places),
            )
        )

    def place_column(self, place: str) -> int:
        return len(COLUMN) + self.places.index(place)

    def between(self, begin: float, end: float) -> Rows:
        """The rows of `begin < at <= end`."""
        rows = self.columns.rows
        first, last = np.searchsorted(rows[:, 0], (begin, end), side="right")
        return rows[first:last]

    def _label(self, label: str) -> int:
        is_new = label not in self._label_numbers
        return _number(self.labels, self._label_numbers, OTHER_LABELS if is_new and self._is_full else label)

    @property
    def _is_full(self) -> bool:
        return len(self.labels) >= MOST_LABELS


def _number(names: list[Name], numbers: dict[Name, int], name: Name) -> int:
    number = numbers.get(name)
    if number is None:
        number = numbers[name] = len(names)
        names.append(name)
    return number
