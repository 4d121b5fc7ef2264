"""Texts become one 32-bit key for each word, a chunk of text at a time, and words become places in the text.

A word is a run of `\\w` as it is written; its key is that of its lower case. Two different words share a key
with a chance of 2⁻³².
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.redundancy.evidence import Span
from core.redundancy.shingles import word_characters
from core.redundancy.subject import WORD

Keys = NDArray[np.uint32]
Positions = NDArray[np.int64]

_CHUNK_CHARACTERS = 1 << 20
_MULTIPLIER, _MIX, _FINISH = (
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
)


def word_keys(texts: Sequence[str]) -> list[Keys]:
    """For each text the keys of its words in reading order, shape (num_words,)."""
    return [keys for chunk in _chunks(texts) for keys in _keys_of_chunk(chunk)]


class WordPlaces:
    """Where the words of one text stand, for turning word numbers into characters."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in WORD.finditer(text)]
        self.text = text
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def __len__(self) -> int:
        return len(self._starts)

    def span(self, begin: int, end: int) -> Span:
        """The characters from word `begin` to the word before `end`; there must be one."""
        return Span(self._starts[begin], self._ends[end - 1])

    def words_in(self, start: int, end: int) -> tuple[int, int]:
        """The numbers (begin, end) of the words that stand wholly within these characters."""
        begin = bisect_left(self._starts, start)
        return begin, max(begin, bisect_right(self._ends, end))


def mixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One to one on 64 bits and in place, as MurmurHash3 ends."""
    keys ^= keys >> np.uint64(33)
    keys *= _MIX
    keys ^= keys >> np.uint64(33)
    keys *= _FINISH
    keys ^= keys >> np.uint64(33)
    return keys


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    begin, size = 0, 0
    for end, text in enumerate(texts, 1):
        size += len(text)
        if size >= _CHUNK_CHARACTERS or end == len(texts):
            yield texts[begin:end]
            begin, size = end, 0


def _keys_of_chunk(texts: Sequence[str]) -> list[Keys]:
    joined = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    characters = np.frombuffer(joined, np.uint32)
    is_word = word_characters()[characters]
    edges = np.flatnonzero(np.diff(is_word, prepend=False, append=False))
    begins, lengths = edges[0::2], edges[1::2] - edges[0::2]
    keys = _sums(characters[is_word], lengths)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    return np.split(keys, np.searchsorted(begins, ends[:-1]))


def _sums(characters: NDArray[np.uint32], lengths: Positions) -> Keys:
    """A polynomial over the characters of each word, mixed and cut to its high bits."""
    if not len(lengths):
        return np.empty(0, np.uint32)
    first = np.cumsum(lengths) - lengths
    place = np.arange(len(characters)) - np.repeat(first, lengths)
    powers = np.full(int(lengths.max()), _MULTIPLIER).cumprod(dtype=np.uint64)
    terms = _character_keys()[characters]
    terms *= powers[place]
    return (mixed(np.add.reduceat(terms, first)) >> np.uint64(32)).astype(np.uint32)


@cache
def _character_keys() -> NDArray[np.uint64]:
    """A random key for each code point; capital and small letters share one."""
    every = "".join(map(chr, range(sys.maxunicode + 1))).replace("İ", "i").replace("Σ", "σ")
    lowered = np.frombuffer(every.lower().encode("utf-32-le", "surrogatepass"), np.uint32)
    keys = mixed(lowered.astype(np.uint64) + _MULTIPLIER)
    keys.flags.writeable = False
    return keys
