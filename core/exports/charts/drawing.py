"""A chart as SVG. Drawn here, so that every format shows the same picture and none opens an address.

Series are told apart by more than colour: lines by dash and marker, areas of colour by their texture and
their order in the legend. Text is set in Inter, with its width known, so that nothing overlaps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from core.content import Chart
from core.content.blocks import ChartKind
from core.exports.charts.lettering import broken, shortened
from core.exports.charts.lettering import width as text_width
from core.exports.charts.palette import colours, tint
from core.exports.charts.scale import Scale, number, scale, tick_texts
from core.exports.manuscript import Branding

INK, FAINT_INK, GRID = "#1f2937", "#4b5563", "#e2e6ec"
FAMILIES = "Inter, 'IBM Plex Sans Arabic', 'Noto Sans Arabic', 'Noto Sans Hebrew', sans-serif"
TITLE_SIZE, SIZE = 17.0, 12.0
MARGIN, GAP = 16.0, 8.0
MAX_SLICES = 8
KEY_OVERHANG = 4.0
MAX_LABELLED_BARS = 24
MAX_LEGEND_LINES = 3
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 4", "4 2 1 2", "1 3", "6 2 2 2 2 2")


def draw(
    chart: Chart, title: str, branding: Branding, width: int = 640, height: int = 360, language: str = "en"
) -> str:
    """An SVG of this size in pixels. An empty title leaves its place to the chart.

    A pie of negative values or of more than eight slices is drawn as bars: it could not be read as a pie.
    """
    canvas = _Canvas(width, height, colours(branding.primary, branding.accent), language)
    area = canvas.head(title, _legend_names(chart), chart.kind)
    if _is_readable_pie(chart):
        _pie(canvas, area, chart)
    elif chart.kind == "scatter":
        _scatter(canvas, area, chart)
    elif chart.kind in ("bar", "pie"):
        _bars(canvas, area, chart)
    else:
        _upright(canvas, area, chart)
    return canvas.svg(title)


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


class _Canvas:
    def __init__(self, width: int, height: int, palette: tuple[str, ...], language: str) -> None:
        self.width, self.height, self.language = width, height, language
        self._palette = palette
        self._parts: list[str] = []
        self._textures: set[int] = set()

    def colour(self, series: int) -> str:
        return self._palette[series % len(self._palette)]

    def fill(self, series: int) -> str:
        """The colour of the series, from the third on with a texture of its own."""
        if series < 2:
            return self.colour(series)
        self._textures.add(series)
        return f"url(#texture{series})"

    def add(self, element: str, **attributes: str | float) -> None:
        given = "".join(
            f" {name.replace('_', '-')}={quoteattr(_plain(value))}" for name, value in attributes.items()
        )
        self._parts.append(f"<{element}{given}/>")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "start",
        size: float = SIZE,
        ink: str = FAINT_INK,
        is_bold: bool = False,
        turn: float = 0.0,
    ) -> None:
        turned = f' transform="rotate({_plain(turn)} {_plain(x)} {_plain(y)})"' if turn else ""
        weight = ' font-weight="700"' if is_bold else ""
        self._parts.append(
            f'<text x="{_plain(x)}" y="{_plain(y)}" font-size="{_plain(size)}" fill="{ink}" '
            f'text-anchor="{anchor}"{weight}{turned}>{escape(text)}</text>'
        )

    def head(self, title: str, names: Sequence[str], kind: ChartKind) -> _Area:
        """Title and legend; what is left below them."""
        top = MARGIN
        for line in broken(title, TITLE_SIZE, self.width - 2 * MARGIN, 2, is_bold=True):
            self.text(MARGIN, top + TITLE_SIZE * 0.85, line, size=TITLE_SIZE, ink=INK, is_bold=True)
            top += TITLE_SIZE * 1.3
        if title:
            top += GAP / 2
        for line_of_names in _legend_lines(names, self.width - 2 * MARGIN):
            for left, series, name in line_of_names:
                self.key(MARGIN + left + KEY_OVERHANG, top + SIZE / 2, series, kind)
                self.text(MARGIN + left + 2 * KEY_OVERHANG + 18, top + SIZE * 0.86, name, ink=INK)
            top += SIZE * 1.6
        return _Area(MARGIN, top + GAP, self.width - MARGIN, self.height - MARGIN)

    def key(self, x: float, y: float, series: int, kind: ChartKind = "column") -> None:
        if kind in ("line", "area"):
            dash: dict[str, str | float] = _dash(series)
            look: dict[str, str | float] = {"stroke": self.colour(series), "stroke_width": 2.5, **dash}
            self.add("line", x1=x - 4, x2=x + 17, y1=y, y2=y, **look)
        if kind in ("line", "area", "scatter"):
            _marker(self, (x + 6.5, y), series)
        else:
            self.add("rect", x=x, y=y - 6, width=13, height=12, rx=2, fill=self.fill(series))

    def svg(self, title: str) -> str:
        families = quoteattr(FAMILIES)
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        name = f"<title>{escape(title)}</title>" if title else ""
        textures = "".join(_texture(each, self.colour(each)) for each in sorted(self._textures))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={families}>{name}'
            f"{f'<defs>{textures}</defs>' if textures else ''}"
            f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>{"".join(self._parts)}</svg>'
        )


# Columns, lines, areas: categories from left to right


def _upright(canvas: _Canvas, area: _Area, chart: Chart) -> None:
    axis = scale(_values(chart), has_zero=chart.kind != "line")
    area = _with_value_axis(canvas, area, chart.value_title)
    texts = tick_texts(axis, canvas.language)
    left = area.left + max(text_width(text, SIZE) for text in texts) + GAP
    slots = max(1, _num_categories(chart))
    labels = _Labels.fit(chart.categories, (area.right - left) / slots)
    below = labels.height + (SIZE + GAP if chart.category_title else 0)
    plot = _Area(max(left, area.left + labels.overhang), area.top + SIZE, area.right, area.bottom - below)
    _horizontal_grid(canvas, plot, axis, texts)
    labels.draw(canvas, plot)
    if chart.category_title:
        _title_below(canvas, plot, chart.category_title, area.bottom)
    if chart.kind == "column":
        _columns(canvas, plot, axis, chart)
    else:
        _lines(canvas, plot, axis, chart)


def _with_value_axis(canvas: _Canvas, area: _Area, title: str) -> _Area:
    if not title:
        return area
    line = shortened(title, SIZE, area.height)
    canvas.text(area.left + SIZE * 0.8, (area.top + area.bottom) / 2, line, "middle", turn=-90)
    return _Area(area.left + SIZE + GAP, area.top, area.right, area.bottom)


def _title_below(canvas: _Canvas, plot: _Area, title: str, bottom: float) -> None:
    line = shortened(title, SIZE, plot.width)
    canvas.text((plot.left + plot.right) / 2, bottom - SIZE * 0.2, line, "middle")


def _horizontal_grid(canvas: _Canvas, plot: _Area, axis: Scale, texts: Sequence[str]) -> None:
    for tick, text in zip(axis.ticks, texts, strict=True):
        y = plot.bottom - plot.height * axis.share(tick)
        is_zero = abs(tick) < axis.step / 1000
        canvas.add(
            "line",
            x1=plot.left,
            x2=plot.right,
            y1=y,
            y2=y,
            stroke=FAINT_INK if is_zero else GRID,
            stroke_width=1,
        )
        canvas.text(plot.left - GAP, y + SIZE * 0.35, text, "end")


@dataclass(frozen=True, slots=True)
class _Labels:
    """Names of categories under a plot: on one or two lines, or turned, or only every so many."""

    lines: tuple[tuple[str, ...], ...]
    every: int
    is_turned: bool
    height: float

    @staticmethod
    def fit(names: Sequence[str], slot: float) -> _Labels:
        lines = [broken(name, SIZE, slot - GAP, 2) for name in names]
        if all(
            "".join(found).replace(" ", "") == "".join(name.split())
            for found, name in zip(lines, names, strict=True)
        ):
            most = max(map(len, lines), default=1)
            return _Labels(tuple(map(tuple, lines)), 1, False, GAP + most * SIZE * 1.3)
        every = math.ceil(SIZE * 1.5 / slot)
        short = [shortened(name, SIZE, 130) for name in names]
        longest = max(text_width(name, SIZE) for name in short[::every])
        return _Labels(tuple((name,) for name in short), every, True, GAP + longest * 0.71 + SIZE)

    @property
    def overhang(self) -> float:
        """How far the first turned label reaches to the left of the area's start."""
        return text_width(self.lines[0][0], SIZE) * 0.71 - SIZE if self.is_turned else 0.0

    def draw(self, canvas: _Canvas, plot: _Area) -> None:
        slot = plot.width / max(1, len(self.lines))
        for at, lines in enumerate(self.lines):
            x = plot.left + slot * (at + 0.5)
            if self.is_turned and at % self.every == 0:
                canvas.text(x + SIZE * 0.3, plot.bottom + GAP + SIZE * 0.7, lines[0], "end", turn=-45)
            elif not self.is_turned:
                for line_number, line in enumerate(lines):
                    canvas.text(x, plot.bottom + GAP + SIZE * (0.8 + 1.25 * line_number), line, "middle")


def _columns(canvas: _Canvas, plot: _Area, axis: Scale, chart: Chart) -> None:
    slot = plot.width / max(1, _num_categories(chart))
    bar = min(56.0, slot * 0.76 / len(chart.series)) if chart.series else 0.0
    zero = plot.bottom - plot.height * axis.share(0)
    is_labelled = _are_labelled(chart, bar / 0.96, canvas.language)
    for index, series in enumerate(chart.series):
        for at, value in enumerate(_finite(series.values)):
            if value is None:
                continue
            x = plot.left + slot * (at + 0.5) + bar * (index - len(chart.series) / 2)
            y = plot.bottom - plot.height * axis.share(value)
            canvas.add(
                "rect", x=x, y=min(y, zero), width=bar * 0.94, height=abs(y - zero), fill=canvas.fill(index)
            )
            if is_labelled:
                above = y - 4 if value >= 0 else y + SIZE
                canvas.text(
                    x + bar * 0.47, above, number(value, canvas.language), "middle", size=SIZE - 1, ink=INK
                )


def _lines(canvas: _Canvas, plot: _Area, axis: Scale, chart: Chart) -> None:
    slot = plot.width / max(1, _num_categories(chart))
    for index, series in enumerate(chart.series):
        points = [
            None
            if value is None
            else (plot.left + slot * (at + 0.5), plot.bottom - plot.height * axis.share(value))
            for at, value in enumerate(_finite(series.values))
        ]
        pieces = [
            list(piece) for is_there, piece in groupby(points, lambda point: point is not None) if is_there
        ]
        for piece in pieces:
            _line_piece(canvas, plot, axis, index, [point for point in piece if point], chart.kind == "area")
        if slot >= 10:
            for point in points:
                if point:
                    _marker(canvas, point, index)


def _line_piece(
    canvas: _Canvas, plot: _Area, axis: Scale, index: int, points: list[tuple[float, float]], is_area: bool
) -> None:
    path = " ".join(f"{_plain(x)},{_plain(y)}" for x, y in points)
    if is_area and len(points) > 1:
        zero = _plain(plot.bottom - plot.height * axis.share(0))
        around = f"{_plain(points[0][0])},{zero} {path} {_plain(points[-1][0])},{zero}"
        canvas.add("polygon", points=around, fill=canvas.colour(index), fill_opacity=0.2)
    line: dict[str, str | float] = {"fill": "none", "stroke": canvas.colour(index), "stroke_width": 2.5}
    canvas.add(
        "polyline",
        points=path,
        **line,
        stroke_linejoin="round",
        **_dash(index),
    )


def _dash(series: int) -> dict[str, str | float]:
    dash = DASHES[series % len(DASHES)]
    return {"stroke_dasharray": dash} if dash else {}


def _marker(canvas: _Canvas, point: tuple[float, float], index: int) -> None:
    """A circle, square, triangle or rhomb, full for four series and hollow for the next four."""
    x, y = point
    fill = canvas.colour(index) if index % 8 < 4 else "#ffffff"
    look: dict[str, str | float] = {"fill": fill, "stroke": canvas.colour(index), "stroke_width": 1.5}
    if index % 4 == 0:
        canvas.add("circle", cx=x, cy=y, r=4, **look)
    elif index % 4 == 1:
        canvas.add("rect", x=x - 3.6, y=y - 3.6, width=7.2, height=7.2, **look)
    else:
        corners = ((0, -5), (4.6, 3.6), (-4.6, 3.6)) if index % 4 == 2 else ((0, -5), (5, 0), (0, 5), (-5, 0))
        canvas.add(
            "polygon", points=" ".join(f"{_plain(x + dx)},{_plain(y + dy)}" for dx, dy in corners), **look
        )


# Bars: categories from top to bottom


def _bars(canvas: _Canvas, area: _Area, chart: Chart) -> None:
    axis = scale(_values(chart), has_zero=True)
    if chart.category_title:
        canvas.text(area.left, area.top + SIZE * 0.8, shortened(chart.category_title, SIZE, area.width))
        area = _Area(area.left, area.top + SIZE * 1.5, area.right, area.bottom)
    names = [shortened(name, SIZE, area.width * 0.35) for name in chart.categories]
    left = area.left + max((text_width(name, SIZE) for name in names), default=0) + GAP
    below = GAP + SIZE * 1.2 + (SIZE + GAP if chart.value_title else 0)
    plot = _Area(left, area.top, area.right - 2 * SIZE, area.bottom - below)
    _vertical_grid(canvas, plot, axis)
    if chart.value_title:
        _title_below(canvas, plot, chart.value_title, area.bottom)
    slot = plot.height / max(1, _num_categories(chart))
    every = math.ceil(SIZE * 1.3 / slot)
    for at, name in enumerate(names):
        if at % every == 0:
            canvas.text(plot.left - GAP, plot.top + slot * (at + 0.5) + SIZE * 0.35, name, "end", ink=INK)
    _bar_pieces(canvas, plot, axis, chart, slot)


def _bar_pieces(canvas: _Canvas, plot: _Area, axis: Scale, chart: Chart, slot: float) -> None:
    shown = chart.series[:1] if chart.kind == "pie" else chart.series
    bar = min(44.0, slot * 0.76 / len(shown)) if shown else 0.0
    zero = plot.left + plot.width * axis.share(0)
    is_labelled = bar >= SIZE and len(shown) * _num_categories(chart) <= MAX_LABELLED_BARS and axis.low == 0
    for index, series in enumerate(shown):
        for at, value in enumerate(_finite(series.values)):
            if value is None:
                continue
            y = plot.top + slot * (at + 0.5) + bar * (index - len(shown) / 2)
            x = plot.left + plot.width * axis.share(value)
            canvas.add(
                "rect", x=min(x, zero), y=y, width=abs(x - zero), height=bar * 0.94, fill=canvas.fill(index)
            )
            if is_labelled:
                _bar_label(
                    canvas, plot, x, zero, y + bar * 0.47 + SIZE * 0.33, number(value, canvas.language)
                )


def _bar_label(canvas: _Canvas, plot: _Area, end: float, zero: float, y: float, text: str) -> None:
    """Behind the bar, or in white in it where there is no room behind; nowhere if it fits in neither."""
    room = text_width(text, SIZE - 1) + 6
    if end + room <= plot.right + 2 * SIZE:
        canvas.text(end + 4, y, text, size=SIZE - 1, ink=INK)
    elif end - zero > room:
        canvas.add(
            "rect", x=end - room - 1, y=y - SIZE, width=room - 2, height=SIZE * 1.35, rx=2, fill="#ffffff"
        )
        canvas.text(end - 6, y, text, "end", size=SIZE - 1, ink=INK)


def _vertical_grid(canvas: _Canvas, plot: _Area, axis: Scale) -> None:
    texts = tick_texts(axis, canvas.language)
    room = plot.width / (len(texts) - 1)
    every = max(1, math.ceil((max(text_width(text, SIZE) for text in texts) + GAP) / room))
    for at, (tick, text) in enumerate(zip(axis.ticks, texts, strict=True)):
        x = plot.left + plot.width * axis.share(tick)
        is_zero = abs(tick) < axis.step / 1000
        canvas.add(
            "line",
            x1=x,
            x2=x,
            y1=plot.top,
            y2=plot.bottom,
            stroke=FAINT_INK if is_zero else GRID,
            stroke_width=1,
        )
        if at % every == 0:
            canvas.text(x, plot.bottom + GAP + SIZE * 0.8, text, "middle")


# Points, and the pie


def _scatter(canvas: _Canvas, area: _Area, chart: Chart) -> None:
    first = (
        _finite(chart.series[0].values)
        if len(chart.series) > 1
        else list(map(float, range(1, _num_points(chart) + 1)))
    )
    others = chart.series[1:] or chart.series
    across = scale([value for value in first if value is not None], has_zero=False)
    axis = scale(
        [value for series in others for value in _finite(series.values) if value is not None], has_zero=False
    )
    area = _with_value_axis(canvas, area, chart.value_title)
    texts = tick_texts(axis, canvas.language)
    left = area.left + max(text_width(text, SIZE) for text in texts) + GAP
    below = GAP + SIZE * 1.2 + (SIZE + GAP if chart.category_title else 0)
    plot = _Area(left, area.top + SIZE / 2, area.right - 2 * SIZE, area.bottom - below)
    _vertical_grid(canvas, plot, across)
    _horizontal_grid(canvas, plot, axis, texts)
    if chart.category_title:
        _title_below(canvas, plot, chart.category_title, area.bottom)
    for index, series in enumerate(others):
        for x, y in zip(first, _finite(series.values), strict=False):
            if x is not None and y is not None:
                place = plot.left + plot.width * across.share(x), plot.bottom - plot.height * axis.share(y)
                _marker(canvas, place, index)


def _pie(canvas: _Canvas, area: _Area, chart: Chart) -> None:
    slices = _slices(chart)
    total = sum(value for _, value in slices)
    radius = min(area.height / 2, area.width * 0.24)
    x, y = area.left + area.width * 0.28, area.top + area.height / 2
    done = 0.0
    for index, (_, value) in enumerate(slices):
        _slice(canvas, (x, y), radius, done / total, (done + value) / total, canvas.fill(index))
        done += value
    left, room = x + radius + 4 * GAP, area.right - (x + radius + 4 * GAP) - 20
    line = min(26.0, area.height / len(slices))
    top = y - line * (len(slices) - 1) / 2
    for index, (name, value) in enumerate(slices):
        share = number(round(100 * value / total, 1), canvas.language)
        figure = f"{number(value, canvas.language)} ({share}\u00a0%)"
        kept = shortened(name, SIZE, room - text_width(figure, SIZE, is_bold=True) - GAP)
        canvas.key(left, top + line * index, index)
        canvas.text(left + 20, top + line * index + SIZE * 0.35, kept, ink=INK)
        after = left + 20 + text_width(kept, SIZE) + GAP
        canvas.text(after, top + line * index + SIZE * 0.35, figure, ink=INK, is_bold=True)


def _slice(
    canvas: _Canvas, centre: tuple[float, float], radius: float, start: float, end: float, fill: str
) -> None:
    """From and to these shares of the circle, clockwise from the top."""
    x, y = centre
    look: dict[str, str | float] = {"fill": fill, "stroke": "#ffffff", "stroke_width": 2.0}
    if end - start > 0.9999:
        canvas.add("circle", cx=x, cy=y, r=radius, **look)
        return
    from_, to = (
        f"{_plain(x + radius * math.sin(turn))} {_plain(y - radius * math.cos(turn))}"
        for turn in (2 * math.pi * start, 2 * math.pi * end)
    )
    round_ = f"A {_plain(radius)} {_plain(radius)} 0 {int(end - start > 0.5)} 1"
    path = f"M {_plain(x)} {_plain(y)} L {from_} {round_} {to} Z"
    canvas.add("path", d=path, **look)


# What is shared


def _is_readable_pie(chart: Chart) -> bool:
    if chart.kind != "pie" or not chart.series:
        return False
    values = [value for value in _finite(chart.series[0].values) if value is not None]
    return bool(values) and min(values) >= 0 and sum(values) > 0 and len(_slices(chart)) <= MAX_SLICES


def _slices(chart: Chart) -> list[tuple[str, float]]:
    values = _finite(chart.series[0].values)
    return [(name, value) for name, value in zip(chart.categories, values, strict=False) if value]


def _legend_names(chart: Chart) -> tuple[str, ...]:
    shown = chart.series[1:] if chart.kind == "scatter" else chart.series
    return tuple(series.name for series in shown) if len(shown) > 1 and chart.kind != "pie" else ()


def _legend_lines(names: Sequence[str], room: float) -> list[list[tuple[float, int, str]]]:
    """Places from the left, number of the series and name, line by line."""
    lines: list[list[tuple[float, int, str]]] = []
    left = room + 1
    for series, name in enumerate(names):
        kept = shortened(name, SIZE, min(200.0, room - 30))
        wide = 2 * KEY_OVERHANG + 18 + text_width(kept, SIZE) + 18
        if left + wide - 18 > room:
            if len(lines) == MAX_LEGEND_LINES:
                break
            lines.append([])
            left = 0
        lines[-1].append((left, series, kept))
        left += wide
    return lines


def _are_labelled(chart: Chart, room: float, language: str) -> bool:
    values = _values(chart)
    return len(values) <= MAX_LABELLED_BARS and all(
        text_width(number(value, language), SIZE - 1) <= room for value in values
    )


def _values(chart: Chart) -> list[float]:
    shown = chart.series[:1] if chart.kind == "pie" else chart.series
    return [value for series in shown for value in _finite(series.values) if value is not None]


def _finite(values: Sequence[float | None]) -> list[float | None]:
    return [value if value is not None and math.isfinite(value) else None for value in values]


def _num_categories(chart: Chart) -> int:
    return max(len(chart.categories), _num_points(chart))


def _num_points(chart: Chart) -> int:
    return max((len(series.values) for series in chart.series), default=0)


def _texture(series: int, colour: str) -> str:
    light = tint(colour, 0.35)
    line = f'stroke="{light}" stroke-width="1.6" fill="none"'
    strokes = (
        f'<path d="M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6" {line}/>',
        f'<circle cx="4" cy="4" r="1.5" fill="{light}"/>',
        f'<path d="M-2 6 L2 10 M0 0 L8 8 M6 -2 L10 2" {line}/>',
        f'<path d="M0 4 L8 4" {line}/>',
        f'<path d="M4 0 L4 8" {line}/>',
        f'<path d="M0 4 L8 4 M4 0 L4 8" {line}/>',
    )
    return (
        f'<pattern id="texture{series}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/>{strokes[(series - 2) % len(strokes)]}</pattern>'
    )


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{round(value, 2):g}"
