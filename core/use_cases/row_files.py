"""Rows of plain values as files to download: CSV, XLSX or JSON. Nothing in them can act as a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.errors import Invalid

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet program calculate instead of show (OWASP, "CSV Injection")."""

Value: TypeAlias = str | float | bool | None
Rows: TypeAlias = Sequence[Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    media_type: str
    data: bytes


def as_file(name: str, format: str, columns: Sequence[str], rows: Rows) -> Download:
    """The rows as `name.format`, with these columns in this order. Raises Invalid for another format."""
    if format not in WRITERS:
        raise Invalid(f"No download as {format!r}.", remedy=f"Use one of: {', '.join(WRITERS)}.")
    media_type, write = WRITERS[format]
    return Download(f"{name}.{format}", media_type, write(columns, rows))


def neutralise(value: str) -> str:
    """The text with an apostrophe before what a spreadsheet program would take for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _csv(columns: Sequence[str], rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        values = (row[column] for column in columns)
        writer.writerow([neutralise(value) if isinstance(value, str) else value for value in values])
    return out.getvalue().encode("utf-8-sig")  # with its mark, or Excel takes it for another encoding


def _json(columns: Sequence[str], rows: Rows) -> bytes:
    written = [{column: row[column] for column in columns} for row in rows]
    return json.dumps(written, ensure_ascii=False, indent=1).encode()


def _xlsx(columns: Sequence[str], rows: Rows) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options | {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("review")
        bold = workbook.add_format({"bold": True})
        sheet.write_row(0, 0, columns, bold)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                _write_cell(sheet, number, place, row[column])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
        sheet.autofit()
    return out.getvalue()


def _write_cell(sheet: object, row: int, column: int, value: Value) -> None:
    import xlsxwriter.worksheet

    assert isinstance(sheet, xlsxwriter.worksheet.Worksheet)
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)


WRITERS: dict[str, tuple[str, Callable[[Sequence[str], Rows], bytes]]] = {
    "csv": ("text/csv", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": ("application/json", _json),
}
