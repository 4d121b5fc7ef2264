"""Excel workbooks (.xlsx): a sheet for each table and chart, typed cells, and the text on a sheet of its own.

XlsxWriter writes the parts; dates and the order of members are fixed, so equal manuscripts give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from core.content import Block, BlockKind, Chart, Picture, Run, cell_runs, runs
from core.errors import ExportFailed
from core.exports.charts import palette as chart_colours
from core.exports.charts.description import describe
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.reproducible_zip import members, pack
from core.exports.words import Words, words_of
from core.exports.writers.office.colours import Palette, palette
from core.exports.writers.office.front_matter import front_matter
from core.exports.writers.office.measures import logo_size
from core.exports.writers.office.numbering import (
    caption_labels,
    heading_numbers,
    list_places,
    note_numbers,
    reference_labels,
)
from core.exports.writers.office.table_grid import Grid, grid
from core.exports.writers.office.typefaces import CODE_FONT, typefaces
from core.exports.writers.sheets.sheet_names import SheetNames, reference
from core.exports.writers.sheets.typed_cells import TypedCell, in_document, typed

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart as ExcelChart
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 1_048_576 - 8, 16_384, 32_767
_FULL = MAX_TEXT - 1
"""Units from which a cell is full: a letter of two units may not have had room."""

_PER_MM = 96 / 25.4
_WIDEST, _NARROWEST, _TEXT_WIDTH = 60, 9, 100
_TALLEST_ROW = 409.0
_SAMPLED = 400
_LINKS = ("http://", "https://", "mailto:")
_LONGEST_LINK = 2079
FIRST_ROW = 2
"""Where the header of a table stands: under its caption and an empty line."""


class Workbook:
    name = "xlsx"
    extension = ".xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        import xlsxwriter

        out = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        }
        with xlsxwriter.Workbook(out, options) as book:
            _Book(book, manuscript, design).write()
        return pack(members(out.getvalue()))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One table, with the charts that show its values, or one chart, at `place` of the content."""

    place: int
    name: str
    title: str
    charts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What a cell looks like; equal ones share one format."""

    code: str = ""
    is_bold: bool = False
    is_italic: bool = False
    size: float = 10.0
    colour: str = ""
    ground: str = ""
    line: str = ""
    align: str = ""
    indent: int = 0
    is_wrapped: bool = False
    is_link: bool = False
    font: str = ""
    is_top: bool = True


class _Book:
    def __init__(self, book: Book, manuscript: Manuscript, design: Design) -> None:
        self.book, self.manuscript, self.design = book, manuscript, design
        self.blocks = manuscript.content.blocks
        self.words = words_of(manuscript.language)
        self.colours = palette(manuscript.branding)
        self.font = typefaces(manuscript.branding, design, manuscript.language).body
        self.names = SheetNames()
        self._formats: dict[_Look, Format] = {}

    def write(self) -> None:
        kicker = front_matter(self.manuscript, self.design, self.words).kicker
        overview, text = self.names.take(self.words.overview), self.names.take(self.words.text)
        sheets = self._planned()
        has_text = any(block.kind not in ("table", "chart") for block in self.blocks)
        self._properties()
        self._overview(
            overview, [*([(text, kicker)] if has_text else []), *((s.name, s.title) for s in sheets)]
        )
        if has_text:
            self._text(text, kicker, sheets)
        for sheet in sheets:
            if self.blocks[sheet.place].kind == "table":
                self._table(sheet)
            else:
                self._chart_alone(sheet)

    # What there is

    def _planned(self) -> list[_Sheet]:
        """A chart whose values a table has stands on the sheet of that table."""
        owned = {owner: at for at, owner in caption_owners(self.blocks).items()}
        tables = [at for at, block in enumerate(self.blocks) if block.kind == "table"]
        beside: dict[int, list[int]] = {}
        for at, block in enumerate(self.blocks):
            if block.chart:
                holder = next((table for table in tables if self._columns_of(at, table)), None)
                if holder is not None:
                    beside.setdefault(holder, []).append(at)
        shown = {at for charts in beside.values() for at in charts}
        planned, heading = [], ""
        for at, block in enumerate(self.blocks):
            heading = block.text if block.kind == "heading" else heading
            if block.kind not in ("table", "chart") or at in shown:
                continue
            caption = self.blocks[owned[at]].text if at in owned else ""
            title = " ".join((caption or block.text if block.chart else caption or heading).split())
            word = self.words.chart if block.chart else self.words.table
            title = title or word
            planned.append(_Sheet(at, self.names.take(title, word), title, tuple(beside.get(at, ()))))
        return planned

    def _columns_of(self, chart_at: int, table_at: int) -> list[int] | None:
        """The columns of the table that hold the chart's series, if it has all of its values."""
        chart, table = self.blocks[chart_at].chart, self.blocks[table_at]
        if chart is None or chart.kind == "scatter" or table.header_rows != 1 or table.merged:
            return None
        body = table.rows[1:]
        if tuple(row[0] for row in body if row) != chart.categories:
            return None
        found = []
        for series in chart.series:
            column = next((at for at, name in enumerate(table.rows[0]) if at and name == series.name), None)
            if column is None:
                return None
            values = tuple(typed(row[column], self.manuscript.language).value for row in body)
            if values != series.values:
                return None
            found.append(column)
        return found or None

    def _properties(self) -> None:
        manuscript = self.manuscript
        written = manuscript.written or date(1980, 1, 1)
        self.book.set_properties(
            {
                "title": manuscript.title,
                "subject": manuscript.subtitle,
                "author": manuscript.author,
                "company": manuscript.branding.name,
                "keywords": ", ".join(manuscript.keywords),
                "created": datetime(written.year, written.month, written.day, tzinfo=UTC),
            }
        )
        self.book.set_custom_property("Language", manuscript.language)
        if manuscript.version:
            self.book.set_custom_property("Version", manuscript.version)
        self.book.set_size(2400, 1600)

    # The first sheet

    def _overview(self, name: str, listed: Sequence[tuple[str, str]]) -> None:
        sheet = self._sheet(name, is_wide=False)
        matter = front_matter(self.manuscript, self.design, self.words)
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 44)
        sheet.set_column(2, 2, 60)
        band = self._look(_Look(ground=self.colours.primary))
        sheet.set_row(0, 10, band)
        row = self._logo(sheet, 2)
        sheet.set_row(row, 18)
        self._put(sheet, row, 1, matter.kicker, _Look(size=11, colour=self.colours.accent, is_bold=True))
        title = _Look(size=24, is_bold=True, colour=self.colours.primary, is_wrapped=True, is_top=False)
        sheet.merge_range(row + 1, 1, row + 1, 2, "", self._look(title))
        sheet.set_row(row + 1, 32 * min(10, 1 + len(matter.title) // 56))
        self._put(sheet, row + 1, 1, matter.title, title)
        row += 2
        if matter.subtitle:
            subtitle = _Look(size=14, is_wrapped=True)
            sheet.merge_range(row, 1, row, 2, "", self._look(subtitle))
            sheet.set_row(row, 20 * min(15, 1 + len(matter.subtitle) // 90))
            self._put(sheet, row, 1, matter.subtitle, subtitle)
            row += 1
        muted = _Look(colour=self.colours.muted, is_wrapped=True)
        for line in ("   ·   ".join(filter(None, (self.manuscript.branding.name, *matter.byline))),):
            sheet.merge_range(row, 1, row, 2, "", self._look(muted))
            self._put(sheet, row, 1, line, muted)
            row += 1
        for label, value in matter.fields:
            self._put(sheet, row, 1, label, _Look(is_bold=True, is_wrapped=True))
            self._put(sheet, row, 2, value, _Look(is_wrapped=True))
            row += 1
        self._listing(sheet, row + 1, listed)

    def _listing(self, sheet: Worksheet, row: int, listed: Sequence[tuple[str, str]]) -> None:
        head = _Look(is_bold=True, colour=self.colours.primary, size=12, line=self.colours.primary)
        self._put(sheet, row, 1, self.words.contents, head)
        self._put(sheet, row, 2, "", head)
        for at, (target, title) in enumerate(listed, start=row + 1):
            look = _Look(is_link=True, line=self.colours.line, colour=self.colours.primary)
            sheet.write_url(at, 1, reference(target), self._look(look), target)
            shown = title if title != target else ""
            self._put(sheet, at, 2, shown, _Look(line=self.colours.line, is_wrapped=True))

    def _logo(self, sheet: Worksheet, row: int) -> int:
        logo = self.manuscript.branding.logo
        size = logo_size(logo, 14.0, 60.0)
        if size is None:
            return row
        wide, tall = (int.from_bytes(logo[16:20]), int.from_bytes(logo[20:24]))
        sheet.set_row(row, 46)
        sheet.insert_image(
            row,
            1,
            "logo.png",
            {
                "image_data": io.BytesIO(logo),
                "x_scale": size[0] * _PER_MM / wide,
                "y_scale": size[1] * _PER_MM / tall,
                "description": self.manuscript.branding.name or self.words.name,
                "object_position": 2,
            },
        )
        return row + 2

    # The text

    def _text(self, name: str, title: str, sheets: Sequence[_Sheet]) -> None:
        sheet = self._sheet(name, is_wide=False)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, _TEXT_WIDTH)
        sheet.set_column(2, 8, 30)
        heads = _Look(size=16, is_bold=True, colour=self.colours.primary)
        self._put(sheet, 0, 1, self.manuscript.title, heads)
        sheet.set_row(0, 24)
        where = {at: each for each in sheets for at in (each.place, *each.charts)}
        lines = _Lines(self.manuscript, self.design, self.words)
        row = 2
        for at, block in enumerate(self.blocks):
            if at in where:
                self._pointer(sheet, row, where[at])
                row += 2
            elif block.kind == "picture":
                row = self._picture(sheet, row, block)
            elif block.kind != "footnote":
                row = self._line(sheet, row, block, lines.label(at), lines.shown(block))
        for number, block in lines.footnotes():
            row = self._line(sheet, row, block, number, lines.shown(block))

    def _line(self, sheet: Worksheet, row: int, block: Block, label: str, text: str) -> int:
        look = self._of(block)
        self._put(
            sheet,
            row,
            0,
            label,
            _Look(colour=self.colours.muted, align="right", is_top=block.kind != "heading"),
        )
        targets = _targets(block)
        is_whole = len(targets) == 1 and targets[0][0] == text
        for at, piece in enumerate(_pieces(text)):
            self._linked(sheet, row + at, 1, piece, targets[0][1] if is_whole else "", look)
            sheet.set_row(row + at, min(_TALLEST_ROW, 14.5 * _num_lines(piece)))
        for column, (words, target) in enumerate([] if is_whole else targets, start=2):
            self._linked(sheet, row, column, words, target, _Look(is_link=True))
        if block.kind == "heading":
            sheet.set_row(row, {1: 26, 2: 22}.get(block.level, 18))
        return row + max(1, len(_pieces(text)))

    def _of(self, block: Block) -> _Look:
        if block.kind == "heading":
            size = {1: 14.0, 2: 12.0}.get(block.level, 11.0)
            return _Look(size=size, is_bold=True, colour=self.colours.primary, is_wrapped=True, is_top=False)
        if block.kind == "code":
            return _Look(font=CODE_FONT, ground=self.colours.wash, is_wrapped=True, align="left")
        if block.kind == "quote":
            return _Look(is_italic=True, indent=1, ground=self.colours.wash, is_wrapped=True)
        if block.kind == "list_item":
            return _Look(indent=1 + 2 * min(7, block.level), is_wrapped=True)
        is_small = block.kind in ("caption", "footnote", "reference")
        return _Look(is_wrapped=True, colour=self.colours.muted if is_small else "")

    def _pointer(self, sheet: Worksheet, row: int, target: _Sheet) -> None:
        look = _Look(is_link=True, colour=self.colours.primary)
        sheet.write_url(row, 1, reference(target.name), self._look(look), f"→ {target.name}")

    def _picture(self, sheet: Worksheet, row: int, block: Block) -> int:
        picture = block.picture
        data = self.manuscript.content.media.get(picture.sha256, b"") if picture else b""
        if picture is None or not data:
            return row
        factor = min(1.0, 480 / picture.width, 300 / picture.height)
        sheet.set_row_pixels(row, round(picture.height * factor) + 12)
        options = {
            "image_data": io.BytesIO(data),
            "x_scale": factor,
            "y_scale": factor,
            "x_offset": 4,
            "y_offset": 6,
            "object_position": 2,
        }
        told = (
            {"decorative": True} if picture.is_decorative or not picture.alt else {"description": picture.alt}
        )
        self._insert(sheet, row, picture, options | told)
        return row + 1

    def _insert(self, sheet: Worksheet, row: int, picture: Picture, options: dict[str, object]) -> None:
        """At 96 dots to the inch, whatever the file says of itself."""
        from xlsxwriter.image import Image

        data = options["image_data"]
        image = Image(data)
        scale = {"x_scale": image.x_dpi / 96, "y_scale": image.y_dpi / 96}
        for key, factor in scale.items():
            told = options[key]
            options[key] = (told if isinstance(told, float) else 1.0) * factor
        extension = picture.media_type.removeprefix("image/")
        sheet.insert_image(row, 1, f"{picture.sha256[:12]}.{extension}", options)

    # Tables

    def _table(self, planned: _Sheet) -> None:
        block = _spread(self.blocks[planned.place])
        laid = grid(block)
        if len(block.rows) > MAX_ROWS or laid.num_columns > MAX_COLUMNS:
            raise ExportFailed(
                f"A table of {len(block.rows):,} rows and {laid.num_columns:,} columns is more than a sheet "
                f"holds.",
                remedy="Export it as csv, or split the table.",
            )
        widths = _widths(block, laid.num_columns)
        sheet = self._sheet(planned.name, is_wide=sum(widths) > 95)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        heads = _Look(size=14, is_bold=True, colour=self.colours.primary)
        self._put(sheet, 0, 0, planned.title, heads)
        sheet.set_row(0, 22)
        is_native = _is_native(block)
        self._rows(sheet, block, laid, widths, is_native=is_native)
        last = FIRST_ROW + len(block.rows) - 1
        if block.header_rows:
            sheet.freeze_panes(FIRST_ROW + block.header_rows, 0)
            sheet.repeat_rows(FIRST_ROW, FIRST_ROW + block.header_rows - 1)
        if is_native:
            self._native(sheet, block, last, laid)
        elif block.header_rows and not laid.spans and last > FIRST_ROW:
            sheet.autofilter(FIRST_ROW + block.header_rows - 1, 0, last, laid.num_columns - 1)
        for number, at in enumerate(planned.charts):
            columns = self._columns_of(at, planned.place) or []
            where = (last + 3 + number * 22, 0)
            self._chart(sheet, planned.name, self.blocks[at], where, FIRST_ROW, len(block.rows) - 1, columns)

    def _native(self, sheet: Worksheet, block: Block, last: int, laid: Grid) -> None:
        columns = [
            {"header": name, "header_format": self._header(at in laid.numeric)}
            for at, name in enumerate(block.rows[0])
        ]
        sheet.add_table(
            FIRST_ROW,
            0,
            last,
            laid.num_columns - 1,
            {
                "columns": columns,
                "style": "Table Style Light 1",
                "banded_rows": self.design.tables == "banded",
            },
        )

    def _header(self, is_right: bool) -> Format:
        look = _Look(
            is_bold=True,
            colour="FFFFFF",
            ground=self.colours.primary,
            is_wrapped=True,
            align=self._side(is_number=is_right),
            indent=1,
        )
        return self._look(look)

    def _rows(
        self, sheet: Worksheet, block: Block, laid: Grid, widths: Sequence[float], *, is_native: bool
    ) -> None:
        language = block.language or self.manuscript.language
        cells = cell_runs(block) if block.marks else None
        wrapped = [width >= _WIDEST for width in widths]
        for at, row in enumerate(block.rows):
            is_header = at < block.header_rows
            for column, text in enumerate(row):
                if (at, column) in laid.covered:
                    continue
                cell = (
                    TypedCell("text")
                    if is_header
                    else in_document(typed(text, language), language, self.manuscript.language)
                )
                span = laid.spans.get((at, column))
                where = FIRST_ROW + at
                look = (
                    self._header(column in laid.numeric)
                    if is_header
                    else self._body(cell, wrapped[column], is_lined=not is_native)
                )
                if span:
                    sheet.merge_range(
                        where, column, where + span.num_rows - 1, column + span.num_columns - 1, "", look
                    )
                target = _first_target(cells[at][column]) if cells and column < len(cells[at]) else ""
                self._typed(sheet, where, column, text, cell, look, target)

    def _typed(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        text: str,
        cell: TypedCell,
        look: Format,
        target: str,
    ) -> None:
        if isinstance(cell.value, date):
            moment = datetime(cell.value.year, cell.value.month, cell.value.day)  # noqa: DTZ001
            sheet.write_datetime(row, column, moment, look)
        elif cell.value is not None:
            sheet.write_number(row, column, cell.value, look)
        elif target:
            self._linked(sheet, row, column, text, target, _Look(is_link=True, is_wrapped=True))
        elif text:
            sheet.write_string(row, column, text[:MAX_TEXT], look)
        else:
            sheet.write_blank(row, column, None, look)

    def _body(self, cell: TypedCell, is_wrapped: bool, *, is_lined: bool) -> Format:
        is_right = cell.kind != "text"
        line = self.colours.line if is_lined else ""
        return self._look(
            _Look(
                code=cell.format,
                align=self._side(is_number=is_right),
                line=line,
                indent=1,
                is_wrapped=is_wrapped,
            )
        )

    def _side(self, *, is_number: bool) -> str:
        """Numbers stand opposite to where lines begin."""
        return "right" if is_number != self.manuscript.is_right_to_left else "left"

    # Charts

    def _chart_alone(self, planned: _Sheet) -> None:
        block = self.blocks[planned.place]
        chart = block.chart
        if chart is None:
            return
        sheet = self._sheet(planned.name, is_wide=True)
        self._put(sheet, 0, 0, planned.title, _Look(size=14, is_bold=True, colour=self.colours.primary))
        sheet.set_row(0, 22)
        sheet.set_column(0, 0, max(14, min(40, max(map(len, chart.categories), default=0) + 2)))
        sheet.set_column(1, max(1, len(chart.series)), 14)
        names = [series.name for series in chart.series]
        for column, name in enumerate([chart.category_title, *names]):
            sheet.write_string(FIRST_ROW, column, name[:MAX_TEXT], self._header(column > 0))
        num_rows = max([len(chart.categories), *(len(series.values) for series in chart.series)])
        numbers = _Look(line=self.colours.line, align=self._side(is_number=True), indent=1)
        for at in range(num_rows):
            where = FIRST_ROW + 1 + at
            if at < len(chart.categories):
                look = _Look(line=self.colours.line, align=self._side(is_number=False), indent=1)
                self._put(sheet, where, 0, chart.categories[at], look)
            for column, series in enumerate(chart.series, start=1):
                value = series.values[at] if at < len(series.values) else None
                if value is not None and math.isfinite(value):
                    sheet.write_number(where, column, value, self._look(numbers))
        sheet.freeze_panes(FIRST_ROW + 1, 0)
        sheet.repeat_rows(FIRST_ROW)
        place = (FIRST_ROW, len(chart.series) + 2)
        columns = list(range(1, len(chart.series) + 1))
        self._chart(sheet, planned.name, block, place, FIRST_ROW, num_rows, columns)

    def _chart(
        self,
        sheet: Worksheet,
        name: str,
        block: Block,
        where: tuple[int, int],
        header: int,
        num_rows: int,
        columns: Sequence[int],
    ) -> None:
        chart = block.chart
        if chart is None or not num_rows:
            return
        options = {"type": chart.kind}
        made = self.book.add_chart(options)
        shades = chart_colours.colours(self.manuscript.branding.primary, self.manuscript.branding.accent)
        first, last = header + 1, header + num_rows
        drawn = columns[1:] if chart.kind == "scatter" else columns[:1] if chart.kind == "pie" else columns
        across = columns[0] if chart.kind == "scatter" else 0
        for at, column in enumerate(drawn):
            made.add_series(
                {
                    "name": [name, header, column],
                    "categories": [name, first, across, last, across],
                    "values": [name, first, column, last, column],
                    **_series_look(chart, shades, at, num_rows),
                }
            )
        self._dress(made, chart, block.text)
        told = describe(chart, block.text, self.manuscript.language)
        place = {"description": told, "object_position": 2, "x_scale": 1.4, "y_scale": 1.35}
        sheet.insert_chart(*where, made, place)

    def _dress(self, made: ExcelChart, chart: Chart, title: str) -> None:
        ink = f"#{self.colours.ink}"
        font = {"name": self.font, "color": ink}
        made.set_title({"name": _plain(title), "name_font": font | {"size": 13}} if title else {"none": True})
        if len(chart.series) < 2 and chart.kind != "pie":
            made.set_legend({"none": True})
        else:
            made.set_legend({"position": "bottom", "font": font})
        if chart.kind == "pie":
            return
        grid = {"visible": True, "line": {"color": "#E2E8F0", "width": 0.75}}
        made.set_x_axis({"name": _plain(chart.category_title), "num_font": font, "name_font": font})
        made.set_y_axis(
            {
                "name": _plain(chart.value_title),
                "num_font": font,
                "name_font": font,
                "major_gridlines": grid,
                "line": {"none": True},
            }
        )
        if chart.kind == "bar":
            made.set_x_axis({"name": _plain(chart.value_title), "num_font": font, "major_gridlines": grid})
            made.set_y_axis({"name": _plain(chart.category_title), "num_font": font, "reverse": True})

    # Cells

    def _sheet(self, name: str, *, is_wide: bool) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.6, 0.6, 0.75, 0.75)
        if is_wide:
            sheet.set_landscape()
        if self.manuscript.is_right_to_left:
            sheet.right_to_left()
        branding = self.manuscript.branding
        if branding.header or branding.name:
            sheet.set_header("&L&9" + _edge(branding.header or branding.name))
        sheet.set_footer("&L&9" + _edge(branding.footer) + "&R&9&P / &N")
        return sheet

    def _put(self, sheet: Worksheet, row: int, column: int, text: str, look: _Look) -> None:
        if text:
            sheet.write_string(row, column, text[:MAX_TEXT], self._look(look))
        elif look.line or look.ground:
            sheet.write_blank(row, column, None, self._look(look))

    def _linked(self, sheet: Worksheet, row: int, column: int, text: str, target: str, look: _Look) -> None:
        if target and text and len(target) <= _LONGEST_LINK:
            look = replace(look, is_link=True, colour=look.colour or self.colours.primary)
            if sheet.write_url(row, column, target, self._look(look), text[:MAX_TEXT]) == 0:
                return
        self._put(sheet, row, column, text, look)

    def _look(self, look: _Look) -> Format:
        if look not in self._formats:
            self._formats[look] = self.book.add_format(_properties_of(look, self.font, self.colours))
        return self._formats[look]


class _Lines:
    """What stands on a line of the text sheet: its label and its words with their signs."""

    def __init__(self, manuscript: Manuscript, design: Design, words: Words) -> None:
        blocks = manuscript.content.blocks
        self.blocks = blocks
        self.numbers = heading_numbers(manuscript, design)
        self.places = list_places(blocks)
        self.captions = caption_labels(manuscript, words)
        self.sources = reference_labels(manuscript)
        self.notes = note_numbers(blocks)

    def label(self, at: int) -> str:
        block = self.blocks[at]
        if block.kind == "list_item":
            return f"{self.places[at].number}." if block.is_ordered else "•"
        if block.kind == "reference":
            return f"[{self.sources.get(block.key, block.key)}]"
        if at in self.captions:
            return " ".join(map(str, self.captions[at]))
        return self.numbers.get(at, "")

    def shown(self, block: Block) -> str:
        return "".join(
            run.text + "".join(self._sign(sign.kind, sign.key) for sign in run.signs) for run in runs(block)
        )

    def _sign(self, kind: str, key: str) -> str:
        if kind == "citation":
            return f"[{self.sources[key]}]" if key in self.sources else ""
        return f"({self.notes[key]})" if key in self.notes else ""

    def footnotes(self) -> Iterator[tuple[str, Block]]:
        for block in self.blocks:
            if block.kind == "footnote":
                number = self.notes.get(block.key)
                yield f"({number})" if number else "", block


def _targets(block: Block) -> list[tuple[str, str]]:
    return [(run.text, run.link) for run in runs(block) if run.link.startswith(_LINKS)]


def _first_target(cut: Sequence[Run]) -> str:
    return next((run.link for run in cut if run.link.startswith(_LINKS)), "")


def _num_lines(text: str) -> int:
    return sum(1 + int(len(line) * 1.1) // _TEXT_WIDTH for line in text.split("\n"))


def _pieces(text: str) -> list[str]:
    """As much as a cell holds in each, in UTF-16 units. A full cell always goes on, if with nothing, so that
    a reader knows which do.
    """
    if len(text) * 2 < _FULL:
        return [text]
    units = text.encode("utf-16-le", "surrogatepass")
    pieces, at = [], 0
    while at < len(units):
        end = min(len(units), at + 2 * MAX_TEXT)
        end -= 2 * (end < len(units) and 0xDC <= units[end + 1] < 0xE0)
        pieces.append(units[at:end].decode("utf-16-le", "surrogatepass"))
        at = end
    return [*pieces, ""] if len(pieces[-1].encode("utf-16-le")) >= 2 * _FULL else pieces


def _spread(block: Block) -> Block:
    """The table with rows for what is too long for its cells; those rows are merged with nothing."""
    if len(block.text) * 2 < _FULL:
        return block
    rows: list[tuple[str, ...]] = []
    first: list[int] = []
    header_rows = block.header_rows
    for at, row in enumerate(block.rows):
        first.append(len(rows))
        pieces = [_pieces(cell) for cell in row]
        rows += zip_longest(*pieces, fillvalue="")
        header_rows += (len(rows) - first[-1] - 1) * (at < block.header_rows)
    if len(rows) == len(block.rows):
        return block
    merged = tuple(
        replace(span, row=first[span.row])
        for span in block.merged
        if first[min(span.row + span.num_rows, len(first) - 1)] - first[span.row] <= span.num_rows
    )
    return replace(Block.table(tuple(rows), header_rows=header_rows, merged=merged), language=block.language)


def _is_native(block: Block) -> bool:
    """Whether Excel can keep it as a table: one header row, all names there and different, nothing merged."""
    if block.header_rows != 1 or len(block.rows) < 2 or block.merged:
        return False
    names = [name.casefold() for name in block.rows[0]]
    return all(names) and len(set(names)) == len(names) and max(map(len, names)) <= 255


def _widths(block: Block, num_columns: int) -> list[float]:
    """In characters, by what the first rows hold."""
    longest = [0] * num_columns
    for at, row in enumerate(block.rows[:_SAMPLED]):
        for column, text in enumerate(row):
            extra = 4 if at < block.header_rows else 1
            longest[column] = max(longest[column], max(map(len, text.split("\n"))) + extra)
    return [max(_NARROWEST, min(_WIDEST, length + 3)) for length in longest]


def _series_look(chart: Chart, shades: Sequence[str], at: int, num_rows: int) -> dict[str, object]:
    shade = shades[at % len(shades)]
    if chart.kind == "line":
        return {
            "line": {"color": shade, "width": 2.25},
            "marker": {"type": "circle", "size": 6, "fill": {"color": shade}, "border": {"color": shade}},
        }
    if chart.kind == "scatter":
        return {"marker": {"type": "circle", "size": 7, "fill": {"color": shade}, "border": {"color": shade}}}
    if chart.kind == "pie":
        points = [{"fill": {"color": shades[place % len(shades)]}} for place in range(num_rows)]
        return {"points": points, "data_labels": {"percentage": True, "font": {"color": "#FFFFFF"}}}
    return {"fill": {"color": shade}, "gap": 70, "overlap": -8}


def _properties_of(look: _Look, font: str, colours: Palette) -> dict[str, object]:
    made: dict[str, object] = {
        "font_name": look.font or font,
        "font_size": look.size,
        "font_color": f"#{look.colour or colours.ink}",
        "valign": "top" if look.is_top else "vcenter",
    }
    optional = {
        "num_format": look.code,
        "bold": look.is_bold,
        "italic": look.is_italic,
        "bg_color": f"#{look.ground}" if look.ground else "",
        "align": look.align,
        "indent": look.indent,
        "text_wrap": look.is_wrapped,
        "underline": int(look.is_link),
        "bottom": int(bool(look.line)),
        "bottom_color": f"#{look.line}" if look.line else "",
    }
    return made | {key: value for key, value in optional.items() if value}


def _edge(text: str) -> str:
    """A header or footer of at most 255 characters, in which an ampersand is a sign."""
    return text[:100].replace("&", "&&")


def _plain(title: str) -> str:
    """XlsxWriter takes a name that begins with an equals sign for a formula."""
    return f" {title}" if title.startswith("=") else title[:MAX_TEXT]
