"""One export: what it looks like, what was checked on it, and the way to take it and to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.errors import WorkbenchError
from core.exports.preparation import CHANGES
from core.exports.validation.report import AXES
from core.gateway.roles import Permission
from core.storage.exports import COMPLETED
from core.storage.job_records import CANCELLED, FAILED
from core.use_cases import PreviewExport, ReadExport, RemoveExport, RepeatExport, TakeManifest
from core.use_cases.read_exports import ExportDetail
from core.use_cases.take_export import Preview
from pages.components.exports.button import TICK_SECONDS, download_link, facts
from pages.components.exports.names import (
    AXIS_ICONS,
    axis_names,
    design_names,
    format_names,
    kind_names,
    level_names,
    state_names,
)
from pages.components.language import _, ago, number, percent, several, translated_error
from pages.components.live import plain
from pages.components.session import ask, may, show_error, try_to

MOST_SHOWN = 12


def export_view(export: str) -> None:
    st.button(_("Back to all exports"), key="back", icon=":material/arrow_back:", on_click=close_export)
    try:
        detail = ask(ReadExport(export=export))
    except WorkbenchError as error:
        show_error(error)
        return
    listed, record = detail.listed, detail.listed.record
    st.title(plain(record.title))
    told = [format_names()[record.format], kind_names().get(record.subject_kind, record.subject_kind)]
    told += [design_names()[record.design]] if record.design else []
    told += [_("level {level}").format(level=level_names()[record.level])]  # type: ignore[index]
    st.markdown(" · ".join([*told, f"{plain(record.author)}, {ago(record.created_at)}"]))
    if listed.state == COMPLETED:
        made(detail)
    elif listed.state in (FAILED, CANCELLED):
        message, remedy = translated_error("", listed.error or "", listed.remedy or "")
        st.error(
            f"**{state_names()[listed.state]}** {plain(message)} {plain(remedy)}", icon=":material/error:"
        )
        acts(detail)
    else:
        _waiting(export)


@st.fragment(run_every=TICK_SECONDS)
def _waiting(export: str) -> None:
    listed = ask(ReadExport(export=export)).listed
    if listed.state in (COMPLETED, FAILED, CANCELLED):
        st.rerun()
    share = min(1.0, listed.done / listed.total) if listed.total else 0.0
    st.progress(share, text=state_names()[listed.state])


def made(detail: ExportDetail) -> None:
    acts(detail)
    if not detail.is_kept:
        st.info(
            _("The file is no longer kept. Repeat the export to have it again."), icon=":material/history:"
        )
    look, proof = st.columns([6, 5], gap="large")
    with look:
        preview(detail)
    with proof:
        verdict(detail)


def acts(detail: ExportDetail) -> None:
    record = detail.listed.record
    with st.container(horizontal=True, vertical_alignment="center"):
        if detail.is_kept:
            download_link(detail.listed, "open", is_main=True)
        if detail.manifest:
            st.download_button(
                _("Manifest"),
                data=partial(manifest_bytes, record.id),
                file_name=f"{record.file_name}.manifest.json",
                key="manifest",
                on_click="ignore",
                icon=":material/fingerprint:",
            )
        if st.button(_("Repeat"), key="repeat", icon=":material/replay:"):
            again = try_to(RepeatExport(export=record.id), _("The export runs again."))
            if again is not None:
                st.query_params["export"] = again.record.id
                st.rerun()
        if may(Permission.CONTRIBUTE):
            st.button(
                _("Remove"),
                key="remove",
                icon=":material/delete:",
                on_click=remove,
                args=(record.id,),
            )


def manifest_bytes(export: str) -> bytes:
    return ask(TakeManifest(export=export)).data


def remove(export: str) -> None:
    try:
        ask(RemoveExport(export=export))
    except WorkbenchError as error:
        show_error(error)
        return
    close_export()
    st.toast(_("The export is off the list."), icon=":material/check:")


def close_export() -> None:
    if "export" in st.query_params:
        del st.query_params["export"]


def preview(detail: ExportDetail) -> None:
    st.subheader(_("Preview"))
    record = detail.listed.record
    num_pages = detail.report.get("preview", {}).get("num_pages") or 0
    page = 1
    if num_pages > 1:
        page = st.pagination(num_pages, key="preview_page")
    try:
        shown = ask(PreviewExport(export=record.id, page=page - 1))
    except WorkbenchError:
        return
    draw_preview(shown, record.format, page)


def draw_preview(shown: Preview, format: str, page: int) -> None:
    if shown.picture:
        opened = _("Page {page} of {pages}, drawn by {program}.")
        told = opened.format(page=page, pages=number(shown.num_pages), program=shown.by)
        with st.container(border=True):
            st.image(shown.picture, width="stretch", alt=told)
        st.caption(told)
    elif shown.is_page_of_its_own:
        with st.container(border=True):
            st.iframe(shown.text, height=720)
    elif shown.text:
        st.code(
            shown.text, language={"tex": "latex", "typst": None, "txt": None}.get(format, format), height=620
        )
    elif format == "zip":
        st.caption(_("The files of the zip are listed beside."))
    else:
        st.info(
            _("Nothing here can draw this format. With LibreOffice installed, its pages are shown."),
            icon=":material/visibility_off:",
        )


def verdict(detail: ExportDetail) -> None:
    record, report = detail.listed.record, detail.report
    st.subheader(_("Proof"))
    if record.has_passed:
        st.success(
            _("It passes level {level}: {facts}.").format(
                level=level_names()[record.level],
                facts=facts(detail.listed),  # type: ignore[index]
            ),
            icon=":material/verified:",
        )
    else:
        st.warning(
            several(
                "{count} rule of its level is broken.",
                "{count} rules of its level are broken.",
                len(record.failed_rules),
            ),
            icon=":material/rule:",
        )
    places = st.columns(2) * 2
    for place, axis in zip(places, AXES, strict=True):
        if axis in record.axes:
            label = f"{AXIS_ICONS[axis]} {axis_names()[axis]}"
            place.metric(label, percent(record.axes[axis]), border=True)
    if "members" in report:
        members(report)
    else:
        for axis in AXES:
            checks(axis, report)
    changes(report)
    tools(detail)


def checks(axis: str, report: Mapping[str, Any]) -> None:
    """Broken rules first, each with its places and what to do; the passed ones folded."""
    found = [each for each in report.get("checks", ()) if each["axis"] == axis]
    broken = [each for each in found if each["issues"]]
    passed = [each for each in found if not each["issues"]]
    for each in broken:
        is_asked = each["rule"] in report.get("failed", ())
        with st.container(border=True):
            sign = ":orange[:material/error:]" if is_asked else ":gray[:material/info:]"
            st.markdown(f"{sign} **{_(each['title'])}** · {axis_names()[axis]}")
            lines = [
                f"- {plain(issue['detail'])}" + (f" ({plain(issue['place'])})" if issue["place"] else "")
                for issue in each["issues"][:MOST_SHOWN]
            ]
            if len(each["issues"]) > MOST_SHOWN:
                lines.append("- " + several("{count} more", "{count} more", len(each["issues"]) - MOST_SHOWN))
            st.markdown("\n".join(lines))
            told = _(each["fix"])
            if not is_asked:
                told += " " + _("Asked for from level {level} on.").format(level=level_names()[each["level"]])
            st.caption(told)
    if passed:
        label = several("{count} check passed", "{count} checks passed", len(passed))
        with st.expander(f"{axis_names()[axis]}: {label}", icon=":material/check:", key=f"passed_{axis}"):
            st.markdown("\n".join(f"- {_(each['title'])} ({plain(each['by'])})" for each in passed))


def members(report: Mapping[str, Any]) -> None:
    st.dataframe(
        [
            {
                _("File"): each["name"],
                _("Passed"): each["verdict"]["has_passed"],
                _("Checks passed"): percent(each["verdict"]["score"]),
            }
            for each in report["members"]
        ],
        hide_index=True,
        key="members",
    )
    for each in report.get("not_made", ()):
        told = f"{plain(each['error'])} {plain(each.get('remedy', ''))}"
        st.warning(f"{format_names()[each['format']]} · {told}", icon=":material/warning:")


def changes(report: Mapping[str, Any]) -> None:
    """What the content had to be put in order for."""
    if report.get("changes"):
        st.markdown(f"**{_('What was put in order')}**")
        st.markdown(
            "\n".join(f"- {_(CHANGES[key])} ({number(count)})" for key, count in report["changes"].items())
        )


def tools(detail: ExportDetail) -> None:
    used = [tool for tool in detail.report.get("tools", ()) if not tool["missing"]]
    missing = [tool for tool in detail.report.get("tools", ()) if tool["missing"]]
    told = [f"{plain(tool['name'])} {plain(tool['version'])}" for tool in used]
    if told:
        st.caption(_("Checked by {tools}.").format(tools=", ".join(told)))
    for tool in missing:
        st.caption(_("Not checked by {tool}: it is not installed here.").format(tool=plain(tool["name"])))
    if detail.manifest:
        file = detail.manifest.get("file", {})
        st.markdown(f"SHA-256 `{file.get('sha256', '')}`")
