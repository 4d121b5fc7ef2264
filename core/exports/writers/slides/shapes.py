"""The shapes of a slide: placeholders, text boxes, tables, pictures and charts (ECMA-376, part 1, 19.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.content import Block, CellSpan, Run
from core.exports.charts.description import describe
from core.exports.design import TableStyle
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.table_grid import Grid, grid, is_number
from core.exports.writers.slides.boxes import (
    Box,
    ChartBox,
    PictureBox,
    Place,
    Slide,
    TableBox,
    TextBox,
    inset,
    vertical_inset,
)
from core.exports.writers.slides.lettering import Pen, direction
from core.exports.writers.slides.master import DECORATIVE, emu, transform
from core.exports.writers.slides.tabulation import MARGIN_X, MARGIN_Y
from core.exports.xml_text import escaped

_NAMES = {
    "paragraph": "Text",
    "list_item": "Text",
    "quote": "Quote",
    "code": "Code",
    "reference": "Sources",
    "caption": "Caption",
}
TABLE_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_GRAPHIC = "http://schemas.openxmlformats.org/drawingml/2006"
_CONTINUED, _ROW_CONTINUED = " (continued)", " (row continued)"


@dataclass(slots=True)
class Brush:
    """Draws the boxes of one slide; keeps which media and charts it used."""

    pen: Pen
    tables: TableStyle
    media: dict[str, str]
    charts: list[Block]
    number: int = 1
    has_body: bool = False
    drawn: list[str] = field(default_factory=list)

    def title(self, slide: Slide) -> None:
        colour = "bg1" if slide.layout == "section" else ""
        size, title_runs = slide.title_size, slide.title_runs or (Run(slide.title),)
        inside = self.pen.made(f"{slide.number} ", size, colour) if slide.number else ""
        inside += self.pen.runs(title_runs, size, colour=colour)
        inside += self.pen.made(slide.suffix, size, colour) if slide.suffix else ""
        self._holder(slide.name, '<p:ph type="title"/>', f"<a:p>{inside}</a:p>")

    def box(self, slide: Slide, box: Box) -> None:
        if isinstance(box, TextBox):
            self._text(slide, box)
        elif isinstance(box, TableBox):
            self._table(box)
        elif isinstance(box, PictureBox):
            self._picture(box)
        else:
            self._chart(box)

    def lines(self, name: str, kind: str, index: int, paragraphs: str, place: Place | None = None) -> None:
        """A placeholder with paragraphs that are there already."""
        number = f' idx="{index}"' if index else ""
        self._holder(name, f'<p:ph type="{kind}"{number}/>', paragraphs, place)

    def logo(self, relation: str, place: Place, alt: str) -> None:
        self._drawing("Logo", relation, place, alt)

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _holder(self, name: str, holder: str, paragraphs: str, place: Place | None = None) -> None:
        where = transform(place) if place else ""
        self.drawn.append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self._next()}" name="{escaped(name)}"/><p:cNvSpPr><a:spLocks '
            f'noGrp="1"/>'
            f"</p:cNvSpPr><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:spPr>{where}</p:spPr>"
            f"<p:txBody><a:bodyPr><a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</p:txBody></p:sp>"
        )

    def _text(self, slide: Slide, box: TextBox) -> None:
        colour = {"caption": "tx2", "quote": "tx1"}.get(box.kind, "")
        text = "".join(self.pen.paragraph(each, colour=colour) for each in box.paragraphs)
        name = _NAMES.get(box.kind, "Text") + (_CONTINUED if box.is_continued else "")
        if slide.name == "Contents title":
            name = "Contents list"
        is_flow = box.kind in ("paragraph", "reference")
        if is_flow and not self.has_body and slide.layout in ("content", "section"):
            self.has_body = True
            self.lines(name, "body", 1, text, box.place)
            return
        self._box(name, box, text)

    def _box(self, name: str, box: TextBox, text: str) -> None:
        fill = {"code": "bg2", "quote": "bg2"}.get(box.kind)
        drawn = f'<a:solidFill><a:schemeClr val="{fill}"/></a:solidFill>' if fill else "<a:noFill/>"
        side, top = emu(inset(box.kind)), emu(vertical_inset(box.kind))
        self.drawn.append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self._next()}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
            f"</p:nvSpPr>"
            f'<p:spPr>{transform(box.place)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{drawn}</p:spPr>'
            f'<p:txBody><a:bodyPr wrap="square" lIns="{side}" tIns="{top}" rIns="{side}" bIns="{top}">'
            f"<a:noAutofit/>"
            f"</a:bodyPr><a:lstStyle/>{text}</p:txBody></p:sp>"
        )
        if box.kind == "quote":
            self._bar(box.place)

    def _bar(self, place: Place) -> None:
        turned = is_right_to_left(self.pen.language)
        x = place.x + place.width - 5 if turned else place.x
        self.drawn.append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self._next()}" name="Bar">{DECORATIVE}</p:cNvPr><p:cNvSpPr/>'
            f"<p:nvPr/>"
            f"</p:nvSpPr><p:spPr>{transform(Place(x, place.y, 5, place.height))}"
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="accent2"/>'
            "</a:solidFill>"
            "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
        )

    def _picture(self, box: PictureBox) -> None:
        picture = box.block.picture
        if picture is None:
            return
        extension = picture.media_type.removeprefix("image/")
        name = self.media.setdefault(picture.sha256, f"picture{len(self.media) + 1}.{extension}")
        alt = "" if picture.is_decorative else picture.alt
        self._drawing("Picture", self.pen.relations.add("image", f"../media/{name}"), box.place, alt)

    def _drawing(self, name: str, relation: str, place: Place, alt: str) -> None:
        told = f' descr="{escaped(alt)}"/>' if alt else f">{DECORATIVE}</p:cNvPr>"
        self.drawn.append(
            f'<p:pic><p:nvPicPr><p:cNvPr id="{self._next()}" name="{name}"{told}<p:cNvPicPr>'
            '<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>'
            f'<p:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
            f'<p:spPr>{transform(place)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
        )

    def _chart(self, box: ChartBox) -> None:
        chart = box.block.chart
        if chart is None:
            return
        self.charts.append(box.block)
        relation = self.pen.relations.add("chart", f"../charts/chart{len(self.charts)}.xml")
        alt = describe(chart, box.block.text, self.pen.language)
        inside = (
            f'<a:graphicData uri="{_GRAPHIC}/chart"><c:chart xmlns:c="{_GRAPHIC}/chart" r:id="{relation}"/>'
            "</a:graphicData>"
        )
        self._frame("Chart, described" if chart.alt else "Chart", alt, box.place, inside)

    def _frame(self, name: str, alt: str, place: Place, inside: str) -> None:
        where = transform(place).replace("a:xfrm", "p:xfrm")
        self.drawn.append(
            f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{self._next()}" name="{name}" '
            f'descr="{escaped(alt)}"/>'
            '<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/>'
            f"</p:nvGraphicFramePr>{where}<a:graphic>{inside}</a:graphic></p:graphicFrame>"
        )

    # Tables

    def _table(self, box: TableBox) -> None:
        header = box.num_header_rows
        name = f"Table, header {box.num_repeated if box.is_continued else box.block.header_rows}"
        name += (_ROW_CONTINUED if box.goes_on else _CONTINUED) if box.is_continued else ""
        laid = grid(box.block)
        columns = "".join(f'<a:gridCol w="{emu(width)}"/>' for width in box.widths)
        spans = {(span.row, span.column): span for span in box.spans}
        covered = {
            (row, column): span
            for span in box.spans
            for row in range(span.row, span.row + span.num_rows)
            for column in range(span.column, span.column + span.num_columns)
            if (row, column) != (span.row, span.column)
        }
        rows = ""
        for at, row in enumerate(box.rows):
            cells = "".join(
                self._cell(box, at, column, row, header, laid, spans, covered)
                for column in range(len(box.widths))
            )
            rows += f'<a:tr h="{emu(box.heights[at])}">{cells}</a:tr>'
        turned = ' rtl="1"' if is_right_to_left(box.block.language or self.pen.language) else ""
        banded = int(self.tables == "banded")
        inside = (
            f'<a:graphicData uri="{_GRAPHIC}/table"><a:tbl><a:tblPr{turned} firstRow="{int(header > 0)}" '
            f'bandRow="{banded}"><a:tableStyleId>{TABLE_STYLE}</a:tableStyleId></a:tblPr>'
            f"<a:tblGrid>{columns}</a:tblGrid>{rows}</a:tbl></a:graphicData>"
        )
        self._frame(name, box.alt, box.place, inside)

    def _cell(
        self,
        box: TableBox,
        at: int,
        column: int,
        row: tuple[tuple[Run, ...], ...],
        header: int,
        laid: Grid,
        spans: dict[tuple[int, int], CellSpan],
        covered: dict[tuple[int, int], CellSpan],
    ) -> str:
        is_header = at < header
        span, cover = spans.get((at, column)), covered.get((at, column))
        attributes = ""
        if span:
            attributes += f' rowSpan="{span.num_rows}"' if span.num_rows > 1 else ""
            attributes += f' gridSpan="{span.num_columns}"' if span.num_columns > 1 else ""
        elif cover:
            attributes += ' hMerge="1"' if column > cover.column else ""
            attributes += ' vMerge="1"' if at > cover.row else ""
            attributes += f' rowSpan="{cover.num_rows}"' if at == cover.row and cover.num_rows > 1 else ""
            attributes += (
                f' gridSpan="{cover.num_columns}"' if column == cover.column and cover.num_columns > 1 else ""
            )
        runs = () if cover or column >= len(row) else row[column]
        text = "".join(run.text for run in runs)
        is_right = not span and (column in laid.numeric if is_header else is_number(text))
        language = box.block.language or self.pen.language
        turned = is_right_to_left(language)
        side = direction(language)
        if is_right:
            side = side.replace('algn="r"', 'algn="l"') if turned else side.replace('algn="l"', 'algn="r"')
        colour = "bg1" if is_header and self.tables != "lines" else "tx1"
        inside = self.pen.runs(runs, box.size, language, colour, is_bold=is_header)
        end = f'<a:endParaRPr lang="{escaped(language)}" sz="{round(box.size * 100)}"/>'
        return (
            f"<a:tc{attributes}><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr{side}/>{inside}{end}</a:p>"
            f"</a:txBody>"
            f'<a:tcPr marL="{emu(MARGIN_X)}" marR="{emu(MARGIN_X)}" marT="{emu(MARGIN_Y)}" '
            f'marB="{emu(MARGIN_Y)}" '
            f'anchor="{"b" if is_header else "ctr"}">{self._borders(is_header, at + 1 == header)}'
            f"{self._ground(is_header, box.first + at - header)}</a:tcPr></a:tc>"
        )

    def _borders(self, is_header: bool, is_last_header: bool) -> str:
        sides = ("lnL", "lnR", "lnT", "lnB") if self.tables == "grid" else ("lnB",)
        strong = is_last_header and self.tables == "lines"
        colour = (
            '<a:schemeClr val="accent1"/>'
            if strong
            else '<a:schemeClr val="tx2"><a:lumMod val="25000"/><a:lumOff val="75000"/></a:schemeClr>'
        )
        wide = 25400 if strong else 9525
        return "".join(
            f'<a:{side} w="{wide}" cap="flat" cmpd="sng" algn="ctr"><a:solidFill>{colour}</a:solidFill>'
            f'<a:prstDash val="solid"/></a:{side}>'
            for side in sides
        )

    def _ground(self, is_header: bool, body_row: int) -> str:
        if is_header and self.tables != "lines":
            return '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
        if not is_header and self.tables == "banded" and body_row % 2:
            return '<a:solidFill><a:schemeClr val="bg2"/></a:solidFill>'
        return "<a:noFill/>"


def logo_place(size: tuple[float, float], *, is_turned: bool) -> Place:
    """At the lower end of the title slide, opposite to where its lines begin."""
    x = 64.0 if is_turned else 896.0 - size[0]
    return Place(x, 440.0 + (52.0 - size[1]), size[0], size[1])
