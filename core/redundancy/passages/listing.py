"""Whether a passage is a list of names and figures: two documents may share it without copying."""

from __future__ import annotations

from core.redundancy.evidence import Span
from core.redundancy.subject import WORD

_FEW_SMALL = 0.35  # share of words in small letters, below which words are names and figures
_ALL_CAPITALS = 0.6  # share of words wholly in capitals, from which capitals say nothing


def is_listing(text: str, span: Span) -> bool:
    """By the words that do not begin with a small letter; a text set in capitals is not judged."""
    words = WORD.findall(text, span.start, span.end)
    if sum(len(word) > 1 and word.isupper() for word in words) >= _ALL_CAPITALS * len(words):
        return False
    num_small: int = sum(word[0].islower() for word in words)
    return num_small < _FEW_SMALL * len(words)
