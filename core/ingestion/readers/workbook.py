"""Excel workbooks (.xlsx): each sheet a heading and a table of what its cells show.

Reads the XML as a stream (ECMA-376, part 1, chapter 18); openpyxl knows the number formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from lxml import etree

from core.content import Block
from core.ingestion.archive import Package
from core.ingestion.office_package import main_part, properties, related, relationship_id, relationships
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.xml_parts import parse, stream

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT_MAIN = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
MAX_COLUMNS = 16_384
_COLUMN = re.compile(r"([A-Z]{1,3})\d+$")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a workbook writes characters that XML cannot


class Workbook:
    name = "xlsx"
    extensions = (".xlsx", ".xlsm", ".xltx")

    def warm_up(self) -> None:
        import openpyxl  # noqa: F401

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        known = properties(package)
        cells = _cells_of(package)
        blocks: list[Block] = []
        left = source.limits.max_cells
        for number, (name, part) in enumerate(_sheets(package), start=1):
            rows = _trim(_rows(package.read(part), cells, left))
            left -= sum(map(len, rows))
            if rows:
                blocks += [Block("heading", name, level=1, page=number), Block.table(rows, page=number)]
        if not blocks:
            raise unreadable("no_text")
        yield Extract(blocks=tuple(blocks), title=known.title, author=known.author, modified=known.modified)


@dataclass(frozen=True)
class _Cells:
    """What is needed to show a cell: shared strings and the number format of each style."""

    strings: tuple[str, ...]
    formats: tuple[str, ...]
    is_1904: bool

    @cached_property
    def date_styles(self) -> frozenset[int]:
        from openpyxl.styles.numbers import is_date_format

        return frozenset(index for index, code in enumerate(self.formats) if is_date_format(code))

    def show(self, cell: etree._Element) -> str:
        kind = cell.get("t", "n")
        value = cell.findtext("{*}v")
        if kind == "inlineStr":
            return _string(cell.find("{*}is"))
        if not value:
            formula = cell.findtext("{*}f")  # never calculated: the formula is all there is
            return f"={formula}" if formula else ""
        if kind == "s":
            return self.strings[int(value)]
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n":
            return self._number(value, int(cell.get("s", "0")))
        return _unescape(value)

    def _number(self, value: str, style: int) -> str:
        number = float(value)
        if style in self.date_styles:
            return self._date(number)
        code = self.formats[style] if style < len(self.formats) else ""
        if "%" in code:
            return f"{number * 100:.10g}%"
        return f"{number:.15g}"

    def _date(self, number: float) -> str:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        try:
            moment = from_excel(number, CALENDAR_MAC_1904 if self.is_1904 else CALENDAR_WINDOWS_1900)
        except (OverflowError, ValueError):
            return f"{number:.15g}"
        if isinstance(moment, datetime):
            is_day = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
            return moment.date().isoformat() if is_day else moment.isoformat(" ", "seconds")
        return str(moment)


def _cells_of(package: Package) -> _Cells:
    workbook = main_part(package)
    settings = parse(package.read(workbook)).find("{*}workbookPr")
    strings = related(package, workbook, "sharedStrings")
    styles = related(package, workbook, "styles")
    return _Cells(
        strings=tuple(_shared_strings(package.read(strings))) if strings else (),
        formats=_formats(parse(package.read(styles))) if styles else (),
        is_1904=settings is not None and settings.get("date1904") in ("1", "true"),
    )


def _shared_strings(data: bytes) -> Iterator[str]:
    for element in stream(data, f"{MAIN}si", f"{STRICT_MAIN}si"):
        yield _string(element)


def _string(element: etree._Element | None) -> str:
    """The runs of a rich text, without its phonetic reading."""
    if element is None:
        return ""
    runs = [element.findtext("{*}t") or ""] + [run.findtext("{*}t") or "" for run in element.iterfind("{*}r")]
    return _unescape("".join(runs))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _formats(root: etree._Element) -> tuple[str, ...]:
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    own = {element.get("numFmtId"): str(element.get("formatCode", "")) for element in root.iter("{*}numFmt")}
    formats = root.find("{*}cellXfs")
    keys = [] if formats is None else [str(element.get("numFmtId", "0")) for element in formats]
    return tuple(own.get(key) or BUILTIN_FORMATS.get(int(key), "General") for key in keys)


def _sheets(package: Package) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet, in the order of the tabs. Chart sheets have no cells and are left out."""
    workbook = main_part(package)
    targets = relationships(package, workbook)
    for element in parse(package.read(workbook)).iterfind("{*}sheets/{*}sheet"):
        found = targets.get(relationship_id(element))
        if found is not None and found.kind == "worksheet" and found.target in package:
            yield str(element.get("name", "")), found.target


def _rows(data: bytes, cells: _Cells, max_cells: int) -> list[list[str]]:
    rows: list[list[str]] = []
    num_cells = 0
    for element in stream(data, f"{MAIN}row", f"{STRICT_MAIN}row"):
        row: list[str] = []
        for cell in element:
            text = cells.show(cell)
            if text:
                row.extend([""] * (_column(cell, len(row)) - len(row)))
                row.append(" ".join(text.split()))
        num_cells += len(row)
        if num_cells > max_cells:
            raise unreadable("table_too_large", limit=f"{max_cells:,}")
        rows.append(row)
    return rows


def _column(cell: etree._Element, following: int) -> int:
    """From 0. A cell that does not say where it stands follows the one before."""
    match = _COLUMN.match(cell.get("r", ""))
    if not match:
        return following
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return min(column, MAX_COLUMNS) - 1


def _trim(rows: list[list[str]]) -> list[list[str]]:
    """All rows of one width, without the empty ones and without empty columns on the left."""
    filled = [row for row in rows if any(row)]
    if not filled:
        return []
    width = max(map(len, filled))
    first = min(next(index for index, text in enumerate(row) if text) for row in filled)
    return [row[first:] + [""] * (width - len(row)) for row in filled]
