"""Everything in this process: the fastest as long as the documents fit into memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.redundancy.backends.backend import BackendConfig, EmbedderFactory
from core.redundancy.clusters import cluster
from core.redundancy.join import find_pairs
from core.redundancy.pair_spread import MAX_PAIRS
from core.redundancy.pairs import PairTable
from core.redundancy.shingles import Progress


class InProcessBackend:
    """Keeps the promises of DedupBackend. Holds all documents at once.

    >>> backend = InProcessBackend()
    >>> pairs = backend.find_pairs(["one two three four", "One, two, three: four!"])
    >>> backend.cluster(pairs, 0.7)
    ((0, 1),)
    """

    name = "in_process"

    def __init__(self, config: BackendConfig | None = None) -> None:
        pass

    def find_pairs(
        self,
        documents: Iterable[str],
        floor: float = 0.5,
        *,
        max_pairs: int = MAX_PAIRS,
        progress: Progress | None = None,
    ) -> PairTable:
        texts = documents if isinstance(documents, list) else list(documents)
        return find_pairs(texts, floor, max_pairs=max_pairs, progress=progress)

    def cluster(self, pairs: PairTable, threshold: float) -> tuple[tuple[int, ...], ...]:
        return cluster(pairs, threshold)

    def embed(self, documents: Iterable[str], make_embedder: EmbedderFactory) -> NDArray[np.float32]:
        return make_embedder().embed(list(documents))

    def close(self) -> None:
        pass
