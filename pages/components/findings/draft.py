"""The one document that a group becomes: each sentence with its source, what needs a person, downloads."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.content import Block
from core.gateway.roles import Permission
from core.storage.documents import DocumentSummary
from core.use_cases import Consolidate, DownloadDraft, KeepDraft
from core.use_cases.consolidate import DRAFT_FORMATS, Consolidation
from core.use_cases.draft_files import CitedPiece, DraftWords, cited_pieces
from core.use_cases.review_redundancy import ClusterDetail
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
        st.metric(_("To be reconciled"), number(len(made.draft.conflicts)), border=True)
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
    words = DraftWords(sources=_("Sources"), conflicts=_("To be reconciled"))
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in DRAFT_FORMATS:
            st.download_button(
                {"md": "Markdown", "html": "HTML"}[name],
                data=partial(draft_bytes, request, name, words),
                file_name=f"consolidated.{name}",
                key=f"draft_{name}",
                on_click="ignore",
                icon=":material/download:",
            )
        if may(Permission.CONTRIBUTE):
            st.button(
                _("Keep it in the library"),
                key="keep_draft",
                type="primary",
                icon=":material/library_add:",
                on_click=try_to,
                args=(KeepDraft(draft=request, words=words), _("The draft is being added to the library.")),
            )


def draft_bytes(request: Consolidate, name: str, words: DraftWords) -> bytes:
    return ask(DownloadDraft(draft=request, format=name, words=words)).data


def conflicts(made: Consolidation) -> None:
    if not made.draft.conflicts:
        return
    numbers = {source.id: place for place, source in enumerate(made.sources, 1)}
    with st.expander(
        several(
            "{count} place where they state different facts",
            "{count} places where they state different facts",
            len(made.draft.conflicts),
        ),
        icon=":material/warning:",
        expanded=True,
        key="draft_conflicts",
    ):
        st.table(
            [
                {
                    _("The draft says"): f"{plain(line(each.reading))} "
                    + reference(numbers[each.citation.origin.id]),
                    _("The other says"): f"{plain(line(each.other_reading))} "
                    + reference(numbers[each.other.id]),
                }
                for each in made.draft.conflicts[:100]
            ]
        )


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
        for block, pieces in cited_pieces(made.draft, made.sources):
            st.markdown(written(block, pieces))


def written(block: Block, pieces: list[CitedPiece]) -> str:
    """The block as Markdown, the number of the source after each run of sentences from it."""
    text = ""
    for place, piece in enumerate(pieces):
        text += plain(piece.text)
        following = next((each.source for each in pieces[place + 1 :] if each.source), None)
        if piece.source and piece.source != following:
            text += f" {reference(piece.source)}"
    if block.kind == "heading":
        return f"{'#' * min(6, block.level + 3)} {line(text)}"
    if block.kind == "list_item":
        return f"{'  ' * block.level}- {line(text)}"
    if block.kind == "quote":
        return f"> {line(text)}"
    if block.kind == "table":
        return text.replace("\n", "  \n").replace("\t", " · ")
    return text
