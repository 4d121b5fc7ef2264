"""Passages that documents share, where the texts as a whole may differ; left out with a reason."""

from __future__ import annotations

import streamlit as st

from core.gateway.roles import Permission
from core.redundancy.passages import EXCLUSIONS
from core.storage.exclusions import Exclusion
from core.use_cases import ExcludePassage, IncludePassage, ReviewPassages
from core.use_cases.passage_findings import KeptPassage
from core.use_cases.review_passages import REASONS_TO_EXCLUDE, SHOWN, PassageLinkView, PassagesView
from pages.components.address import chosen, chosen_several, chosen_text
from pages.components.findings.names import (
    language_pills,
    narrow,
    open_comparison,
    page_of,
    pager,
    pair_title,
    search_box,
)
from pages.components.language import _, ago, percent, several
from pages.components.live import plain
from pages.components.session import ask, may, try_to

PAGE_SIZE = 10
MOST_QUOTED = 3


def passages_view(threshold: float) -> None:
    shown = chosen("shown", SHOWN, "counting")
    with_similar = bool(st.session_state.setdefault("similar", st.query_params.get("similar") == "true"))
    page = page_of()
    view = ask(
        ReviewPassages(
            search=chosen_text("q"),
            languages=chosen_several("language"),
            shown=shown,
            with_similar=with_similar,
            threshold=threshold,
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
    )
    if not view.is_known:
        st.info(_("Passages were not looked for yet. Compare the library again."), icon=":material/search:")
        return
    st.caption(
        _(
            "{pairs} share passages, {words} in all. "
            "Documents that are similar as a whole stand in the groups."
        ).format(
            pairs=several("{count} pair of documents", "{count} pairs of documents", view.num_links),
            words=several("{count} word", "{count} words", view.num_words),
        )
    )
    filters(view)
    if not view.links:
        st.info(_("No pair fits. Remove a filter."), icon=":material/filter_alt_off:")
    for link in view.links:
        link_card(link)
    pager(view.num_links, PAGE_SIZE)
    boilerplate(view)
    exclusions(view.exclusions)


def filters(view: PassagesView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        st.segmented_control(
            _("Passages"),
            SHOWN,
            required=True,
            format_func={
                "counting": _("That count"),
                "excluded": _("Left out"),
                "all": _("All"),
            }.get,
            key="shown",
            on_change=narrow,
            args=("shown", "counting"),
        )
        st.toggle(_("Similar documents too"), key="similar", bind="query-params")
        language_pills(view.languages, "language")


def link_card(link: PassageLinkView) -> None:
    key = f"{link.a.id}_{link.b.id}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(pair_title(link.a, link.b), width="stretch")
            if link.link.exclusion:
                st.badge(exclusion_name(link.link.exclusion), color="gray")
            open_comparison(link.a.id, link.b.id, key=f"open_{key}")
        st.caption(
            _("{words} · {share_a} of the first, {share_b} of the second · {name_a} ↔ {name_b}").format(
                words=several("{count} word", "{count} words", link.num_words),
                share_a=percent(link.link.share_a),
                share_b=percent(link.link.share_b),
                name_a=plain(link.a.name),
                name_b=plain(link.b.name),
            )
        )
        longest = sorted(link.link.passages, key=lambda passage: -passage.num_words)
        for place, passage in enumerate(longest[:MOST_QUOTED]):
            quotation(passage, f"{key}_{place}")
        if len(longest) > MOST_QUOTED:
            st.caption(
                several("and {count} more passage", "and {count} more passages", len(longest) - MOST_QUOTED)
            )


def quotation(passage: KeptPassage, key: str) -> None:
    left, right = st.columns([6, 1], gap="small", vertical_alignment="center")
    with left:
        st.markdown(f"> {plain(passage.excerpt)}")
    with right:
        if passage.kind == "paraphrase":
            st.badge(_("in other words"), color="violet")
        if passage.exclusion:
            st.badge(exclusion_name(passage.exclusion), color="gray", help=why_excluded(passage.exclusion))
        elif may(Permission.DECIDE):
            leave_out(passage.excerpt, passage.digest, key)


def leave_out(excerpt: str, digest: str, key: str) -> None:
    """The passage is named by its words, so it is left out wherever it stands."""
    with st.popover(_("Leave out"), icon=":material/visibility_off:", key=f"leave_{key}"):
        st.markdown(f"> {plain(excerpt)}")
        reason = st.selectbox(
            _("Why"),
            REASONS_TO_EXCLUDE,
            format_func=exclusion_name,
            key=f"why_{key}",
        )
        note = st.text_input(_("Note (optional)"), key=f"note_{key}", max_chars=2000)
        st.button(
            _("Leave it out everywhere"),
            key=f"exclude_{key}",
            type="primary",
            on_click=try_to,
            args=(
                ExcludePassage(digest=digest, excerpt=excerpt, reason=reason, note=note),
                _("The passage is left out."),
            ),
        )


def exclusion_name(code: str) -> str:
    return {
        "quote": _("quote"),
        "template": _("template"),
        "boilerplate": _("boilerplate"),
        "listing": _("list"),
        "other": _("other reason"),
        "person": _("left out by a person"),
        "reconciled": _("reconciled"),
        "no_conflict": _("no contradiction"),
    }[code]


def why_excluded(code: str) -> str | None:
    return _(EXCLUSIONS[code]) if code in EXCLUSIONS else None  # type: ignore[index]


def boilerplate(view: PassagesView) -> None:
    if not view.boilerplate:
        return
    with st.expander(
        several(
            "{count} text in three documents or more",
            "{count} texts in three documents or more",
            len(view.boilerplate),
        ),
        icon=":material/content_paste:",
        key="boilerplate",
    ):
        st.caption(_("Boilerplate: it counts as copied nowhere, but it could be kept in one place."))
        for place, each in enumerate(view.boilerplate[:50]):
            with st.container(border=True):
                st.markdown(f"> {plain(each.found.excerpt)}")
                st.caption(
                    f"{several('{count} word', '{count} words', each.found.num_words)} · "
                    + plain(", ".join(document.title for document in each.documents[:6]))
                    + (" …" if len(each.documents) > 6 else "")
                )
                if may(Permission.DECIDE):
                    leave_out(each.found.excerpt, each.found.digest, f"boilerplate_{place}")


def exclusions(kept: tuple[Exclusion, ...]) -> None:
    """What people left out, with the way back."""
    own = [each for each in kept if each.reason in REASONS_TO_EXCLUDE]
    if not own:
        return
    with st.expander(
        several("{count} passage left out by people", "{count} passages left out by people", len(own)),
        icon=":material/visibility_off:",
        key="exclusions",
    ):
        for each in own:
            exclusion_row(each)


def exclusion_row(each: Exclusion) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        note = f" — {plain(each.note)}" if each.note else ""
        st.markdown(
            f"**{exclusion_name(each.reason)}** · {plain(each.excerpt)} · {plain(each.author)}, "
            f"{ago(each.created_at)}{note}",
            width="stretch",
        )
        if may(Permission.DECIDE):
            st.button(
                _("Take back"),
                key=f"include_{each.id}",
                icon=":material/undo:",
                on_click=try_to,
                args=(IncludePassage(exclusion=each.id), _("The passage counts again.")),
            )
