"""Documents that say the same in other words or in another language, with the passages that correspond."""

from __future__ import annotations

import streamlit as st

from core.redundancy.semantic import LIMITS
from core.redundancy.semantic import REASONS as MEANING_REASONS
from core.use_cases import ReviewMeanings
from core.use_cases.review_meanings import MEANING_KINDS, MeaningsView, MeaningView
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
from pages.components.language import _, decimal, filled, language_name, percent, several
from pages.components.live import plain
from pages.components.session import ask

PAGE_SIZE = 10


def meanings_view() -> None:
    page = page_of()
    view = ask(
        ReviewMeanings(
            kind=chosen("meaning", MEANING_KINDS, "all"),
            search=chosen_text("q"),
            languages=chosen_several("language"),
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
    )
    if not view.is_known:
        st.info(
            _("Meanings were not looked for: compare the library again, or allow it (find_meanings)."),
            icon=":material/psychology:",
        )
        return
    st.caption(
        _("{same} in one language, {translations}. Nothing here is ever dropped unasked.").format(
            same=several(
                "{count} pair that says the same",
                "{count} pairs that say the same",
                view.counts["same_meaning"],
            ),
            translations=several("{count} translation", "{count} translations", view.counts["translation"]),
        )
    )
    limits(view)
    filters(view)
    if not view.pairs:
        st.info(
            _("No pair fits. Remove a filter.")
            if sum(view.counts.values())
            else _("No two documents mean the same."),
            icon=":material/filter_alt_off:",
        )
    for pair in view.pairs:
        pair_card(pair)
    pager(view.num_pairs, PAGE_SIZE)


def limits(view: MeaningsView) -> None:
    """What to know before believing it, said once."""
    codes = dict.fromkeys(code for pair in view.pairs for code in pair.advice.limit_codes)
    said = [_(LIMITS[code]) for code in codes]
    if view.model_note:
        said.append(_("The model runs slower than it could: {why}").format(why=plain(view.model_note)))
    if said:
        st.caption(":material/info: " + "  \n".join(said))


def filters(view: MeaningsView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        st.segmented_control(
            _("Pairs"),
            MEANING_KINDS,
            required=True,
            format_func={
                "all": _("All"),
                "same_meaning": _("Other words"),
                "translation": _("Translations"),
            }.get,
            key="meaning",
            on_change=narrow,
            args=("meaning", "all"),
        )
        language_pills(view.languages, "language")


def pair_card(pair: MeaningView) -> None:
    is_translation = pair.evidence.kind == "translation"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(pair_title(pair.a, pair.b), width="stretch")
            if is_translation:
                st.badge(f"{language_name(pair.a.language)} ↔ {language_name(pair.b.language)}", color="blue")
            else:
                st.badge(_("other words"), color="violet")
            open_comparison(pair.a.id, pair.b.id, key=f"open_{pair.a.id}_{pair.b.id}", mark="meaning")
        st.markdown(plain(filled(MEANING_REASONS[pair.advice.reason_code], pair.advice.parameters)))
        st.caption(
            _("score {score} · {share_a} of the first, {share_b} of the second · {name_a} ↔ {name_b}").format(
                score=decimal(pair.evidence.score),
                share_a=percent(pair.evidence.share_a),
                share_b=percent(pair.evidence.share_b),
                name_a=plain(pair.a.name),
                name_b=plain(pair.b.name),
            )
        )
