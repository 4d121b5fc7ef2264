"""Figures that two documents state in the same order: evidence that needs no language."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq

from core.redundancy.semantic.profile import Profile

_UNKNOWN = 4  # figures that count as half shared, so that two or three do not decide


def num_shared_figures(a: Profile, b: Profile) -> int:
    """The length of the longest row of figures that both state in order."""
    return int(LCSseq.similarity(a.figures.tolist(), b.figures.tolist()))


def figure_agreement(a: Profile, b: Profile) -> float:
    """From 0, all differ, over 0.5, there are none, to nearly 1, many and all shared."""
    total = len(a.figures) + len(b.figures) + _UNKNOWN
    return (2 * num_shared_figures(a, b) + _UNKNOWN / 2) / total
