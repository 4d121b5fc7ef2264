"""Exports: whatever the product holds leaves as a file that something else has proven."""

from __future__ import annotations

import streamlit as st

from pages.components.address import chosen, remember
from pages.components.exports.export_list import export_list
from pages.components.exports.export_view import export_view
from pages.components.exports.figures import figures_view
from pages.components.exports.start import start
from pages.components.exports.verify import verify_view
from pages.components.language import _

VIEWS = ("files", "figures", "verify")


def main() -> None:
    export = st.query_params.get("export")
    if export:
        export_view(export)
        return
    st.title(_("Exports"))
    st.markdown(_("Take anything away in any format, each file checked by programs that did not write it."))
    view = chosen("view", VIEWS, "files")
    if view == "files":
        start()
    st.segmented_control(
        _("View"),
        VIEWS,
        required=True,
        format_func={"files": _("Files"), "figures": _("Figures"), "verify": _("Verify a file")}.get,
        key="view",
        on_change=remember,
        args=("view", "files"),
        label_visibility="collapsed",
    )
    {"files": export_list, "figures": figures_view, "verify": verify_view}[view]()


main()
