"""One document drafted from several: its content, where each sentence comes from, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.content import Content
from core.redundancy.evidence import Span
from core.redundancy.facts import DifferingFact

Fate = Literal["kept", "covered", "conflict"]


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document to draft from. `id` is the caller's."""

    id: str
    title: str
    content: Content


@dataclass(frozen=True, slots=True)
class Origin:
    """Characters of the text of a source document's content."""

    id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of the draft, `span` of its content's text, and the place it was taken from."""

    span: Span
    block: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Conflict:
    """The draft says one thing, a member another at the same place; the draft keeps the first reading.

    `reading` is in the draft, `other_reading` only in the member. Facts of side a are the draft's, of side b
    the member's, with characters counted in the readings. There are none where an obligation differs (may,
    must) or a figure in words, or where two headings stand over the same text.
    """

    citation: Citation
    reading: str
    other: Origin
    other_reading: str
    differing_facts: tuple[DifferingFact, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of one sentence of one document.

    Kept: it stands in the draft at `citation`. Covered: the sentence there says the same, in equal words if
    `is_exact`. Conflict: it is listed against the sentence there.
    """

    origin: Origin
    fate: Fate
    citation: Citation
    is_exact: bool


@dataclass(frozen=True, slots=True)
class ConsolidatedDraft:
    """A citation for each sentence of the draft, in order; a trace for every sentence of every document."""

    content: Content
    citations: tuple[Citation, ...]
    conflicts: tuple[Conflict, ...]
    traces: tuple[Trace, ...]
