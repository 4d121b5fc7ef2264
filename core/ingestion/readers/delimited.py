"""Delimited tables (.csv, .tsv): one table, each cell as it stands in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from core.content import Block
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
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
    """The one that stands in most lines, and equally often in each of them."""
    lines = [line for line in text[:200_000].split("\n") if line.strip()][:SAMPLE_LINES]

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [line.count(delimiter) for line in lines]
        commonest = max(counts, key=lambda count: (counts.count(count) if count else 0, count), default=0)
        return (counts.count(commonest) if commonest else 0, commonest)

    return max(allowed, key=fit)


def _rows(text: str, delimiter: str, max_cells: int) -> list[list[str]]:
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
