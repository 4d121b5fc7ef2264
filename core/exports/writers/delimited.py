"""The tables of a document and the values of its charts as CSV (RFC 4180, with a byte order mark)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.content import BlockKind, Chart
from core.errors import ExportFailed
from core.exports.cell_text import neutralise
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import Words, words_of


class DelimitedTables:
    name = "csv"
    extension = ".csv"
    media_type = "text/csv"
    leaves_out: frozenset[BlockKind] = frozenset(
        {
            *("heading", "paragraph", "list_item", "quote", "code", "caption"),
            *("picture", "footnote", "reference"),
        }
    )

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        found = list(sheets(manuscript))
        if not found:
            raise ExportFailed(
                "There is no table or chart in this document.",
                remedy="Choose another format, such as DOCX or PDF, or add a table.",
            )
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        for number, sheet in enumerate(found):
            if len(found) > 1:
                writer.writerows(([], [neutralise(sheet.title)]) if number else ([neutralise(sheet.title)],))
            writer.writerows([neutralise(cell) for cell in row] for row in sheet.rows)
        return out.getvalue().encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it goes into the file: the rows have the same number of cells."""

    title: str
    rows: tuple[tuple[str, ...], ...]


def sheets(manuscript: Manuscript) -> Iterator[Sheet]:
    """The tables and charts in their order, each under its caption, its title or its number."""
    words, num_tables, num_charts = words_of(manuscript.language), 0, 0
    for place, block in enumerate(manuscript.content.blocks):
        caption = manuscript.caption_of(place) if block.kind in ("table", "chart") else None
        if block.kind == "table" and block.rows:
            num_tables += 1
            yield Sheet(_line(caption.text if caption else f"{words.table} {num_tables}"), block.rows)
        elif block.chart:
            num_charts += 1
            title = block.text or (caption.text if caption else f"{words.chart} {num_charts}")
            yield Sheet(_line(title), values(block.chart, words))


def values(chart: Chart, words: Words) -> tuple[tuple[str, ...], ...]:
    """A row for each category under the names of the series."""
    names = [each.name or f"{words.chart} {at}" for at, each in enumerate(chart.series, start=1)]
    head = (chart.category_title, *names)
    length = max((len(chart.categories), *(len(each.values) for each in chart.series)))
    return (
        head,
        *(
            (_at(chart.categories, row), *(number(_value(each.values, row)) for each in chart.series))
            for row in range(length)
        ),
    )


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def _value(values: Sequence[float | None], place: int) -> float | None:
    return values[place] if place < len(values) else None


def _line(text: str) -> str:
    return " ".join(text.split())
