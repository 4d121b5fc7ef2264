"""Overview: what is here, what needs somebody, and whether the product is well."""

import streamlit as st

from core.gateway.roles import Permission
from core.use_cases import RemoveDocuments, SummariseWorkspace
from core.use_cases.summarise_workspace import WorkspaceSummary
from pages.components.alerts import firing_alerts, health_of_parts, pending_alerts
from pages.components.language import _, number, several, size
from pages.components.live import job_list, job_strip
from pages.components.session import ask, may, try_to


def main() -> None:
    st.title(_("Overview"))
    st.markdown(_("What your library holds, what waits for you, and whether everything runs."))
    firing_alerts()
    job_strip()
    summary = ask(SummariseWorkspace())
    figures(summary)
    left, right = st.columns([3, 2], gap="large")
    with left:
        needs(summary)
    with right:
        health()
        st.subheader(_("Last jobs"))
        if summary.jobs:
            job_list(summary.jobs)
        else:
            st.caption(_("Nothing has run yet."))


def figures(summary: WorkspaceSummary) -> None:
    redundancy = summary.redundancy
    with st.container(horizontal=True):
        st.metric(_("Documents"), number(summary.totals.num_documents), border=True)
        st.metric(_("Words"), number(summary.totals.num_words), border=True)
        st.metric(
            _("Groups to decide"),
            number(redundancy.num_open),
            border=True,
            help=_(
                "Groups of similar documents at a similarity of 0.70 or more in which a decision is missing."
            ),
        )
        st.metric(
            _("Words saved"),
            number(redundancy.decided.num_words),
            border=True,
            help=_(
                "Words of the documents that decisions in force drop or merge: {size} in {documents}."
            ).format(
                size=size(redundancy.decided.num_bytes),
                documents=several("{count} document", "{count} documents", redundancy.decided.num_documents),
            ),
        )


def needs(summary: WorkspaceSummary) -> None:
    st.subheader(_("What needs you"))
    redundancy = summary.redundancy
    is_calm = True
    if not summary.totals.num_documents:
        is_calm = False
        item(
            _("The library is empty."),
            _("Add the first documents"),
            "library.py",
            ":material/upload:",
        )
    if redundancy.num_open:
        is_calm = False
        item(
            several(
                "{count} group of similar documents waits for a decision.",
                "{count} groups of similar documents wait for a decision.",
                redundancy.num_open,
            ),
            _("Review them"),
            "redundancy.py",
            ":material/content_copy:",
            state="open",
        )
    if summary.num_conflicts:
        is_calm = False
        item(
            several(
                "{count} contradiction between documents is open.",
                "{count} contradictions between documents are open.",
                summary.num_conflicts,
            ),
            _("Reconcile them"),
            "redundancy.py",
            ":material/warning:",
            view="conflicts",
        )
    if summary.num_poor:
        is_calm = False
        item(
            several(
                "{count} document needs improvement.",
                "{count} documents need improvement.",
                summary.num_poor,
            ),
            _("See what to do"),
            "quality.py",
            ":material/grade:",
            rating="improve",
        )
    if redundancy.num_new:
        is_calm = False
        item(
            several(
                "{count} document was added after the last analysis.",
                "{count} documents were added after the last analysis.",
                redundancy.num_new,
            ),
            _("Compare again"),
            "redundancy.py",
            ":material/manage_search:",
        )
    if summary.num_problems:
        is_calm = False
        item(
            several(
                "{count} file has a remark or could not be read.",
                "{count} files have a remark or could not be read.",
                summary.num_problems,
            ),
            _("See why"),
            "library.py",
            ":material/report:",
        )
    if summary.failed:
        is_calm = False
        with st.container(border=True):
            st.markdown(f":material/error: {_('These jobs failed and wait to be run again.')}")
            job_list(summary.failed)
    if is_calm:
        st.success(_("Nothing waits for you."), icon=":material/check_circle:")
    if summary.num_samples:
        samples(summary)


def item(text: str, act: str, page: str, icon: str, **query: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{icon} {text}", width="stretch")
        st.page_link(page, label=act, icon=":material/arrow_forward:", query_params=query or None)


def samples(summary: WorkspaceSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        text = several(
            "{count} document belongs to the sample library of an invented company. Your own come beside it.",
            "{count} documents belong to the sample library of an invented company. "
            "Your own come beside them.",
            summary.num_samples,
        )
        st.markdown(f":material/science: {text}", width="stretch")
        if may(Permission.CONTRIBUTE):
            st.button(
                _("Remove the samples"),
                key="remove_samples",
                on_click=try_to,
                args=(RemoveDocuments(origin="sample"), _("The samples were removed.")),
            )


def health() -> None:
    st.subheader(_("Health"))
    health_of_parts()
    pending_alerts()


main()
