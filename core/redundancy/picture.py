"""Where to draw the documents of a cluster, so that similar ones lie near each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cluster_layout(similarities: Sequence[Sequence[float | None]]) -> list[tuple[float, float]]:
    """Positions within the unit disc by classical scaling of the distances 1 - similarity (Torgerson 1952).

    `similarities` is square and symmetric, shape (n, n); None, a pair below the analysis' floor, counts as
    far apart. The same input gives the same picture. O(n³): meant for at most a few hundred documents.
    """
    size = len(similarities)
    if size <= 2:
        return [(0.0, 0.0)] if size == 1 else [(-0.6, 0.0), (0.6, 0.0)][:size]
    distances = np.array([[1.0 if cell is None else 1.0 - cell for cell in row] for row in similarities])
    distances += 0.12 * (1 - np.eye(size))  # identical texts still stand beside each other
    centering = np.eye(size) - 1 / size
    products = -0.5 * centering @ distances**2 @ centering
    values, vectors = np.linalg.eigh(products)
    points = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 1e-9))
    points = _spread(points)
    reach = float(np.abs(points).max()) or 1.0
    return [(float(x), float(y)) for x, y in points / reach]


def _spread(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Push documents apart that came to lie upon each other, round after round, by a golden angle each."""
    size = len(points)
    angles = np.arange(size) * 2.399963
    points = points + 1e-3 * np.column_stack((np.cos(angles), np.sin(angles)))
    least = 0.9 * float(np.ptp(points)) / np.sqrt(size) / 2
    for _ in range(60):
        apart = points[:, None, :] - points[None, :, :]
        lengths = np.sqrt((apart**2).sum(axis=2)) + np.eye(size)
        push = np.clip(least - lengths, 0, None) * (1 - np.eye(size))
        if push.max() <= 1e-6:
            break
        points = points + 0.5 * (apart / lengths[:, :, None] * push[:, :, None]).sum(axis=1)
    return points
