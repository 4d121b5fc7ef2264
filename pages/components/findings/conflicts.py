"""Statements that contradict each other, both quoted with the fact marked, until somebody settles them."""

from __future__ import annotations

import streamlit as st

from core.gateway.roles import Permission
from core.redundancy.contradictions import KINDS
from core.storage.documents import DocumentSummary
from core.use_cases import IncludePassage, ReviewConflicts, SettleConflict
from core.use_cases.review_conflicts import RELATIONS, SETTLEMENTS, ConflictsView, ConflictView
from pages.components.address import chosen, chosen_several, chosen_text
from pages.components.findings.names import (
    CONFLICT_ICONS,
    conflict_kinds,
    language_pills,
    narrow,
    open_comparison,
    page_of,
    pager,
    search_box,
)
from pages.components.findings.passages import exclusion_name
from pages.components.language import _, ago, day, language_name, number, percent, several
from pages.components.live import plain
from pages.components.session import ask, may, try_to

PAGE_SIZE = 10


def conflicts_view() -> None:
    relation = chosen("relation", RELATIONS, "contradicts")
    with_settled = bool(st.session_state.setdefault("settled", st.query_params.get("settled") == "true"))
    kinds = tuple(kind for kind in chosen_several("fact") if kind in KINDS)
    page = page_of()
    view = ask(
        ReviewConflicts(
            relation=relation,
            kinds=kinds,
            search=chosen_text("q"),
            languages=chosen_several("language"),
            with_settled=with_settled,
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
    )
    if not view.is_known:
        st.info(
            _("Contradictions were not looked for yet. Compare the library again."), icon=":material/search:"
        )
        return
    st.caption(
        _(
            "Statements about the same thing that state different facts, in one language or across "
            "languages. What changed from one version of a document to the next stands apart."
        )
    )
    filters(view)
    if not view.conflicts:
        st.info(
            _("No contradiction is open.")
            if not any(view.relations.values())
            else _("None fits. Remove a filter."),
            icon=":material/check_circle:",
        )
    for place, each in enumerate(view.conflicts):
        conflict_card(each, f"{page}_{place}")
    pager(view.num_conflicts, PAGE_SIZE)


def filters(view: ConflictsView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        names = {"contradicts": _("Contradictions"), "changed": _("Changed versions"), "all": _("All")}
        counts = {**view.relations, "all": sum(view.relations.values())}
        st.segmented_control(
            _("Which"),
            RELATIONS,
            required=True,
            format_func=lambda code: f"{names[code]} {number(counts.get(code, 0))}",
            key="relation",
            on_change=narrow,
            args=("relation", "contradicts"),
        )
        kinds = conflict_kinds()
        options = [kind for kind in KINDS if kind in view.kinds or kind in chosen_several("fact")]
        if len(options) > 1:
            st.pills(
                _("Kind of fact"),
                options,
                selection_mode="multi",
                format_func=lambda kind: f"{kinds[kind]} {number(view.kinds.get(kind, 0))}",
                key="fact",
                on_change=narrow,
                args=("fact",),
            )
        language_pills(view.languages, "language")
        if view.num_settled:
            st.toggle(
                several("{count} settled too", "{count} settled too", view.num_settled),
                key="settled",
                bind="query-params",
            )


def conflict_card(each: ConflictView, key: str) -> None:
    found = each.conflict.found
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{CONFLICT_ICONS[found.kind]} **{conflict_kinds()[found.kind].capitalize()}** · "
                + plain(", ".join(word.lstrip("~") for word in found.shared[:4])),
                width="stretch",
            )
            if found.relation == "changed":
                st.badge(_("changed version"), color="blue")
            if each.settled:
                st.badge(exclusion_name(each.settled.reason), color="gray")
            st.caption(_("sureness {share}").format(share=percent(found.strength)), width="content")
        left, right = st.columns(2, gap="medium")
        with left:
            statement(each.a, each.conflict.said_a, found.a.text)
        with right:
            statement(each.b, each.conflict.said_b, found.b.text)
        with st.container(horizontal=True, vertical_alignment="center"):
            open_comparison(each.a.id, each.b.id, key=f"open_{key}", mark="conflicts")
            if each.settled:
                settled_line(each)
            elif may(Permission.DECIDE):
                settle(each, key)


def statement(document: DocumentSummary, said: str, fact: str) -> None:
    """The document, and its statement with the fact marked."""
    st.caption(
        f"**{plain(document.title)}** · {language_name(document.language)} · {day(document.modified)}  \n"
        f"{plain(document.name)}"
    )
    written = " ".join(fact.split())
    before, found, after = said.partition(written)
    marked = f":orange-background[{plain(found)}]" if found else ""
    st.markdown(f"> {plain(before)}{marked}{plain(after)}")


def settle(each: ConflictView, key: str) -> None:
    with st.popover(_("Settle"), icon=":material/handshake:", key=f"settle_{key}"):
        settlement = st.radio(
            _("What became of it"),
            SETTLEMENTS,
            format_func={
                "reconciled": _("It was reconciled: the documents say, or will say, one thing"),
                "no_conflict": _("It is no contradiction"),
            }.get,
            key=f"settlement_{key}",
        )
        note = st.text_input(_("Note (optional)"), key=f"settle_note_{key}", max_chars=2000)
        st.button(
            _("Set it aside"),
            key=f"settle_do_{key}",
            type="primary",
            on_click=try_to,
            args=(
                SettleConflict(conflict=each.key, settlement=settlement, note=note),
                _("The contradiction is set aside."),
            ),
        )


def settled_line(each: ConflictView) -> None:
    assert each.settled is not None
    note = f" — {plain(each.settled.note)}" if each.settled.note else ""
    st.caption(f"{plain(each.settled.author)}, {ago(each.settled.created_at)}{note}", width="stretch")
    if may(Permission.DECIDE):
        st.button(
            _("Take back"),
            key=f"reopen_{each.settled.id}",
            icon=":material/undo:",
            on_click=try_to,
            args=(IncludePassage(exclusion=each.settled.id), _("The contradiction is open again.")),
        )
