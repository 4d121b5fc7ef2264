"""Tiles, charts and tables that keep themselves up to date, drawn by the browser from the newest values.

The first message of a page run brings everything, the following ones only what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

HERE = Path(__file__).resolve().parent
Colour = tuple[str, str] | Literal["text"]
"""On light and on dark pages."""
RED, AMBER, BLUE = ("#d1495b", "#f2748a"), ("#c77700", "#f0a531"), ("#2f6fde", "#7aa7ff")
TEAL, VIOLET, GREY = ("#0b8378", "#3fc1b3"), ("#7c4dd6", "#b59bff"), ("#7d8aa0", "#8d9ab0")
PALE = ("#c3ccda", "#46536b")


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a chart. In a stack a dashed one is a line above it."""

    name: str
    label: str
    colour: Colour
    dash: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`scale` says how its figures are written; `top` ends its axis; `none` stands where it is empty."""

    title: str
    unit: str
    series: Sequence[Line]
    kind: Literal["line", "stack"] = "line"
    scale: Literal["number", "bytes"] = "number"
    help: str = ""
    top: float | None = None
    none: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with what to compare it to, and how it is computed."""

    label: str
    value: str
    note: str
    help: str
    tone: Literal["", "warn", "bad"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first cell of a row names it; `(text, colour)` marks it. `none` stands where there are no rows."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    none: str
    help: str = ""


def chosen_range(key: str) -> tuple[float, float] | None:
    """The part of the window that this visitor has chosen by dragging over a chart."""
    state: Any = st.session_state.get(key)
    found = state.get("selection") if state else None
    if not isinstance(found, Sequence) or len(found) != 2:
        return None
    try:
        begin, end = float(found[0]), float(found[1])
    except (TypeError, ValueError):
        return None
    return (begin, end) if begin < end else None


def live_board(
    key: str,
    *,
    whole: bool,
    locale: str,
    words: Mapping[str, str],
    charts: Sequence[Chart],
    tiles: Sequence[Tile],
    tables: Sequence[Table],
    note: str,
    now: float,
    window: int,
    width: int,
    first: int,
    series: Mapping[str, Sequence[float | None]],
    events: Sequence[tuple[float, str]],
    selection: tuple[float, float] | None,
) -> None:
    """Draw, or bring up to date unless `whole`. `first` numbers the first bucket of the series given.

    Once it is drawn, the element says in `data-as-of` to which millisecond it is true.
    """
    data: dict[str, Any] = {
        "whole": whole,
        "note": note,
        "now": now * 1e3,
        "window": window,
        "width": width,
        "first": first,
        "num": max(map(len, series.values()), default=0),
        "series": series,
        "events": [{"at": at, "text": text} for at, text in events],
        "selection": selection,
        "tiles": [asdict(tile) for tile in tiles],
        "tables": [_table(table) for table in tables],
    }
    if whole:
        data |= {"charts": [asdict(chart) for chart in charts], "words": words, "locale": locale}
    _BOARD(key=key, data=data, on_selection_change=_ignore)


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [{"text": row[0][0], "colour": row[0][1]} if isinstance(row[0], tuple) else row[0], *row[1:]]
        for row in table.rows
    ]
    return asdict(table) | {"rows": rows}


def _ignore() -> None:
    """The part of the page that draws the board runs again by itself."""


_BOARD = st.components.v2.component(
    "live_board",
    html='<div class="board"></div>',
    css=(HERE / "live_board.css").read_text(encoding="utf-8"),
    js=(HERE / "live_board.js").read_text(encoding="utf-8"),
)
