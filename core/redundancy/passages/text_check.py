"""What the check of one text answers."""

from __future__ import annotations

from dataclasses import dataclass

from core.redundancy.evidence import Span
from core.redundancy.passages.exclusion import ExclusionCode
from core.redundancy.passages.link import PassageKind, Place


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A stretch of the text, `span`, and where the library has it. No two of one check lie over each other.

    `num_words` counts its words in the text. `also_in` are other documents that have it, or most of it.
    """

    span: Span
    source: Place
    kind: PassageKind
    num_words: int
    similarity: float
    exclusion: ExclusionCode | None = None
    also_in: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A document of which passages stand in the text; `share` and `num_words` are of the text's words."""

    id: str
    share: float
    num_words: int
    num_excluded_words: int


@dataclass(frozen=True, slots=True)
class TextCheck:
    """`share` of the words of the text stand elsewhere and count; `share_excluded` stand there, but do not.

    Passages are in the order of the text, sources with the most words first. Each word counts once, for the
    source that has most of what the sources before it leave.
    """

    share: float
    share_excluded: float
    num_words: int
    num_found_words: int
    num_excluded_words: int
    passages: tuple[FoundPassage, ...]
    sources: tuple[Source, ...]
