"""Pairs of documents that say the same, as an analysis stores them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pydantic import TypeAdapter

from core.redundancy.semantic import SemanticEvidence

MEANINGS = "meanings"


@dataclass(frozen=True, slots=True)
class KeptMeaning:
    """`a_id` comes before `b_id` in the library; the evidence sets it on side a."""

    a_id: str
    b_id: str
    evidence: SemanticEvidence


@dataclass(frozen=True, slots=True)
class MeaningFindings:
    """`num_common` passages stand in so many documents that they speak for no pair. `is_calibrated` says
    that the thresholds were measured for the model; `model_note` why it runs slower than it could.
    """

    pairs: tuple[KeptMeaning, ...]
    num_common: int
    is_complete: bool
    is_calibrated: bool
    model_note: str


_FORM = TypeAdapter(MeaningFindings)


def encode(findings: MeaningFindings) -> bytes:
    return zlib.compress(_FORM.dump_json(findings), level=3)


def decode(body: bytes) -> MeaningFindings:
    return _FORM.validate_json(zlib.decompress(body))
