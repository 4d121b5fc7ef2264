"""A table cut into parts that fit on slides: the header rows come again on each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.content import Block, CellSpan, Run, cell_runs
from core.errors import ExportFailed
from core.exports.writers.office.table_grid import Grid, grid
from core.exports.writers.slides.boxes import ROOM, Place, TableBox
from core.exports.writers.slides.measuring import line_height, line_starts

MARGIN_X, MARGIN_Y = 7.2, 4.0
MAX_COLUMNS = 40
_SIZES = (14.0, 12.0)
_NARROW, _WIDE_COLUMNS = 70.0, 7
_TALLEST_HEADER = 0.4


@dataclass(frozen=True, slots=True)
class Laid:
    """A table with its widths and the heights of its rows, in points."""

    block: Block
    grid: Grid
    cells: tuple[tuple[tuple[Run, ...], ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    size: float

    @staticmethod
    def of(block: Block, room: float) -> Laid:
        laid = grid(block)
        if laid.num_columns > MAX_COLUMNS:
            raise ExportFailed(
                f"A table has {laid.num_columns} columns; a slide holds {MAX_COLUMNS}.",
                remedy="Export it as xlsx or csv, or split the table.",
            )
        widths = _widths(laid, room)
        size = _SIZES[0] if laid.num_columns < _WIDE_COLUMNS and len(block.rows) <= 12 else _SIZES[1]
        cells = tuple(tuple(row) for row in cell_runs(block))
        heights = tuple(_height(block, at, row, laid, widths, size) for at, row in enumerate(cells))
        return Laid(block, laid, cells, widths, heights, size)

    @property
    def header_rows(self) -> int:
        """Those that come again on each slide; none if they take too much of it."""
        rows = min(self.block.header_rows, len(self.cells) - 1)
        return rows if sum(self.heights[:rows]) <= ROOM * _TALLEST_HEADER else 0

    @property
    def num_body_rows(self) -> int:
        return len(self.cells) - self.header_rows

    @property
    def height(self) -> float:
        return sum(self.heights)

    def part(
        self, first: int, room: float, place: Place, alt: str, *, is_continued: bool
    ) -> tuple[TableBox, int]:
        """The rows from `first` (after the header) that fit, one at least, and the next row."""
        header = self.header_rows
        used, end = sum(self.heights[:header]), first
        while end < self.num_body_rows and (end == first or used + self.heights[header + end] <= room):
            used += self.heights[header + end]
            end += 1
        chosen = [*range(header), *range(header + first, header + end)]
        box = TableBox(
            block=self.block,
            rows=tuple(self.cells[at] for at in chosen),
            spans=self._spans(chosen),
            widths=self.widths,
            heights=tuple(self.heights[at] for at in chosen),
            size=self.size,
            alt=alt,
            place=replace(place, height=used),
            is_continued=is_continued,
        )
        return box, end

    def _spans(self, chosen: list[int]) -> tuple[CellSpan, ...]:
        """Those that begin on this slide, cut where it ends."""
        where = {row: at for at, row in enumerate(chosen)}
        found = []
        for span in self.grid.spans.values():
            if span.row in where:
                at, count = where[span.row], 1
                while count < span.num_rows and where.get(span.row + count) == at + count:
                    count += 1
                if count > 1 or span.num_columns > 1:
                    found.append(CellSpan(at, span.column, count, span.num_columns))
        return tuple(found)


def _widths(laid: Grid, room: float) -> tuple[float, ...]:
    least = min(_NARROW, room / laid.num_columns)
    spare = room - least * laid.num_columns
    return tuple(least + share * spare for share in laid.shares)


def _height(
    block: Block,
    at: int,
    row: tuple[tuple[Run, ...], ...],
    laid: Grid,
    widths: tuple[float, ...],
    size: float,
) -> float:
    needed = line_height("", size)
    for column, cell in enumerate(row):
        span = laid.spans.get((at, column))
        if span and span.num_rows > 1:
            continue  # it has the height of several rows
        wide = sum(widths[column : column + (span.num_columns if span else 1)])
        text = "".join(run.text + "[00]" * len(run.signs) for run in cell)
        is_bold = at < block.header_rows or any("strong" in run.styles for run in cell)
        lines = len(line_starts(text, size, wide - 2 * MARGIN_X, is_bold=is_bold))
        needed = max(needed, lines * line_height(text, size))
    return needed + 2 * MARGIN_Y + 0.5
