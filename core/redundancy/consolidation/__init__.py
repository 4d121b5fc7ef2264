"""One document drafted from several that are to be merged, every sentence with its source."""

from core.redundancy.consolidation.draft import (
    Citation,
    Conflict,
    ConsolidatedDraft,
    Origin,
    SourceDocument,
    Trace,
)
from core.redundancy.consolidation.drafting import draft_consolidated

__all__ = [
    "Citation",
    "Conflict",
    "ConsolidatedDraft",
    "Origin",
    "SourceDocument",
    "Trace",
    "draft_consolidated",
]
