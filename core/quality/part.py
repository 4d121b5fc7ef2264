"""One part of a document's quality: a score, what it rests on, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.redundancy.evidence import Span

PartName = Literal["readability", "structure", "boilerplate", "uniqueness", "freshness", "completeness"]
Rating = Literal["excellent", "good", "fair", "needs_improvement"]
Parameters = Mapping[str, str | int | float]

MOST_EVIDENCE = 20
"""Places of one kind that a part shows; its figures count all of them."""

_LEAST: tuple[tuple[int, Rating], ...] = ((80, "excellent"), (60, "good"), (40, "fair"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was found, as a key of EVIDENCE with its parameters; `span` is its place in the text."""

    code: str
    parameters: Parameters = field(default_factory=dict)
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do, as a key of FIXES with its parameters."""

    code: str
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QualityPart:
    """`score` is 0 to 100, more is better; None where the part cannot be judged: the evidence says why."""

    name: PartName
    score: int | None
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()


def rating_of(score: int | None) -> Rating | None:
    """The name of a score; None for a part without one.

    >>> rating_of(80), rating_of(59), rating_of(12)
    ('excellent', 'fair', 'needs_improvement')
    """
    if score is None:
        return None
    return next((rating for least, rating in _LEAST if score >= least), "needs_improvement")


def clamped(value: float) -> int:
    """The nearest whole number from 0 to 100."""
    return round(min(100.0, max(0.0, value)))
