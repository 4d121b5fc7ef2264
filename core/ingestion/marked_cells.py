"""Tables whose cells carry marks, put on their grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.content import Block, CellSpan, Mark
from core.content.marks import moved
from core.ingestion.inline_text import joined

Cell = tuple[str, tuple[Mark, ...]]

NOTHING: Cell = ("", ())


def one_line(text: str, marks: Sequence[Mark]) -> Cell:
    """The text with single blanks and no line ends, its marks on the same words."""
    shown = " ".join(text.split())
    return shown, moved(tuple(marks), text, shown)


def in_one_cell(paragraphs: Sequence[Cell], between: str = " ") -> Cell:
    """The paragraphs of a cell, or of a note, as one text; empty ones are left out."""
    text, marks = "", list[Mark]()
    for shown, found in paragraphs:
        if shown:
            text += between if text else ""
            marks += [replace(mark, start=mark.start + len(text), end=mark.end + len(text)) for mark in found]
            text += shown
    return text, joined(marks)


def table_block(lines: Sequence[Sequence[Cell]], spans: Sequence[CellSpan], headers: int) -> Block | None:
    """None for a table without any text. Rows that are all headers are none."""
    if not any(text for line in lines for text, _ in line):
        return None
    marks, position = [], 0
    for line in lines:
        for text, found in line:
            marks += [replace(mark, start=mark.start + position, end=mark.end + position) for mark in found]
            position += len(text) + 1
    height = len(lines)
    cut = (replace(span, num_rows=min(span.num_rows, height - span.row)) for span in spans)
    kept = tuple(span for span in cut if (span.num_rows, span.num_columns) != (1, 1))
    rows = [[text for text, _ in line] for line in lines]
    made = Block.table(rows, header_rows=headers if headers < height else 0, merged=kept)
    return replace(made, marks=tuple(marks))
