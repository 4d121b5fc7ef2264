"""Checks CSV by reading it again: constant columns, nothing that acts, the mark that Excel looks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from platform import python_version

from core.exports.cell_text import acts, restore
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.exports.writers.delimited import Sheet, sheets

_AGAIN = "Export the document again."
_MARK = b"\xef\xbb\xbf"


class DelimitedCheck:
    formats = ("csv",)
    rules: Mapping[str, Rule] = {
        "csv.opens": Rule("formatting", "basic", "The file is CSV in UTF-8 with its mark", _AGAIN),
        "csv.formulas": Rule("professional", "basic", "No cell can act as a formula", _AGAIN),
        "csv.columns": Rule("formatting", "basic", "All rows of a table have the same columns", _AGAIN),
        "csv.cells": Rule("content", "basic", "Every cell can be read back as it was", _AGAIN),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (Tool("csv", python_version()),)

    def text(self, data: bytes) -> str:
        return "\n".join(restore(cell) for row in _rows(data.decode("utf-8-sig", "replace")) for cell in row)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        found: dict[str, list[Issue]] = {"csv.opens": [] if data.startswith(_MARK) else [Issue("No mark.")]}
        try:
            rows = _rows(data.decode("utf-8-sig"))
        except (UnicodeDecodeError, csv.Error) as error:
            found["csv.opens"].append(Issue(str(error)))
        else:
            found |= {
                "csv.formulas": [Issue(cell[:60]) for row in rows for cell in row if acts(cell)],
                "csv.columns": list(_uneven(rows, manuscript)),
                "csv.cells": list(_lost(rows, manuscript)),
            }
        yield from checks(self.tools()[0], found)


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def _placed(rows: list[list[str]], manuscript: Manuscript) -> Iterator[tuple[Sheet, list[list[str]]]]:
    """Each table of the document with the lines where it must be in the file."""
    at, tables = 0, list(sheets(manuscript))
    for number, sheet in enumerate(tables):
        at += (2 if number else 1) if len(tables) > 1 else 0
        yield sheet, rows[at : at + len(sheet.rows)]
        at += len(sheet.rows)


def _uneven(rows: list[list[str]], manuscript: Manuscript) -> Iterator[Issue]:
    for sheet, lines in _placed(rows, manuscript):
        wanted = len(sheet.rows[0])
        if len(lines) != len(sheet.rows):
            yield Issue(f"{len(lines)} rows instead of {len(sheet.rows)}", sheet.title)
        for line in lines:
            if len(line) != wanted and (line or wanted != 1):
                yield Issue(f"{len(line)} cells instead of {wanted}", sheet.title)


def _lost(rows: list[list[str]], manuscript: Manuscript) -> Iterator[Issue]:
    for sheet, lines in _placed(rows, manuscript):
        for row, line in zip(sheet.rows, lines, strict=False):
            read = tuple(map(restore, line)) or ("",)
            if read != row:
                yield Issue(" | ".join(row)[:80], sheet.title)
