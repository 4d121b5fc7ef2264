"""What a place that compares documents promises, and what it is told when it is opened. Knows no engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.language.embedder import Embedder
from core.redundancy.pair_spread import MAX_PAIRS
from core.redundancy.pairs import PairTable
from core.redundancy.shingles import Progress

EmbedderFactory = Callable[[], Embedder]
"""Makes the model where the work is done. Travels pickled: a function of a module, a class or a partial."""

Candidates = Literal["prefix", "minhash"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendConfig:
    """What the backends may take. Each reads what concerns it.

    `scratch` is a folder for intermediate files, the system's own when None; on a cluster every machine must
    see it under the same path. `memory_mb` is what DuckDB may hold, or the driver of Spark. `candidates`
    "prefix" loses no pair; "minhash" finds a pair that lies right at the floor with probability `recall`, and
    surer the more similar it is.
    """

    scratch: Path | None = None
    memory_mb: int = 1024
    threads: int = 1
    spark_master: str = "local[*]"
    spark_options: Mapping[str, str] = field(default_factory=dict)
    candidates: Candidates = "prefix"
    recall: float = 0.999


class DedupBackend(Protocol):
    """The same answers as comparing in this process, from another place.

    Every member gives the table that `core.redundancy.join.find_pairs` gives, to the last bit and with its
    large groups, for the same documents and floor; and the clusters of `core.redundancy.clusters.cluster`.
    The one exception is asked for by name: Spark with `candidates="minhash"` may miss pairs, and reports none
    that is not there. Documents are read once, in order. Raises Invalid as those functions do, Unavailable
    when the engine is not installed or does not answer. What a backend opens is closed by `close`.
    """

    def find_pairs(
        self,
        documents: Iterable[str],
        floor: float = 0.5,
        *,
        max_pairs: int = MAX_PAIRS,
        progress: Progress | None = None,
    ) -> PairTable:
        """All pairs of documents with Jaccard similarity of at least `floor`, each once."""

    def cluster(self, pairs: PairTable, threshold: float) -> tuple[tuple[int, ...], ...]:
        """The connected components of the pairs of at least `threshold`, large ones first."""

    def embed(self, documents: Iterable[str], make_embedder: EmbedderFactory) -> NDArray[np.float32]:
        """Shape (num_documents, dim), row by row what one embedder gives. The model is made once a worker."""

    def close(self) -> None:
        """Let go of processes and files. A second call does nothing."""
