"""The drafts of the workspace with search and facets, and the figures of each business area."""

from __future__ import annotations

import streamlit as st

from core.storage.drafts import DraftFilter, DraftRecord
from core.storage.job_records import CANCELLED, FAILED, JobRecord
from core.use_cases import ListDrafts, ReadDraftFigures
from core.use_cases.read_drafts import DraftList
from pages.components.address import chosen_several, chosen_text
from pages.components.documents.names import STATE_COLOURS, area_name, state_names, type_name
from pages.components.findings.names import narrow, page_of, pager, search_box
from pages.components.language import _, ago, language_name, number, percent, several
from pages.components.live import plain
from pages.components.session import ask

PAGE_SIZE = 20
AREA_CODES = {"customerservice": "customer_service", "productdev": "product_development"}
"""Areas by what stands for them in the address, where their own name may not."""


def draft_list() -> None:
    wanted = DraftFilter(
        search=chosen_text("q"),
        states=chosen_several("state"),
        areas=tuple(AREA_CODES.get(code, code) for code in chosen_several("area")),
        languages=chosen_several("language"),
    )
    view = ask(ListDrafts(wanted=wanted, limit=PAGE_SIZE, offset=(page_of() - 1) * PAGE_SIZE))
    if not view.num_drafts and wanted == DraftFilter():
        st.info(_("There is no draft yet. Say above what you need."), icon=":material/edit_document:")
        return
    filters(view)
    if not view.drafts:
        st.info(_("No draft fits. Remove a filter."), icon=":material/filter_alt_off:")
    for record in view.drafts:
        draft_row(record, view.jobs.get(record.id))
    pager(view.num_drafts, PAGE_SIZE)


def filters(view: DraftList) -> None:
    search_box()
    states, areas, languages = (view.facets[name] for name in ("state", "area", "language"))
    codes = {area: code for code, area in AREA_CODES.items()}
    with st.container(horizontal=True, gap="medium"):
        facet(_("State"), "state", states, state_names())
        facet(
            _("Business area"),
            "area",
            {codes.get(area, area): count for area, count in areas.items()},
            {codes.get(area, area): area_name(area) for area in areas},
        )
        facet(_("Language"), "language", languages, {code: language_name(code) for code in languages})


def facet(label: str, key: str, counts: dict[str, int], names: dict[str, str]) -> None:
    options = list(dict.fromkeys([*counts, *chosen_several(key)]))
    if len(options) > 1 or chosen_several(key):
        st.pills(
            label,
            options,
            selection_mode="multi",
            format_func=lambda code: f"{names.get(code, code)} {number(counts.get(code, 0))}",
            key=key,
            on_change=narrow,
            args=(key,),
        )


def draft_row(record: DraftRecord, job: JobRecord | None) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="small"):
            st.markdown(f"**{plain(record.title)}**  \n{told_of(record, job)}")
        st.button(
            _("Open it"), key=f"open_{record.id}", on_click=open_draft, args=(record.id,), width="content"
        )


def told_of(record: DraftRecord, job: JobRecord | None) -> str:
    facts = [f":{STATE_COLOURS[record.state]}-badge[{state_of(record, job)}]"]
    facts.append(f"{type_name(record.type)} · {area_name(record.area)} · {language_name(record.language)}")
    if record.version:
        facts.append(several("{count} word", "{count} words", record.num_words))
    if record.confidence is not None:
        facts.append(_("{share} from sources").format(share=percent(record.confidence)))
    if record.num_gaps:
        facts.append(several("{count} open question", "{count} open questions", record.num_gaps))
    facts.append(f"{plain(record.author)}, {ago(record.changed_at)}")
    return " · ".join(facts)


def state_of(record: DraftRecord, job: JobRecord | None) -> str:
    if job is not None and job.state == FAILED:
        return _("not finished")
    if job is not None and job.state == CANCELLED:
        return _("stopped")
    return state_names()[record.state]


def open_draft(draft: str) -> None:
    st.query_params["draft"] = draft


def figures_view() -> None:
    """What was written in each area: counts of stored drafts, nothing estimated."""
    figures = ask(ReadDraftFigures())
    if not figures:
        st.info(_("There are no figures before the first draft."), icon=":material/bar_chart:")
        return
    with st.container(horizontal=True):
        st.metric(_("Drafts"), number(sum(each.num_drafts for each in figures)), border=True)
        st.metric(_("Approved"), number(sum(each.num_approved for each in figures)), border=True)
        st.metric(_("Words"), number(sum(each.num_words for each in figures)), border=True)
        st.metric(_("Open questions"), number(sum(each.num_gaps for each in figures)), border=True)
    st.dataframe(
        [
            {
                _("Business area"): area_name(each.area),
                _("Drafts"): each.num_drafts,
                _("Approved"): each.num_approved,
                _("Words"): each.num_words,
                _("Open questions"): each.num_gaps,
                _("From sources"): "–" if each.confidence is None else percent(each.confidence),
                _("Median seconds"): "–" if each.seconds is None else number(each.seconds, 2),
            }
            for each in figures
        ],
        hide_index=True,
        key="area_figures",
    )
    st.caption(_("Of all drafts that are kept. Seconds count from the start of the job to its last section."))
