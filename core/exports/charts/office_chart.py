"""Charts that Office draws itself and lets people edit: a DrawingML part and the workbook behind it.

ECMA-376, part 1, chapter 21.2. Ids of axes are positive, as the schema asks.
"""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime
from typing import TypeGuard

from core.content import Chart, Series
from core.exports.charts import palette
from core.exports.manuscript import Branding
from core.exports.reproducible_zip import members, pack
from core.exports.xml_text import document, escaped

_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CATEGORIES, _VALUES = 111111111, 222222222
_SHEET = "Data"
_INK, _LINE = "374151", "E2E8F0"


def chart_xml(chart: Chart, title: str, branding: Branding, workbook_relation: str) -> bytes:
    """The chart part; the relation of this id leads to `chart_workbook` of the same chart."""
    colours = _colours(branding)
    has_legend = len(_drawn(chart)) > 1 or chart.kind == "pie"
    legend = (
        f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{_letters(900)}</c:legend>'
        if has_legend
        else ""
    )
    return document(
        f'<c:chartSpace {_NAMESPACES}><c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart>'
        f"{_title(title, 1200, True)}"
        f'<c:autoTitleDeleted val="{int(not title)}"/><c:plotArea><c:layout/>'
        f"{_plot(chart, colours)}</c:plotArea>"
        f'{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>'
        f'{_letters(900)}<c:externalData r:id="{escaped(workbook_relation)}"><c:autoUpdate val="0"/>'
        f"</c:externalData></c:chartSpace>"
    )


def chart_workbook(chart: Chart) -> bytes:
    """The values as a workbook: categories in the first column, a series in each further one."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime(1980, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet(_SHEET)
        for row, category in enumerate(chart.categories, start=1):
            sheet.write_string(row, 0, category)
        for column, series in enumerate(chart.series, start=1):
            sheet.write_string(0, column, series.name)
            for row, value in enumerate(series.values, start=1):
                if _is_there(value):
                    sheet.write_number(row, column, value)
    return pack(members(out.getvalue()))


def _colours(branding: Branding) -> tuple[str, ...]:
    """As RRGGBB, in the order of the series: the same as those of the drawing."""
    return tuple(each[1:].upper() for each in palette.colours(branding.primary, branding.accent))


def _drawn(chart: Chart) -> tuple[Series, ...]:
    if chart.kind == "scatter":
        return chart.series[1:]
    return chart.series[:1] if chart.kind == "pie" else chart.series


def _plot(chart: Chart, colours: tuple[str, ...]) -> str:
    series = "".join(
        _series(chart, each, at, colours[at % len(colours)], colours) for at, each in enumerate(_drawn(chart))
    )
    if chart.kind == "pie":
        return f'<c:pieChart><c:varyColors val="1"/>{series}<c:firstSliceAng val="0"/></c:pieChart>'
    axes = f'<c:axId val="{_CATEGORIES}"/><c:axId val="{_VALUES}"/>'
    if chart.kind == "scatter":
        body = (
            f'<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>'
            f"{series}{axes}</c:scatterChart>"
        )
        return (
            body
            + _value_axis(_CATEGORIES, _VALUES, "b", chart.category_title, is_gridded=False)
            + (_value_axis(_VALUES, _CATEGORIES, "l", chart.value_title))
        )
    if chart.kind in ("bar", "column"):
        direction = "bar" if chart.kind == "bar" else "col"
        body = (
            f'<c:barChart><c:barDir val="{direction}"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
            f'{series}<c:gapWidth val="70"/><c:overlap val="-8"/>{axes}</c:barChart>'
        )
    elif chart.kind == "area":
        body = f'<c:areaChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}{axes}</c:areaChart>'
    else:
        body = (
            f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}'
            f'<c:marker val="1"/>{axes}</c:lineChart>'
        )
    is_lying = chart.kind == "bar"
    return (
        body
        + _category_axis("l" if is_lying else "b", chart.category_title, is_lying)
        + _value_axis(_VALUES, _CATEGORIES, "b" if is_lying else "l", chart.value_title, is_lying=is_lying)
    )


def _series(chart: Chart, series: Series, at: int, colour: str, colours: tuple[str, ...]) -> str:
    column = _column(at + (2 if chart.kind == "scatter" else 1))
    head = (
        f'<c:idx val="{at}"/><c:order val="{at}"/><c:tx>'
        f'<c:strRef><c:f>{_SHEET}!${column}$1</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{escaped(series.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"{_shape(chart, colour)}"
    )
    values = _numbers("yVal" if chart.kind == "scatter" else "val", column, series)
    if chart.kind == "scatter":
        return f'<c:ser>{head}{_numbers("xVal", "B", chart.series[0])}{values}<c:smooth val="0"/></c:ser>'
    categories = "".join(
        f'<c:pt idx="{index}"><c:v>{escaped(category)}</c:v></c:pt>'
        for index, category in enumerate(chart.categories)
    )
    count = len(chart.categories)
    named = (
        f"<c:cat><c:strRef><c:f>{_SHEET}!$A$2:$A${count + 1}</c:f>"
        f'<c:strCache><c:ptCount val="{count}"/>{categories}</c:strCache></c:strRef></c:cat>'
    )
    if chart.kind == "pie":
        return f"<c:ser>{head}{_slices(count, colours)}{_pie_labels()}{named}{values}</c:ser>"
    inverted = '<c:invertIfNegative val="0"/>' if chart.kind in ("bar", "column") else ""
    smooth = '<c:smooth val="0"/>' if chart.kind == "line" else ""
    return f"<c:ser>{head}{inverted}{named}{values}{smooth}</c:ser>"


def _shape(chart: Chart, colour: str) -> str:
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    dot = (
        f'<c:marker><c:symbol val="circle"/><c:size val="7"/><c:spPr>{fill}<a:ln w="9525">{fill}</a:ln>'
        f"</c:spPr></c:marker>"
    )
    if chart.kind == "line":
        return f'<c:spPr><a:ln w="28575" cap="rnd">{fill}<a:round/></a:ln></c:spPr>{dot}'
    if chart.kind == "scatter":
        return f'<c:spPr><a:ln w="19050"><a:noFill/></a:ln></c:spPr>{dot}'
    if chart.kind == "pie":
        return ""
    return f"<c:spPr>{fill}</c:spPr>"


def _slices(count: int, colours: tuple[str, ...]) -> str:
    return "".join(
        f'<c:dPt><c:idx val="{at}"/><c:bubble3D val="0"/><c:spPr><a:solidFill><a:srgbClr '
        f'val="{colours[at % len(colours)]}"/></a:solidFill>'
        '<a:ln w="12700"><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:ln></c:spPr></c:dPt>'
        for at in range(count)
    )


def _pie_labels() -> str:
    white = _letters(1000, "FFFFFF", is_bold=True)
    return (
        f'<c:dLbls>{white}<c:showLegendKey val="0"/><c:showVal val="0"/><c:showCatName val="0"/>'
        '<c:showSerName val="0"/><c:showPercent val="1"/><c:showBubbleSize val="0"/><c:showLeaderLines '
        'val="0"/></c:dLbls>'
    )


def _numbers(tag: str, column: str, series: Series) -> str:
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{value!r}</c:v></c:pt>'
        for index, value in enumerate(series.values)
        if _is_there(value)
    )
    count = len(series.values)
    return (
        f"<c:{tag}><c:numRef><c:f>{_SHEET}!${column}$2:${column}${count + 1}</c:f><c:numCache>"
        f'<c:formatCode>General</c:formatCode><c:ptCount val="{count}"/>{points}</c:numCache></c:numRef>'
        f"</c:{tag}>"
    )


def _category_axis(place: str, title: str, is_lying: bool) -> str:
    order = "maxMin" if is_lying else "minMax"
    return (
        f'<c:catAx><c:axId val="{_CATEGORIES}"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
        f'<c:delete val="0"/>'
        f'<c:axPos val="{place}"/>{_title(title, 900, False)}<c:numFmt formatCode="General" '
        f'sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f"{_rule('94A3B8')}"
        f'{_letters(900)}<c:crossAx val="{_VALUES}"/><c:crosses val="autoZero"/><c:auto val="1"/>'
        f'<c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>'
    )


def _value_axis(
    number: int, other: int, place: str, title: str, *, is_gridded: bool = True, is_lying: bool = False
) -> str:
    lines = f"<c:majorGridlines>{_rule(_LINE)}</c:majorGridlines>" if is_gridded else ""
    crosses = "max" if is_lying else "autoZero"
    return (
        f'<c:valAx><c:axId val="{number}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete '
        f'val="0"/>'
        f'<c:axPos val="{place}"/>{lines}{_title(title, 900, False)}<c:numFmt formatCode="#,##0.##" '
        f'sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_letters(900)}<c:crossAx val="{other}"/><c:crosses '
        f'val="{crosses}"/></c:valAx>'
    )


def _rule(colour: str) -> str:
    return f'<c:spPr><a:ln w="9525"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr>'


def _title(text: str, size: int, is_bold: bool) -> str:
    if not text:
        return ""
    letters = f'sz="{size}" b="{int(is_bold)}"'
    fill = f'<a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill>'
    return (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr {letters}>"
        f"{fill}</a:defRPr></a:pPr>"
        f"<a:r><a:rPr {letters}>{fill}</a:rPr><a:t>{escaped(text)}</a:t></a:r></a:p></c:rich></c:tx>"
        f'<c:overlay val="0"/></c:title>'
    )


def _letters(size: int, colour: str = _INK, *, is_bold: bool = False) -> str:
    return (
        f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}" b="{int(is_bold)}">'
        f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:defRPr></a:pPr><a:endParaRPr '
        f'lang="en-US"/></a:p></c:txPr>'
    )


def _is_there(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _column(number: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
