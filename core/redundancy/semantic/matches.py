"""What speaks for a pair of documents: passages of the one beside passages of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.redundancy.evidence import Span

PairKind = Literal["same_meaning", "translation"]


@dataclass(frozen=True, slots=True)
class PassageMatch:
    """A passage of a and the passage of b that says it; `similarity` from 0 to 1."""

    a: Span
    b: Span
    similarity: float


@dataclass(frozen=True, slots=True)
class SemanticEvidence:
    """`score` decides, at the threshold of the languages; `share_a` and `share_b` are the shares of the
    characters that stand in a match.

    Figures are the numbers of a whole text, in digits or words; those in common stand in the same order in
    both.
    """

    kind: PairKind
    score: float
    matches: tuple[PassageMatch, ...]
    share_a: float
    share_b: float
    num_figures_a: int
    num_figures_b: int
    num_figures_shared: int
