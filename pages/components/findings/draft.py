"""The one document that a group becomes: each sentence with its source, and what needs a person."""

from __future__ import annotations

import streamlit as st

from core.documents.draft import Statement
from core.gateway.roles import Permission
from core.storage.documents import DocumentSummary
from core.use_cases import Consolidate, DraftGroup
from core.use_cases.consolidate import Consolidation
from core.use_cases.review_redundancy import ClusterDetail
from pages.components.documents.cited_text import cited_section
from pages.components.language import _, day, number, several
from pages.components.live import plain
from pages.components.session import ask, may, try_to

SOURCE_COLOURS = ("blue", "violet", "green", "orange", "red", "gray")


def draft_view(detail: ClusterDetail) -> None:
    each = detail.cluster
    canonical = next(document for document in each.documents if document.id == each.canonical)
    st.subheader(_("One document instead of {count}").format(count=number(len(each.documents))))
    st.caption(
        _(
            "Put together from the documents, word for word: the one that stays, and what only the others "
            "say. Nothing is made up, and contradictions are left to you."
        )
    )
    chosen = choose_members(detail, canonical)
    if not chosen:
        st.info(_("Choose at least one document to merge."), icon=":material/merge:")
        return
    request = Consolidate(canonical=each.canonical, members=tuple(chosen))
    made = ask(request)
    with st.container(horizontal=True):
        st.metric(_("Sentences taken over"), number(made.num_new), border=True)
        st.metric(_("Sentences it had already"), number(made.num_covered), border=True)
        st.metric(_("To be reconciled"), number(len(made.disagreements)), border=True)
    acts(request)
    conflicts(made)
    text_with_sources(made)


def choose_members(detail: ClusterDetail, canonical: DocumentSummary) -> list[str]:
    """A box for each other document, ticked where it is to be merged."""
    merged = advised(detail)
    with st.container(border=True):
        st.markdown(_("Merge into “{title}”").format(title=f"**{plain(canonical.title)}**"))
        return [
            document.id
            for document in detail.cluster.others
            if st.checkbox(
                f"{plain(document.title)} · {plain(document.name)}",
                value=document.id in merged,
                key=f"merge_{document.id}",
            )
        ]


def advised(detail: ClusterDetail) -> list[str]:
    """Those that are to be merged, by decision or advice; all others where none is."""
    others = [document.id for document in detail.cluster.others]
    merged = [
        document
        for document in others
        if (
            detail.cluster.decisions[document].act
            if document in detail.cluster.decisions
            else detail.advice[document].act
        )
        == "merge"
    ]
    return merged or others


def acts(request: Consolidate) -> None:
    if may(Permission.CONTRIBUTE) and st.button(
        _("Make it a draft"), key="draft_group", type="primary", icon=":material/edit_document:"
    ):
        record = try_to(DraftGroup(group=request))
        if record is not None:
            st.switch_page("documents.py", query_params={"draft": record.id})
    st.caption(
        _(
            "As a draft it can be edited, its contradictions settled in place, and approved: only then the "
            "documents that it is made from retire."
        )
    )


def conflicts(made: Consolidation) -> None:
    if not made.disagreements:
        return
    with st.expander(
        several(
            "{count} place where they state different facts",
            "{count} places where they state different facts",
            len(made.disagreements),
        ),
        icon=":material/warning:",
        expanded=True,
        key="draft_conflicts",
    ):
        st.table(
            [
                {
                    _("The draft says"): said(each.reading),
                    _("The other says"): said(each.other_reading),
                }
                for each in made.disagreements[:100]
            ]
        )


def said(statement: Statement) -> str:
    numbers = " ".join(reference(origin.source) for origin in statement.origins)
    return f"{plain(line(statement.text))} {numbers}"


def line(text: str) -> str:
    return " ".join(text.split())


def reference(place: int) -> str:
    return f":{SOURCE_COLOURS[(place - 1) % len(SOURCE_COLOURS)]}-badge[{place}]"


def text_with_sources(made: Consolidation) -> None:
    st.markdown(
        "  \n".join(
            f"{reference(place)} {plain(source.title)} — {plain(source.name)}, {day(source.modified)}"
            for place, source in enumerate(made.sources, 1)
        )
    )
    with st.container(border=True, height=620, key="draft_text"):
        for place, section in enumerate(made.draft.sections):
            st.markdown(f"#### {plain(section.title)}")
            cited_section(section, made.draft, made.contexts, key=f"group_{place}")
