"""Tiles, charts and tables that keep themselves up to date, drawn by the browser from the newest values.

The first message of a page run brings everything, the following ones the newest values and what differs from
that first message. So one that a busy browser passes over is made good by the next; and one that has
passed over the first says so, and is sent everything once more.
"""

from __future__ import annotations

import json
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


def has_begun(key: str) -> bool:
    """Whether the browser may have what the page run began with; False once it says that it has not."""
    begun: _Begun | None = st.session_state.get(f"{key}_begun")
    state: Any = st.session_state.get(key)
    return begun is not None and (state.get("lost") if state else None) != begun.run


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

    Only series that a chart draws are sent. `charts` may be left out unless `whole`. Once it is drawn, the
    element says in `data-as-of` to which millisecond it is true.
    """
    before: _Begun | None = st.session_state.get(f"{key}_begun")
    run = (0 if before is None else before.run) + whole
    shown = {"tiles": [_fields(tile) for tile in tiles], "tables": [_table(table) for table in tables]}
    data: dict[str, Any] = {
        "whole": whole,
        "run": run,
        "note": note,
        "now": now * 1e3,
        "first": first,
        "num": max(map(len, series.values()), default=0),
        "events": events,
        "selection": selection,
    }
    if whole:
        names = [line.name for chart in charts for line in chart.series if line.name in series]
        st.session_state[f"{key}_begun"] = _Begun(run, names, events, **shown)
        data |= shown | {
            "charts": [asdict(chart) for chart in charts],
            "names": names,
            "window": window,
            "width": width,
            "words": words,
            "locale": locale,
            "code": _CODE,
            "style": _STYLE,
        }
    else:
        assert before is not None, "the first message of a page run is whole"
        begun, names = before, before.names
        data["events"] = [event for event in events if event not in begun.events]
        data["tiles"] = list(map(_differences, shown["tiles"], begun.tiles))
        data["tables"] = list(map(_differences, shown["tables"], begun.tables))
    data["series"] = [series[name] for name in names]
    _BOARD(
        key=key,
        data=json.dumps(data, separators=(",", ":")).encode(),
        on_selection_change=_ignore,
        on_lost_change=_ignore,
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the first message of this page run, so numbered, brought to the visitor's browser."""

    run: int
    names: list[str]
    events: Sequence[tuple[float, str]]
    tiles: list[dict[str, Any]]
    tables: list[dict[str, Any]]


def _fields(part: Tile | Table) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__}


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [{"text": row[0][0], "colour": row[0][1]} if isinstance(row[0], tuple) else row[0], *row[1:]]
        for row in table.rows
    ]
    return _fields(table) | {"rows": rows}


def _differences(now: Mapping[str, Any], begun: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in now.items() if value != begun[name]}


def _ignore() -> None:
    """The part of the page that draws the board runs again by itself."""


_CODE = (HERE / "live_board.js").read_text(encoding="utf-8")
_STYLE = (HERE / "live_board.css").read_text(encoding="utf-8")
# NOTE: Streamlit repeats in every message what a component is registered with. So that is only what fetches
# the code out of the first message.
ENTRY = """
const boards = new WeakMap();

export default async function ({ data, parentElement, setStateValue }) {
  const message = JSON.parse(new TextDecoder().decode(data));
  if (message.whole && !boards.has(parentElement)) boards.set(parentElement, begin(message, parentElement));
  const board = await boards.get(parentElement);
  if (message.whole || board?.whole?.run === message.run) return board.take(message, setStateValue);
  setStateValue('lost', message.run);
}

async function begin({ code }, parentElement) {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const { Board } = await import(url);
  URL.revokeObjectURL(url);
  return new Board(parentElement);
}
"""
_BOARD = st.components.v2.component("live_board", html='<div class="board"></div>', js=ENTRY)
