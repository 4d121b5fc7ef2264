"""What came of all exports: counted from them, nothing estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.exports.validation.validating import rules_of
from core.exports.writers import WRITERS
from core.exports.writers.long_tail import LONG_TAIL
from core.storage.exports import COMPLETED
from core.storage.job_records import FAILED
from core.use_cases import ReadExportFigures
from core.use_cases.read_exports import GroupFigures
from pages.components import charts
from pages.components.exports.names import design_names, format_names, kind_names
from pages.components.language import _, number, percent, size
from pages.components.session import ask

WINDOWS = (1, 7, 30, 365)


def figures_view() -> None:
    days = st.segmented_control(
        _("Window"),
        WINDOWS,
        default=30,
        required=True,
        format_func={1: _("a day"), 7: _("a week"), 30: _("30 days"), 365: _("a year")}.get,
        key="export_days",
    )
    figures = ask(ReadExportFigures(days=days))
    if not figures.num_exports:
        st.info(_("There are no figures before the first export."), icon=":material/bar_chart:")
        return
    with st.container(horizontal=True):
        st.metric(_("Exports"), number(figures.num_exports), border=True)
        st.metric(_("Ready"), number(figures.states.get(COMPLETED, 0)), border=True)
        st.metric(_("Failed"), number(figures.states.get(FAILED, 0)), border=True)
        st.metric(
            _("Given again"),
            number(figures.num_repeats),
            border=True,
            help=_(
                "The same content in the same format was there already; making it had taken {seconds} s."
            ).format(seconds=number(figures.saved_seconds, 1)),
        )
    group_table(_("By format"), figures.formats, format_names(), "formats")
    group_table(_("By type of document"), figures.designs, design_names(), "designs")
    group_table(_("By what it is of"), figures.kinds, kind_names(), "kinds")
    failures(figures.failures)
    if len(figures.accessibility) > 1:
        st.subheader(_("Accessibility over time"))
        days_shown, shares = list(figures.accessibility), list(figures.accessibility.values())
        st.plotly_chart(
            charts.share_by_day(days_shown, shares, _("Checks passed")),
            key="accessibility",
            config={"displayModeBar": False},
        )


def group_table(title: str, groups: Sequence[GroupFigures], names: Mapping[str, str], key: str) -> None:
    st.subheader(title)
    st.dataframe(
        [
            {
                _("Name"): names.get(each.name, each.name),
                _("Exports"): each.num_exports,
                _("Failed"): each.num_failed,
                _("Downloads"): each.num_downloads,
                _("Size"): size(each.num_bytes),
                _("Median seconds"): "–" if each.p50_seconds is None else number(each.p50_seconds, 2),
                _("95th percentile, seconds"): "–"
                if each.p95_seconds is None
                else number(each.p95_seconds, 2),
                _("Checks passed"): "–" if each.score is None else percent(each.score),
            }
            for each in groups
        ],
        hide_index=True,
        key=f"figures_{key}",
    )


def failures(counts: Mapping[str, int]) -> None:
    if not counts:
        return
    st.subheader(_("Rules that files broke at their level"))
    rules = {name: rule for format in (*WRITERS, *LONG_TAIL) for name, rule in rules_of(format).items()}
    st.dataframe(
        [
            {_("Rule"): _(rules[name].title) if name in rules else name, _("Files"): count}
            for name, count in counts.items()
        ],
        hide_index=True,
        key="figures_rules",
    )
