"""Charts of docx, pptx and xlsx, by the values that are kept in them (ECMA-376, part 1, 21.2)."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from lxml import etree

from core.content import Block, Chart, Series
from core.content.blocks import ChartKind
from core.ingestion.archive import Package
from core.ingestion.xml_parts import parse

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MAX_POINTS = 10_000
_KINDS: dict[str, ChartKind] = {
    "barChart": "column",
    "bar3DChart": "column",
    "lineChart": "line",
    "line3DChart": "line",
    "areaChart": "area",
    "area3DChart": "area",
    "pieChart": "pie",
    "pie3DChart": "pie",
    "doughnutChart": "pie",
    "scatterChart": "scatter",
}


def chart_block(package: Package, part: str, alt: str, page: int | None = None) -> Block | None:
    """None for a kind of chart that we do not know, or one without values."""
    if part not in package:
        return None
    root = parse(package.read(part))
    plot = next(
        (each for each in root.iter() if str(each.tag).startswith(C) and each.tag[len(C) :] in _KINDS), None
    )
    if plot is None:
        return None
    kind = _KINDS[str(plot.tag)[len(C) :]]
    direction = plot.find(f"{C}barDir")
    if direction is not None and direction.get("val") == "bar":
        kind = "bar"
    series, categories = _series(plot, kind)
    if not any(each.values for each in series):
        return None
    across, up = _axis_titles(root, kind)
    title = _text(root.find(f"{C}chart/{C}title"))
    return Block("chart", title, page=page, chart=Chart(kind, categories, series, across, up, alt))


def _series(plot: etree._Element, kind: ChartKind) -> tuple[tuple[Series, ...], tuple[str, ...]]:
    found = list(plot.iterfind(f"{C}ser"))
    if kind == "scatter":
        first = [Series("", _numbers(found[0].find(f"{C}xVal")))] if found else []
        return (*first, *(Series(_name(each), _numbers(each.find(f"{C}yVal"))) for each in found)), ()
    categories = next((texts for each in found if (texts := _texts(each.find(f"{C}cat")))), ())
    return tuple(Series(_name(each), _numbers(each.find(f"{C}val"))) for each in found), categories


def _name(series: etree._Element) -> str:
    return next(iter(_texts(series.find(f"{C}tx"))), "")


def _axis_titles(root: etree._Element, kind: ChartKind) -> tuple[str, str]:
    values = [_text(axis.find(f"{C}title")) for axis in root.iter(f"{C}valAx")]
    names = [_text(axis.find(f"{C}title")) for axis in root.iter(f"{C}catAx", f"{C}dateAx")]
    if kind == "scatter":
        names, values = values[:1], values[1:]
    return next(iter(names), ""), next(iter(values), "")


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return " ".join("".join(str(each.text or "") for each in element.iter("{*}t")).split())


def _texts(element: etree._Element | None) -> tuple[str, ...]:
    points = dict(_points(element))
    return tuple(points.get(at, "") for at in range(_count(element, points)))


def _numbers(element: etree._Element | None) -> tuple[float | None, ...]:
    points = dict(_points(element))
    return tuple(_number(points.get(at, "")) for at in range(_count(element, points)))


def _points(element: etree._Element | None) -> Iterator[tuple[int, str]]:
    """Of categories in several levels the innermost, which comes first."""
    level = None if element is None else element.find(f".//{C}lvl")
    for point in () if element is None else (element if level is None else level).iter(f"{C}pt"):
        index = str(point.get("idx", ""))
        if index.isdecimal() and len(index) < 6:
            yield int(index), (point.findtext(f"{C}v") or "").strip()


def _count(element: etree._Element | None, points: dict[int, str]) -> int:
    counted = None if element is None else element.find(f".//{C}ptCount")
    told = "" if counted is None else str(counted.get("val", ""))
    count = int(told) if told.isdecimal() and len(told) < 6 else 0
    return min(MAX_POINTS, max(count, max(points, default=-1) + 1))


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if isfinite(found) else None
