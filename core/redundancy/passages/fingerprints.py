"""Few phrases of each text, chosen so that texts with a long run of equal words choose one in common.

Winnowing (Schleimer, Wilkerson, Aiken 2003): of every WINDOW consecutive phrases the one with the smallest
hash. Every run of PHRASE_WORDS + WINDOW - 1 equal words is sure to share a chosen phrase, and about
2 / (WINDOW + 1) phrases a word are kept. The choice depends on the text alone, never on other texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.redundancy.passages.word_keys import Keys, mixed

PHRASE_WORDS = 6
WINDOW = 7
SURE_WORDS = PHRASE_WORDS + WINDOW - 1

_LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
_FACTORS = mixed(np.arange(1, PHRASE_WORDS + 1, dtype=np.uint64)) | np.uint64(1)


class Fingerprints(NamedTuple):
    """The chosen phrases: hash, number of the text in the sequence, number of the first word in that text."""

    hashes: NDArray[np.uint64]
    texts: NDArray[np.int64]
    places: NDArray[np.int64]


def fingerprints(keys: Sequence[Keys]) -> Fingerprints:
    """Those of several texts, text after text in reading order. A text below PHRASE_WORDS words has none."""
    num_words = np.fromiter(map(len, keys), np.int64, len(keys))
    ends = np.cumsum(num_words)
    num_all = int(ends[-1]) if len(ends) else 0
    if num_all < PHRASE_WORDS:
        return Fingerprints(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    hashes = _phrase_hashes(np.concatenate(keys))
    owners = np.repeat(np.arange(len(keys)), num_words)[: len(hashes)]
    starts = (ends - num_words)[owners]
    last = ends[owners] - PHRASE_WORDS  # place of the last phrase of the same text
    chosen = _smallest_of_windows(hashes, starts, last)
    return Fingerprints(hashes[chosen], owners[chosen], chosen - starts[chosen])


def _phrase_hashes(words: Keys) -> NDArray[np.uint64]:
    spread = mixed(words.astype(np.uint64) + np.uint64(1))
    num_phrases = len(words) - PHRASE_WORDS + 1
    hashes = np.zeros(num_phrases, np.uint64)
    for offset, factor in enumerate(_FACTORS):
        hashes += spread[offset : offset + num_phrases] * factor
    return np.minimum(mixed(hashes), _LAST - np.uint64(1))


def _smallest_of_windows(
    hashes: NDArray[np.uint64], starts: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Places of the smallest hash, the rightmost of equals, of every window within one text."""
    places = np.arange(len(hashes))
    smallest, where = hashes.copy(), places.copy()
    smallest[places > last] = _LAST
    for offset in range(1, WINDOW):
        num = len(hashes) - offset
        if num <= 0:
            break
        better = (hashes[offset:] <= smallest[:num]) & (places[offset:] <= last[:num])
        smallest[:num][better] = hashes[offset:][better]
        where[:num][better] = places[offset:][better]
    is_window = (places + WINDOW - 1 <= last) | ((places == starts) & (places <= last))
    chosen: NDArray[np.int64] = where[is_window]
    chosen = chosen[np.diff(chosen, prepend=-1) != 0]
    return chosen
