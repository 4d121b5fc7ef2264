"""How good a document is, part by part, each with its evidence and what to do about it."""

from core.quality.assessment import WEIGHTS, DocumentQuality, assess
from core.quality.document import AssessedDocument, LibraryContext, Uniqueness
from core.quality.part import Evidence, Fix, PartName, QualityPart, Rating, rating_of
from core.quality.uniqueness import library_context
from core.quality.wording import EVIDENCE, FIXES, say

__all__ = [
    "EVIDENCE",
    "FIXES",
    "WEIGHTS",
    "AssessedDocument",
    "DocumentQuality",
    "Evidence",
    "Fix",
    "LibraryContext",
    "PartName",
    "QualityPart",
    "Rating",
    "Uniqueness",
    "assess",
    "library_context",
    "rating_of",
    "say",
]
