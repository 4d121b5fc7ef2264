"""All parts of a document's quality, their weighted mean, and the weakest of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core.quality.boilerplate import judge_boilerplate
from core.quality.completeness import judge_completeness
from core.quality.document import AssessedDocument, LibraryContext
from core.quality.freshness import judge_freshness
from core.quality.part import PartName, QualityPart, Rating, clamped, rating_of
from core.quality.readability import judge_readability
from core.quality.structure import judge_structure
from core.quality.uniqueness import judge_uniqueness

if TYPE_CHECKING:
    from pydantic import TypeAdapter

WEIGHTS: Mapping[PartName, int] = MappingProxyType(
    {
        "completeness": 25,
        "readability": 20,
        "structure": 15,
        "uniqueness": 15,
        "freshness": 15,
        "boilerplate": 10,
    }
)
"""Per cent. Parts without a score are left out and the others share their weight."""


@dataclass(frozen=True, slots=True)
class DocumentQuality:
    """The parts in the order of WEIGHTS, heaviest first. `score` is their weighted mean, never without them.

    `weights` are the parts that counted; `weakest` is the one of the lowest score, the heavier at a tie.
    Without any judged part `score`, `rating` and `weakest` are None.
    """

    document_id: str
    parts: tuple[QualityPart, ...]
    score: int | None
    rating: Rating | None
    weakest: PartName | None
    weights: Mapping[PartName, int]

    def part(self, name: PartName) -> QualityPart:
        return next(part for part in self.parts if part.name == name)

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        values = _adapter().dump_python(self, mode="json")
        assert isinstance(values, dict)
        return values

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> DocumentQuality:
        return _adapter().validate_python(values)


def assess(document: AssessedDocument, context: LibraryContext, today: date) -> DocumentQuality:
    """Judges every part. Changes nothing and asks nobody; takes a few milliseconds a page."""
    by_name: dict[PartName, QualityPart] = {
        "completeness": judge_completeness(document),
        "readability": judge_readability(document),
        "structure": judge_structure(document),
        "uniqueness": judge_uniqueness(document, context.uniqueness.get(document.id)),
        "freshness": judge_freshness(document, today),
        "boilerplate": judge_boilerplate(document, context.boilerplate.get(document.id)),
    }
    parts = tuple(by_name[name] for name in WEIGHTS)
    scored = {part.name: part.score for part in parts if part.score is not None}
    weights = {name: weight for name, weight in WEIGHTS.items() if name in scored}
    total = sum(weights.values())
    score = clamped(sum(scored[name] * weight for name, weight in weights.items()) / total) if total else None
    weakest = min(scored, key=lambda name: (scored[name], -weights[name]), default=None)
    return DocumentQuality(document.id, parts, score, rating_of(score), weakest, weights)


@cache
def _adapter() -> TypeAdapter[DocumentQuality]:
    from pydantic import TypeAdapter

    return TypeAdapter(DocumentQuality)
