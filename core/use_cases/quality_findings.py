"""How good each document is, as an analysis stores it; what did not change is not judged again."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import date

from core.quality import DocumentQuality, LibraryContext

QUALITY = "quality"
METHOD = 1
"""Grows with every change of the judgement."""


@dataclass(frozen=True, slots=True)
class KeptQuality:
    """`basis` names all that the judgement rests on beside the document itself."""

    document: str
    basis: str
    quality: DocumentQuality


def basis_of(document: str, context: LibraryContext, today: date) -> str:
    """Equal for judgements that would come out the same. Ages are counted in months."""
    unique = context.uniqueness.get(document)
    parts = (
        METHOD,
        today.strftime("%Y-%m"),
        None if unique is None else (round(unique.share, 6), unique.shared),
        context.boilerplate.get(document),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def encode(found: dict[str, KeptQuality]) -> bytes:
    rows = [[each.document, each.basis, each.quality.to_json()] for each in found.values()]
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), level=3)


def decode(body: bytes) -> dict[str, KeptQuality]:
    rows = json.loads(zlib.decompress(body))
    return {
        document: KeptQuality(document, basis, DocumentQuality.from_json(quality))
        for document, basis, quality in rows
    }
