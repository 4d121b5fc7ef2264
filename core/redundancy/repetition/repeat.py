"""What is said more than once in one document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.redundancy.evidence import Span
from core.redundancy.facts import DifferingFact

RepeatKind = Literal["paragraph", "sentence", "phrase"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same words at several places, in the order of the text; the first is the one to keep.

    `only_there` are sentences of later places that the first does not have. `differing_facts` sets the first
    place (side a) against the first later place that states other facts (side b); their characters count from
    the beginning of that place. `num_removable_words` could go without losing anything.
    """

    kind: RepeatKind
    places: tuple[Span, ...]
    num_words: int
    is_exact: bool
    num_removable_words: int
    only_there: tuple[Span, ...] = ()
    differing_facts: tuple[DifferingFact, ...] = ()
