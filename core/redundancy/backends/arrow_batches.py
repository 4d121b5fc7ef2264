"""Sets, rows and pairs as Arrow batches and back: what DuckDB and Spark hand over. Knows no engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.redundancy.backends.extras import require
from core.redundancy.backends.keyed_sets import KeyedSets
from core.redundancy.backends.meeting_rows import MeetingRows

Batch = Any
"""A pyarrow.RecordBatch or Array; pyarrow ships no types."""

_KEY_BYTES = 8


def batch_of(**columns: NDArray[Any]) -> Batch:
    return require("pyarrow").record_batch(columns)


def binary_column(values: Sequence[bytes]) -> Batch:
    arrow = require("pyarrow")
    return arrow.array(values, arrow.binary())


def sets_batch(sets: KeyedSets) -> Batch:
    """Columns document, size, digest, keys (the keys' bytes, little-endian)."""
    columns = {
        "document": sets.documents,
        "size": sets.sizes,
        "digest": binary_column(sets.digests()),
        "keys": binary_column([keys.tobytes() for keys in sets.each()]),
    }
    return require("pyarrow").record_batch(columns)


def read_sets(documents: Batch, keys: Batch) -> KeyedSets:
    """The sets of two columns of one batch."""
    binary = keys.cast(require("pyarrow").binary())
    if not len(binary):
        return KeyedSets(np.empty(0, np.int64), np.empty(0, np.uint64), np.zeros(1, np.int64))
    _, offset_bytes, data = binary.buffers()
    offsets = np.frombuffer(offset_bytes, np.int32, len(binary) + 1, 4 * binary.offset).astype(np.int64)
    flat = np.frombuffer(data, np.uint64, int(offsets[-1] - offsets[0]) // _KEY_BYTES, int(offsets[0]))
    return KeyedSets(documents.to_numpy(), flat, (offsets - offsets[0]) // _KEY_BYTES)


def rows_batch(rows: MeetingRows) -> Batch:
    """Columns key, place, document, all signed: equal keys stay equal, and that is all that matters."""
    return batch_of(key=rows.keys.view(np.int64), place=rows.places.view(np.int64), document=rows.documents)


def read_rows(batch: Batch) -> MeetingRows:
    key, place, document = (column.to_numpy() for column in batch.columns)
    return MeetingRows(key.view(np.uint64), place.view(np.uint64), document)
