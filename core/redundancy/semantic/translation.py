"""Two documents in two languages that say the same, passage by passage.

The score is transparent and needs no translation model. A passage is as similar to another as their marks
are (openings of words, names, figures, concepts; Ochiai's coefficient) and as their vectors are (cosine),
half and half. The best alignment that keeps the order of both documents is found by dynamic programming; what
it covers of the longer document, weighted by similarity, is multiplied by how far the figures agree. A
translation keeps order, names and figures; two texts on one subject do not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.redundancy.evidence import Span
from core.redundancy.semantic.matches import PassageMatch, SemanticEvidence
from core.redundancy.semantic.profile import Profile
from core.redundancy.semantic.shared_figures import figure_agreement, num_shared_figures

MEANING_WEIGHT = 0.5
"""Part of the vectors in the similarity of two passages."""

CHANCE = 0.2
"""Similarity that any two passages of like subject have; only what is above counts."""


def translation_score(a: Profile, b: Profile) -> float:
    """From 0 to 1; unrelated documents have less than 0.02. 0 without passages."""
    if not len(a.spans) or not len(b.spans):
        return 0.0
    best = _align(_similarities(a, b), a.lengths, b.lengths)[-1, -1]
    return float(best / max(a.lengths.sum(), b.lengths.sum()) * figure_agreement(a, b))


def explain_translation(a: Profile, b: Profile) -> SemanticEvidence:
    """The score with the passages that correspond, in the order of both documents."""
    similarities = _similarities(a, b)
    steps = _steps(similarities, a.lengths, b.lengths)
    return SemanticEvidence(
        kind="translation",
        score=translation_score(a, b),
        matches=tuple(
            PassageMatch(
                Span(*a.spans[row].tolist()),
                Span(*b.spans[column].tolist()),
                float(similarities[row, column]),
            )
            for row, column in steps
        ),
        share_a=_share([step.row for step in steps], a.lengths),
        share_b=_share([step.column for step in steps], b.lengths),
        num_figures_a=len(a.figures),
        num_figures_b=len(b.figures),
        num_figures_shared=num_shared_figures(a, b),
    )


class _Step(NamedTuple):
    row: int
    column: int


def _similarities(a: Profile, b: Profile) -> NDArray[np.float32]:
    """Shape (passages of a, passages of b), from 0 to 1."""
    cosines = a.vectors.astype(np.float32) @ b.vectors.astype(np.float32).T
    return ((1 - MEANING_WEIGHT) * _ochiai(a, b) + MEANING_WEIGHT * cosines.clip(0, 1)).astype(np.float32)


def _ochiai(a: Profile, b: Profile) -> NDArray[np.float32]:
    """Marks in common over the geometric mean of their numbers."""
    known = np.unique(np.concatenate([*a.marks, *b.marks]))
    shares = [_indicators(profile, known) for profile in (a, b)]
    product: NDArray[np.float32] = shares[0] @ shares[1].T
    return product


def _indicators(profile: Profile, known: NDArray[np.uint32]) -> NDArray[np.float32]:
    """One row a passage, of length 1: which marks it has."""
    rows = np.zeros((len(profile.marks), len(known)), np.float32)
    for row, own in zip(rows, profile.marks, strict=True):
        if len(own):
            row[np.searchsorted(known, own)] = 1 / np.sqrt(len(own))
    return rows


def _gains(
    similarities: NDArray[np.float32], lengths_a: NDArray[np.float32], lengths_b: NDArray[np.float32]
) -> NDArray[np.float32]:
    above = (similarities - CHANCE).clip(0) / (1 - CHANCE)
    return (above * np.minimum(lengths_a[:, None], lengths_b[None])).astype(np.float32)


def _align(
    similarities: NDArray[np.float32], lengths_a: NDArray[np.float32], lengths_b: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The most that the first passages of each can gain, shape (passages of a + 1, of b + 1)."""
    gains = _gains(similarities, lengths_a, lengths_b)
    best = np.zeros((gains.shape[0] + 1, gains.shape[1] + 1), np.float32)
    for row, gain in enumerate(gains):
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(best[row, 1:], best[row, :-1] + gain))
    return best


def _steps(
    similarities: NDArray[np.float32], lengths_a: NDArray[np.float32], lengths_b: NDArray[np.float32]
) -> list[_Step]:
    """The passages that the best alignment sets side by side, in order."""
    best = _align(similarities, lengths_a, lengths_b)
    row, column = similarities.shape
    steps = []
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            steps.append(_Step(row, column))
    return steps[::-1]


def _share(places: list[int], lengths: NDArray[np.float32]) -> float:
    return float(lengths[places].sum() / lengths.sum()) if places else 0.0
