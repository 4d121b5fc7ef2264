"""What a chart shows, in words made of its values: for those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.content import Chart
from core.exports.charts.scale import number

MAX_NAMED = 12  # values are told one by one up to here


@dataclass(frozen=True, slots=True)
class _Phrases:
    kinds: Mapping[str, str]
    titled: str
    values: str
    summary: str
    rising: str
    falling: str
    level: str
    no_value: str
    points: str
    empty: str


def describe(chart: Chart, title: str, language: str = "en") -> str:
    """`chart.alt` if there is one. In English where we have no words in the language."""
    if chart.alt:
        return chart.alt
    phrases = _PHRASES.get(language.partition("-")[0].lower(), _PHRASES["en"])
    name = phrases.kinds[chart.kind]
    sentences = [phrases.titled.format(kind=name, title=title) if title else f"{name}."]
    if chart.kind == "scatter" and len(chart.series) > 1:
        sentences += _points(chart, phrases, language)
    else:
        sentences += [_series(chart, at, phrases, language) for at in range(len(chart.series))]
    return (
        " ".join(each for each in sentences if each)
        if _has_values(chart)
        else f"{sentences[0]} {phrases.empty}"
    )


def _has_values(chart: Chart) -> bool:
    return any(_is_number(value) for series in chart.series for value in series.values)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _series(chart: Chart, at: int, phrases: _Phrases, language: str) -> str:
    series = chart.series[at]
    pairs = [
        (chart.categories[place] if place < len(chart.categories) else str(place + 1), value)
        for place, value in enumerate(series.values)
    ]
    known = [(name, value) for name, value in pairs if value is not None and math.isfinite(value)]
    if not known:
        return ""
    label = ", ".join(filter(None, (series.name, chart.value_title)))
    if len(pairs) <= MAX_NAMED:
        told = "; ".join(f"{name} {_told(value, phrases, language)}" for name, value in pairs)
        return f"{phrases.values.format(series=label, values=told)} {_trend(chart, known, phrases)}".strip()
    highest, lowest = max(known, key=lambda pair: pair[1]), min(known, key=lambda pair: pair[1])
    said = phrases.summary.format(
        series=label,
        count=len(known),
        first=known[0][0],
        last=known[-1][0],
        high=number(highest[1], language),
        high_at=highest[0],
        low=number(lowest[1], language),
        low_at=lowest[0],
    )
    return f"{said} {_trend(chart, known, phrases)}".strip()


def _told(value: float | None, phrases: _Phrases, language: str) -> str:
    return number(value, language) if value is not None and math.isfinite(value) else phrases.no_value


def _trend(chart: Chart, known: Sequence[tuple[str, float]], phrases: _Phrases) -> str:
    """Only where the order of categories is one in time: lines and areas."""
    if chart.kind not in ("line", "area") or len(known) < 3:
        return ""
    start, end = known[0][1], known[-1][1]
    spread = max(value for _, value in known) - min(value for _, value in known)
    if abs(end - start) <= 0.05 * spread or spread == 0:
        return phrases.level
    return phrases.rising if end > start else phrases.falling


def _points(chart: Chart, phrases: _Phrases, language: str) -> list[str]:
    across = chart.series[0]
    found = []
    for series in chart.series[1:]:
        pairs = [
            (x, y)
            for x, y in zip(across.values, series.values, strict=False)
            if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
        ]
        if pairs:
            found.append(
                phrases.points.format(
                    series=series.name,
                    count=len(pairs),
                    x=chart.category_title or across.name,
                    x_low=number(min(x for x, _ in pairs), language),
                    x_high=number(max(x for x, _ in pairs), language),
                    y=chart.value_title or series.name,
                    y_low=number(min(y for _, y in pairs), language),
                    y_high=number(max(y for _, y in pairs), language),
                )
            )
    return found


_PHRASES = {
    "en": _Phrases(
        kinds={
            "bar": "Bar chart",
            "column": "Column chart",
            "line": "Line chart",
            "area": "Area chart",
            "pie": "Pie chart",
            "scatter": "Scatter chart",
        },
        titled="{kind}: {title}.",
        values="{series}: {values}.",
        summary="{series}: {count} values from {first} to {last}; "
        "highest {high} ({high_at}), lowest {low} ({low_at}).",
        rising="It rises overall.",
        falling="It falls overall.",
        level="It ends where it began.",
        no_value="no value",
        points="{series}: {count} points; {x} from {x_low} to {x_high}, {y} from {y_low} to {y_high}.",
        empty="It has no values.",
    ),
    "es": _Phrases(
        kinds={
            "bar": "Gráfico de barras",
            "column": "Gráfico de columnas",
            "line": "Gráfico de líneas",
            "area": "Gráfico de áreas",
            "pie": "Gráfico circular",
            "scatter": "Gráfico de dispersión",
        },
        titled="{kind}: {title}.",
        values="{series}: {values}.",
        summary="{series}: {count} valores de {first} a {last}; "
        "el mayor {high} ({high_at}), el menor {low} ({low_at}).",
        rising="En conjunto sube.",
        falling="En conjunto baja.",
        level="Termina donde empezó.",
        no_value="sin valor",
        points="{series}: {count} puntos; {x} de {x_low} a {x_high}, {y} de {y_low} a {y_high}.",
        empty="No tiene valores.",
    ),
    "pt": _Phrases(
        kinds={
            "bar": "Gráfico de barras",
            "column": "Gráfico de colunas",
            "line": "Gráfico de linhas",
            "area": "Gráfico de áreas",
            "pie": "Gráfico circular",
            "scatter": "Gráfico de dispersão",
        },
        titled="{kind}: {title}.",
        values="{series}: {values}.",
        summary="{series}: {count} valores de {first} a {last}; "
        "o maior {high} ({high_at}), o menor {low} ({low_at}).",
        rising="No conjunto sobe.",
        falling="No conjunto desce.",
        level="Termina onde começou.",
        no_value="sem valor",
        points="{series}: {count} pontos; {x} de {x_low} a {x_high}, {y} de {y_low} a {y_high}.",
        empty="Não tem valores.",
    ),
}
