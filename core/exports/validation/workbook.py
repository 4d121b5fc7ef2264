"""Checks Excel workbooks: openpyxl opens them and compares every cell, openxml-audit checks the schema."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from core.content import Block
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation import package_rules
from core.exports.validation.cell_wording import wording
from core.exports.validation.package_rules import DAMAGE, Package
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.exports.writers.sheets.typed_cells import typed

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell

_LONGEST, _FULL = 31, 32_766
_FORBIDDEN = frozenset("[]:*?/\\")

RULES: Mapping[str, Rule] = {
    "xlsx.opens": Rule(
        "formatting",
        "basic",
        "Another program opens the file",
        "Export again; if it stays, choose another format for this document.",
    ),
    **{f"xlsx.{name}": rule for name, rule in package_rules.RULES.items()},
    "xlsx.formulas": Rule(
        "professional", "basic", "No cell calculates", "Remove the formula; write its result."
    ),
    "xlsx.cells": Rule(
        "content", "basic", "Every cell holds what the table says", "Export again; cells differ."
    ),
    "xlsx.names": Rule(
        "formatting", "basic", "Names of sheets are short and safe", "Give the table a shorter caption."
    ),
    "xlsx.described": Rule(
        "accessibility",
        "standard",
        "Every drawing is described or marked as decoration",
        "Describe the pictures and charts.",
    ),
    "xlsx.header_rows": Rule(
        "accessibility",
        "standard",
        "Header rows of tables are marked and repeat",
        "Export again; header rows are not marked.",
    ),
}

Find = Callable[[Package], Iterator[Issue]]


class WorkbookCheck:
    formats: tuple[str, ...] = ("xlsx",)
    rules: Mapping[str, Rule] = RULES

    def tools(self) -> tuple[Tool, ...]:
        return tuple(Tool(name, version(name)) for name in ("openpyxl", "openxml-audit"))

    def text(self, data: bytes) -> str:
        """As openpyxl reads it: each cell as it is shown in the language of the document, and the words of
        the charts.
        """
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(data))
        package = Package(data)
        language = _language(package)
        texts = [
            text
            for sheet in book.worksheets
            for row in _whole([[_shown(cell, language) for cell in row] for row in sheet.iter_rows()])
            for text in row
            if isinstance(text, str) and text
        ]
        for name in package.parts:
            if name.startswith("xl/charts/chart"):
                texts += map(str, package.xml(name).itertext())
        return "\n".join(texts)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        reader = f"openpyxl {version('openpyxl')}"
        try:
            package = Package(data)
            relations = tuple(package_rules.relation_issues(package))
            if relations:
                yield Check("xlsx.opens", reader, relations)
                yield Check("xlsx.relations", "lxml", relations)
                return
            self.text(data)
        except DAMAGE as error:
            yield Check("xlsx.opens", reader, (Issue(str(error) or type(error).__name__),))
            return
        yield Check("xlsx.opens", reader)
        audit = f"openxml-audit {version('openxml-audit')}"
        yield Check("xlsx.schema", audit, tuple(package_rules.schema_issues(data, ".xlsx")))
        yield from (Check(name, "lxml", tuple(find(package))) for name, find in _CHECKS.items())
        tables = [block for block in manuscript.content.blocks if block.kind == "table"]
        if tables:
            yield Check("xlsx.cells", reader, tuple(_cells(data, tables, manuscript.language)))
        if any(block.header_rows for block in tables):
            yield Check("xlsx.header_rows", "lxml", tuple(_header_rows(package, tables)))


def _shown(cell: Cell | MergedCell, language: str) -> str:
    value = cell.value
    if isinstance(value, int | float | date):
        return wording(value, str(cell.number_format), language)
    return value if isinstance(value, str) else ""


def _whole(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The rows, with what goes on in the next row because its cell is full."""
    made: list[list[object]] = []
    going: set[int] = set()
    for row in rows:
        full = {at for at, value in enumerate(row) if isinstance(value, str) and _is_full(value)}
        if going:
            for at in going:
                made[-1][at] = _joined(made[-1][at], row[at])
            going = full & going
        else:
            made.append(list(row))
            going = full
    return made


def _joined(first: object, rest: object) -> object:
    return first + rest if isinstance(first, str) and isinstance(rest, str) else first


def _is_full(text: str) -> bool:
    return len(text) * 2 >= _FULL and len(text.encode("utf-16-le", "surrogatepass")) // 2 >= _FULL


def _language(package: Package) -> str:
    if "docProps/custom.xml" in package.parts:
        for told in package.xml("docProps/custom.xml").iter("{*}property"):
            if told.get("name") == "Language":
                return "".join(map(str, told.itertext()))
    return "en"


def _cells(data: bytes, tables: list[Block], language: str) -> Iterator[Issue]:
    """Each table is looked for on the sheets in their order."""
    import openpyxl

    sheets = iter(openpyxl.load_workbook(io.BytesIO(data)).worksheets[1:])
    for number, block in enumerate(tables, start=1):
        wanted = [
            [cell if at < block.header_rows else _value(cell, block.language or language) for cell in row]
            for at, row in enumerate(block.rows)
        ]
        if not any(
            _holds(_whole(list(sheet.iter_rows(min_row=3, values_only=True))), wanted) for sheet in sheets
        ):
            yield Issue("No sheet holds these cells.", f"table {number}")


def _holds(rows: list[list[object]], wanted: list[list[object]]) -> bool:
    if len(rows) < len(wanted):
        return False
    return all(
        [_read(value) for value in row[: len(line)]] == [value or None for value in line]
        or [_read(value) or None for value in row[: len(line)]] == [value or None for value in line]
        for row, line in zip(rows, wanted, strict=False)
    )


def _value(text: str, language: str) -> object:
    found = typed(text, language)
    return text if found.value is None else found.value


def _read(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def _sheets(package: Package) -> Iterator[str]:
    return (name for name in package.parts if name.startswith("xl/worksheets/sheet"))


def _formulas(package: Package) -> Iterator[Issue]:
    for name in _sheets(package):
        for cell in package.xml(name).iter("{*}f"):
            yield Issue(str(cell.text or "")[:80], name)


def _names(package: Package) -> Iterator[Issue]:
    seen: set[str] = set()
    for sheet in package.xml("xl/workbook.xml").iter("{*}sheet"):
        name = str(sheet.get("name", ""))
        if not name or len(name) > _LONGEST or _FORBIDDEN & set(name) or name.casefold() in seen:
            yield Issue(name)
        seen.add(name.casefold())


def _described(package: Package) -> Iterator[Issue]:
    for part in package.parts:
        if part.startswith("xl/drawings/drawing"):
            for told in package.xml(part).iter("{*}cNvPr"):
                is_decorative = any(str(each.tag).endswith("}decorative") for each in told.iter())
                if not is_decorative and not str(told.get("descr", "")).strip():
                    yield Issue("A drawing without a description.", f"{part} {told.get('name', '')}")


def _header_rows(package: Package, tables: list[Block]) -> Iterator[Issue]:
    wanted = sum(bool(block.header_rows) for block in tables)
    titles = [
        each
        for each in package.xml("xl/workbook.xml").iter("{*}definedName")
        if each.get("name") == "_xlnm.Print_Titles"
    ]
    if len(titles) < wanted:
        yield Issue(f"{len(titles)} of {wanted} header rows repeat in print.")


_CHECKS: Mapping[str, Find] = {
    "xlsx.relations": package_rules.relation_issues,
    "xlsx.outside": package_rules.outside_issues,
    "xlsx.active": package_rules.active_issues,
    "xlsx.title": package_rules.title_issues,
    "xlsx.formulas": _formulas,
    "xlsx.names": _names,
    "xlsx.described": _described,
}
