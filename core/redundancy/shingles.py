"""Texts become 64-bit shingle keys, a chunk of text at a time. Knows nothing of pairs.

A word is a run of `\\w` in the lower-cased text, as Python's `re` and `str.lower` understand them; a shingle
is three consecutive words. A text of one or two words is a single shingle, a text without words has none.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

WORDS_PER_SHINGLE = 3
CHUNK_CHARACTERS = 1 << 20

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1, between chunks. What it raises ends the work."""

_Keys = NDArray[np.uint64]
_Positions = NDArray[np.int64]

_SPACE = 32
_PADDING = b" " * 16
_LONG_WORD = 64
_ASCII_WORDS = bytes(ord(chr(byte).lower()) if re.match(r"\w", chr(byte)) else _SPACE for byte in range(128))

_FIRST, _SECOND, _THIRD = (
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
)
_ONE_WORD, _TWO_WORDS = np.uint64(0xA0761D6478BD642F), np.uint64(0xE7037ED1A0B428DB)
_MIX, _FINISH = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """The shingle keys of a corpus, text after text in reading order, repeats included.

    Text `i` owns `keys[starts[i]:starts[i + 1]]`. Words of up to eight bytes are told apart with certainty,
    longer words and shingles by 64 bits: among n different shingles the chance that any two share a key is
    below n² / 2⁶⁵ (10⁻⁷ for two million).
    """

    keys: _Keys  # (num_shingles,)
    starts: _Positions  # (num_texts + 1,)


def shingle(texts: Sequence[str], progress: Progress | None = None) -> Shingles:
    """The shingles of every text, in 8 bytes a word.

    While it runs, it takes some 30 bytes more for each character of a chunk: CHUNK_CHARACTERS, or one text if
    that is longer.
    """
    keys: list[_Keys] = []
    counts: list[_Positions] = []
    for chunk, done in _chunks(texts):
        written, ends = _word_bytes(chunk)
        words, num_words = _word_keys(written, ends)
        chunk_keys, chunk_counts = _shingle_keys(words, num_words)
        keys.append(chunk_keys)
        counts.append(chunk_counts)
        if progress is not None:
            progress(done)
    starts = np.zeros(len(texts) + 1, np.int64)
    if counts:
        np.cumsum(np.concatenate(counts), out=starts[1:])
    return Shingles(np.concatenate(keys) if keys else np.empty(0, np.uint64), starts)


def shingles_of(text: str) -> frozenset[tuple[str, ...]]:
    """The set of shingles of one text, as words: the definition that the keys stand for."""
    words = re.findall(r"\w+", text.lower())
    if len(words) < WORDS_PER_SHINGLE:
        return frozenset([tuple(words)] if words else [])
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def similarity(a: str, b: str) -> float:
    """The Jaccard similarity of two texts; 0 if either has no word."""
    one, other = shingles_of(a), shingles_of(b)
    return len(one & other) / len(one | other) if one and other else 0.0


@cache
def word_characters() -> NDArray[np.bool_]:
    """Which of the 1,114,112 code points `\\w` matches, by asking `re` once."""
    table = np.zeros(sys.maxunicode + 1, np.bool_)
    every_character = "".join(map(chr, range(sys.maxunicode + 1)))
    for run in re.finditer(r"\w+", every_character):
        table[run.start() : run.end()] = True
    table.flags.writeable = False
    return table


def _chunks(texts: Sequence[str]) -> Iterator[tuple[Sequence[str], float]]:
    """Consecutive texts of about CHUNK_CHARACTERS together, with the share of texts reached."""
    begin, size = 0, 0
    for end, text in enumerate(texts, 1):
        size += len(text)
        if size >= CHUNK_CHARACTERS or end == len(texts):
            yield texts[begin:end], end / len(texts)
            begin, size = end, 0


def _word_bytes(texts: Sequence[str]) -> tuple[bytes, _Positions]:
    """The lower-cased texts as UTF-8 with every other character a space, and the position of each text's end.

    At each end stands a byte that belongs to no word.
    """
    joined = "\n".join(texts)
    if joined.isascii():
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        return joined.encode().translate(_ASCII_WORDS + bytes(128)), np.cumsum(lengths + 1) - 1
    return _word_bytes_unicode(list(map(str.lower, texts)))


def _word_bytes_unicode(lowered: list[str]) -> tuple[bytes, _Positions]:
    lengths = np.fromiter(map(len, lowered), np.int64, len(lowered))
    ends = np.cumsum(lengths + 1) - 1
    joined = "\n".join([*lowered, ""]).encode("utf-32-le", "surrogatepass")
    characters = np.frombuffer(joined, np.uint32).copy()
    characters[~word_characters()[characters]] = _SPACE
    characters[ends] = 0
    written = characters.tobytes().decode("utf-32-le").encode()
    return written, np.flatnonzero(np.frombuffer(written, np.uint8) == 0)


def _word_keys(written: bytes, ends: _Positions) -> tuple[_Keys, _Positions]:
    """A key for every word, and the number of words of each text.

    Eight bytes at a time are read from the beginning of the word and shifted so that what follows the word
    falls off: no byte of a word is zero, so words of up to eight bytes have keys of their own.
    """
    padded = b" " + written + _PADDING
    is_word = np.frombuffer(padded, np.uint8) > _SPACE
    edges = np.flatnonzero(is_word[1:] != is_word[:-1])
    begins, lengths = edges[0::2], edges[1::2] - edges[0::2]
    eight_bytes: _Keys = np.ndarray((len(padded) - 8,), np.dtype("<u8"), padded, offset=1, strides=(1,))
    keys = _mixed(_read(eight_bytes, begins, lengths))
    longer = np.flatnonzero(lengths > 8)
    for offset in range(8, _LONG_WORD, 8):
        longer = longer[lengths[longer] > offset]
        if not len(longer):
            break
        keys[longer] = _mixed(
            keys[longer] * _SECOND + _read(eight_bytes, begins[longer] + offset, lengths[longer] - offset)
        )
    for word in longer[lengths[longer] > _LONG_WORD].tolist():
        begin, length = int(begins[word]), int(lengths[word])
        keys[word] = int.from_bytes(
            blake2b(written[begin : begin + length], digest_size=8).digest(), "little"
        )
    reached = np.searchsorted(begins, ends)
    return keys, np.diff(reached, prepend=0)


def _read(eight_bytes: _Keys, positions: _Positions, lengths: _Positions) -> _Keys:
    surplus = (8 - np.minimum(lengths, 8)) << 3
    read: _Keys = eight_bytes[positions]
    read <<= surplus.astype(np.uint64)
    return read


def _shingle_keys(words: _Keys, num_words: _Positions) -> tuple[_Keys, _Positions]:
    """The keys of all shingles, and the number of shingles of each text."""
    num_shingles = np.where(num_words >= WORDS_PER_SHINGLE, num_words - 2, np.minimum(num_words, 1))
    if not len(words):
        return words, num_shingles
    keys = words * _FIRST
    keys[:-1] += words[1:] * _SECOND
    keys[:-2] += words[2:] * _THIRD
    begins_shingle = np.ones(len(words), np.bool_)
    ends = np.cumsum(num_words)
    begins_shingle[ends[num_words >= 1] - 1] = False
    begins_shingle[ends[num_words >= 2] - 2] = False
    one, two = ends[num_words == 1] - 1, ends[num_words == 2] - 2
    keys[one] = words[one] * _FIRST + _ONE_WORD
    keys[two] = words[two] * _FIRST + words[two + 1] * _SECOND + _TWO_WORDS
    begins_shingle[one] = begins_shingle[two] = True
    return _mixed(keys[begins_shingle]), num_shingles


def _mixed(keys: _Keys) -> _Keys:
    """One to one on 64 bits and in place: every bit reaches the high ones, as MurmurHash3 ends."""
    keys ^= keys >> np.uint64(33)
    keys *= _MIX
    keys ^= keys >> np.uint64(33)
    keys *= _FINISH
    keys ^= keys >> np.uint64(33)
    return keys
