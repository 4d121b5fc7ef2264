"""Cache: what the KV cache of the language model does now, what it saves, and why it misses."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.gateway.roles import Permission
from core.inference.cache_tuning import CacheTuning
from core.observation import CacheTotals, CacheView, Event, EventKind
from core.observation.cache_view import WINDOWS, Quantiles
from core.tuning.wizard import RECORDED
from core.use_cases import ApplyTuning, GenerateTraffic, ListSources, ListTraces, ReadTuning
from core.use_cases.attach_sources import SourceView
from core.use_cases.exportable import Subject
from core.use_cases.generate_traffic import SAMPLE
from core.use_cases.observe_cache import CacheObservation, ObserveCache
from kvcache.metrics import HistogramSnapshot
from kvcache.request_log import CHEAPER, EVICTED, MISS_CAUSES, MODEL_CHANGED, NEVER_SEEN, OTHER_TENANT, TAIL
from pages.components.address import chosen, remember
from pages.components.alerts import firing_alerts
from pages.components.exports.button import export_button
from pages.components.language import LOCALES, _, language, number, percent, settle_language, size
from pages.components.live import job_strip, plain
from pages.components.live_board import (
    AMBER,
    BLUE,
    GREY,
    PALE,
    RED,
    TEAL,
    VIOLET,
    Chart,
    Line,
    Table,
    Tile,
    chosen_range,
    has_begun,
    live_board,
)
from pages.components.playground import playground
from pages.components.session import ask, may, try_to
from pages.components.sources import (
    WIDTH,
    WINDOW,
    choose_source,
    source_charts,
    source_series,
    source_tiles,
)
from pages.components.written import written_once

SMALL_MB = 16
MOST_SHOWN = 600
RATES = {"1": 1.0, "5": 5.0, "30": 30.0, "off": None}
TIER_COLOURS = {"device": RED, "host": AMBER, "disk": BLUE, "remote": VIOLET}
"""Hot to cold; the same on every page."""
CAUSE_COLOURS = {
    NEVER_SEEN: GREY,
    EVICTED: RED,
    OTHER_TENANT: VIOLET,
    MODEL_CHANGED: BLUE,
    CHEAPER: AMBER,
    TAIL: PALE,
}


def main() -> None:
    st.title(_("Cache"))
    st.markdown(_("What the language model need not compute again, and why it computes the rest."))
    firing_alerts()
    window, rate, source = controls()
    job_strip()
    st.session_state["cache_sent"] = None
    if source is None:
        st.fragment(board, run_every=RATES[rate])(window)
        st.fragment(playground)()
    else:
        st.fragment(source_board, run_every=RATES[rate])(source.id)


def controls() -> tuple[int, str, SourceView | None]:
    windows = {str(seconds): window_name(seconds) for seconds in WINDOWS}
    rates = {"1": _("1 s"), "5": _("5 s"), "30": _("30 s"), "off": _("Paused")}
    chosen("window", windows, "900")
    chosen("rate", rates, "1")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for key, label, options, default in (
            ("window", _("Window"), windows, "900"),
            ("rate", _("Refresh"), rates, "1"),
        ):
            st.segmented_control(
                label,
                list(options),
                format_func=options.get,
                key=key,
                on_change=remember,
                args=(key, default),
                required=True,
            )
        if may(Permission.OPERATE) and st.button(
            _("Generate traffic"), key="traffic", icon=":material/play_arrow:"
        ):
            offer_traffic()
        source = choose_source()
        with st.popover(_("Price"), icon=":material/payments:"):
            st.number_input(
                _("Price of a million prompt tokens"),
                min_value=0.0,
                max_value=10_000.0,
                value=None,
                step=0.1,
                key="price",
                bind="query-params",
                placeholder=_("no price"),
                help=_("What you pay elsewhere for prompt tokens. It turns saved tokens into money."),
            )
        report = Subject(kind="cache_report", view={"window": str(st.session_state["window"])})
        export_button(report, "cache_export", default=("pdf", "xlsx"))
    return int(st.session_state["window"]), str(st.session_state["rate"]), source


def offer_traffic() -> None:
    """Choose how much traffic to make up, and whether to begin with a cache that is worth tuning."""

    @st.dialog(_("Generate traffic"))
    def choose() -> None:
        st.markdown(
            _(
                "Made-up questions about a few documents, and conversations that grow: always the same, so "
                "two runs can be compared. They go through the same queue as all others."
            )
        )
        sources = {
            SAMPLE: _("The sample"),
            RECORDED: _("Recorded traffic"),
            **{trace.id: trace.name for trace in ask(ListTraces())},
        }
        source = st.selectbox(
            _("Traffic"), list(sources), format_func=sources.get, key="traffic_source", filter_mode=None
        )
        num_requests = st.slider(_("Requests"), 50, MOST_SHOWN, 200, step=50, key="traffic_requests")
        rate = st.segmented_control(
            _("Requests per second, about"), [2, 4, 8], default=4, required=True, key="traffic_rate"
        )
        tuning = ask(ReadTuning(limit=1))
        is_small = False
        if tuning.tuning is not None and tuning.may_change:
            is_small = st.checkbox(
                _("Begin with a small LRU cache, to have something to improve"),
                key="traffic_small",
                help=_(
                    "Switches the running cache to LRU with {size} and nothing below it. The Tuning page "
                    "lists the change and takes it back with one click."
                ).format(size=size(SMALL_MB << 20)),
            )
        if st.button(_("Start"), key="traffic_start", type="primary"):
            if is_small and tuning.tuning is not None and tuning.tuning != small(tuning.tuning):
                change = ApplyTuning(
                    tuning=small(tuning.tuning),
                    seen=tuning.last_change,
                    reason=_("A small cache to compare with"),
                )
                if try_to(change) is None:
                    return
            traffic = GenerateTraffic(
                num_requests=num_requests, requests_per_second=float(rate), source=str(source)
            )
            if try_to(traffic) is not None:
                st.rerun()

    choose()


def small(tuning: CacheTuning) -> CacheTuning:
    return replace(tuning, policy="lru", device_mb=SMALL_MB, host_mb=0, disk_mb=0, prefetch_mb=0)


def window_name(seconds: int) -> str:
    if seconds < 3600:
        return _("{count} min").format(count=number(seconds / 60))
    return _("{count} h").format(count=number(seconds / 3600))


def board(window: int) -> None:
    settle_language()
    key = f"cache_board_{window}"
    sent: int | None = st.session_state["cache_sent"] if has_begun(key) else None
    selection = chosen_range(key)
    seen = ask(ObserveCache(window=window, selection=selection, since_bucket=sent))
    if not seen.has_cache:
        st.info(
            _("The model does not run in this process, so there is no cache to watch here."),
            icon=":material/info:",
        )
        return
    if seen.engine_state != "healthy":
        notice(seen)
    view = seen.view
    st.session_state["cache_sent"] = last_whole_bucket(view.first, view.series)
    reader = (language(), st.session_state.get("price"))
    shown_tiles, shown_tables = written_once(seen, reader, lambda: (tiles(view.totals), tables(seen)))
    live_board(
        key,
        whole=sent is None,
        locale=LOCALES[language()].replace("_", "-"),
        words=words(),
        charts=charts() if sent is None else (),
        tiles=shown_tiles,
        tables=shown_tables,
        note=note(view, selection),
        now=view.now,
        window=view.window,
        width=view.width,
        first=view.first,
        series=view.series,
        events=[(event.at, event_text(event)) for event in view.events],
        selection=selection,
    )


def source_board(source_id: str) -> None:
    """The figures of an attached server, in the same charts."""
    settle_language()
    found = next((source for source in ask(ListSources()) if source.id == source_id), None)
    if found is None:
        st.rerun()
    if found.state in ("offline", "unhealthy"):
        st.error(
            _("The server is away: {cause}").format(cause=plain(found.cause)), icon=":material/cloud_off:"
        )
    key = f"source_board_{source_id}"
    sent: int | None = st.session_state["cache_sent"] if has_begun(key) else None
    first, series = source_series(found, sent)
    st.session_state["cache_sent"] = last_whole_bucket(first, series)
    live_board(
        key,
        whole=sent is None,
        locale=LOCALES[language()].replace("_", "-"),
        words=words(),
        charts=source_charts() if sent is None else (),
        tiles=source_tiles(found),
        tables=(),
        note=_("The last hour of {name}, in steps of five seconds.").format(name=found.name),
        now=time.time(),
        window=WINDOW,
        width=WIDTH,
        first=first,
        series=series,
        events=(),
        selection=None,
    )


def last_whole_bucket(first: int, series: Mapping[str, Sequence[float | None]]) -> int:
    """From where to send the next time: the one before the newest too, if that update should be lost."""
    return first + max(len(next(iter(series.values()))) - 2, 0)


def words() -> dict[str, str]:
    return {
        "clear": _("Show the whole window"),
        "nothing": _("No traffic"),
        "table": _("As a table"),
        "time": _("Time"),
    }


def notice(seen: CacheObservation) -> None:
    if seen.engine_state == "warning":
        st.info(_("The model is warming up; figures come when it answers."), icon=":material/pending:")
    else:
        st.error(
            _("The model does not answer: {cause}").format(cause=seen.engine_detail), icon=":material/error:"
        )


def note(view: CacheView, selection: tuple[float, float] | None) -> str:
    requests = number(view.totals.num_requests)
    if selection is None:
        return _("Last {window}, {requests} requests. Drag over a chart to look at a part of it.").format(
            window=window_name(view.window), requests=requests
        )
    return _("The chosen {seconds} seconds, {requests} requests.").format(
        seconds=number(selection[1] - selection[0]), requests=requests
    )


def event_text(event: Event) -> str:
    texts = {
        EventKind.STARTED: _("Application started"),
        EventKind.MODEL_LOADED: _("Model loaded"),
        EventKind.TIER_FULL: _("Full: {detail}"),
        EventKind.TUNED: _("Tuned: {detail}"),
        EventKind.ROLLED_BACK: _("Rolled back"),
        EventKind.TRIAL_STARTED: _("Trial started"),
        EventKind.TRIAL_ENDED: _("Trial ended"),
        EventKind.ALERT: _("Alert: {detail}"),
    }
    return texts[event.kind].format(detail=tier_names().get(event.detail, event.detail))


def tier_names() -> dict[str, str]:
    return {"device": _("Device"), "host": _("Memory"), "disk": _("Disk"), "remote": _("Redis")}


def cause_names() -> dict[str, str]:
    return {
        NEVER_SEEN: _("Never seen"),
        EVICTED: _("Evicted"),
        OTHER_TENANT: _("Of another workspace"),
        MODEL_CHANGED: _("Model changed"),
        CHEAPER: _("Cheaper to compute"),
        TAIL: _("End of the prompt"),
    }


def charts() -> tuple[Chart, ...]:
    tiers, causes_ = tier_names(), cause_names()
    priorities = {
        "critical": (_("Critical"), RED),
        "high": (_("High"), AMBER),
        "normal": (_("Normal"), BLUE),
        "low": (_("Low"), TEAL),
        "background": (_("Background"), GREY),
    }
    return (
        Chart(
            title=_("Prompt tokens from the cache"),
            unit="%",
            kind="stack",
            top=100,
            series=[
                *(Line(f"hit_{tier}", name, TIER_COLOURS[tier]) for tier, name in tiers.items()),
                Line("possible", _("Possible"), "text", dash=True),
            ],
            help=_(
                "Possible is what a cache without bounds would have known. The gap is what tuning can win."
            ),
        ),
        Chart(
            title=_("Why tokens were computed"),
            unit=_("tokens/s"),
            kind="stack",
            series=[Line(f"missed_{cause}", causes_[cause], CAUSE_COLOURS[cause]) for cause in MISS_CAUSES],
        ),
        Chart(
            title=_("Time to the first token"),
            unit="ms",
            series=[
                Line("first_token_p50", "P50", ("#8fb3f5", "#36538c")),
                Line("first_token_p95", "P95", BLUE),
                Line("first_token_p99", "P99", ("#163d9e", "#c3d6ff")),
            ],
            help=_("From the moment a request came, its time in the queue counted."),
        ),
        Chart(
            title=_("Requests"),
            unit=_("per second"),
            kind="stack",
            series=[
                Line("requests_answered", _("Answered"), TEAL),
                Line("requests_cancelled", _("Cancelled"), GREY),
                Line("requests_refused", _("Refused"), AMBER),
                Line("requests_failed", _("Failed"), RED),
            ],
        ),
        Chart(
            title=_("Room taken"),
            unit="",
            scale="bytes",
            series=[Line(f"{tier}_bytes", name, TIER_COLOURS[tier]) for tier, name in tiers.items()],
        ),
        Chart(
            title=_("Blocks that went"),
            unit=_("per second"),
            none=_("None went"),
            series=[
                Line("evicted_blocks", _("From the device"), RED),
                Line("fallen_blocks", _("From below it"), BLUE),
                Line("useful_ahead_blocks", _("Fetched ahead, used"), TEAL),
                Line("wasted_ahead_blocks", _("Fetched ahead, unused"), GREY, dash=True),
            ],
        ),
        Chart(
            title=_("Waiting requests"),
            unit=_("by priority"),
            none=_("None waits"),
            kind="stack",
            series=[Line(f"waiting_{name}", label, colour) for name, (label, colour) in priorities.items()],
        ),
        Chart(
            title=_("Processor"),
            unit=_("cores"),
            series=[
                Line("app_seconds", _("Application"), BLUE),
                Line("worker_seconds", _("Worker"), TEAL),
                Line("gpu_share", _("GPU"), VIOLET, dash=True),
            ],
        ),
    )


def tiles(totals: CacheTotals) -> tuple[Tile, ...]:
    return (
        hit_rate(totals),
        saved(totals),
        latency(
            _("First token"),
            totals.first_token_ms,
            _("Median over the requests that got one, queue included."),
        ),
        latency(_("Whole answer"), totals.total_ms, _("Median over answered requests, queue included.")),
        latency(
            _("Lookup"), totals.lookup_ms, _("Median time to find out what is known of a prompt and where.")
        ),
        throughput(totals),
        room(totals),
        processes(totals),
    )


def tables(seen: CacheObservation) -> tuple[Table, ...]:
    totals = seen.view.totals
    return (origins(totals), causes(totals), labels(totals), places(totals), blocks(seen))


def hit_rate(totals: CacheTotals) -> Tile:
    rate, possible = totals.hit_rate, totals.possible_rate
    help_ = _(
        "Cached tokens divided by prompt tokens: {cached} of {prompt}. Possible is what a cache without "
        "bounds would have known: {possible}."
    ).format(
        cached=number(totals.cached_tokens),
        prompt=number(totals.prompt_tokens),
        possible=number(totals.possible_tokens),
    )
    if rate is None or possible is None:
        return Tile(_("Hit rate"), "–", _("No traffic"), help_)
    tone = "warn" if totals.num_requests >= 20 and rate < 0.5 * possible else ""
    return Tile(
        _("Hit rate"),
        percent(rate),
        _("{possible} would be possible").format(possible=percent(possible)),
        help_,
        tone,
    )


def saved(totals: CacheTotals) -> Tile:
    price = st.session_state.get("price")
    parts = []
    if totals.saved_seconds is not None:
        parts.append(_("{seconds} s of computing").format(seconds=number(totals.saved_seconds, 1)))
    if price:
        parts.append(
            _("{money} at your price").format(money=number(totals.cached_tokens * float(price) / 1e6, 4))
        )
    per_token = totals.compute_ms_per_token
    return Tile(
        _("Tokens saved"),
        number(totals.cached_tokens),
        " · ".join(parts) or _("No traffic"),
        _(
            "Cached tokens. Seconds: cached tokens x {per_token} ms for a computed token, measured in this "
            "window, less {load} s of loading. Money: cached tokens x your price of a million / 1,000,000."
        ).format(
            per_token="–" if per_token is None else number(per_token, 3), load=number(totals.load_seconds, 2)
        ),
    )


def latency(label: str, found: Quantiles | None, help_: str) -> Tile:
    if found is None:
        return Tile(label, "–", _("No traffic"), help_)
    return Tile(
        label,
        milliseconds(found.p50),
        f"P95 {milliseconds(found.p95)} · P99 {milliseconds(found.p99)}",
        help_,
    )


def milliseconds(value: float) -> str:
    if value >= 10_000:
        return f"{number(value / 1e3, 1)} s"
    return f"{number(value, 2 if value < 1 else 1 if value < 100 else 0)} ms"


def throughput(totals: CacheTotals) -> Tile:
    waiting = sum(
        value for name, value in totals.now.items() if name.startswith("waiting_") and value == value
    )
    running = totals.now.get("running", math.nan)
    return Tile(
        _("Throughput"),
        _("{rate}/s").format(rate=number(totals.num_requests / totals.seconds, 2)),
        _("{tokens} new tokens/s · {waiting} wait, {running} run").format(
            tokens=number(totals.new_tokens / totals.seconds, 1),
            waiting=number(waiting),
            running=number(0 if math.isnan(running) else running),
        ),
        _("Requests that ended in the window, divided by its seconds; those that wait and run now."),
    )


def room(totals: CacheTotals) -> Tile:
    taken, limit, parts = 0.0, 0.0, []
    for tier, name in tier_names().items():
        used, most = (totals.now.get(f"{tier}_{what}", math.nan) for what in ("bytes", "limit_bytes"))
        if math.isnan(used):
            continue
        if not math.isnan(most) and most > 0 and tier in ("device", "host"):
            taken, limit = taken + used, limit + most
        parts.append(f"{name} {size(int(used))}")
    share = taken / limit if limit else 0.0
    return Tile(
        _("Memory taken"),
        percent(share) if limit else "–",
        " · ".join(parts),
        _(
            "Blocks on the device and in memory, divided by the room that the settings give them: {limit}."
        ).format(limit=size(int(limit))),
        "bad" if share > 1 else "",
    )


def processes(totals: CacheTotals) -> Tile:
    seconds = max(totals.seconds, 1.0)
    app = totals.counted.get("app_seconds", 0.0) / seconds
    parts = []
    for name, label in (("app_bytes", _("application")), ("worker_bytes", _("worker"))):
        value = totals.now.get(name, math.nan)
        if not math.isnan(value):
            parts.append(f"{label} {size(int(value))}")
    gpu = totals.now.get("gpu_bytes", math.nan)
    parts.append(_("no GPU") if math.isnan(gpu) else f"GPU {size(int(gpu))}")
    return Tile(
        _("Processor"),
        _("{cores} cores").format(cores=number(app, 2)),
        " · ".join(parts),
        _("Processor seconds of the application per second of the window; memory at this moment."),
    )


def origins(totals: CacheTotals) -> Table:
    rows: list[list[object]] = [
        [
            (name, TIER_COLOURS[tier]),
            number(totals.hit_tokens[tier]),
            share_of(totals.hit_tokens[tier], totals),
            number(totals.hit_requests[tier]),
        ]
        for tier, name in tier_names().items()
        if totals.hit_tokens[tier] or tier != "remote"
    ]
    computed = totals.prompt_tokens - totals.cached_tokens
    rows.append(
        [(_("Computed"), PALE), number(computed), share_of(computed, totals), number(totals.num_requests)]
    )
    return Table(
        title=_("Where prompt tokens came from"),
        head=(_("Place"), _("Tokens"), _("Share"), _("Requests")),
        rows=rows if totals.prompt_tokens else (),
        none=_("No traffic"),
        help=_("A request counts for every place that it had tokens of."),
    )


def causes(totals: CacheTotals) -> Table:
    names = cause_names()
    return Table(
        title=_("Why tokens were computed"),
        head=(_("Cause"), _("Tokens"), _("Share"), _("Requests")),
        rows=[
            [
                (names[cause], CAUSE_COLOURS[cause]),
                number(totals.missed_tokens[cause]),
                share_of(totals.missed_tokens[cause], totals),
                number(totals.missed_requests[cause]),
            ]
            for cause in MISS_CAUSES
            if totals.missed_tokens[cause]
        ],
        none=_("No traffic"),
        help=_(
            "Never seen: new text, no cache could know it.\nEvicted: more room or another policy helps.\n"
            "Of another workspace: known there, and kept apart on purpose.\nModel changed: known to the "
            "model before.\nCheaper to compute: loading it would have taken longer.\nEnd of the prompt: "
            "fills no block, or is the last token, which is always computed."
        ),
    )


def labels(totals: CacheTotals) -> Table:
    rows = [
        [
            label_name(each.label),
            number(each.requests),
            number(each.cached_tokens),
            percent(each.cached_tokens / each.prompt_tokens) if each.prompt_tokens else "–",
        ]
        for each in totals.labels
    ]
    others = totals.other_tenants
    if others is not None:
        rows.append(
            [
                _("Other workspaces"),
                number(others.requests),
                number(others.cached_tokens),
                percent(others.cached_tokens / others.prompt_tokens) if others.prompt_tokens else "–",
            ]
        )
    return Table(
        title=_("What saved most"),
        head=(_("For"), _("Requests"), _("Tokens saved"), _("Hit rate")),
        rows=rows,
        none=_("No traffic"),
    )


def label_name(label: str) -> str:
    names = {"": _("Not named"), "traffic": _("Generated traffic"), "playground": _("Playground")}
    return names.get(label, label)


def places(totals: CacheTotals) -> Table:
    rows = []
    for tier, name in tier_names().items():
        used, limit = (totals.now.get(f"{tier}_{what}", math.nan) for what in ("bytes", "limit_bytes"))
        if math.isnan(used):
            continue
        is_bounded = not math.isnan(limit) and limit > 0
        rows.append(
            [
                (name, TIER_COLOURS[tier]),
                size(int(used)),
                size(int(limit)) if is_bounded else "–",
                percent(used / limit) if is_bounded else "–",
            ]
        )
    return Table(
        title=_("Room"),
        head=(_("Place"), _("Taken"), _("Limit"), _("Share")),
        rows=rows,
        none=_("Nothing is known yet."),
        help=_("At this moment. A level is trimmed before it reaches its limit."),
    )


def blocks(seen: CacheObservation) -> Table:
    counted = seen.view.totals.counted
    kept, duplicate = counted["kept_blocks"], counted["duplicate_blocks"]
    rows: list[tuple[str, str]] = []
    for name, label, unit in (
        ("age_ms", _("Age when evicted, P50 / P95"), "ms"),
        ("idle_ms", _("Unused before, P50 / P95"), "ms"),
        ("uses", _("Uses before, P50 / P95"), ""),
    ):
        rows.append((label, spread(seen.at_eviction.get(name), unit)))
    rows += [
        (_("Evicted blocks"), number(counted["evicted_blocks"])),
        (
            _("Fetched ahead: used / unused"),
            f"{number(counted['useful_ahead_blocks'])} / {number(counted['wasted_ahead_blocks'])}",
        ),
        (
            _("Blocks that were kept already"),
            f"{number(duplicate)} ({percent(duplicate / kept) if kept else '–'})",
        ),
        (_("Stored size below the device"), compression(counted)),
    ]
    return Table(
        title=_("Blocks"),
        head=(_("What"), _("In the window")),
        rows=rows,
        none="",
        help=_(
            "Age, idle time and uses are upper bounds by powers of two, sampled since the engine started; "
            "the rest is counted in the window."
        ),
    )


def spread(found: HistogramSnapshot | None, unit: str) -> str:
    if found is None or not found.num:
        return "–"
    values = (found.quantile(0.5), found.quantile(0.95))
    return " / ".join(duration(value) if unit else number(value) for value in values)


def duration(ms: float) -> str:
    if ms < 10_000:
        return f"{number(ms)} ms"
    return f"{number(ms / 1e3)} s" if ms < 6e5 else f"{number(ms / 6e4)} min"


def compression(counted: Mapping[str, float]) -> str:
    raw, stored = counted["raw_bytes"], counted["stored_bytes"]
    if not raw:
        return "–"
    return _("{share} of {raw}").format(share=percent(stored / raw), raw=size(int(raw)))


def share_of(tokens: int, totals: CacheTotals) -> str:
    return percent(tokens / totals.prompt_tokens) if totals.prompt_tokens else "–"


main()
