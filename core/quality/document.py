"""A document as quality sees it, and what the library around it tells about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.content import Block, Content
from core.content.blocks import SEPARATOR
from core.ingestion.reading import Repair
from core.redundancy.evidence import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedDocument:
    """`language` is a code of two letters or "und"; `modified` comes from inside the file.

    `repairs` and `warnings` are what the reader said when the file was taken in.
    """

    id: str
    content: Content
    language: str
    title: str = ""
    modified: date | None = None
    repairs: tuple[Repair, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """`share` of the phrases that no other document has; `shared` are long stretches that some have."""

    share: float
    shared: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryContext:
    """What was found by comparing the documents, by id. `boilerplate` stands in three or more of them.

    A document that is missing in one of the two was not compared: that part then has no score.
    """

    num_documents: int = 0
    uniqueness: Mapping[str, Uniqueness] = field(default_factory=dict)
    boilerplate: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)


class PlacedBlock(NamedTuple):
    """A block and where it stands in the text."""

    block: Block
    span: Span


def placed_blocks(content: Content) -> Iterator[PlacedBlock]:
    position = 0
    for block in content.blocks:
        end = position + len(block.text)
        yield PlacedBlock(block, Span(position, end))
        position = end + len(SEPARATOR)
