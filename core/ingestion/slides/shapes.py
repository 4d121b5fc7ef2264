"""Tables, pictures and charts of a slide, and the text of paragraphs (ECMA-376, part 1, 19 and 21)."""

from __future__ import annotations

from lxml import etree

from core.content import Block, CellSpan, Chart, Series
from core.content.blocks import ChartKind
from core.ingestion.archive import Package
from core.ingestion.office_package import relationship_id, relationships
from core.ingestion.pictures import PictureStore
from core.ingestion.xml_parts import parse

_CHARTS: dict[str, ChartKind] = {
    "lineChart": "line",
    "areaChart": "area",
    "pieChart": "pie",
    "scatterChart": "scatter",
}
_MOST_POINTS = 10_000


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def text_of(paragraph: etree._Element) -> str:
    texts: list[str] = []
    for element in paragraph:
        tag = local(element)
        if tag == "br":
            texts.append("\n")
        elif tag in ("r", "fld"):
            texts.extend(run.text or "" for run in element.iterfind("{*}t"))
    return "".join(texts)


def cells(table: etree._Element) -> list[list[str]]:
    return [[_cell(cell) for cell in row.iterfind("{*}tc")] for row in table.iterfind("{*}tr")]


def spans(table: etree._Element) -> tuple[CellSpan, ...]:
    found = []
    for at, row in enumerate(table.iterfind("{*}tr")):
        for column, cell in enumerate(row.iterfind("{*}tc")):
            if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                continue
            num_rows, num_columns = _count(cell.get("rowSpan")), _count(cell.get("gridSpan"))
            if num_rows > 1 or num_columns > 1:
                found.append(CellSpan(at, column, num_rows, num_columns))
    return tuple(found)


def picture_block(
    element: etree._Element, package: Package, part: str, number: int, pictures: PictureStore
) -> Block | None:
    blip = element.find("{*}blipFill/{*}blip")
    told = element.find("{*}nvPicPr/{*}cNvPr")
    if blip is None or told is None:
        return None
    key = next((str(value) for name, value in blip.items() if str(name).endswith("}embed")), "")
    target = relationships(package, part).get(key)
    is_decorative = any(local(each) == "decorative" and each.get("val") == "1" for each in told.iter())
    return (
        pictures.block(target.target, str(told.get("descr", "")), is_decorative, number) if target else None
    )


def chart_block(element: etree._Element, package: Package, part: str, number: int) -> Block | None:
    """A chart of one simple kind with its values as the file keeps them; None for any other."""
    reference = element.find(".//{http://schemas.openxmlformats.org/drawingml/2006/chart}chart")
    target = relationships(package, part).get(relationship_id(reference)) if reference is not None else None
    if target is None or target.target not in package:
        return None
    root = parse(package.read(target.target))
    area = root.find("{*}chart/{*}plotArea")
    plots = [] if area is None else [each for each in area if local(each).endswith("Chart")]
    kind = _kind(plots[0]) if len(plots) == 1 else None
    if area is None or kind is None:
        return None
    chart = _chart(plots[0], kind, area)
    title = _title(root.find("{*}chart/{*}title"))
    return Block("chart", title, page=number, chart=chart) if chart.series else None


def _kind(plot: etree._Element) -> ChartKind | None:
    if local(plot) == "barChart":
        direction = plot.find("{*}barDir")
        return "bar" if direction is not None and direction.get("val") == "bar" else "column"
    return _CHARTS.get(local(plot))


def _chart(plot: etree._Element, kind: ChartKind, area: etree._Element) -> Chart:
    categories: tuple[str, ...] = ()
    found: list[Series] = []
    for series in plot.iterfind("{*}ser"):
        name = series.findtext("{*}tx//{*}v") or ""
        if kind == "scatter" and not found:
            found.append(Series("", _numbers(series.find("{*}xVal"))))
        categories = categories or _texts(series.find("{*}cat"))
        found.append(Series(name, _numbers(series.find("{*}yVal" if kind == "scatter" else "{*}val"))))
    across = area.find("{*}catAx") if kind != "scatter" else area.find("{*}valAx")
    values = area.findall("{*}valAx")
    up = (values[1:] if kind == "scatter" else values)[:1]
    return Chart(
        kind,
        categories,
        tuple(found),
        _title(across.find("{*}title")) if across is not None else "",
        _title(up[0].find("{*}title")) if up else "",
    )


def _points(cache: etree._Element | None) -> dict[int, str]:
    if cache is None:
        return {}
    return {
        int(point.get("idx", "0")): point.findtext("{*}v") or ""
        for point in cache.iter("{*}pt")
        if str(point.get("idx", "")).isdecimal()
    }


def _num_points(cache: etree._Element | None, points: dict[int, str]) -> int:
    told = None if cache is None else cache.find(".//{*}ptCount")
    return min(_MOST_POINTS, max(_count(told.get("val")) if told is not None else 0, len(points)))


def _texts(cache: etree._Element | None) -> tuple[str, ...]:
    points = _points(cache)
    return tuple(points.get(at, "") for at in range(_num_points(cache, points)))


def _numbers(cache: etree._Element | None) -> tuple[float | None, ...]:
    points = _points(cache)
    return tuple(_number(points.get(at)) for at in range(_num_points(cache, points)))


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _title(title: etree._Element | None) -> str:
    return "" if title is None else "".join(each.text or "" for each in title.iter("{*}t"))


def _cell(cell: etree._Element) -> str:
    return " ".join(" ".join(map(text_of, cell.iterfind("{*}txBody/{*}p"))).split())


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1
