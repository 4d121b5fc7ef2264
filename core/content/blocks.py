"""Blocks of text and where they came from. Holds no bytes of the file and knows no file format."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

BlockKind = Literal["heading", "paragraph", "list_item", "table", "quote", "code", "caption"]

SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a stretch of text stands: block (from 0), page (from 1) and characters in the block."""

    block: int
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table, quote, piece of code or caption.

    `level` is 1 to 6 for a heading, the depth from 0 for a list item, else 0.
    `page` counts from 1: a PDF page, a slide or a sheet; None where the format has none.
    `rows` holds the cells of a table; its `text` is then the rows joined by newlines, the cells by tabs.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()

    @staticmethod
    def table(rows: list[list[str]] | tuple[tuple[str, ...], ...], page: int | None = None) -> Block:
        cells = tuple(tuple(cell.strip() for cell in row) for row in rows)
        return Block("table", SEPARATOR.join("\t".join(row) for row in cells), page=page, rows=cells)


@dataclass(frozen=True)
class Content:
    """The blocks of one document, in reading order.

    >>> content = Content((Block("heading", "Leave", level=1), Block("paragraph", "Ask in writing.")))
    >>> content.text
    'Leave\\nAsk in writing.'
    >>> content.locate(10, 17)
    Provenance(block=1, start=4, end=11, page=None)
    """

    blocks: tuple[Block, ...] = field(default=())

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
        """Plain values, defaults left out. `from_json` is its inverse."""
        return [{key: value for key, value in asdict(block).items() if value} for block in self.blocks]

    @staticmethod
    def from_json(blocks: list[dict[str, Any]]) -> Content:
        return Content(
            tuple(
                Block(
                    kind=block["kind"],
                    text=block.get("text", ""),
                    level=block.get("level", 0),
                    page=block.get("page"),
                    rows=tuple(tuple(row) for row in block.get("rows", ())),
                )
                for block in blocks
            )
        )
