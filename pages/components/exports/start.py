"""The main act of the page: choose a thing, then how it leaves."""

from __future__ import annotations

import streamlit as st

from core.content import Picture
from core.errors import WorkbenchError
from core.storage.documents import DocumentFilter
from core.storage.drafts import DraftFilter
from core.use_cases import BrowseLibrary, ListDrafts, ReadDocument
from core.use_cases.exportable import EXPORTABLES, Subject
from pages.components.exports.button import bundle_button, export_form
from pages.components.exports.names import kind_names
from pages.components.language import _, several
from pages.components.session import ask, show_error

MOST_CHOICES = 50
MOST_IN_BUNDLE = 500
WITH_ID = ("draft", "document")


def start() -> None:
    with st.container(border=True):
        kind = st.segmented_control(
            _("What to export"),
            tuple(EXPORTABLES),
            default="draft" if drafts("") else "document",
            required=True,
            format_func=lambda name: kind_names()[name],
            key="export_kind",
        )
        if kind in WITH_ID:
            chosen_things(kind)
        else:
            st.caption(_("As it is now, with the filters of its page left out."))
            export_form(Subject(kind=kind), f"start_{kind}", ("pdf", "docx"))


def chosen_things(kind: str) -> None:
    search = st.text_input(
        _("Search in titles and names"),
        key=f"export_search_{kind}",
        type="search",
        width=420,
        placeholder=_("Words that must all occur"),
    )
    found = drafts(search) if kind == "draft" else documents(search)
    if not found:
        st.info(nothing_there(kind, search), icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("Draft") if kind == "draft" else _("Document"),
            list(found)[:MOST_CHOICES],
            format_func=lambda each: found[each],
            key=f"export_{kind}",
            width=420,
        )
        subjects = tuple(Subject(kind=kind, id=each) for each in found)
        if len(subjects) > 1:
            bundle_button(subjects, search or kind_names()[kind], f"bundle_{kind}")
    if len(found) > MOST_CHOICES:
        st.caption(several("{count} fits; narrow the search.", "{count} fit; narrow the search.", len(found)))
    if chosen:
        pictures = pictures_of(chosen) if kind == "document" else ()
        export_form(Subject(kind=kind, id=chosen), f"start_{kind}", ("pdf", "docx"), pictures)


def drafts(search: str) -> dict[str, str]:
    view = ask(ListDrafts(wanted=DraftFilter(search=search), limit=MOST_IN_BUNDLE))
    return {each.id: each.title for each in view.drafts if each.version}


def documents(search: str) -> dict[str, str]:
    view = ask(BrowseLibrary(wanted=DocumentFilter(search=search), limit=MOST_IN_BUNDLE))
    return {each.id: f"{each.title} ({each.name})" for each in view.documents}


def pictures_of(document: str) -> tuple[Picture, ...]:
    try:
        stored = ask(ReadDocument(document=document))
    except WorkbenchError as error:
        show_error(error)
        return ()
    return tuple(block.picture for block in stored.content.blocks if block.picture)


def nothing_there(kind: str, search: str) -> str:
    if search:
        return _("Nothing has these words. Try others.")
    if kind == "draft":
        return _("There is no draft yet. Write one on the page Documents.")
    return _("The library is empty. Bring documents on the page Library.")
