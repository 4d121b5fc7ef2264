"""Where each chosen phrase stands, in a few sorted arrays that are merged as they grow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import ranges


class Places(NamedTuple):
    """Phrases with the slot of their text and the number of their first word in it, arrays of one length."""

    hashes: NDArray[np.uint64]
    slots: NDArray[np.uint32]
    places: NDArray[np.uint32]

    def at(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Places:
        return Places(self.hashes[chosen], self.slots[chosen], self.places[chosen])


NO_PLACES = Places(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32))


class Postings:
    """Sorted segments, each at least twice as long as the next: adding is O(log n) amortised per phrase.

    Slots are the caller's and never used again; `all_places` drops those that were taken out.
    """

    def __init__(self) -> None:
        self._segments: list[Places] = []

    @property
    def num_bytes(self) -> int:
        return sum(array.nbytes for segment in self._segments for array in segment)

    def add(self, new: Places) -> None:
        segment = new.at(np.argsort(new.hashes, kind="stable"))
        while self._segments and len(self._segments[-1].hashes) < 2 * len(segment.hashes):
            segment = _merged([self._segments.pop(), segment])
        if len(segment.hashes):
            self._segments.append(segment)

    def all_places(self, is_alive: NDArray[np.bool_]) -> Places:
        """Every phrase of the slots that are alive, sorted by hash."""
        segment = _merged(self._segments) if self._segments else NO_PLACES
        alive = is_alive[segment.slots]
        if not alive.all():
            segment = segment.at(alive)
        self._segments = [segment] if len(segment.hashes) else []
        return segment

    def look_up(
        self, hashes: NDArray[np.uint64], is_alive: NDArray[np.bool_], most: int
    ) -> tuple[NDArray[np.int64], Places]:
        """For each of the hashes the places where it stands, as (number in `hashes`, places).

        A phrase that stands in more than `most` places of a segment is left out.
        """
        numbers: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        found: list[Places] = [NO_PLACES]
        for segment in self._segments:
            begins = np.searchsorted(segment.hashes, hashes, "left")
            counts = np.searchsorted(segment.hashes, hashes, "right") - begins
            counts[counts > most] = 0
            places = segment.at(ranges(begins, counts))
            alive = is_alive[places.slots]
            numbers.append(np.repeat(np.arange(len(hashes)), counts)[alive])
            found.append(places.at(alive))
        return np.concatenate(numbers), _joined(found)


def _merged(segments: list[Places]) -> Places:
    if len(segments) == 1:
        return segments[0]
    joined = _joined(segments)
    return joined.at(np.argsort(joined.hashes, kind="stable"))


def _joined(segments: list[Places]) -> Places:
    return Places(*(np.concatenate(arrays) for arrays in zip(*segments, strict=True)))
