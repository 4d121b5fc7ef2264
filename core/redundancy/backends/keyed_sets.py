"""Documents as sets of shingle keys, a chunk of text at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import sort_distinct
from core.redundancy.shingles import CHUNK_CHARACTERS, shingle

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class KeyedSets:
    """The set of `documents[i]` is `keys[starts[i]:starts[i + 1]]`: ascending, distinct, never empty."""

    documents: _Positions  # (num_sets,)
    keys: _Keys  # (num_elements,)
    starts: _Positions  # (num_sets + 1,)

    @property
    def sizes(self) -> _Positions:
        return np.diff(self.starts)

    def each(self) -> Iterator[_Keys]:
        for begin, end in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True):
            yield self.keys[begin:end]

    def digests(self) -> list[bytes]:
        """Equal sets have equal digests; two others share one with a chance of 2⁻¹²⁸."""
        return [blake2b(keys.tobytes(), digest_size=_DIGEST_BYTES).digest() for keys in self.each()]


def keyed_sets(documents: _Positions, texts: Sequence[str]) -> KeyedSets:
    """The sets of the documents that have a word; the others are in no pair."""
    shingles = shingle(texts)
    spoken = np.flatnonzero(np.diff(shingles.starts))
    bounds = zip(shingles.starts[spoken].tolist(), shingles.starts[spoken + 1].tolist(), strict=True)
    distinct = [sort_distinct(shingles.keys[begin:end]) for begin, end in bounds]
    starts = np.concatenate(([0], np.cumsum([len(keys) for keys in distinct], dtype=np.int64)))
    return KeyedSets(documents[spoken], np.concatenate([shingles.keys[:0], *distinct]), starts)


def chunks(texts: Iterable[str]) -> Iterator[tuple[_Positions, list[str]]]:
    """Consecutive texts of about CHUNK_CHARACTERS together, with their positions."""
    begin, size, gathered = 0, 0, list[str]()
    for text in texts:
        gathered.append(text)
        size += len(text)
        if size >= CHUNK_CHARACTERS:
            yield np.arange(begin, begin + len(gathered)), gathered
            begin, size, gathered = begin + len(gathered), 0, []
    if gathered:
        yield np.arange(begin, begin + len(gathered)), gathered
