"""Every visit passes here: the page frame, the language, the navigation. Started by app.py.

Registers the pages with Streamlit and runs the one that the address names. A folder called pages/ beside the
entry script would let a deep link pass it by, which is why this file lies in the folder and not beside it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import WorkbenchError
from pages.components.address import remember
from pages.components.language import LANGUAGES, WIDGET, _, language, settle_language
from pages.components.session import principal, show_error

HERE = Path(__file__).resolve().parent

# Tells the browser and its screen reader which language the page speaks; Streamlit always says English.
_PAGE_LANGUAGE = st.components.v2.component(
    "page_language", js="export default ({ data }) => { document.documentElement.lang = data; }"
)


def pages() -> list[st.Page]:
    return [
        st.Page(HERE / "overview.py", title=_("Overview"), icon=":material/home:", default=True),
        st.Page(HERE / "library.py", title=_("Library"), icon=":material/folder_open:", url_path="library"),
        st.Page(
            HERE / "redundancy.py",
            title=_("Redundancy"),
            icon=":material/content_copy:",
            url_path="redundancy",
        ),
        st.Page(
            HERE / "compare.py", title=_("Compare"), icon=":material/compare_arrows:", url_path="compare"
        ),
        st.Page(HERE / "quality.py", title=_("Quality"), icon=":material/grade:", url_path="quality"),
        st.Page(
            HERE / "documents.py",
            title=_("Documents"),
            icon=":material/edit_document:",
            url_path="documents",
        ),
        st.Page(HERE / "exports.py", title=_("Exports"), icon=":material/ios_share:", url_path="exports"),
        st.Page(HERE / "cache.py", title=_("Cache"), icon=":material/memory:", url_path="cache"),
        st.Page(HERE / "tuning.py", title=_("Tuning"), icon=":material/tune:", url_path="tuning"),
        st.Page(HERE / "settings.py", title=_("Settings"), icon=":material/settings:", url_path="settings"),
    ]


def frame() -> None:
    """What the theme cannot say.

    The toolbar of a table offers a CSV of its own, in which a title such as "=1+1" would be a formula; the
    downloads of the pages neutralise those. Streamlit's white words on the light main buttons of the dark
    theme have a contrast of 2.5 only.
    """
    rules = "[data-testid=stElementToolbar] [aria-label^='Download as CSV'] { display: none; }"
    if st.context.theme.type == "dark":
        rules += "button[kind^=primary] { color: #0b1020; }"
    st.html(f"<style>{rules}</style>")


def sidebar() -> None:
    with st.sidebar:
        # NOTE: the key carries the choice to every page, and the address names it (?lang=es).
        st.session_state.setdefault(WIDGET, language())
        st.selectbox(
            _("Language"),
            list(LANGUAGES),
            format_func=LANGUAGES.get,
            key=WIDGET,
            on_change=remember,
            args=(WIDGET,),
            persist_state="session",
        )
        _PAGE_LANGUAGE(key="page_language", data=language())
        who = principal()
        st.caption(f"{who.user} · {who.role.value} · {who.workspace}")


def main() -> None:
    settle_language()
    st.set_page_config(
        page_title="Blatam Academy", page_icon=str(HERE.parent / "assets" / "icon.png"), layout="wide"
    )
    chosen = st.navigation(pages())
    st.logo(str(HERE.parent / "assets" / "logo.svg"), size="medium")
    frame()
    sidebar()
    try:
        chosen.run()
    except WorkbenchError as error:
        show_error(error)


main()
