"""Rows of numbers in the order of their time, the newest so many of them, as one numpy array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


class Columns:
    """`append` costs O(columns), amortised; `rows` is a view without a copy. One writer, under a lock."""

    def __init__(self, num_columns: int, most_rows: int) -> None:
        self._most = most_rows
        self._rows: Rows = np.full((1024, num_columns), np.nan)
        self._begin = 0
        self._end = 0

    def __len__(self) -> int:
        return self._end - self._begin

    @property
    def rows(self) -> Rows:
        """`(rows, columns)`, oldest first. What is appended later does not change it."""
        return self._rows[self._begin : self._end]

    def append(self, row: Sequence[float]) -> None:
        if self._end == len(self._rows):
            self._make_room()
        self._rows[self._end] = row
        self._end += 1
        self._begin = max(self._begin, self._end - self._most)

    def widen(self, num_columns: int) -> None:
        """So many columns more, 0 in the rows so far."""
        self._rows = np.concatenate([self._rows, np.zeros((len(self._rows), num_columns))], axis=1)

    def _make_room(self) -> None:
        """A new array, so that views of the old one stay as they are: twice as long, in the end a quarter."""
        held = self.rows
        more = min(len(held), self._most // 4) + 1024
        room: Rows = np.full((len(held) + more, held.shape[1]), np.nan)
        room[: len(held)] = held
        self._rows, self._begin, self._end = room, 0, len(held)
