"""Chosen phrases that two texts share grow into runs of equal words, for all pairs of texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.redundancy.passages.fingerprints import PHRASE_WORDS
from core.redundancy.passages.postings import Places
from core.redundancy.passages.word_keys import Keys, Positions


class Seeds(NamedTuple):
    """Equal phrases: numbers of the two texts, and of the first word of the phrase in each."""

    one: Positions
    other: Positions
    place_one: Positions
    place_other: Positions


class Run(NamedTuple):
    """`length` equal words from word `one` of the one and word `other` of the other text."""

    one: int
    other: int
    length: int


def pair_seeds(places: Places, most: int) -> Seeds:
    """Each two places of a phrase in different texts, the lower text first.

    `places` are sorted by hash, then text. Phrases at more than `most` places are left out.
    """
    sizes = _group_sizes(places.hashes)
    usable = places.at((sizes > 1) & (sizes <= most))
    parts: list[tuple[NDArray[np.uint32], ...]] = []
    for offset in range(1, most):
        pairs = np.flatnonzero(usable.hashes[offset:] == usable.hashes[: -offset or None])
        if not len(pairs):
            break
        pairs = pairs[usable.slots[pairs] != usable.slots[pairs + offset]]
        columns = (usable.slots, usable.places)
        parts.append(
            (*(column[pairs] for column in columns), *(column[pairs + offset] for column in columns))
        )
    if not parts:
        empty = np.empty(0, np.int64)
        return Seeds(empty, empty, empty, empty)
    one, place_one, other, place_other = (
        np.concatenate(part).astype(np.int64) for part in zip(*parts, strict=True)
    )
    return Seeds(one, other, place_one, place_other)


def common_phrases(places: Places, most: int) -> Places:
    """What `pair_seeds` leaves out: the phrases at more than `most` places."""
    return places.at(_group_sizes(places.hashes) > most)


def equal_runs(texts: Sequence[Keys], seeds: Seeds) -> dict[tuple[int, int], list[Run]]:
    """The longest runs of equal words through the seeds, for each pair of texts in the order of the first."""
    if not len(seeds.one):
        return {}
    words = np.concatenate(list(texts))
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    starts = np.concatenate(([0], ends[:-1]))
    one, other, place_one, place_other, length = _joined_seeds(seeds)
    a, b = starts[one] + place_one, starts[other] + place_other
    before = _num_equal(words, a - 1, b - 1, -1, np.minimum(place_one, place_other))
    room = np.minimum(ends[one] - a, ends[other] - b) - length
    length = length + before + _num_equal(words, a + length, b + length, 1, room)
    place_one, place_other = place_one - before, place_other - before
    order = np.lexsort((place_other, place_one, other, one))
    runs: dict[tuple[int, int], list[Run]] = {}
    columns = (column[order].tolist() for column in (one, other, place_one, place_other, length))
    for number_one, number_other, *run in zip(*columns, strict=True):
        found = runs.setdefault((number_one, number_other), [])
        if not found or found[-1] != tuple(run):
            found.append(Run(*run))
    return runs


def _group_sizes(hashes: NDArray[np.uint64]) -> Positions:
    """For each element how many are equal to it, in a sorted array."""
    is_new = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    sizes = np.diff(np.append(np.flatnonzero(is_new), len(hashes)))
    return np.repeat(sizes, sizes)


def _joined_seeds(seeds: Seeds) -> tuple[Positions, Positions, Positions, Positions, Positions]:
    """Seeds that touch or overlap on one diagonal as one, with its length."""
    diagonal = seeds.place_other - seeds.place_one
    order = np.lexsort((seeds.place_one, diagonal, seeds.other, seeds.one))
    one, other, place_one, place_other = (column[order] for column in seeds)
    diagonal = diagonal[order]
    goes_on = (
        (np.diff(one) == 0)
        & (np.diff(other) == 0)
        & (np.diff(diagonal) == 0)
        & (np.diff(place_one) <= PHRASE_WORDS)
    )
    first = np.flatnonzero(np.concatenate(([True], ~goes_on)))
    last = np.append(first[1:], len(one)) - 1
    length = place_one[last] - place_one[first] + PHRASE_WORDS
    return one[first], other[first], place_one[first], place_other[first], length


def _num_equal(words: Keys, a: Positions, b: Positions, step: int, most: Positions) -> Positions:
    """How many words are equal from a and b on, in steps of one forwards or backwards, `most` at the most."""
    num_equal = np.zeros(len(a), np.int64)
    active = np.flatnonzero(most > 0)
    distance = 0
    while len(active):
        equal = words[a[active] + distance * step] == words[b[active] + distance * step]
        active = active[equal]
        distance += 1
        num_equal[active] = distance
        active = active[most[active] > distance]
    return num_equal
