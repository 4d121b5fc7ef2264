"""What was exported, newest first, with search and facets."""

from __future__ import annotations

import streamlit as st

from core.gateway.roles import Permission
from core.storage.exports import COMPLETED, PENDING, PROCESSING, ExportFilter, ListedExport
from core.storage.job_records import CANCELLED, FAILED
from core.use_cases import BrowseExports, CancelJob, RedriveJob
from core.use_cases.read_exports import ExportsView
from pages.components.address import chosen_several, chosen_text
from pages.components.documents.draft_list import facet
from pages.components.exports.button import TICK_SECONDS, download_link, facts, verdict_icon
from pages.components.exports.names import (
    STATE_COLOURS,
    design_names,
    format_names,
    kind_names,
    state_names,
)
from pages.components.findings.names import page_of, pager, search_box
from pages.components.language import _, ago, translated_error
from pages.components.live import plain
from pages.components.session import ask, may, try_to

PAGE_SIZE = 20
OPEN = (PENDING, PROCESSING)
KIND_CODES = {
    "redundancyreport": "redundancy_report",
    "qualityboard": "quality_board",
    "cachereport": "cache_report",
}
DESIGN_CODES = {"businessplan": "business_plan"}
"""Names by what stands for them in the address, where their own may not."""


def export_list() -> None:
    wanted = wanted_exports()
    view = ask(BrowseExports(wanted=wanted, limit=PAGE_SIZE, offset=(page_of() - 1) * PAGE_SIZE))
    if not view.num_exports and wanted == ExportFilter():
        st.info(_("Nothing was exported yet. Choose above what to export."), icon=":material/ios_share:")
        return
    filters(view)
    if not view.exports:
        st.info(_("No export fits. Remove a filter."), icon=":material/filter_alt_off:")
    open_ones = [each for each in view.exports if each.state in OPEN]
    if open_ones:
        _live_rows()
    for each in view.exports:
        if each.state not in OPEN:
            export_row(each, view)
    pager(view.num_exports, PAGE_SIZE)


def wanted_exports() -> ExportFilter:
    return ExportFilter(
        search=chosen_text("q"),
        states=chosen_several("state"),
        formats=chosen_several("format"),
        designs=tuple(DESIGN_CODES.get(code, code) for code in chosen_several("design")),
        subject_kinds=tuple(KIND_CODES.get(code, code) for code in chosen_several("kind")),
    )


def filters(view: ExportsView) -> None:
    search_box()
    kinds = {code: kind for kind, code in ((kind, kind.replace("_", "")) for kind in kind_names())}
    types = {code: name for name, code in ((name, name.replace("_", "")) for name in design_names())}
    with st.container(horizontal=True, gap="medium"):
        facet(_("State"), "state", dict(view.facets["state"]), state_names())
        facet(_("Format"), "format", dict(view.facets["format"]), format_names())
        facet(
            _("Type of document"),
            "design",
            {name.replace("_", ""): count for name, count in view.facets["design"].items() if name},
            {code: design_names()[name] for code, name in types.items()},
        )
        facet(
            _("What it is of"),
            "kind",
            {kind.replace("_", ""): count for kind, count in view.facets["subject_kind"].items()},
            {code: kind_names()[kind] for code, kind in kinds.items()},
        )


@st.fragment(run_every=TICK_SECONDS)
def _live_rows() -> None:
    """The exports that wait or are being made, with their progress; the page runs again when one ends."""
    found = ask(BrowseExports(wanted=ExportFilter(states=OPEN), limit=PAGE_SIZE)).exports
    before = st.session_state.get("open_exports", 0)
    st.session_state["open_exports"] = len(found)
    if len(found) < before or not found:
        st.rerun()
    for each in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            share = min(1.0, each.done / each.total) if each.total else 0.0
            name, state = format_names()[each.record.format], state_names()[each.state]
            told = f"{name} · {plain(each.record.title)} · {state}"
            st.progress(share, text=told, width="stretch")
            if may(Permission.CONTRIBUTE):
                st.button(
                    _("Cancel"),
                    key=f"cancel_{each.record.id}",
                    on_click=try_to,
                    args=(CancelJob(job=each.record.id), _("The export is being cancelled.")),
                )


def export_row(each: ListedExport, view: ExportsView) -> None:
    record = each.record
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="small"):
            st.markdown(f"**{plain(record.title)}**  \n{told_of(each)}")
        if each.state == COMPLETED and record.id in view.kept:
            download_link(each, "listed")
        if each.state in (FAILED, CANCELLED) and may(Permission.CONTRIBUTE):
            st.button(
                _("Try again"),
                key=f"retry_{record.id}",
                icon=":material/refresh:",
                on_click=try_to,
                args=(RedriveJob(job=record.id), _("The export runs again.")),
                width="content",
            )
        st.button(
            _("Open it"), key=f"open_{record.id}", on_click=open_export, args=(record.id,), width="content"
        )


def told_of(each: ListedExport) -> str:
    record = each.record
    state = state_names()[each.state]
    lead = f":{STATE_COLOURS[each.state]}-badge[{state}]"
    if each.state == COMPLETED:
        lead = f"{verdict_icon(each)} **{format_names()[record.format]}**"
    else:
        lead += f" **{format_names()[record.format]}**"
    parts = [lead, kind_names().get(record.subject_kind, record.subject_kind)]
    if record.design:
        parts.append(design_names()[record.design])
    if each.state == COMPLETED:
        parts.append(facts(each))
    if each.state == FAILED:
        message, remedy = translated_error("", each.error or "", each.remedy or "")
        parts.append(f"{plain(message)} {plain(remedy)}")
    parts.append(f"{plain(record.author)}, {ago(record.created_at)}")
    return " · ".join(part for part in parts if part)


def open_export(export: str) -> None:
    st.query_params["export"] = export
