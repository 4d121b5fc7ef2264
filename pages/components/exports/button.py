"""The button "Export" of every page that shows something worth keeping."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from core.content import Picture
from core.errors import WorkbenchError
from core.storage.exports import COMPLETED, ExportFilter, ListedExport
from core.storage.job_records import CANCELLED, FAILED
from core.use_cases import BrowseExports, BundleExports, ExportDocument, LinkExport
from core.use_cases.exportable import Subject
from pages.components.exports.download_link import download
from pages.components.exports.form import format_pills, options
from pages.components.exports.names import format_names, state_names
from pages.components.language import _, number, percent, several, size, translated_error
from pages.components.live import plain
from pages.components.session import ask, show_error

TICK_SECONDS = 0.7
ENDED = (COMPLETED, FAILED, CANCELLED)


def export_button(
    subject: Subject, key: str, *, default: tuple[str, ...] = ("pdf",), pictures: tuple[Picture, ...] = ()
) -> None:
    """Choose formats and how the file is to be; the files appear below, each with what was proven of it."""
    with st.popover(_("Export"), icon=":material/ios_share:", key=f"{key}_popover"):
        export_form(subject, key, default, pictures)


def export_form(
    subject: Subject, key: str, default: tuple[str, ...] = ("pdf",), pictures: tuple[Picture, ...] = ()
) -> None:
    formats = format_pills(key, default)
    wanted = options(key, pictures)
    if st.button(
        _("Export"), key=f"{key}_go", type="primary", disabled=not formats, icon=":material/ios_share:"
    ):
        batch = uuid4().hex
        try:
            for name in formats:
                ask(ExportDocument(subject=subject, format=name, options=wanted, batch=batch))
        except WorkbenchError as error:
            show_error(error)
        st.session_state[f"{key}_batch"] = batch
    if batch := st.session_state.get(f"{key}_batch"):
        made_files(batch)


def bundle_button(subjects: tuple[Subject, ...], title: str, key: str) -> None:
    """Everything that a list shows, as one zip."""
    with st.popover(_("Export all"), icon=":material/folder_zip:", key=f"{key}_popover"):
        st.markdown(
            several("{count} document as one zip.", "{count} documents as one zip.", len(subjects))
            + " "
            + _("It holds each file with its proof and a signed list of all.")
        )
        formats = format_pills(key, leave_out=("zip",))
        wanted = options(key)
        if st.button(
            _("Export"), key=f"{key}_go", type="primary", disabled=not formats, icon=":material/ios_share:"
        ):
            try:
                asked = BundleExports(subjects=subjects, formats=tuple(formats), title=title, options=wanted)
                st.session_state[f"{key}_export"] = ask(asked).record.id
            except WorkbenchError as error:
                show_error(error)
        made = st.session_state.get(f"{key}_export")
        if made and st.button(
            _("Watch it on the page Exports"), key=f"{key}_watch", icon=":material/arrow_forward:"
        ):
            st.switch_page("exports.py", query_params={"export": made})


def made_files(batch: str) -> None:
    """The files of a batch, live until the last one is made."""
    found = ask(BrowseExports(wanted=ExportFilter(batch=batch), limit=32)).exports
    if all(each.state in ENDED for each in found):
        for each in reversed(found):
            file_row(each)
    else:
        _live_files(batch)


@st.fragment(run_every=TICK_SECONDS)
def _live_files(batch: str) -> None:
    found = ask(BrowseExports(wanted=ExportFilter(batch=batch), limit=32)).exports
    for each in reversed(found):
        file_row(each)
    if all(each.state in ENDED for each in found):
        st.rerun()


def file_row(each: ListedExport) -> None:
    """One file: how far it is, its verdict, the way to take it."""
    record = each.record
    name = format_names()[record.format]
    if each.state == COMPLETED:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{verdict_icon(each)} **{name}** · {facts(each)}", width="stretch")
            download_link(each, f"take_{record.batch[:8]}")
            if st.button(_("Proof"), key=f"proof_{record.id}", icon=":material/fact_check:"):
                st.switch_page("exports.py", query_params={"export": record.id})
    elif each.state == FAILED:
        message, remedy = translated_error("", each.error or "", each.remedy or "")
        st.markdown(f":material/error: **{name}** · {plain(message)} {plain(remedy)}")
    else:
        share = each.done / each.total if each.total else 0.0
        st.progress(min(1.0, share), text=f"{name} · {state_names()[each.state]}")


def download_link(each: ListedExport, key: str, *, is_main: bool = False) -> None:
    """A link that the browser follows to the gateway, which streams the file; it runs out after a while."""
    try:
        path = ask(LinkExport(export=each.record.id))
    except WorkbenchError:
        st.caption(_("no longer kept"), width="content")
        return
    record = each.record
    download(_("Download"), f"/api/{path}", record.file_name, f"{key}_{record.id}", is_main=is_main)


def facts(each: ListedExport) -> str:
    record = each.record
    told = []
    if record.num_pages:
        told.append(several("{count} page", "{count} pages", record.num_pages))
    if record.num_bytes is not None:
        told.append(size(record.num_bytes))
    if record.score is not None:
        told.append(_("{share} of checks passed").format(share=percent(record.score)))
    if record.is_repeat:
        told.append(_("given again, nothing had changed"))
    elif record.seconds is not None:
        told.append(_("made in {seconds} s").format(seconds=number(record.seconds, 1)))
    return " · ".join(told)


def verdict_icon(each: ListedExport) -> str:
    return ":green[:material/verified:]" if each.record.has_passed else ":orange[:material/rule:]"
