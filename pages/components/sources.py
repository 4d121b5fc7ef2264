"""Other engines' servers in the same charts: choose one, attach one, let one go."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import streamlit as st

from core.gateway.roles import Permission
from core.telemetry.sources.reading import Point
from core.use_cases import AttachSource, ListSources, RemoveSource
from core.use_cases.attach_sources import SourceView
from pages.components.language import _, number, percent, span
from pages.components.live import plain
from pages.components.live_board import AMBER, BLUE, GREY, RED, TEAL, Chart, Line, Tile
from pages.components.session import ask, may, try_to

OWN = "own"
WIDTH, WINDOW = 5, 3600
KINDS = {"vllm": "vLLM", "sglang": "SGLang", "lmcache": "LMCache"}
SERIES: dict[str, Callable[[Point], float | None]] = {
    "hit": lambda point: _scaled(point.hit_ratio, 100),
    "usage": lambda point: _scaled(point.usage_ratio, 100),
    "running": lambda point: point.running,
    "waiting": lambda point: point.waiting,
    "requests": lambda point: point.requests_per_second,
    "prompt": lambda point: point.prompt_tokens_per_second,
    "cached": lambda point: point.cached_tokens_per_second,
    "new": lambda point: point.new_tokens_per_second,
    "first_p50": lambda point: _scaled(point.first_token_p50_seconds, 1e3),
    "first_p95": lambda point: _scaled(point.first_token_p95_seconds, 1e3),
    "total_p50": lambda point: _scaled(point.total_p50_seconds, 1e3),
    "total_p95": lambda point: _scaled(point.total_p95_seconds, 1e3),
}


def choose_source() -> SourceView | None:
    """Whose figures the page shows: None for this product's own."""
    if not may(Permission.OPERATE):
        return None
    sources = {source.id: source for source in ask(ListSources())}
    names = {OWN: _("This product"), **{key: source.name for key, source in sources.items()}}
    if sources:
        st.selectbox(_("Watched"), list(names), format_func=names.get, key="server", width=220)
    with st.popover(_("Servers"), icon=":material/dns:"):
        _manage(sources)
    return sources.get(str(st.session_state.get("server", OWN)))


def _manage(sources: dict[str, SourceView]) -> None:
    st.markdown(_("Watch a vLLM, SGLang or LMCache server in the same charts, by its metrics page."))
    with st.form("attach", border=False, clear_on_submit=False):
        name = st.text_input(_("Name"), key="source_name", max_chars=100)
        url = st.text_input(_("Address"), key="source_url", placeholder="http://10.0.0.5:8000/metrics")
        if st.form_submit_button(_("Attach")) and try_to(
            AttachSource(name=name, url=url), _("The server is attached.")
        ):
            st.rerun()
    for source in sources.values():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(source.name)}**  \n:small[{plain(source.url)}]", width="stretch")
            st.button(
                _("Remove"),
                key=f"remove_{source.id}",
                on_click=try_to,
                args=(RemoveSource(source=source.id), _("The server is no longer watched.")),
            )


def source_series(source: SourceView, since: int | None) -> tuple[int, dict[str, list[float | None]]]:
    """The last hour in buckets of five seconds, from bucket `since` on: its first bucket and the values."""
    last = math.floor(time.time() / WIDTH)
    first = last - WINDOW // WIDTH + 1
    if since is not None:
        first = min(max(first, since), last)
    found: dict[str, list[float | None]] = {name: [None] * (last - first + 1) for name in SERIES}
    for point in source.points:
        bucket = math.floor(point.at.timestamp() / WIDTH) - first
        if 0 <= bucket <= last - first:
            for name, read in SERIES.items():
                value = read(point)
                found[name][bucket] = None if value is None else float(f"{value:.4g}")
    return first, found


def source_charts() -> tuple[Chart, ...]:
    quantiles = (("p50", ("#8fb3f5", "#36538c")), ("p95", BLUE))
    return (
        Chart(title=_("Hit rate"), unit="%", top=100, series=[Line("hit", _("Cached"), RED)]),
        Chart(title=_("Cache in use"), unit="%", top=100, series=[Line("usage", _("In use"), AMBER)]),
        Chart(
            title=_("Time to the first token"),
            unit="ms",
            series=[Line(f"first_{name}", name.upper(), colour) for name, colour in quantiles],
        ),
        Chart(
            title=_("Whole answer"),
            unit="ms",
            series=[Line(f"total_{name}", name.upper(), colour) for name, colour in quantiles],
        ),
        Chart(
            title=_("Tokens"),
            unit=_("per second"),
            series=[
                Line("prompt", _("Of prompts"), GREY),
                Line("cached", _("Cached"), RED),
                Line("new", _("New"), TEAL),
            ],
        ),
        Chart(
            title=_("Requests"),
            unit=_("at a time"),
            none=_("None waits"),
            series=[Line("running", _("Running"), TEAL), Line("waiting", _("Waiting"), AMBER)],
        ),
    )


def source_tiles(source: SourceView) -> tuple[Tile, ...]:
    point = source.points[-1] if source.points else None

    def value(read: Callable[[Point], float | None], write: Callable[[float], str]) -> str:
        found = None if point is None else read(point)
        return "–" if found is None else write(found)

    told = _("As the server tells, in the last five seconds.")
    return (
        Tile(
            _("State"),
            _("answers") if source.state == "healthy" else _("away"),
            _("{kind}, for {span}").format(
                kind=KINDS.get(str(source.kind), _("not known yet")), span=span(source.since)
            ),
            source.cause or _("It answers."),
            "" if source.state == "healthy" else "bad",
        ),
        Tile(_("Hit rate"), value(lambda point: point.hit_ratio, percent), _("of prompt tokens"), told),
        Tile(_("Cache in use"), value(lambda point: point.usage_ratio, percent), _("of its room"), told),
        Tile(
            _("First token"),
            value(
                lambda point: _scaled(point.first_token_p50_seconds, 1e3), lambda ms: f"{number(ms, 1)} ms"
            ),
            "P50",
            told,
        ),
    )


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
