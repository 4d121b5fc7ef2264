"""A table cut into parts that fit on slides: the header rows come again on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.content import Block, CellSpan, Run, cell_runs
from core.errors import ExportFailed
from core.exports.writers.office.table_grid import Grid, grid
from core.exports.writers.slides.boxes import ROOM, Paragraph, Place, TableBox, cut
from core.exports.writers.slides.measuring import line_height, line_starts

MARGIN_X, MARGIN_Y = 9.0, 6.0
MAX_COLUMNS = 40
Cells = tuple[tuple[Run, ...], ...]
_SIZES = (18.0, 16.0, 14.0, 12.0)
_FEW_ROWS, _SHARE = 12, 0.8
"""A table of few rows has the largest letters with which it takes that share of a slide."""

_NARROW, _WIDE_COLUMNS = 70.0, 7
_TALLEST_HEADER = 0.4


@dataclass(frozen=True, slots=True)
class _Row:
    """`origin` is its place in the table. A row that `goes_on` holds what the one before had no room for;
    one that `is_held` stays on the slide of the row before it, for a cell lies over both.
    """

    origin: int
    cells: Cells
    height: float
    goes_on: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """A table with its widths and rows, in points. Every row fits on a slide."""

    block: Block
    rows: tuple[_Row, ...]
    spans: tuple[CellSpan, ...]
    widths: tuple[float, ...]
    size: float
    header_rows: int
    """Those that come again on each slide; none if they take too much of it."""

    @staticmethod
    def of(block: Block, room: float, height: float = ROOM) -> Laid:
        """`height` is what the rows have on a slide of their own."""
        laid = grid(block)
        if laid.num_columns > MAX_COLUMNS:
            raise ExportFailed(
                f"A table has {laid.num_columns} columns; a slide holds {MAX_COLUMNS}.",
                remedy="Export it as xlsx or csv, or split the table.",
            )
        widths = _widths(laid, room)
        sizes = _SIZES if laid.num_columns < _WIDE_COLUMNS and len(block.rows) <= _FEW_ROWS else _SIZES[-1:]
        made = _Layer(block, widths, sizes[0]).lay(laid, height)
        for size in sizes[1:]:
            if made.height <= height * _SHARE:
                break
            made = _Layer(block, widths, size).lay(laid, height)
        return made

    @property
    def num_body_rows(self) -> int:
        return len(self.rows) - self.header_rows

    @property
    def height(self) -> float:
        return sum(row.height for row in self.rows)

    def part(
        self, first: int, room: float, place: Place, alt: str, *, is_continued: bool
    ) -> tuple[TableBox, int]:
        """The rows from `first` (after the header) that fit, one at least, and the next row."""
        header = self.header_rows
        used, end = sum(row.height for row in self.rows[:header]), first
        while end < self.num_body_rows:
            after = self._group_end(end)
            needed = sum(row.height for row in self.rows[header + end : header + after])
            if end > first and (used + needed > room or self.rows[header + end].goes_on):
                break
            used, end = used + needed, after
        chosen = [*range(header), *range(header + first, header + end)]
        rows = [self.rows[at] for at in chosen]
        box = TableBox(
            block=self.block,
            rows=tuple(row.cells for row in rows),
            spans=self._spans(chosen),
            widths=self.widths,
            heights=tuple(row.height for row in rows),
            size=self.size,
            alt=alt,
            place=replace(place, height=used),
            num_header_rows=sum(row.origin < self.block.header_rows for row in rows),
            num_repeated=header if is_continued else 0,
            first=rows[header].origin if len(rows) > header else 0,
            is_continued=is_continued,
            goes_on=is_continued and len(rows) > header and rows[header].goes_on,
        )
        return box, end

    def _group_end(self, at: int) -> int:
        end = at + 1
        while end < self.num_body_rows and self.rows[self.header_rows + end].is_held:
            end += 1
        return end

    def _spans(self, chosen: list[int]) -> tuple[CellSpan, ...]:
        """Those that begin on this slide, cut where it ends."""
        where = {row: at for at, row in enumerate(chosen)}
        found = []
        for span in self.spans:
            if span.row in where:
                at, count = where[span.row], 1
                while count < span.num_rows and where.get(span.row + count) == at + count:
                    count += 1
                if count > 1 or span.num_columns > 1:
                    found.append(CellSpan(at, span.column, count, span.num_columns))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Measures the rows of a table, and cuts those that are taller than a slide."""

    block: Block
    widths: tuple[float, ...]
    size: float

    def lay(self, laid: Grid, height: float) -> Laid:
        block, spans = self.block, dict(laid.spans)
        cells = [tuple(row) for row in cell_runs(block)]
        heights = [self._row_height(at, row, spans) for at, row in enumerate(cells)]
        header = min(block.header_rows, len(cells) - 1)
        header = header if sum(heights[:header]) <= ROOM * _TALLEST_HEADER else 0
        limit = height - sum(heights[:header])
        held = self._hold(cells, heights, spans, limit)
        rows: list[_Row] = []
        first: list[int] = []
        for at, row in enumerate(cells):
            first.append(len(rows))
            rows += self._split(at, row, heights[at], spans, limit, is_held=at in held)
        return Laid(
            block, tuple(rows), tuple(_moved(spans, first, len(rows))), self.widths, self.size, header
        )

    def _hold(
        self,
        cells: Sequence[Cells],
        heights: list[float],
        spans: dict[tuple[int, int], CellSpan],
        limit: float,
    ) -> set[int]:
        """The rows that stay with the one before. Cells over more rows than a slide holds are merged no
        longer, unless their text fits the first.
        """
        held: set[int] = set()
        for place, span in sorted(spans.items()):
            if span.num_rows < 2:
                continue
            last = span.row + span.num_rows - 1
            needed = self._cell_height(span.row, cells[span.row][span.column], self._width(span.column, span))
            heights[last] += max(0.0, needed - sum(heights[span.row : last + 1]))
            start = span.row
            while start in held:
                start -= 1
            if sum(heights[start : last + 1]) <= limit:
                held.update(range(span.row + 1, last + 1))
            elif needed > heights[span.row]:
                spans[place] = replace(span, num_rows=1)
                heights[span.row] = needed
        return held

    def _split(
        self,
        at: int,
        row: Cells,
        height: float,
        spans: dict[tuple[int, int], CellSpan],
        limit: float,
        *,
        is_held: bool,
    ) -> list[_Row]:
        """The row, or as many as it takes."""
        if height <= limit or is_held:
            return [_Row(at, row, height, is_held=is_held)]
        for place, span in list(spans.items()):
            if span.row <= at < span.row + span.num_rows and span.num_rows > 1:
                spans[place] = replace(span, num_rows=1)
        made: list[_Row] = []
        left: Cells = row
        while any(left):
            taken, left = self._halves(at, left, spans, limit - 2 * MARGIN_Y - 1)
            made.append(_Row(at, taken, self._row_height(at, taken, spans), goes_on=bool(made)))
        return made

    def _halves(
        self, at: int, row: Cells, spans: dict[tuple[int, int], CellSpan], room: float
    ) -> tuple[Cells, Cells]:
        """What fits, a line of each cell at least, and what is left."""
        taken: list[tuple[Run, ...]] = []
        left: list[tuple[Run, ...]] = []
        for column, runs in enumerate(row):
            whole = Paragraph("paragraph", runs, self.size)
            starts = self._starts(at, runs, self._width(column, spans.get((at, column))))
            num_lines = max(1, int(room // line_height(whole.text, self.size)))
            if len(starts) <= num_lines:
                taken.append(runs)
                left.append(())
                continue
            head, tail = cut(whole, starts[num_lines])
            taken.append(head.runs)
            left.append(tail.runs)
        return tuple(taken), tuple(left)

    def _row_height(self, at: int, row: Cells, spans: dict[tuple[int, int], CellSpan]) -> float:
        needed = line_height("", self.size) + 2 * MARGIN_Y + 0.5
        for column, runs in enumerate(row):
            span = spans.get((at, column))
            if span is None or span.num_rows < 2:  # else it has the height of several rows
                needed = max(needed, self._cell_height(at, runs, self._width(column, span)))
        return needed

    def _cell_height(self, at: int, runs: tuple[Run, ...], width: float) -> float:
        text = Paragraph("paragraph", runs, self.size).text
        lines = len(self._starts(at, runs, width))
        return lines * line_height(text, self.size) + 2 * MARGIN_Y + 0.5

    def _starts(self, at: int, runs: tuple[Run, ...], width: float) -> list[int]:
        text = Paragraph("paragraph", runs, self.size).text
        is_bold = at < self.block.header_rows or any("strong" in run.styles for run in runs)
        is_mono = any("code" in run.styles for run in runs)
        return line_starts(text, self.size, width - 2 * MARGIN_X, is_bold=is_bold, is_mono=is_mono)

    def _width(self, column: int, span: CellSpan | None) -> float:
        return sum(self.widths[column : column + (span.num_columns if span else 1)])


def _moved(spans: dict[tuple[int, int], CellSpan], first: Sequence[int], num_rows: int) -> Iterator[CellSpan]:
    """The spans by the rows that were made; one within a row that was cut lies in each of its parts."""
    for span in spans.values():
        if span.num_rows > 1:
            yield replace(span, row=first[span.row])
            continue
        after = first[span.row + 1] if span.row + 1 < len(first) else num_rows
        yield from (replace(span, row=at) for at in range(first[span.row], after))


def _widths(laid: Grid, room: float) -> tuple[float, ...]:
    least = min(_NARROW, room / laid.num_columns)
    spare = room - least * laid.num_columns
    return tuple(least + share * spare for share in laid.shares)
