"""Figures from values. The same colour means the same thing on every page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape

import numpy as np
import plotly.graph_objects as go

from core.redundancy import Bin
from core.redundancy.precision import ThresholdQuality

BLUE, TEAL, AMBER, RED, GREY = "#3b6ef0", "#0d9488", "#d97706", "#dc2626", "#7d8aa0"
ACT_COLOURS = {"keep": TEAL, "merge": AMBER, "drop": RED, "ignore": GREY}
"""The colour of an act or of advice to it."""
ACT_ICONS = {"keep": "●", "merge": "◆", "drop": "✕", "ignore": "○"}
"""The same without colour."""

POLICY_COLOURS = {
    "adaptive": BLUE,
    "lru": RED,
    "arc": TEAL,
    "slru": "#7c3aed",
    "lfu": AMBER,
    "tlru": "#65a30d",
    "fifo": GREY,
    "optimum": "#8d9ab0",
}
"""The colour of an eviction policy, and of the bound that none can pass."""

_FAINT = "rgba(125,138,160,0.28)"
PLAIN = {"displayModeBar": False, "responsive": True}


@lru_cache(maxsize=64)
def similarity_histogram(
    bins: Sequence[Bin], threshold: float, *, similarity_label: str, pairs_label: str, threshold_label: str
) -> go.Figure:
    """Pairs by similarity, those that count in colour; on a root scale, or small bars would drown."""
    centres = [(each.lower + each.upper) / 2 for each in bins]
    counts = [each.num_pairs for each in bins]
    is_left = threshold >= 0.8
    ticks = sorted({0, *_round_counts(max(counts, default=0))})
    # NOTE: one dictionary at once; add_vline and update_layout check all again, at five times the cost.
    return go.Figure(
        {
            "data": [
                {
                    "type": "bar",
                    "x": centres,
                    "y": np.sqrt(counts),
                    "width": [(each.upper - each.lower) * 0.86 for each in bins],
                    "marker": {"color": [BLUE if each.upper > threshold + 1e-9 else _FAINT for each in bins]},
                    "customdata": counts,
                    "hovertemplate": f"%{{x:.2f}}: %{{customdata}} {pairs_label}<extra></extra>",
                }
            ],
            "layout": {
                "height": 190,
                "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
                "bargap": 0.05,
                "showlegend": False,
                "shapes": [
                    {
                        "type": "line",
                        "x0": threshold,
                        "x1": threshold,
                        "y0": 0,
                        "y1": 1,
                        "yref": "paper",
                        "line": {"color": AMBER, "width": 2, "dash": "dash"},
                    }
                ],
                "annotations": [
                    {
                        "x": threshold,
                        "y": 1,
                        "yref": "paper",
                        "text": threshold_label,
                        "showarrow": False,
                        "xanchor": "right" if is_left else "left",
                        "xshift": -6 if is_left else 6,
                        "yanchor": "top",
                    }
                ],
                "xaxis": {
                    "title": {"text": similarity_label},
                    "tickformat": ".2f",
                    "range": [bins[0].lower - 0.01, 1.015],
                },
                "yaxis": {
                    "title": {"text": pairs_label},
                    "tickvals": list(np.sqrt(ticks)),
                    "ticktext": [str(tick) for tick in ticks],
                },
                "uirevision": "histogram",
            },
        }
    )


def cluster_picture(
    positions: Sequence[tuple[float, float]],
    similarities: Sequence[Sequence[float | None]],
    labels: Sequence[str],
    acts: Sequence[str],
    canonical: int,
    threshold: float,
) -> go.Figure:
    """Documents as points, similar pairs as lines: the stronger, the thicker. The canonical one is ringed."""
    figure = go.Figure()
    for row, cells in enumerate(similarities):
        for column in range(row):
            value = cells[column]
            if value is not None and value >= threshold:
                (x0, y0), (x1, y1) = positions[row], positions[column]
                strength = (value - threshold) / max(1 - threshold, 0.01)
                figure.add_trace(
                    go.Scatter(
                        x=[x0, x1],
                        y=[y0, y1],
                        mode="lines",
                        line={"width": 1 + 5 * strength, "color": "rgba(125,138,160,0.55)"},
                        hoverinfo="skip",
                    )
                )
    figure.add_trace(
        go.Scatter(
            x=[x for x, _ in positions],
            y=[y for _, y in positions],
            mode="markers+text",
            text=[f"{number}" for number in range(1, len(labels) + 1)],
            textfont={"color": "#ffffff", "size": 13},
            customdata=[escape(label) for label in labels],
            hovertemplate="%{customdata}<extra></extra>",
            marker={
                "size": 30,
                "color": [ACT_COLOURS[act] for act in acts],
                "line": {
                    "width": [4 if index == canonical else 0 for index in range(len(labels))],
                    "color": AMBER,
                },
            },
        )
    )
    hidden = {"visible": False, "range": [-1.35, 1.35]}
    figure.update_layout(
        height=320,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
        xaxis=hidden,
        yaxis=hidden,
        uirevision="picture",
    )
    return figure


def heat_map(
    similarities: Sequence[Sequence[float | None]], names: Sequence[str], *, below: str
) -> go.Figure:
    """Similarity of every pair of a cluster; a pair under the floor of the analysis is left blank."""
    size = len(names)
    numbers = [str(number) for number in range(1, size + 1)]
    texts = [
        ["" if value is None or size > 14 else f"{value:.2f}" for value in cells] for cells in similarities
    ]
    hover = [
        [
            f"{escape(names[row])}<br>{escape(names[column])}<br>{below if value is None else f'{value:.3f}'}"
            for column, value in enumerate(cells)
        ]
        for row, cells in enumerate(similarities)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[[value if value is not None else np.nan for value in cells] for cells in similarities],
            x=numbers,
            y=numbers,
            zmin=0.4,
            zmax=1,
            colorscale=[[0, "#dbe7ff"], [0.5, "#6f9bff"], [1, "#163d9e"]],
            text=texts,
            texttemplate="%{text}",
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            xgap=2,
            ygap=2,
            colorbar={"thickness": 10, "tickformat": ".1f", "outlinewidth": 0},
        )
    )
    figure.update_layout(
        height=320,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        xaxis={"type": "category", "showgrid": False},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False},
        uirevision="heat",
    )
    return figure


def _log_ticks(sizes: Sequence[float]) -> list[float]:
    """1, 2 and 5 times powers of ten that cover the sizes; tens alone where that is too many."""
    known = [size for size in sizes if size > 0]
    if not known:
        return []
    powers = range(math.floor(math.log10(min(known))), math.ceil(math.log10(max(known))) + 1)
    steps = (1, 2, 5) if len(powers) <= 3 else (1,)
    return [step * 10.0**power for power in powers for step in steps]


def _round_counts(most: int) -> list[int]:
    """A few counts worth a tick, up to the most."""
    steps = [1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000]
    fitting = [step for step in steps if step <= most]
    return fitting[-4:]


def hit_rate_curves(
    curves: Sequence[tuple[str, str, Sequence[float], Sequence[float]]],
    marks: Sequence[tuple[float, str]],
    *,
    size_label: str,
    rate_label: str,
) -> go.Figure:
    """Token hit rate in percent over the size, one curve a policy: (key, label, sizes, rates).

    The optimum is dashed; `marks` are sizes that are named.
    """
    figure = go.Figure()
    for key, label, sizes, rates in curves:
        is_bound = key == "optimum"
        figure.add_trace(
            go.Scatter(
                x=list(sizes),
                y=list(rates),
                mode="lines" if is_bound else "lines+markers",
                name=label,
                line={
                    "width": 2,
                    "color": POLICY_COLOURS.get(key, GREY),
                    "dash": "dash" if is_bound else "solid",
                    "shape": "spline",
                    "smoothing": 0.3,
                },
                marker={"size": 5},
                hovertemplate=f"{label}: %{{y:.1f}} %<extra></extra>",
            )
        )
    for place, (size, label) in enumerate(marks):
        figure.add_vline(x=size, line={"color": AMBER, "width": 1.5, "dash": "dot"})
        figure.add_annotation(
            x=math.log10(size) if size > 0 else 0,
            y=1 - 0.09 * place,
            yref="paper",
            text=label,
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"color": AMBER},
        )
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.22},
        xaxis={
            "title": {"text": size_label},
            "type": "log",
            "showgrid": False,
            "tickvals": (ticks := _log_ticks([size for _, _, sizes, _ in curves for size in sizes])),
            "ticktext": [f"{tick:,g}" for tick in ticks],
        },
        yaxis={"title": {"text": rate_label}, "rangemode": "tozero"},
        uirevision="curves",
    )
    return figure


def precision_curve(
    qualities: Sequence[ThresholdQuality],
    threshold: float,
    *,
    precision_label: str,
    recall_label: str,
    threshold_label: str,
) -> go.Figure:
    """Both shares by threshold with their intervals as bands; a gap where nothing is known."""
    traces: list[dict[str, object]] = []
    for label, colour, faint, of in (
        (precision_label, BLUE, "rgba(59,110,240,0.16)", lambda each: each.precision),
        (recall_label, AMBER, "rgba(217,119,6,0.16)", lambda each: each.recall),
    ):
        known = [(each.threshold, of(each)) for each in qualities if of(each) is not None]
        if not known:
            continue
        xs = [x for x, _share in known]
        traces += [
            {
                "type": "scatter",
                "x": [*xs, *reversed(xs)],
                "y": [*(each.high for _x, each in known), *(each.low for _x, each in reversed(known))],
                "fill": "toself",
                "fillcolor": faint,
                "line": {"width": 0},
                "hoverinfo": "skip",
                "showlegend": False,
            },
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": xs,
                "y": [each.value for _x, each in known],
                "name": label,
                "line": {"color": colour, "width": 2},
                "hovertemplate": f"{label} %{{y:.0%}}<extra></extra>",
            },
        ]
    return go.Figure(
        {
            "data": traces,
            "layout": {
                "height": 260,
                "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
                "legend": {"orientation": "h", "y": 1.12, "x": 0},
                "hovermode": "x unified",
                "xaxis": {"title": {"text": threshold_label}, "tickformat": ".2f", "automargin": True},
                "yaxis": {"range": [0, 1.03], "tickformat": ".0%", "automargin": True},
                "shapes": [
                    {
                        "type": "line",
                        "x0": threshold,
                        "x1": threshold,
                        "y0": 0,
                        "y1": 1,
                        "yref": "paper",
                        "line": {"color": GREY, "width": 1, "dash": "dash"},
                    }
                ],
            },
        }
    )


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One group on the map: where it lies, how large it is, what is advised, and what it is called."""

    similarity: float
    num_words: int
    num_documents: int
    act: str
    title: str


def cluster_map(
    points: Sequence[MapPoint],
    act_names: Mapping[str, str],
    *,
    similarity_label: str,
    words_label: str,
    documents_label: str,
) -> go.Figure:
    """Every group as a circle: to the right what is more alike, to the top what holds more words.

    The area is the number of documents, the colour the advice. `customdata` is the position in `points`.
    """
    traces = []
    for act, colour in ACT_COLOURS.items():
        places = [place for place, point in enumerate(points) if point.act == act]
        if not places:
            continue
        shown = [points[place] for place in places]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{ACT_ICONS[act]} {act_names[act]}",
                "x": [point.similarity for point in shown],
                "y": [point.num_words for point in shown],
                "customdata": [
                    [place, point.num_documents] for place, point in zip(places, shown, strict=True)
                ],
                "text": [escape(point.title) for point in shown],
                "marker": {
                    "color": colour,
                    "opacity": 0.75,
                    "size": [9 + 7 * math.sqrt(point.num_documents) for point in shown],
                    "line": {"width": 1, "color": "rgba(125,138,160,0.8)"},
                },
                "hovertemplate": f"%{{text}}<br>%{{customdata[1]}} {documents_label} · %{{y:,}} {words_label}"
                " · %{x:.2f}<extra></extra>",
            }
        )
    return go.Figure(
        {
            "data": traces,
            "layout": {
                "height": 420,
                "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
                "legend": {"orientation": "h", "y": 1.08, "x": 0},
                "xaxis": {
                    "title": {"text": similarity_label},
                    "tickformat": ".2f",
                    "automargin": True,
                    "gridcolor": _FAINT,
                },
                "yaxis": {
                    "title": {"text": words_label},
                    "type": "log",
                    "tickvals": _log_ticks([point.num_words for point in points] or [1]),
                    "tickformat": ",",
                    "automargin": True,
                    "gridcolor": _FAINT,
                },
                "clickmode": "event+select",
                "dragmode": False,
            },
        }
    )


def part_means(names: Sequence[str], means: Sequence[float]) -> go.Figure:
    """The mean score of each part as a bar from 0 to 100, the lowest at the top."""
    order = sorted(range(len(names)), key=lambda place: -means[place])
    colours = [TEAL if mean >= 80 else BLUE if mean >= 60 else AMBER if mean >= 40 else RED for mean in means]
    return go.Figure(
        {
            "data": [
                {
                    "type": "bar",
                    "orientation": "h",
                    "x": [means[place] for place in order],
                    "y": [names[place] for place in order],
                    "marker": {"color": [colours[place] for place in order]},
                    "text": [f"{means[place]:.0f}" for place in order],
                    "textposition": "outside",
                    "hovertemplate": "%{y}: %{x:.1f}<extra></extra>",
                }
            ],
            "layout": {
                "height": 210,
                "margin": {"l": 8, "r": 24, "t": 4, "b": 4},
                "bargap": 0.35,
                "xaxis": {"range": [0, 118], "tickvals": [0, 20, 40, 60, 80, 100], "gridcolor": _FAINT},
                "yaxis": {"automargin": True},
            },
        }
    )


def share_by_day(days: Sequence[date], shares: Sequence[float], label: str) -> go.Figure:
    """A share from 0 to 1 for each day, as a line."""
    return go.Figure(
        {
            "data": [
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "x": list(days),
                    "y": list(shares),
                    "name": label,
                    "line": {"color": TEAL, "width": 2},
                    "hovertemplate": f"%{{x|%d.%m.%Y}}: %{{y:.0%}}<extra>{label}</extra>",
                }
            ],
            "layout": {
                "height": 220,
                "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
                "xaxis": {"automargin": True},
                "yaxis": {"range": [0, 1.03], "tickformat": ".0%", "automargin": True, "gridcolor": _FAINT},
            },
        }
    )
