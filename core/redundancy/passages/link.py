"""What the search for passages answers: links between two documents, and text that stands in many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.redundancy.evidence import Span
from core.redundancy.passages.exclusion import ExclusionCode

PassageKind = Literal["copied", "paraphrase"]


@dataclass(frozen=True, slots=True)
class SharedPassage:
    """The same words in both documents, but for gaps of a few words; or sentences that mean the same.

    `num_words` are equal words in the same order; of a paraphrase, the words of the shorter side.
    `similarity` is the share of equal words in the longer side, or the cosine of the sentences' vectors.
    """

    kind: PassageKind
    a: Span
    b: Span
    num_words: int
    similarity: float
    exclusion: ExclusionCode | None = None


@dataclass(frozen=True, slots=True)
class PassageLink:
    """Two documents that share passages, in the order of `a`; `a_id` comes before `b_id`.

    `share_a` is the share of the words of a that stand in passages that count, `share_b` the reverse.
    `num_words` counts the words of a in them, `num_excluded_words` those in passages with an exclusion only.
    `exclusion` is set if no passage counts: the reason of the longest.
    """

    a_id: str
    b_id: str
    passages: tuple[SharedPassage, ...]
    share_a: float
    share_b: float
    num_words: int
    num_excluded_words: int
    exclusion: ExclusionCode | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a passage stands."""

    id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """A stretch of text that three or more documents share which are not copies of each other.

    The places are in the order of ids; where they differ in length, `num_words` is that of the first.
    """

    places: tuple[Place, ...]
    num_words: int


@dataclass(frozen=True, slots=True)
class PassageReport:
    """Links with the most counting words first, boilerplate with the most words in all first."""

    links: tuple[PassageLink, ...]
    boilerplate: tuple[Boilerplate, ...]
    min_words: int
