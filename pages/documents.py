"""Documents: from one line to a draft in which every sentence names its source."""

from __future__ import annotations

import streamlit as st

from pages.components.address import chosen, remember
from pages.components.documents.brief import brief_view
from pages.components.documents.draft_list import draft_list, figures_view
from pages.components.documents.draft_view import draft_view
from pages.components.documents.queue import queue_view
from pages.components.documents.types import types_view
from pages.components.language import _

VIEWS = ("drafts", "queue", "types", "figures")


def main() -> None:
    draft = st.query_params.get("draft")
    if draft:
        draft_view(draft)
        return
    st.title(_("Documents"))
    st.markdown(
        _("Say what you need in a line. It is written from your documents, each sentence with its source.")
    )
    view = chosen("view", VIEWS, "drafts")
    if view == "drafts":
        brief_view()
    else:
        with st.expander(_("A new draft"), icon=":material/add:", key="new_draft"):
            brief_view()
    st.segmented_control(
        _("View"),
        VIEWS,
        required=True,
        format_func={
            "drafts": _("Drafts"),
            "queue": _("Queue"),
            "types": _("Types"),
            "figures": _("Figures"),
        }.get,
        key="view",
        on_change=remember,
        args=("view", "drafts"),
        label_visibility="collapsed",
    )
    {"drafts": draft_list, "queue": queue_view, "types": types_view, "figures": figures_view}[view]()


main()
