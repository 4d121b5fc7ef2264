"""A pair table as bytes and back: a JSON header, then the arrays, compressed together."""

from __future__ import annotations

import json
import zlib

import numpy as np
from numpy.typing import NDArray

from core.redundancy.pairs import PairTable

_INTEGERS, _FLOATS = np.dtype("<i4"), np.dtype("<f8")
_HEADER_LENGTH = 4


def encode_pairs(pairs: PairTable) -> bytes:
    """`decode_pairs` gives the same table. 16 bytes a pair before compression; no pickle."""
    header = json.dumps(
        {
            "floor": pairs.floor,
            "num_texts": pairs.num_texts,
            "num_pairs": len(pairs),
            "large_groups": [len(group) for group in pairs.large_groups],
        }
    ).encode()
    integers = [pairs.first, pairs.second, *pairs.large_groups]
    body = b"".join(array.astype(_INTEGERS).tobytes() for array in integers)
    body += pairs.jaccard.astype(_FLOATS).tobytes()
    return zlib.compress(len(header).to_bytes(_HEADER_LENGTH, "big") + header + body, level=1)


def decode_pairs(data: bytes) -> PairTable:
    """Raises ValueError for bytes that `encode_pairs` did not write."""
    try:
        raw = zlib.decompress(data)
        body_at = _HEADER_LENGTH + int.from_bytes(raw[:_HEADER_LENGTH], "big")
        header = json.loads(raw[_HEADER_LENGTH:body_at])
    except (zlib.error, ValueError) as error:
        raise ValueError("These bytes are no pair table.") from error
    lengths = [header["num_pairs"], header["num_pairs"], *header["large_groups"]]
    integers: list[NDArray[np.int32]] = []
    for length in lengths:
        integers.append(np.frombuffer(raw, _INTEGERS, length, body_at).astype(np.int32))
        body_at += length * _INTEGERS.itemsize
    jaccard = np.frombuffer(raw, _FLOATS, header["num_pairs"], body_at).astype(np.float64)
    first, second, *groups = integers
    return PairTable(first, second, jaccard, header["floor"], header["num_texts"], tuple(groups))
