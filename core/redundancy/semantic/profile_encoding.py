"""A profile as bytes and back: a JSON header, then the arrays."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from core.redundancy.semantic.profile import Profile

_HEADER_LENGTH = 4
_INTEGERS, _NUMBERS, _HALVES = np.dtype("<i4"), np.dtype("<u4"), np.dtype("<f2")


def encode_profile(profile: Profile) -> bytes:
    """`decode_profile` gives the same profile. About 1 kB a passage; no pickle."""
    header = json.dumps(
        {
            "language": profile.language,
            "fingerprint": profile.fingerprint,
            "num_marks": [len(own) for own in profile.marks],
            "num_figures": len(profile.figures),
            "dim": profile.vectors.shape[1],
        }
    ).encode()
    body = b"".join(
        [
            profile.spans.astype(_INTEGERS).tobytes(),
            *(own.astype(_NUMBERS).tobytes() for own in profile.marks),
            profile.figures.astype(_NUMBERS).tobytes(),
            profile.vectors.astype(_HALVES).tobytes(),
        ]
    )
    return len(header).to_bytes(_HEADER_LENGTH, "big") + header + body


def decode_profile(data: bytes) -> Profile:
    """Raises ValueError for bytes that `encode_profile` did not write."""
    try:
        return _decoded(data)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("These bytes are no profile of a document.") from error


def _decoded(data: bytes) -> Profile:
    body_at = _HEADER_LENGTH + int.from_bytes(data[:_HEADER_LENGTH], "big")
    header = json.loads(data[_HEADER_LENGTH:body_at])
    num_marks, dim = header["num_marks"], header["dim"]
    counts = (2 * len(num_marks), sum(num_marks) + header["num_figures"], len(num_marks) * dim)
    numbers_at = body_at + 4 * counts[0]
    vectors_at = numbers_at + 4 * counts[1]
    if len(data) != vectors_at + 2 * counts[2]:
        raise ValueError("cut off")
    spans = np.frombuffer(data, _INTEGERS, counts[0], body_at).astype(np.int32).reshape(-1, 2)
    numbers: NDArray[np.uint32] = np.frombuffer(data, _NUMBERS, counts[1], numbers_at).astype(np.uint32)
    vectors = np.frombuffer(data, _HALVES, counts[2], vectors_at).astype(np.float16).reshape(-1, dim)
    parts = np.split(numbers, np.cumsum(num_marks)) if num_marks else [numbers]
    return Profile(header["language"], header["fingerprint"], spans, vectors, tuple(parts[:-1]), parts[-1])
