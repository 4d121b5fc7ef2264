"""Rows under which similar documents must meet, or most likely meet: prefix elements, or bands of MinHash."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy.arrays import pack, ranges
from core.redundancy.backends.keyed_sets import KeyedSets
from core.redundancy.backends.rarity import Rarity
from core.redundancy.sets import ROUNDING

MAX_BANDS = 64
NUM_MATCHES = 4
"""Similar sets meet in this many elements of their prefixes, or in all that they share if those are fewer."""

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True, eq=False)
class MeetingRows:
    """Documents with an equal `key` meet. `place` packs the size of the set and the position in it."""

    keys: _Keys  # (num_rows,)
    places: _Keys  # (num_rows,) size << 32 | position
    documents: _Positions  # (num_rows,)


@dataclass(frozen=True, slots=True)
class Bands:
    """MinHash with `num_bands` bands of `num_rows` hashes: a pair of similarity s meets with 1 - (1 - sʳ)ᵇ.

    Broder (SEQUENCES 1997); Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.
    """

    num_bands: int
    num_rows: int

    @staticmethod
    def for_recall(floor: float, recall: float) -> Bands:
        """The longest bands of which MAX_BANDS or fewer reach the recall for pairs right at the floor.

        Raises Invalid where none do.
        """
        if not 0 < recall < 1:
            raise Invalid(f"A recall of {recall} cannot be asked for.", remedy="Choose one between 0 and 1.")
        if floor == 1:
            return Bands(1, 8)
        for num_rows in range(16, 0, -1):
            needed = math.ceil(math.log1p(-recall) / math.log1p(-(floor**num_rows)))
            if needed <= MAX_BANDS:
                return Bands(needed, num_rows)
        raise Invalid(
            f"{MAX_BANDS} bands of MinHash do not reach a recall of {recall} at {floor}.",
            remedy="Raise the floor, ask for less, or use the prefix filter, which misses nothing.",
        )

    def chance(self, similarity: float) -> float:
        """How likely a pair of this similarity is to meet."""
        return 1 - (1 - similarity**self.num_rows) ** self.num_bands


def prefix_rows(sets: KeyedSets, rarity: Rarity, floor: float) -> MeetingRows:
    """The first n - ⌈t n⌉ + NUM_MATCHES elements of each set, rare ones first.

    Any two similar sets meet in NUM_MATCHES of them (Wang, Li and Feng, SIGMOD 2012): hardly longer prefixes,
    and far fewer pairs that meet by chance.
    """
    sizes = sets.sizes
    lengths = np.minimum(sizes, sizes - least_shared(floor, sizes) + NUM_MATCHES)
    order = rarity.order(sets.keys)
    chosen = [
        begin + np.argsort(order[begin:end], kind="stable")[:length]
        for begin, end, length in zip(
            sets.starts[:-1].tolist(), sets.starts[1:].tolist(), lengths.tolist(), strict=True
        )
    ]
    positions = ranges(np.zeros(len(lengths), np.int64), lengths)
    keys = sets.keys[np.concatenate(chosen)] if chosen else sets.keys
    return MeetingRows(keys, pack(np.repeat(sizes, lengths), positions), np.repeat(sets.documents, lengths))


def band_rows(sets: KeyedSets, bands: Bands) -> MeetingRows:
    """One row a band: a hash of the least elements of the set under the band's hash functions."""
    num_sets = len(sets.documents)
    keys = np.empty((bands.num_bands, num_sets), np.uint64)
    for band in range(bands.num_bands if num_sets else 0):
        keys[band] = band + 1
        for row in range(bands.num_rows):
            least = np.minimum.reduceat(_hashed(sets.keys, band * bands.num_rows + row), sets.starts[:-1])
            keys[band] = _mixed(keys[band] * _ODD + least)
    return MeetingRows(
        keys.ravel(),
        np.tile(pack(sets.sizes, np.zeros(num_sets, np.int64)), bands.num_bands),
        np.tile(sets.documents, bands.num_bands),
    )


def least_shared(share: float, sizes: _Positions) -> _Positions:
    """⌈share x size⌉, or one less where rounding leaves a doubt."""
    least: _Positions = np.ceil(sizes * (share * (1 - ROUNDING))).astype(np.int64)
    return least


def _hashed(keys: _Keys, number: int) -> _Keys:
    """The hash function of this number: keys are mixed well, so one more round under a salt is enough."""
    salt = np.uint64((number + 1) * int(_ODD) % 2**64)
    return _mixed(keys ^ salt)


def _mixed(keys: _Keys) -> _Keys:
    mixed: _Keys = keys * _MIX
    mixed ^= mixed >> np.uint64(32)
    mixed *= _ODD
    return mixed
