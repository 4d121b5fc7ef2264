"""What runs on Spark's workers: the steps of the search as functions from Arrow batches to Arrow batches.

Each maker takes what the step needs to know and returns a function for `mapInArrow` or `mapInPandas`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.language.embedder import Embedder
from core.redundancy.backends.arrow_batches import (
    Batch,
    batch_of,
    read_rows,
    read_sets,
    rows_batch,
    sets_batch,
)
from core.redundancy.backends.extras import require
from core.redundancy.backends.keyed_sets import chunks, keyed_sets
from core.redundancy.backends.meeting_rows import Bands, band_rows, prefix_rows
from core.redundancy.backends.rarity import Rarity
from core.redundancy.backends.runs import meetings, whole_runs
from core.redundancy.backends.verification import verify

if TYPE_CHECKING:
    import pandas as pd

Batches = Iterator[Batch]
Step = Callable[[Batches], Batches]

SETS = "document long, size long, digest binary, keys binary"
ROWS = "key long, place long, document long"
MEETINGS = "one long, other long, count long"
WANTED = "document long, keys binary"
PAIRS = "one long, other long, jaccard double"
VECTORS = "document long, vector binary"


def make_sets(batches: Batches) -> Batches:
    """document, text -> SETS."""
    for batch in batches:
        documents = batch.column(0).to_numpy()
        for positions, texts in chunks(_texts(batch.column(1))):
            yield sets_batch(keyed_sets(documents[positions], texts))


def make_prefix_rows(levels: Any, followers: Any, floor: float) -> Step:
    """document, keys -> ROWS. `levels` is the broadcast table of a Rarity, `followers` broadcast bits."""

    def step(batches: Batches) -> Batches:
        rarity = Rarity(levels.value)
        for batch in batches:
            leaders = _chosen(batch, followers.value, bit=0)
            yield rows_batch(prefix_rows(read_sets(leaders.column(0), leaders.column(1)), rarity, floor))

    return step


def make_band_rows(bands: Bands, followers: Any) -> Step:
    """document, keys -> ROWS. `followers` are broadcast bits."""

    def step(batches: Batches) -> Batches:
        for batch in batches:
            leaders = _chosen(batch, followers.value, bit=0)
            yield rows_batch(band_rows(read_sets(leaders.column(0), leaders.column(1)), bands))

    return step


def make_meetings(floor: float, num_matches: int) -> Step:
    """ROWS sorted by key and place -> MEETINGS, whose counts are to be added up."""

    def step(batches: Batches) -> Batches:
        for rows in whole_runs(read_rows(batch) for batch in batches):
            for met in meetings(rows, floor, num_matches):
                yield batch_of(one=met.one, other=met.other, count=met.count)

    return step


def make_wanted(wanted: Any) -> Step:
    """document, keys -> WANTED. `wanted` are broadcast bits."""

    def step(batches: Batches) -> Batches:
        for batch in batches:
            yield _chosen(batch, wanted.value, bit=1)

    return step


def make_pairs(floor: float) -> Step:
    """one, its keys, other, its keys -> PAIRS."""

    def step(batches: Batches) -> Batches:
        for batch in batches:
            one, one_keys, other, other_keys = batch.columns
            found = verify(read_sets(one, one_keys), read_sets(other, other_keys), floor)
            yield batch_of(one=found.one, other=found.other, jaccard=found.jaccard)

    return step


def make_vectors(pickled: bytes) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """document, text -> VECTORS. `pickled` is the factory of the embedder."""

    def step(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        for frame in frames:
            vectors = _embedder(pickled).embed(_decoded(frame["text"].tolist()))
            rows = [row.tobytes() for row in np.ascontiguousarray(vectors, np.float32)]
            yield pd.DataFrame({"document": frame["document"], "vector": rows})

    return step


@cache
def _embedder(pickled: bytes) -> Embedder:
    """Once a worker process, which runs many tasks."""
    from pyspark import cloudpickle

    made: Embedder = cloudpickle.loads(pickled)()
    return made


def _chosen(batch: Batch, bits: NDArray[np.uint8], bit: int) -> Batch:
    """The rows whose document has this bit in an array of bits, eight documents a byte."""
    documents = batch.column(0).to_numpy()
    bit_of = (bits[documents >> 3] >> (documents & 7).astype(np.uint8)) & 1
    return batch.filter(require("pyarrow").array(bit_of == bit))


def _texts(column: Batch) -> list[str]:
    return _decoded(column.to_pylist())


def _decoded(texts: Sequence[str | bytes]) -> list[str]:
    """Texts travel as bytes where they are ours: UTF-8 has no way to write half of a surrogate pair."""
    return [text if isinstance(text, str) else bytes(text).decode("utf-8", "surrogatepass") for text in texts]
