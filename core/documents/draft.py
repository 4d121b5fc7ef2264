"""A drafted document: its sections, what every sentence of it rests on, and what the sources did not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.content import Block, BlockKind, Content
from core.documents.plan import Engine
from core.language.stop_words import Language

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Support = Literal["quoted", "supported", "unsupported", "own"]
"""Word for word from its origin; checked against its origins; claimed by a model and found nowhere; written
or answered by a person."""

ConflictState = Literal["open", "kept", "replaced"]


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A document that was drafted from. Its number in the draft is its place in `Draft.sources`, from 1.

    `sha256` is of the text that the spans of origins count in.
    """

    id: str
    title: str
    name: str
    language: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Characters `start` to `end` of the text of the source with this number; the page if it has pages."""

    source: int
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or the row of a table with its cells. A quoted one has exactly one origin."""

    text: str
    support: Support
    origins: tuple[Origin, ...] = ()
    cells: tuple[str, ...] = ()
    label: str = ""
    """What the statement tells, in front of it, where a section lists facts; words of the template."""


@dataclass(frozen=True, slots=True)
class ChartAdvice:
    """How the table would be drawn; columns count from 0, `category` names the points."""

    kind: Literal["line", "bar", "column", "area", "scatter", "pie"]
    category: int
    values: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """Statements that stand together. The first statement of a table is its heading row if `has_header`."""

    kind: BlockKind
    statements: tuple[Statement, ...]
    level: int = 0
    has_header: bool = False
    chart: ChartAdvice | None = None

    @property
    def text(self) -> str:
        lines = (f"{each.label}: {each.text}" if each.label else each.text for each in self.statements)
        return ("\n" if self.kind == "table" else " ").join(lines)

    def as_block(self) -> Block:
        if self.kind == "table":
            return Block.table([list(each.cells) for each in self.statements])
        return Block(self.kind, self.text, level=self.level)


@dataclass(frozen=True, slots=True)
class Gap:
    """What the sources did not say, as a question to a person. `fact` is empty where all of it is missing."""

    section: str
    question: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources state different facts: the draft says `reading`, another source `other_reading`."""

    section: str
    reading: Statement
    other_reading: Statement
    state: ConflictState = "open"


@dataclass(frozen=True, slots=True)
class DraftSection:
    """A section as it was written. `reason` says why it was not written as planned; empty if it was."""

    key: str
    title: str
    blocks: tuple[DraftBlock, ...]
    gaps: tuple[Gap, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    engine: Engine = "extractive"
    reason: str = ""
    question: str = ""

    @property
    def statements(self) -> Iterator[Statement]:
        return (each for block in self.blocks for each in block.statements)

    @property
    def num_words(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)

    @property
    def is_empty(self) -> bool:
        return not self.blocks

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        values: dict[str, Any] = _section_adapter().dump_python(self, mode="json")
        return values

    @staticmethod
    def from_json(values: dict[str, Any]) -> DraftSection:
        return _section_adapter().validate_python(values)


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole draft. `summary` is made of its own statements."""

    title: str
    language: Language
    sections: tuple[DraftSection, ...]
    sources: tuple[DraftSource, ...] = ()
    summary: tuple[Statement, ...] = ()

    @property
    def statements(self) -> Iterator[Statement]:
        return (each for section in self.sections for each in section.statements)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for section in self.sections for gap in section.gaps)

    @property
    def num_words(self) -> int:
        return sum(section.num_words for section in self.sections)

    @property
    def confidence(self) -> float | None:
        """The share of its words that are quoted from or supported by a source; None without words."""
        words = [(len(each.text.split()), each.support) for each in self.statements]
        total = sum(count for count, _ in words)
        return None if not total else sum(n for n, how in words if how in ("quoted", "supported")) / total

    def content(self) -> Content:
        """The draft as a document: title, sections and their blocks."""
        blocks = [Block("heading", self.title, level=1)]
        for section in self.sections:
            blocks.append(Block("heading", section.title, level=2))
            blocks.extend(block.as_block() for block in section.blocks)
        return Content(tuple(blocks))

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        values: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return values

    @staticmethod
    def from_json(values: dict[str, Any]) -> Draft:
        return _adapter().validate_python(values)


@cache
def _adapter() -> TypeAdapter[Draft]:
    from pydantic import TypeAdapter

    return TypeAdapter(Draft)


@cache
def _section_adapter() -> TypeAdapter[DraftSection]:
    from pydantic import TypeAdapter

    return TypeAdapter(DraftSection)
