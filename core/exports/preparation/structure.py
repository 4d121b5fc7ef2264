"""Headings without gaps, lists that go down step by step, captions that belong to something."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.content import Block, CellSpan, Chart
from core.exports.manuscript import caption_owners

DEEPEST_HEADING = 5
DEEPEST_ITEM = 8
_FIGURE = re.compile(r"[-+−]?[\d.,'\s]*\d\s*[%€$£]?")


def without_title(blocks: Sequence[Block], title: str) -> list[Block]:
    """The blocks without a first heading that says the title."""
    for at, block in enumerate(blocks):
        if block.kind == "heading" and block.text.casefold() == title.casefold():
            return [*blocks[:at], *blocks[at + 1 :]]
        if block.text:
            break
    return list(blocks)


def ordered(blocks: Sequence[Block], changes: Counter[str]) -> list[Block]:
    """The blocks in an order that every format can hold."""
    kept = [made for block in blocks if (made := _whole(block, changes)) is not None]
    levelled = list(_levels(kept, changes))
    owned = caption_owners(tuple(levelled))
    orphans = {at for at, each in enumerate(levelled) if each.kind == "caption" and at not in owned}
    changes["captions"] += len(orphans)
    return [replace(each, kind="paragraph") if at in orphans else each for at, each in enumerate(levelled)]


def _whole(block: Block, changes: Counter[str]) -> Block | None:
    if block.kind == "table":
        return _table(block, changes) if any(any(row) for row in block.rows) else None
    if block.kind == "chart":
        chart = _chart(block.chart) if block.chart else None
        changes["charts"] += chart is None
        return replace(block, chart=chart) if chart else None
    return block if block.text or block.picture else None


def _levels(blocks: Sequence[Block], changes: Counter[str]) -> Iterator[Block]:
    """Headings from 1 to 5 that skip none, list items that are at most one deeper than the one before."""
    headings = [block.level for block in blocks if block.kind == "heading"]
    shift, last, depth = min(headings, default=1) - 1, 0, -1
    for block in blocks:
        if block.kind == "heading":
            level = max(1, min(block.level - shift, last + 1, DEEPEST_HEADING))
            changes["heading_levels"] += level != block.level - shift
            last = level
            yield replace(block, level=level)
        elif block.kind == "list_item":
            depth = max(0, min(block.level, depth + 1, DEEPEST_ITEM))
            yield replace(block, level=depth)
            continue
        else:
            yield replace(block, level=0)
        depth = -1


def _table(block: Block, changes: Counter[str]) -> Block:
    header = min(block.header_rows, len(block.rows) - 1)
    if not header and _names_columns(block.rows):
        header = 1
        changes["header_rows"] += 1
    merged = tuple(_fitting(block, header))
    changes["merged_cells"] += len(block.merged) - len(merged)
    return replace(block, header_rows=header, merged=merged)


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    return len(rows) > 1 and all(cell and not _FIGURE.fullmatch(cell) for cell in rows[0])


def _fitting(block: Block, header: int) -> Iterator[CellSpan]:
    """The spans that lie in the table, cover only empty places, overlap no other and stay on one side of the
    heading rows.
    """
    taken: set[tuple[int, int]] = set()
    for span in sorted(block.merged, key=lambda each: (each.row, each.column)):
        places = {
            (row, column)
            for row in range(span.row, span.row + span.num_rows)
            for column in range(span.column, span.column + span.num_columns)
        }
        hidden = places - {(span.row, span.column)}
        is_inside = min(span.row, span.column) >= 0 and span.row + span.num_rows <= len(block.rows)
        is_inside = is_inside and span.column + span.num_columns <= len(block.rows[0])
        crosses = span.row < header < span.row + span.num_rows
        is_alone = bool(hidden) and not places & taken
        if is_alone and is_inside and not crosses and not any(block.rows[r][c] for r, c in hidden):
            taken |= places
            yield span


def _chart(chart: Chart) -> Chart | None:
    """The chart with a finite value or None for each category in each series; None without any value."""
    width = len(chart.categories)
    if chart.kind == "scatter":
        width = max((len(each.values) for each in chart.series), default=0)
    series = tuple(
        replace(each, values=tuple(map(_finite, (*each.values, *(None,) * width)[:width])))
        for each in chart.series
    )
    if chart.kind == "pie":
        series = tuple(replace(each, values=tuple(map(_positive, each.values))) for each in series[:1])
    if chart.kind == "scatter" and len(series) < 2:
        return None
    has_value = any(value is not None for each in series for value in each.values)
    return replace(chart, series=series) if has_value else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None
