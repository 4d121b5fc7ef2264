"""Parts that keep themselves up to date: they read a snapshot and draw."""

from __future__ import annotations

import re

import streamlit as st

from core.gateway.roles import Permission
from core.storage.job_records import CANCELLED, DONE, FAILED, RUNNING, JobRecord
from core.use_cases import CancelJob, ListJobs, RedriveJob
from pages.components.language import _, ago, number, several, translated_error
from pages.components.session import application, ask, may, try_to

TICK_SECONDS = 0.7


def job_strip() -> None:
    """The jobs that wait or run, with progress and a way to stop them; nothing when there are none.

    When the last one ends, the page runs again once, so that it shows what the job brought.
    """
    if ask(ListJobs(only_open=True, limit=1)):
        _open_jobs()


@st.fragment(run_every=TICK_SECONDS)
def _open_jobs() -> None:
    jobs = ask(ListJobs(only_open=True, limit=5))
    if not jobs:
        st.rerun()
    with st.container(border=True):
        for job in reversed(jobs):
            _job_row(job)


def _job_row(job: JobRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        share = min(1.0, job.done / job.total) if job.total else 0.0
        st.progress(share, text=f"{job_title(job)} · {_progress(job)}", width="stretch")
        if may(Permission.CONTRIBUTE):
            st.button(
                _("Stop"),
                key=f"stop_{job.id}",
                disabled=job.cancel_requested,
                on_click=try_to,
                args=(CancelJob(job=job.id), _("The job is being stopped.")),
            )


def job_list(jobs: tuple[JobRecord, ...]) -> None:
    """The last jobs with how they ended; a failed one can be run again."""
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{_STATE_ICONS[job.state]} **{plain(job_title(job))}** · {_outcome(job)} · "
                f"{ago(job.finished_at or job.created_at)}",
                width="stretch",
            )
            if job.state in (FAILED, CANCELLED) and may(Permission.CONTRIBUTE):
                st.button(
                    _("Run again"),
                    key=f"redrive_{job.id}",
                    on_click=try_to,
                    args=(RedriveJob(job=job.id), _("The job runs again.")),
                )


_STATE_ICONS = {
    "waiting": ":material/schedule:",
    "running": ":material/progress_activity:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
    "cancelled": ":material/cancel:",
}


def job_title(job: JobRecord) -> str:
    """What the job is about, in the reader's language where the product named it."""
    return _("Reading: {files}").format(files=_(job.title)) if job.kind == "ingest" else _(job.title)


def _progress(job: JobRecord) -> str:
    if job.cancel_requested:
        return _("stopping")
    if job.state != RUNNING:
        worker = application().worker()
        return _("waiting") if worker.is_ready else _("waiting for the worker to start")
    if job.kind == "ingest":
        return _("{done} of {total} files").format(done=number(job.done), total=number(job.total))
    return f"{number(100 * job.done / job.total) if job.total else 0} %"


def _outcome(job: JobRecord) -> str:
    if job.state == DONE and job.kind == "ingest":
        added = several("{count} document added", "{count} documents added", job.result.get("added", 0))
        if job.result.get("problems"):
            added += ", " + several("{count} remark", "{count} remarks", job.result["problems"])
        return added
    if job.state == DONE and job.kind != "analyse":
        return several("{count} request", "{count} requests", job.result.get("requests", 0))
    if job.state == DONE:
        documents = several("{count} document", "{count} documents", job.result.get("documents", 0))
        pairs = several("{count} similar pair", "{count} similar pairs", job.result.get("pairs", 0))
        return f"{documents}, {pairs}"
    if job.state == FAILED:
        return " ".join(map(plain, translated_error("", job.error or "", job.remedy or "")))
    return {"waiting": _("waiting"), "running": _("running"), "cancelled": _("stopped")}[job.state]


def plain(text: str) -> str:
    """Text from files and people inside Markdown: shown as it is, never as markup and never as a link.

    Addresses would become links whatever is escaped in them, so an invisible joiner comes into each.
    """
    return "".join(
        f"\\{character}" if character in "\\`*_{}[]()#+-.!|<>~$:" else character
        for character in _ADDRESS.sub("\\g<0>\u2060", text)
    )


_ADDRESS = re.compile(r"@|://|\bwww(?=\.)")
