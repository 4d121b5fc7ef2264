"""Which pairs of documents are worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import ranges
from core.redundancy.semantic.calibration import TRANSLATED, thresholds, translation_thresholds
from core.redundancy.semantic.neighbours import MOST_FLAT, near_neighbours
from core.redundancy.semantic.profile import Profile

MOST_CANDIDATES = 16
"""Documents in each other language that a document is compared with as its translation."""

_MOST_HOLDERS = 0.2  # share of the documents above which a mark nominates nobody
_FEW_DOCUMENTS = 50  # with so few, every mark counts

Pairs = NDArray[np.int64]
"""Positions of documents, shape (pairs, 2), the smaller first, ascending, each pair once."""


class Near(NamedTuple):
    pairs: Pairs
    num_common: int
    is_exact: bool


def same_language_candidates(profiles: Sequence[Profile], threads: int = 1) -> Near:
    """Every pair in one language that can reach the threshold of documents there.

    A mean of best matches is at least t only if one of them is, so the pairs with two passages that near are
    enough.
    """
    found: list[Pairs] = []
    num_common, is_exact = 0, True
    for language in sorted({profile.language for profile in profiles}):
        own = [place for place, one in enumerate(profiles) if one.language == language and len(one.spans)]
        counts = [len(profiles[place].spans) for place in own]
        if not own:
            continue
        vectors = np.concatenate([profiles[place].vectors for place in own]).astype(np.float32)
        owners = np.repeat(np.array(own, np.int64), counts)
        near = near_neighbours(vectors, owners, thresholds(language).document, threads=threads)
        found.append(np.column_stack((owners[near.query], owners[near.found])))
        num_common += near.num_common
        is_exact = is_exact and len(vectors) <= MOST_FLAT
    return Near(_distinct(found), num_common, is_exact)


def translation_candidates(profiles: Sequence[Profile]) -> Pairs:
    """For each document those in each other language with which it shares most, if it shares enough.

    What is shared is weighed by how rare it is here; the least share is the `candidate` threshold.
    """
    marks = [_all_marks(profile) for profile in profiles]
    languages = np.array([profile.language for profile in profiles])
    nominated = [
        _nominated(marks, np.flatnonzero(languages == one), np.flatnonzero(languages == other))
        for one, other in combinations(TRANSLATED, 2)
    ]
    pairs = _distinct(nominated)
    shares = np.array([_ochiai(marks[first], marks[second]) for first, second in pairs], np.float64)
    least = np.array([_least(languages[first], languages[second]) for first, second in pairs], np.float64)
    return pairs[shares >= least]


def _least(one: str, other: str) -> float:
    found = translation_thresholds(one, other)
    assert found is not None, "candidates are in languages that are translated"
    return found.candidate


def _all_marks(profile: Profile) -> NDArray[np.uint32]:
    return np.unique(np.concatenate(profile.marks)) if profile.marks else np.zeros(0, np.uint32)


def _ochiai(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    if not len(one) or not len(other):
        return 0.0
    return len(np.intersect1d(one, other, assume_unique=True)) / float(np.sqrt(len(one) * len(other)))


def _nominated(
    marks: Sequence[NDArray[np.uint32]], ones: NDArray[np.int64], others: NDArray[np.int64]
) -> Pairs:
    """The best of the others for each one, and the best of the ones for each other."""
    if not len(ones) or not len(others):
        return np.zeros((0, 2), np.int64)
    return np.concatenate([_best(marks, ones, others), _best(marks, others, ones)])


def _best(marks: Sequence[NDArray[np.uint32]], asking: NDArray[np.int64], asked: NDArray[np.int64]) -> Pairs:
    known, holders, begins, counts = _postings([marks[place] for place in asked])
    most = max(_FEW_DOCUMENTS, _MOST_HOLDERS * len(asked))
    rarity = np.where(counts <= most, np.log1p(len(asked) / counts), 0.0)
    norms = np.sqrt([max(len(marks[place]), 1) for place in asked])
    pairs = []
    for place in asking:
        shared = np.searchsorted(known, np.intersect1d(known, marks[place], assume_unique=True))
        shared = shared[rarity[shared] > 0]
        entries = ranges(begins[shared], counts[shared])
        weights = np.repeat(rarity[shared], counts[shared])
        scores = np.bincount(holders[entries], weights, minlength=len(asked)) / norms
        best = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
        pairs.append(np.column_stack((np.full(len(best), place), asked[best]))[scores[best] > 0])
    return np.concatenate(pairs)


def _postings(
    marks: Sequence[NDArray[np.uint32]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Marks, ascending; who holds them, mark by mark; where each mark's holders begin, and how many."""
    every = np.concatenate(marks)
    holders = np.repeat(np.arange(len(marks)), [len(own) for own in marks])
    order = np.argsort(every, kind="stable")
    known, begins, counts = np.unique(every[order], return_index=True, return_counts=True)
    return known, holders[order], begins.astype(np.int64), counts.astype(np.int64)


def _distinct(found: Sequence[Pairs]) -> Pairs:
    if not found:
        return np.zeros((0, 2), np.int64)
    pairs = np.sort(np.concatenate(found), axis=1)
    return np.unique(pairs, axis=0)
