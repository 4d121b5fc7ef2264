"""Blocks of text and where they came from. Knows no file format."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

BlockKind = Literal[
    "heading",
    "paragraph",
    "list_item",
    "table",
    "quote",
    "code",
    "caption",
    "picture",
    "chart",
    "footnote",
    "reference",
]

MarkKind = Literal[
    "strong",
    "emphasis",
    "underline",
    "strike",
    "code",
    "superscript",
    "subscript",
    "highlight",
    "link",
    "citation",
    "footnote",
    "language",
]

ChartKind = Literal["bar", "column", "line", "area", "pie", "scatter"]

SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stretch of text stands: block (from 0), page (from 1) and characters in the block."""

    block: int
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What characters `start` to `end` of a block's text are.

    `target` is the address of a link ("#key" leads to the heading, footnote or reference of that key), the
    key of the block that a citation or a footnote points to, or the BCP 47 tag of a language. The sign of a
    citation or footnote stands at `end`; those two may be empty stretches.
    """

    kind: MarkKind
    start: int
    end: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class CellSpan:
    """A cell that covers more than its own place. The places it covers hold empty text in `rows`."""

    row: int
    column: int
    num_rows: int = 1
    num_columns: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the SHA-256 of its file, whose bytes are in `Content.media` while they are needed.

    `alt` says what it shows; a decorative one says nothing.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    alt: str = ""
    is_decorative: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one series, one for each category; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Values to be drawn. In a scatter chart the first series is x, the others are y.

    `alt` says in words what the chart shows; empty means that a description is made from the values.
    """

    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    category_title: str = ""
    value_title: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table, quote, piece of code, caption, picture, chart or note.

    `level` is 1 to 6 for a heading, the depth from 0 for a list item, else 0.
    `page` counts from 1: a PDF page, a slide or a sheet; None where the format has none.
    `rows` holds the cells of a table; its `text` is then the rows joined by newlines, the cells by tabs.
    `marks` count characters of `text`, that of a table too. `header_rows` are the first rows that name the
    columns. `is_ordered` tells a numbered list item. A picture has no text; the text of a chart is its title.
    A caption belongs to the table, picture or chart before it, or else to the one after it.
    `key` names a footnote or reference (an entry of the bibliography) for the marks that point to it.
    `language` (BCP 47) is set where it is not the document's.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    marks: tuple[Mark, ...] = ()
    header_rows: int = 0
    merged: tuple[CellSpan, ...] = ()
    is_ordered: bool = False
    key: str = ""
    language: str = ""
    picture: Picture | None = None
    chart: Chart | None = None

    @staticmethod
    def table(
        rows: list[list[str]] | tuple[tuple[str, ...], ...],
        page: int | None = None,
        header_rows: int = 0,
        merged: tuple[CellSpan, ...] = (),
    ) -> Block:
        cells = tuple(tuple(cell.strip() for cell in row) for row in rows)
        text = SEPARATOR.join("\t".join(row) for row in cells)
        return Block("table", text, page=page, rows=cells, header_rows=header_rows, merged=merged)

    def to_json(self) -> dict[str, Any]:
        """Plain values, defaults left out. `from_json` is its inverse."""
        return {key: value for key, value in asdict(self).items() if value}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Block:
        return Block(
            kind=values["kind"],
            text=values.get("text", ""),
            level=values.get("level", 0),
            page=values.get("page"),
            rows=tuple(tuple(row) for row in values.get("rows", ())),
            marks=tuple(Mark(**mark) for mark in values.get("marks", ())),
            header_rows=values.get("header_rows", 0),
            merged=tuple(CellSpan(**span) for span in values.get("merged", ())),
            is_ordered=values.get("is_ordered", False),
            key=values.get("key", ""),
            language=values.get("language", ""),
            picture=Picture(**values["picture"]) if values.get("picture") else None,
            chart=_chart(values["chart"]) if values.get("chart") else None,
        )


@dataclass(frozen=True)
class Content:
    """The blocks of one document, in reading order.

    `media` are the files of its pictures by their SHA-256 (hex). They are no part of what is compared or
    stored with the text; a content without them still tells which pictures there are.

    >>> content = Content((Block("heading", "Leave", level=1), Block("paragraph", "Ask in writing.")))
    >>> content.text
    'Leave\\nAsk in writing.'
    >>> content.locate(10, 17)
    Provenance(block=1, start=4, end=11, page=None)
    """

    blocks: tuple[Block, ...] = field(default=())
    media: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def text(self) -> str:
        """All blocks joined by a newline: the text that is searched and compared."""
        return SEPARATOR.join(block.text for block in self.blocks)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        starts, position = [], 0
        for block in self.blocks:
            starts.append(position)
            position += len(block.text) + len(SEPARATOR)
        return tuple(starts)

    def locate(self, start: int, end: int) -> Provenance:
        """The block in which text[start:end] begins. `end` is cut at the end of that block."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"No span {start}:{end} in a text of {len(self.text)} characters.")
        index = max(0, bisect_right(self._starts, start) - 1)
        block, offset = self.blocks[index], self._starts[index]
        return Provenance(index, start - offset, min(end - offset, len(block.text)), block.page)

    def to_json(self) -> list[dict[str, Any]]:
        """Plain values of the blocks, defaults left out. `from_json` is its inverse."""
        return [block.to_json() for block in self.blocks]

    @staticmethod
    def from_json(blocks: list[dict[str, Any]]) -> Content:
        return Content(tuple(map(Block.from_json, blocks)))


def _chart(values: Mapping[str, Any]) -> Chart:
    series = tuple(Series(each["name"], tuple(each["values"])) for each in values.get("series", ()))
    return Chart(**{**values, "categories": tuple(values.get("categories", ())), "series": series})
