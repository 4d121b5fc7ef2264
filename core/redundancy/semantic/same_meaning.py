"""Two documents of one language that say the same, whatever their words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.redundancy.evidence import Span
from core.redundancy.semantic.calibration import thresholds
from core.redundancy.semantic.matches import PassageMatch, SemanticEvidence
from core.redundancy.semantic.profile import Profile
from core.redundancy.semantic.shared_figures import num_shared_figures


def same_meaning(a: Profile, b: Profile) -> float:
    """The mean cosine, by length, of each passage's best match, on the side where it is lower.

    So both must say what the other says; a text that is one part of a longer one does not reach the
    threshold. 0 without passages.
    """
    if not len(a.spans) or not len(b.spans):
        return 0.0
    cosines = _cosines(a, b)
    return float(min(_mean(cosines.max(axis=1), a.lengths), _mean(cosines.max(axis=0), b.lengths)))


def explain_same_meaning(a: Profile, b: Profile) -> SemanticEvidence:
    """The score with each passage of `a` that has its like in `b`, best first on either side."""
    least = thresholds(a.language).passage
    cosines = (
        _cosines(a, b)
        if len(a.spans) and len(b.spans)
        else np.zeros((len(a.spans), len(b.spans)), np.float32)
    )
    best_of_a = cosines >= np.maximum(least, cosines.max(axis=1, keepdims=True, initial=0))
    best_of_b = cosines >= np.maximum(least, cosines.max(axis=0, keepdims=True, initial=0))
    rows, columns = np.nonzero(best_of_a | best_of_b)
    return SemanticEvidence(
        kind="same_meaning",
        score=same_meaning(a, b),
        matches=tuple(
            PassageMatch(
                Span(*a.spans[row].tolist()), Span(*b.spans[column].tolist()), float(cosines[row, column])
            )
            for row, column in zip(rows, columns, strict=True)
        ),
        share_a=_share(best_of_a.any(axis=1), a.lengths),
        share_b=_share(best_of_b.any(axis=0), b.lengths),
        num_figures_a=len(a.figures),
        num_figures_b=len(b.figures),
        num_figures_shared=num_shared_figures(a, b),
    )


def _cosines(a: Profile, b: Profile) -> NDArray[np.float32]:
    product: NDArray[np.float32] = a.vectors.astype(np.float32) @ b.vectors.astype(np.float32).T
    return product.clip(0, 1)


def _mean(values: NDArray[np.float32], lengths: NDArray[np.float32]) -> float:
    return float((values * lengths).sum() / lengths.sum())


def _share(has_match: NDArray[np.bool_], lengths: NDArray[np.float32]) -> float:
    return float(lengths[has_match].sum() / lengths.sum()) if len(lengths) else 0.0
