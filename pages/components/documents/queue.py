"""What waits and what runs, how to hold it up, what failed, many briefs at once, and work by the clock."""

from __future__ import annotations

from zoneinfo import available_timezones

import streamlit as st

from core.errors import WorkbenchError
from core.gateway.roles import Permission
from core.priority import Priority
from core.storage.job_records import CANCELLED, DONE, FAILED, RUNNING, WAITING
from core.storage.queues import OPEN, PAUSED
from core.use_cases import (
    CancelJob,
    ListJobs,
    ListSchedules,
    MoveJob,
    PauseQueue,
    PreviewSchedule,
    ReadQueue,
    RedriveJob,
    RemoveSchedule,
    ResumeQueue,
    RunScheduleNow,
    SaveSchedule,
    StopQueue,
    SwitchSchedule,
    WriteBatch,
)
from core.use_cases.inbox import IncomingFile
from core.use_cases.run_queue import QueuedJob, QueueView
from core.use_cases.run_schedules import ScheduleView
from core.use_cases.write_document import WRITE
from pages.components.documents.brief import PRIORITIES, planned_by_hand, priority_names
from pages.components.language import _, ago, language, moment, number, several, translated_error
from pages.components.live import job_title, plain
from pages.components.session import ask, may, try_to

TICK_SECONDS = 1.0
MOST_SHOWN = 50
RHYTHMS = {
    "30 8 * * 1-5": "workdays",
    "0 9 * * 1": "monday",
    "0 9 1 * *": "month",
    "0 7 * * *": "daily",
}


def queue_view() -> None:
    open_jobs()
    dead_letters()
    if may(Permission.CONTRIBUTE):
        batch()
    schedules()


@st.fragment(run_every=TICK_SECONDS)
def open_jobs() -> None:
    view = ask(ReadQueue())
    with st.container(horizontal=True):
        st.metric(_("Waiting"), number(view.counts.get(WAITING, 0)), border=True)
        st.metric(_("Running"), number(view.counts.get(RUNNING, 0)), border=True)
        st.metric(_("Done in the last hour"), number(view.num_done_last_hour), border=True)
        st.metric(_("Failed"), number(view.counts.get(FAILED, 0)), border=True)
    if may(Permission.OPERATE):
        control(view)
    if not view.jobs:
        st.caption(_("Nothing waits and nothing runs."))
    for each in view.jobs[:MOST_SHOWN]:
        queued(each)
    if len(view.jobs) > MOST_SHOWN:
        st.caption(several("And {count} more.", "And {count} more.", len(view.jobs) - MOST_SHOWN))


def control(view: QueueView) -> None:
    """Hold the queue up, or let it go on."""
    state = view.queue
    with st.container(horizontal=True, vertical_alignment="center"):
        if state.state == OPEN:
            st.button(
                _("Pause"),
                key="pause_queue",
                icon=":material/pause:",
                on_click=try_to,
                args=(PauseQueue(), _("No more jobs start; those that run go on.")),
            )
            st.button(
                _("Stop all"),
                key="stop_queue",
                icon=":material/stop:",
                on_click=try_to,
                args=(StopQueue(), _("Those that run wait again; nothing is lost.")),
            )
            return
        st.button(
            _("Resume"),
            key="resume_queue",
            type="primary",
            icon=":material/play_arrow:",
            on_click=try_to,
            args=(ResumeQueue(), _("The jobs start again.")),
        )
        words = _("Paused by {user}, {when}.") if state.state == PAUSED else _("Stopped by {user}, {when}.")
        if state.changed_at is not None:
            st.markdown(words.format(user=plain(state.changed_by or ""), when=ago(state.changed_at)))


def queued(each: QueuedJob) -> None:
    job = each.job
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="small"):
            st.markdown(f"**{plain(job_title(job))}**  \n{told_of(each)}")
            if job.state == RUNNING and job.total:
                st.progress(min(1.0, job.done / job.total))
        if not may(Permission.CONTRIBUTE):
            return
        if job.state == WAITING:
            st.selectbox(
                _("Priority"),
                list(PRIORITIES),
                index=list(PRIORITIES).index(Priority(job.priority)) if job.priority in PRIORITIES else None,
                format_func=priority_names().get,
                placeholder=priority_names()[Priority(job.priority)],
                key=f"priority_{job.id}",
                on_change=move,
                args=(job.id,),
                width=150,
                label_visibility="collapsed",
            )
        st.button(
            _("Stop"),
            key=f"cancel_{job.id}",
            disabled=job.cancel_requested,
            on_click=try_to,
            args=(CancelJob(job=job.id), _("The job is being stopped.")),
        )


def move(job: str) -> None:
    priority = st.session_state.get(f"priority_{job}")
    if priority is not None:
        try_to(MoveJob(job=job, priority=priority), _("The place in the queue is changed."))


def told_of(each: QueuedJob) -> str:
    job = each.job
    if job.state == RUNNING:
        facts = [f":blue-badge[{_('running')}]", ago(job.started_at or job.created_at)]
    else:
        place = _("place {number}").format(number=number(each.position or 0))
        facts = [f":gray-badge[{place}]", _("since {when}").format(when=ago(job.created_at))]
        if each.starts_at is not None:
            facts.append(_("starts about {when}").format(when=ago(each.starts_at)))
    return " · ".join([*facts, priority_names()[Priority(job.priority)], plain(job.author)])


def dead_letters() -> None:
    """Jobs that failed stay with their reason until somebody runs them again."""
    failed = [job for job in ask(ListJobs(limit=200)) if job.state == FAILED]
    if not failed:
        return
    with st.expander(
        several("{count} job failed", "{count} jobs failed", len(failed)),
        icon=":material/report:",
        key="dead_letters",
    ):
        for job in failed[:MOST_SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center"):
                told = " ".join(map(plain, translated_error("", job.error or "", job.remedy or "")))
                st.markdown(
                    f"**{plain(job_title(job))}** · {told} · {ago(job.finished_at or job.created_at)}",
                    width="stretch",
                )
                if may(Permission.CONTRIBUTE):
                    st.button(
                        _("Run again"),
                        key=f"redrive_{job.id}",
                        on_click=try_to,
                        args=(RedriveJob(job=job.id), _("The job runs again.")),
                    )


def batch() -> None:
    with st.expander(_("Many briefs at once"), icon=":material/table_rows:", key="batch"):
        st.markdown(
            _(
                "A CSV or XLSX file with a column **brief**, and if you like **type**, **language**, "
                "**audience**, **sources** (names of documents, with a semicolon between them), "
                "**priority** and **company**. Each row becomes a draft."
            )
        )
        turn = int(st.session_state.get("batch_turn", 0))
        file = st.file_uploader(_("Table of briefs"), type=["csv", "tsv", "xlsx"], key=f"batch_{turn}")
        if file is not None:
            page_language = language()
            request = WriteBatch(
                file=IncomingFile(file.name, file),
                page_language=page_language if page_language in ("en", "es", "pt") else "en",  # type: ignore[arg-type]
            )
            st.button(_("Hand them in"), key="hand_in", type="primary", on_click=hand_in, args=(request,))
        for job in [job for job in ask(ListJobs(limit=50)) if job.kind == "write_batch"][:5]:
            outcome = batch_outcome(job.state, job.result)
            st.markdown(f"**{plain(job.title)}** · {outcome} · {ago(job.created_at)}")
            for problem in job.result.get("problems", ())[:20]:
                row = _("Row {number}").format(number=number(problem["row"]))
                told = " ".join(map(plain, translated_error("", problem["problem"], problem["remedy"])))
                st.caption(f"{row}: {told}")


def hand_in(request: WriteBatch) -> None:
    if try_to(request, _("The rows are being planned.")) is not None:
        st.session_state["batch_turn"] = int(st.session_state.get("batch_turn", 0)) + 1


def batch_outcome(state: str, result: dict[str, object]) -> str:
    if state != DONE:
        return {
            WAITING: _("waiting"),
            RUNNING: _("running"),
            FAILED: _("failed"),
            CANCELLED: _("stopped"),
        }.get(state, state)
    return several("{count} draft", "{count} drafts", int(str(result.get("drafts", 0))))


def schedules() -> None:
    with st.expander(_("By the clock"), icon=":material/schedule:", key="schedules"):
        views = ask(ListSchedules()).schedules
        if not views:
            st.caption(_("Nothing is written by the clock. Plan a document above, then come back here."))
        for view in views:
            schedule_row(view)
        if may(Permission.CONTRIBUTE):
            new_schedule()


def schedule_row(view: ScheduleView) -> None:
    each = view.schedule
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        upcoming = ", ".join(moment(when, each.time_zone) for when in view.timing.next_runs[:2])
        state = _("next: {times}").format(times=upcoming) if each.is_on else _("off")
        last = f" · {_('last: {when}').format(when=ago(each.last_at))}" if each.last_at else ""
        rule = f"`{each.cron}` {plain(each.time_zone)}"
        st.markdown(f"**{plain(each.name)}** · {rule}  \n{state}{last}", width="stretch")
        if not may(Permission.CONTRIBUTE):
            return
        st.toggle(
            _("On"),
            value=each.is_on,
            key=f"on_{each.id}_{each.is_on}",
            on_change=try_to,
            args=(SwitchSchedule(schedule=each.id, is_on=not each.is_on),),
        )
        st.button(
            _("Run now"),
            key=f"now_{each.id}",
            on_click=try_to,
            args=(RunScheduleNow(schedule=each.id), _("It is being written.")),
        )
        st.button(
            _("Remove"),
            key=f"unschedule_{each.id}",
            on_click=try_to,
            args=(RemoveSchedule(schedule=each.id), _("The schedule is removed.")),
        )


def new_schedule() -> None:
    plan = planned_by_hand()
    if plan is None:
        return
    st.markdown(f"**{_('Write “{title}” again and again').format(title=plain(plan.title))}**")
    names = {
        "workdays": _("every workday at 8:30"),
        "monday": _("every Monday at 9:00"),
        "month": _("on the first of the month at 9:00"),
        "daily": _("every day at 7:00"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rule = st.selectbox(
            _("When"),
            [*RHYTHMS, ""],
            format_func=lambda cron: names[RHYTHMS[cron]] if cron else _("another rule"),
            key="rhythm",
        )
        zones = sorted(available_timezones())
        own = st.context.timezone
        zone = st.selectbox(
            _("Time zone"), zones, index=zones.index(own) if own in zones else zones.index("UTC"), key="zone"
        )
    if not rule:
        rule = st.text_input(
            _("Minute, hour, day, month, day of the week"), value="0 9 * * 1", key="cron", max_chars=100
        )
    try:
        timing = ask(PreviewSchedule(cron=rule or "", time_zone=zone or "UTC"))
    except WorkbenchError as error:
        st.error(" ".join(translated_error(error.code, error.message, error.remedy)))
        return
    st.caption(
        _("Next: {times}").format(times=", ".join(moment(when, zone or "UTC") for when in timing.next_runs))
    )
    request = SaveSchedule(
        name=plan.title[:200],
        cron=rule or "",
        time_zone=zone or "UTC",
        kind=WRITE,
        request={"plan": plan.to_json()},
        title=plan.title,
    )
    st.button(
        _("Write it by the clock"),
        key="save_schedule",
        icon=":material/alarm_add:",
        on_click=try_to,
        args=(request, _("The schedule is kept.")),
    )
