"""Delimited tables (.csv, .tsv): one table, each cell as it stands in the file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from core.content import Block
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
SAMPLE_CHARACTERS = 200_000
QUOTED_FACTOR = 4  # delimiters that a table may have for each cell, as they also stand in quotes
MAX_CELL_CHARACTERS = 1_000_000


class Delimited:
    """`delimiters` are those that a file of this name may use; the one that fits best is taken."""

    def __init__(self, name: str, extensions: tuple[str, ...], delimiters: str) -> None:
        self.name = name
        self.extensions = extensions
        self._delimiters = delimiters

    def read(self, source: Source) -> Iterator[Extract]:
        decoded = decode(source.data)
        rows = _rows(decoded.text, _delimiter(decoded.text, self._delimiters), source.limits.max_cells)
        if not rows:
            raise unreadable("no_text")
        yield Extract(blocks=(Block.table(rows),), warnings=decoded.warnings)


CSV = Delimited("csv", (".csv",), DELIMITERS)
TSV = Delimited("tsv", (".tsv", ".tab"), "\t")


def _delimiter(text: str, allowed: str) -> str:
    """The one that divides most rows into the same number of cells."""
    sample = "\n".join(text[:SAMPLE_CHARACTERS].split("\n")[:SAMPLE_LINES])
    return max(allowed, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of rows that are of the commonest width, then that width; nothing if it is one."""
    try:
        widths = Counter(
            len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row
        )
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, num_rows = widths.most_common(1)[0]
    return (num_rows / widths.total(), width) if width > 1 else (0.0, 0)


def _rows(text: str, delimiter: str, max_cells: int) -> list[list[str]]:
    if text.count(delimiter) > QUOTED_FACTOR * max_cells:  # a row is held whole, so it is not even begun
        raise unreadable("table_too_large", limit=f"{max_cells:,}")
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    rows, num_cells = [], 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            num_cells += len(row)
            if num_cells > max_cells:
                raise unreadable("table_too_large", limit=f"{max_cells:,}")
            if any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error as error:
        raise unreadable("damaged_file", format="CSV") from error
    return rows
