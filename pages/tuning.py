"""Tuning: propose settings for the cache, see what they would have done, try, apply, and take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import zip_longest
from typing import Any

import streamlit as st

from core.errors import NotFound, WorkbenchError
from core.inference.cache_tuning import CacheTuning
from core.storage.tuning_changes import APPLY, ROLL_BACK, TRIAL
from core.tuning.applied import KnobChange
from core.tuning.catalogue import Knob
from core.tuning.comparison import ArmFigures, Difference
from core.tuning.estimate import Estimate
from core.tuning.measured import Measured
from core.tuning.what_if import Findings, Prediction
from core.tuning.wizard import LEAST_MEMORY_MB, RECORDED, Reason
from core.use_cases import (
    AddTrace,
    ApplyTuning,
    EndTrial,
    ListTraces,
    ProposeTuning,
    ReadReplay,
    ReadTrace,
    ReadTrial,
    ReadTuning,
    RemoveTrace,
    ReplayTrace,
    RollBackTuning,
    StartTrial,
)
from core.use_cases.read_tuning import ChangeView, Offer, TuningView
from core.use_cases.replay_trace import CURRENT, ReplayView
from core.use_cases.run_trial import TrialView
from pages.components.address import chosen, remember
from pages.components.charts import PLAIN, hit_rate_curves
from pages.components.language import _, ago, number, percent, several, translated_error
from pages.components.live import job_strip, plain
from pages.components.session import application, ask, principal, try_to

SEEN = "seen_change"
TRIAL_TICK_SECONDS = 2.0
REPLAY_TICK_SECONDS = 1.0


def main() -> None:
    st.title(_("Tuning"))
    st.markdown(_("Change how the cache runs, and know before what it brings and after what it brought."))
    read = ask(ReadTuning())
    # NOTE: a click runs the page anew; what was decided on is what the run before has shown.
    view = replace(read, last_change=st.session_state.get(SEEN, read.last_change))
    if view.tuning is None:
        st.info(_(view.why_not), icon=":material/info:")
        return
    job_strip()
    running(view, view.tuning)
    if ask(ReadTrial()) is not None:
        st.fragment(trial, run_every=TRIAL_TICK_SECONDS)(view)
    left, right = st.columns([5, 6], gap="large")
    with left:
        draft = propose(view, view.tuning)
    with right:
        what_if(view, draft)
    history(view)
    st.session_state[SEEN] = read.last_change


# ---- what runs ----


def running(view: TuningView, tuning: CacheTuning) -> None:
    newest = view.history[0] if view.history else None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_('Runs now')}** · {summary(view, tuning)}", width="stretch")
            if newest is not None and newest.is_running and view.may_change:
                roll_back_button(view, newest, key="roll_back_now")
        if newest is not None and newest.measured_after is not None:
            st.caption(
                _("Since the last change, {ago}: {measured}").format(
                    ago=ago(newest.change.created_at), measured=measured_text(newest.measured_after)
                )
            )


def summary(view: TuningView, tuning: CacheTuning) -> str:
    parts = [
        f"{knob_title(view, 'policy')} {tuning.policy}",
        _("device {mb} MiB").format(mb=number(tuning.device_mb)),
        _("memory {mb} MiB").format(mb=number(tuning.host_mb)),
        _("disk {mb} MiB").format(mb=number(tuning.disk_mb)),
        _("batch {num}").format(num=number(tuning.max_batch)),
    ]
    if view.mode:
        parts.append(_("mode: {mode}").format(mode=mode_names(view)[view.mode]))
    return " · ".join(parts)


def measured_text(found: Measured) -> str:
    if found.hit_rate is None:
        return _("no requests yet")
    first = found.first_token_p50_ms
    return _("{requests}, hit rate {rate}, first token {first}").format(
        requests=several("{count} request", "{count} requests", found.num_requests),
        rate=percent(found.hit_rate),
        first="–" if first is None else f"{number(first, 1)} ms",
    )


def knob_title(view: TuningView, name: str) -> str:
    titles = {knob.name: _(knob.title) for knob in view.knobs} | {"mode": _("Mode")}
    return titles[name]


def mode_names(view: TuningView) -> dict[str, str]:
    return {"": _("none"), **{offer.profile.key: _(offer.profile.title) for offer in view.modes}}


# ---- the proposal ----


def propose(view: TuningView, tuning: CacheTuning) -> tuple[CacheTuning, str]:
    """What the visitor would like to run, and the mode with it."""
    st.subheader(_("Proposal"))
    ways = {
        "wizard": _("Wizard"),
        "preset": _("Presets"),
        "recipe": _("Recipes"),
        "hand": _("By hand"),
    }
    chosen("way", ways, "wizard")
    way = st.segmented_control(
        _("How"),
        list(ways),
        format_func=ways.get,
        key="way",
        on_change=remember,
        args=("way", "wizard"),
        required=True,
        label_visibility="collapsed",
    )
    reasons: Sequence[Reason] = ()
    if way == "wizard":
        draft, reasons = wizard(view, tuning)
    elif way == "hand":
        draft = by_hand(view, tuning)
    else:
        draft = offered(view.presets if way == "preset" else view.recipes, str(way))
    modes = mode_names(view)
    mode = st.selectbox(
        _("Mode"),
        list(modes),
        index=list(modes).index(view.mode),
        format_func=modes.get,
        key="mode",
        help="\n\n".join(f"**{_(offer.profile.title)}**: {_(offer.profile.reason)}" for offer in view.modes),
    )
    changes(view, tuning, draft, str(mode), reasons)
    act(view, draft, str(mode))
    return draft, str(mode)


def wizard(view: TuningView, tuning: CacheTuning) -> tuple[CacheTuning, Sequence[Reason]]:
    goals = {goal.key: _(goal.title) for goal in view.goals}
    workloads = {
        RECORDED: _("My own traffic, as recorded"),
        **{each.key: _(each.title) for each in view.workloads},
    }
    goal = st.segmented_control(
        _("Goal"), list(goals), format_func=goals.get, default="balance", required=True, key="goal"
    )
    st.caption(next(_(each.reason) for each in view.goals if each.key == goal))
    workload = st.selectbox(_("Traffic"), list(workloads), format_func=workloads.get, key="workload")
    memory = st.number_input(
        _("Memory for this product, MiB"),
        min_value=LEAST_MEMORY_MB,
        max_value=max(view.machine_memory_mb, LEAST_MEMORY_MB),
        value=min(1024, view.machine_memory_mb),
        step=256,
        key="memory",
        help=_("This machine has {mb} MiB.").format(mb=number(view.machine_memory_mb)),
    )
    try:
        proposal = ask(ProposeTuning(goal=str(goal), workload=str(workload), memory_mb=int(memory)))
    except WorkbenchError as error:
        message, remedy = translated_error(error.code, error.message, error.remedy)
        st.info(f"{message} {remedy}", icon=":material/info:")
        return tuning, ()
    if proposal.is_assumed:
        st.caption(_("The figures of this traffic are assumed; your own is better once it is recorded."))
    return proposal.tuning, proposal.reasons


def offered(offers: Sequence[Offer], way: str) -> CacheTuning:
    by_key = {offer.profile.key: offer for offer in offers}
    key = st.radio(
        _("Choose one"),
        list(by_key),
        format_func=lambda key: _(by_key[key].profile.title),
        captions=[_(offer.profile.reason) for offer in offers],
        key=f"offer_{way}",
        label_visibility="collapsed",
    )
    return by_key[str(key)].tuning


def by_hand(view: TuningView, tuning: CacheTuning) -> CacheTuning:
    values: dict[str, Any] = {}
    for pair in zip_longest(*[iter(view.knobs)] * 2):
        for column, knob in zip(st.columns(2), pair, strict=True):
            if knob is not None:
                with column:
                    values[knob.name] = field(knob, getattr(tuning, knob.name))
    return CacheTuning(**values)


def field(knob: Knob, value: Any) -> Any:
    label = f"{_(knob.title)}, {_(knob.unit)}" if knob.unit else _(knob.title)
    help_ = f"{_(knob.meaning)} {_(knob.effect)}"
    if knob.choices:
        return st.selectbox(
            label, knob.choices, index=knob.choices.index(value), key=f"knob_{knob.name}", help=help_
        )
    kind = type(value)
    return st.number_input(
        label,
        min_value=kind(knob.least or 0),
        max_value=kind(knob.most or 0),
        value=kind(value),
        key=f"knob_{knob.name}",
        help=help_,
    )


def changes(
    view: TuningView, tuning: CacheTuning, draft: CacheTuning, mode: str, reasons: Sequence[Reason]
) -> None:
    why = {reason.knob: _(reason.sentence).format(**rounded(reason)) for reason in reasons}
    now, then = asdict(tuning) | {"mode": view.mode}, asdict(draft) | {"mode": mode}
    rows = [name for name in then if then[name] != now[name]]
    if not rows:
        st.info(_("This is what runs already."), icon=":material/check:")
        return
    units = {knob.name: _(knob.unit) for knob in view.knobs if knob.unit}
    table = {
        _("Knob"): [knob_title(view, name) for name in rows],
        _("Now"): [value_text(now[name], units.get(name, "")) for name in rows],
        _("Then"): [value_text(then[name], units.get(name, "")) for name in rows],
    }
    st.table(table)
    named = [name for name in rows if name in why]
    if named:
        with st.expander(_("Why"), expanded=False):
            st.markdown("\n".join(f"- **{knob_title(view, name)}**: {why[name]}" for name in named))


def rounded(reason: Reason) -> dict[str, str]:
    return {name: number(value, 0 if value >= 10 else 1) for name, value in reason.numbers.items()}


def value_text(value: object, unit: str = "") -> str:
    if isinstance(value, int | float):
        return f"{number(value, 1)} {unit}".strip()
    return str(value) or _("none")


def act(view: TuningView, draft: CacheTuning, mode: str) -> None:
    if not view.may_change:
        st.caption(_("An administrator can apply this."))
        return
    is_same = view.tuning == draft and view.mode == mode
    reason = st.text_input(
        _("Reason"), key="reason", placeholder=_("why, for the history"), max_chars=500, disabled=is_same
    )
    with st.container(horizontal=True):
        if st.button(_("Apply"), key="apply", type="primary", disabled=is_same):
            done = try_to(
                ApplyTuning(tuning=draft, seen=view.last_change, reason=reason, mode=mode),
                _("The engine runs with it now."),
            )
            if done is not None:
                st.rerun()
        if st.button(
            _("Try on half of the requests"),
            key="start_trial",
            disabled=view.tuning == draft,
            help=_(
                "Half of the requests, by what they begin with, are served by a second cache under the "
                "proposal, beside what runs. It takes the memory of both until it ends."
            ),
        ) and try_to(StartTrial(tuning=draft, seen=view.last_change, reason=reason)):
            st.rerun()


# ---- what it would have done ----


def what_if(view: TuningView, draft: tuple[CacheTuning, str]) -> None:
    st.subheader(_("What if?"))
    st.markdown(_("Replays traffic under every policy and size, and says what the proposal would have done."))
    traces = {trace.id: trace for trace in ask(ListTraces())}
    names = {RECORDED: _("Recorded traffic"), **{key: trace.name for key, trace in traces.items()}}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            _("Traffic to replay"), list(names), format_func=names.get, key="source", width="stretch"
        )
        if view.may_replay:
            if st.button(_("Replay"), key="replay", icon=":material/replay:") and try_to(
                ReplayTrace(source=str(source), proposal=draft[0])
            ):
                st.rerun()
            with st.popover(_("Traces"), icon=":material/folder_open:"):
                manage_traces(str(source), source in traces)
    try:
        found = ask(ReadReplay())
    except NotFound:
        st.info(
            _("Nothing has been replayed yet. Replay recorded traffic to see its curves."),
            icon=":material/show_chart:",
        )
        return
    if found.job.is_open:
        st.fragment(findings, run_every=REPLAY_TICK_SECONDS)(view, found.job.id)
    else:
        draw(view, found)


def manage_traces(source: str, is_uploaded: bool) -> None:
    file = st.file_uploader(
        _("Add a trace (Mooncake, Bailian or our own format)"), type=["jsonl", "gz"], key="trace_file"
    )
    may_skip = st.checkbox(
        _("Leave up to 100 broken lines out"),
        key="trace_broken",
        help=_("Otherwise the first one is an error."),
    )
    if file is not None and st.button(_("Check and add"), key="add_trace", type="primary"):
        added = try_to(AddTrace(name=file.name, source=file, max_broken=100 if may_skip else 0))
        if added is not None:
            st.toast(several("{count} request added", "{count} requests added", added.num_requests))
            st.rerun()
    gateway, who = application().gateway, principal()
    st.download_button(
        _("Download this traffic (no text)"),
        lambda: gateway.ask(ReadTrace(source=source), who).data,
        "traffic.jsonl.gz",
        "application/gzip",
        key="download_trace",
        on_click="ignore",
    )
    if is_uploaded and st.button(_("Remove this trace"), key="remove_trace"):
        try_to(RemoveTrace(trace=source), _("The trace was removed."))
        st.rerun()


def findings(view: TuningView, job: str) -> None:
    """Draws what is there while the job runs, and the whole page once it has ended."""
    found = ask(ReadReplay(job=job))
    if not found.job.is_open:
        st.rerun()
    draw(view, found)


def draw(view: TuningView, found: ReplayView) -> None:
    if found.findings is None:
        if found.job.error:
            st.error(f"{_(found.job.error)} {_(found.job.remedy or '')}", icon=":material/error:")
        elif found.job.is_open:
            st.caption(_("The first curve comes in a moment."))
        else:
            st.caption(_("This replay was stopped before its first curve."))
        return
    told = found.findings
    st.caption(
        _(
            "{title}, replayed {ago}: {requests}, {blocks} distinct blocks; a cache without bounds hits "
            "{possible}."
        ).format(
            title=plain(_(found.title)),
            ago=ago(found.job.finished_at or found.job.created_at),
            requests=several("{count} request", "{count} requests", told.num_requests),
            blocks=number(told.num_distinct_blocks),
            possible=percent(told.possible_hit_rate),
        )
    )
    if told.curves:
        curves(told)
    predictions(told)
    for sentence in told.notes:
        st.caption(_(sentence).format(needed=30))


def curves(told: Findings) -> None:
    has_mb = all(point.capacity_mb is not None for curve in told.curves for point in curve.points)
    lines = [
        (
            curve.policy,
            _("optimum") if curve.policy == "optimum" else curve.policy,
            [point.capacity_mb or 0.0 if has_mb else float(point.capacity_blocks) for point in curve.points],
            [100 * point.hit_rate for point in curve.points],
        )
        for curve in told.curves
    ]
    per_block = lines[0][2][-1] / told.curves[0].points[-1].capacity_blocks if lines else 1.0
    marks = [
        (min(each.total_blocks, told.num_distinct_blocks) * per_block, prediction_name(each))
        for each in told.predictions
    ]
    figure = hit_rate_curves(
        lines,
        marks,
        size_label=_("Room for blocks, MiB") if has_mb else _("Room for blocks"),
        rate_label=_("Hit rate, %"),
    )
    best = max((line for line in lines if line[0] != "optimum"), key=lambda line: sum(line[3]))
    st.plotly_chart(
        figure,
        key="curves",
        config=PLAIN,
        alt=_("Hit rate over the size for {num} policies; {best} does best.").format(
            num=number(len(lines) - 1), best=best[1]
        ),
    )
    with st.expander(_("As a table")):
        sizes = [number(size, 1) for size in lines[0][2]]
        st.table(
            {_("Room"): sizes} | {line[1]: [f"{number(rate, 1)} %" for rate in line[3]] for line in lines}
        )


def prediction_name(found: Prediction) -> str:
    return _("now") if found.name == CURRENT else _("proposal")


def predictions(told: Findings) -> None:
    """What runs beside what is proposed, each figure with its interval."""
    if not told.predictions:
        return
    st.table(
        {
            _("Predicted"): [_("Hit rate"), _("First token, median"), _("Memory taken")],
            **{
                prediction_name(each): [
                    estimate(each.hit_rate, 100, " %"),
                    "–" if each.first_token_ms is None else estimate(each.first_token_ms, 1, " ms"),
                    estimate(each.memory_mb, 1, " MiB"),
                ]
                for each in told.predictions
            },
        }
    )
    st.caption(
        _(
            "In brackets what holds 95 times out of 100, by resampling {families}. Requests are replayed one "
            "after the other; first tokens are without waiting for a turn."
        ).format(
            families=several("{count} family of prompts", "{count} families of prompts", told.num_families)
        )
    )


def estimate(found: Estimate, scale: float, unit: str) -> str:
    value = number(found.value * scale, 1)
    if found.low is None or found.high is None:
        return f"{value}{unit}"
    return f"{value}{unit} ({number(found.low * scale, 1)} – {number(found.high * scale, 1)})"


# ---- the trial ----


def trial(view: TuningView) -> None:
    found = ask(ReadTrial())
    if found is None:
        st.rerun()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/science: **{_('Trial')}** · "
                + _("{changes} on {share} of the families, begun {ago}").format(
                    changes=changes_text(view, found.changes),
                    share=percent(found.share or 0.0),
                    ago=ago(found.begun),
                ),
                width="stretch",
            )
            if view.may_change and st.button(_("End the trial"), key="end_trial"):
                try_to(EndTrial(), _("The trial has ended; what it showed is in the history."))
                st.rerun()
        trial_figures(found)


def trial_figures(found: TrialView) -> None:
    if found.figures is None:
        st.caption(_("This trial was cut by a stop of the product; nothing was compared."))
        return
    told = found.figures.comparison
    st.table(
        {
            _("Side"): [_("What runs"), _("The proposal"), _("Difference")],
            _("Requests"): [number(told.a.num_requests), number(told.b.num_requests), ""],
            _("Hit rate"): [
                rate_text(told.a),
                rate_text(told.b),
                difference(told.hit_rate, 100, _("points")),
            ],
            _("First token, median"): [
                first_text(told.a),
                first_text(told.b),
                difference(told.first_token_ms, 1, "ms"),
            ],
        }
    )
    notes = [
        _("Families of prompts: {a} and {b}.").format(
            a=number(told.a.num_families), b=number(told.b.num_families)
        )
    ]
    if not told.has_enough:
        notes.append(_("That is too few for an interval; let it run on."))
    if found.figures.num_known_families:
        notes.append(
            several(
                "{count} family of what runs had been served before the trial, which speaks for it.",
                "{count} families of what runs had been served before the trial, which speaks for it.",
                found.figures.num_known_families,
            )
        )
    st.caption(" ".join(notes))


def rate_text(arm: ArmFigures) -> str:
    return "–" if arm.hit_rate is None else percent(arm.hit_rate)


def first_text(arm: ArmFigures) -> str:
    return "–" if arm.first_token_p50_ms is None else f"{number(arm.first_token_p50_ms, 1)} ms"


def difference(found: Difference | None, scale: float, unit: str) -> str:
    """A winner is named only where chance does not explain the difference."""
    if found is None:
        return "–"
    winners = {None: _("not told apart"), "a": _("what runs wins"), "b": _("the proposal wins")}
    return f"{estimate(found.estimate, scale, f' {unit}')} · {winners[found.winner]}"


# ---- history ----


def history(view: TuningView) -> None:
    st.subheader(_("History"))
    if not view.history:
        st.caption(_("Nothing has been changed yet."))
        return
    for row in view.history:
        change(view, row)


def change(view: TuningView, row: ChangeView) -> None:
    acts = {
        APPLY: (":material/tune:", _("Applied")),
        ROLL_BACK: (":material/undo:", _("Rolled back")),
        TRIAL: (":material/science:", _("Tried")),
    }
    icon, name = acts[row.change.action]
    with st.container(border=True):
        lines = [
            f"{icon} **{name}** · {plain(row.change.author)} · {ago(row.change.created_at)}",
            changes_text(view, row.changes),
        ]
        if row.change.reason:
            lines.append(f"“{plain(row.change.reason)}”")
        lines += results(row)
        st.markdown("  \n".join(line for line in lines if line))


def results(row: ChangeView) -> list[str]:
    lines = []
    if row.measured_before is not None and row.measured_before.num_requests:
        lines.append(f":small[{_('Before')}: {measured_text(row.measured_before)}]")
    if row.measured_after is not None and row.measured_after.num_requests:
        lines.append(f":small[{_('After')}: {measured_text(row.measured_after)}]")
    if row.change.action == TRIAL:
        found = ask(ReadTrial(change=row.change.id))
        if found is not None and found.figures is not None and not found.is_running:
            told = found.figures.comparison
            lines.append(
                f":small[{_('Hit rate')}: {rate_text(told.a)} / {rate_text(told.b)}, "
                f"{difference(told.hit_rate, 100, _('points'))}]"
            )
    return lines


def changes_text(view: TuningView, changed: Sequence[KnobChange]) -> str:
    return ", ".join(
        f"{knob_title(view, each.knob)} {value_text(each.before)} → {value_text(each.after)}"
        for each in changed
    )


def roll_back_button(view: TuningView, row: ChangeView, key: str) -> None:
    if st.button(_("Roll back"), key=key, icon=":material/undo:"):
        done = try_to(
            RollBackTuning(change=row.change.id, seen=view.last_change), _("The engine runs as before.")
        )
        if done is not None:
            st.rerun()


main()
