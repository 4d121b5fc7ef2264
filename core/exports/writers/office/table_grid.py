"""How a table lies on its grid: what covers what, which columns hold numbers, how wide each is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.content import Block, CellSpan

_NUMBER = re.compile(r"[(+\-−–]?\s?[€$£¥]?\s?\d[\d.,'\u00a0\u202f ]*\s?(?:[%‰€$£¥]|[A-Z]{3})?\)?")
_LONGEST_LINE, _LONGEST_WORD = 38, 16


@dataclass(frozen=True, slots=True)
class Grid:
    """`spans` are the cells that cover others by (row, column); `covered` says which one covers a place."""

    num_columns: int
    shares: tuple[float, ...]
    spans: Mapping[tuple[int, int], CellSpan]
    covered: Mapping[tuple[int, int], CellSpan]
    numeric: frozenset[int]


def grid(block: Block) -> Grid:
    num_columns = max((len(row) for row in block.rows), default=1) or 1
    spans, covered = _cover(block, num_columns)
    return Grid(num_columns, _shares(block, num_columns, spans), spans, covered, _numeric(block, num_columns))


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def _cover(
    block: Block, num_columns: int
) -> tuple[dict[tuple[int, int], CellSpan], dict[tuple[int, int], CellSpan]]:
    """Spans cut at the table's edge; one that would overlap another is left out."""
    spans: dict[tuple[int, int], CellSpan] = {}
    covered: dict[tuple[int, int], CellSpan] = {}
    for span in block.merged:
        num_rows = min(span.num_rows, len(block.rows) - span.row)
        cut = CellSpan(span.row, span.column, num_rows, min(span.num_columns, num_columns - span.column))
        places = {
            (row, column)
            for row in range(cut.row, cut.row + cut.num_rows)
            for column in range(cut.column, cut.column + cut.num_columns)
        }
        if len(places) > 1 and not any(place in covered or place in spans for place in places):
            spans[cut.row, cut.column] = cut
            covered |= {place: cut for place in places if place != (cut.row, cut.column)}
    return spans, covered


def _shares(block: Block, num_columns: int, spans: Mapping[tuple[int, int], CellSpan]) -> tuple[float, ...]:
    """The part of the width that each column gets; a short column gets what it needs."""
    words, lines = [3.0] * num_columns, [4.0] * num_columns
    for at, row in enumerate(block.rows[:500]):
        for column, cell in enumerate(row):
            if (at, column) not in spans:
                word = max(map(len, cell.split()), default=0)
                words[column] = max(words[column], min(_LONGEST_WORD, word))
                lines[column] = max(lines[column], min(_LONGEST_LINE, len(cell)))
    needs = [2.5 + word + 0.45 * max(0.0, line - word) for word, line in zip(words, lines, strict=True)]
    return tuple(need / sum(needs) for need in needs)


def _numeric(block: Block, num_columns: int) -> frozenset[int]:
    """Columns in which more than half of what stands below the header is a number."""
    body = block.rows[block.header_rows :]
    found = []
    for column in range(num_columns):
        cells = [row[column] for row in body if column < len(row) and row[column].strip()]
        if cells and sum(map(is_number, cells)) * 2 > len(cells):
            found.append(column)
    return frozenset(found)
