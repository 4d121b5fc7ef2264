"""How right the thresholds are: judge drawn pairs one by one, and see precision and recall with intervals."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.gateway.roles import Permission
from core.redundancy.precision import Share
from core.use_cases import CompareTexts, DownloadLabels, LabelPair, ReadLabels
from core.use_cases.judge_pairs import VERDICTS, DrawnPair, LabelSheet
from pages.components import charts
from pages.components.language import _, decimal, number, percent, several
from pages.components.live import plain
from pages.components.review import shared_words, side_by_side
from pages.components.session import ask, may, try_to

FORMATS = ("csv", "xlsx", "json")


def precision_view(threshold: float) -> None:
    sheet = ask(ReadLabels())
    if not sheet.pairs:
        st.info(_("The analysis found no pair to judge."), icon=":material/rule:")
        return
    st.caption(
        _(
            "Judge some pairs that were drawn evenly over the similarities: the page then tells how many of "
            "the pairs at each threshold are the same matter, and how many such pairs it would miss. Pairs "
            "below {floor} were not compared further and count nowhere."
        ).format(floor=decimal(sheet.floor or 0.0))
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        judging(sheet)
    with right:
        estimate(sheet, threshold)


def judging(sheet: LabelSheet) -> None:
    total = len(sheet.pairs)
    done = total - sheet.num_left
    first_open = next((place for place, pair in enumerate(sheet.pairs) if pair.verdict is None), 0)
    place = min(int(st.session_state.get("pair_place", first_open)), total - 1)
    st.progress(
        done / total, text=_("{done} of {total} judged").format(done=number(done), total=number(total))
    )
    pair = sheet.pairs[place]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{_('Pair {place}').format(place=number(place + 1))}** · "
                + _("similarity {value}").format(value=decimal(pair.similarity)),
                width="stretch",
            )
            step_button("previous", ":material/chevron_left:", _("Previous pair"), place - 1, place == 0)
            step_button("next", ":material/chevron_right:", _("Next pair"), place + 1, place == total - 1)
        st.caption(f"{plain(pair.first.title)} ↔ {plain(pair.second.title)}")
        if may(Permission.DECIDE):
            verdicts(pair, place, total)
        elif pair.verdict:
            st.caption(verdict_name(pair.verdict))
    evidence(pair)


def step_button(key: str, icon: str, label: str, place: int, is_disabled: bool) -> None:
    st.button(icon, key=f"pair_{key}", help=label, disabled=is_disabled, on_click=go_to, args=(place,))


def go_to(place: int) -> None:
    st.session_state["pair_place"] = place


def verdicts(pair: DrawnPair, place: int, total: int) -> None:
    with st.container(horizontal=True):
        for verdict in VERDICTS:
            st.button(
                verdict_name(verdict),
                key=f"verdict_{verdict}",
                type="primary" if pair.verdict == verdict else "secondary",
                on_click=judge,
                args=(pair, verdict, min(place + 1, total - 1)),
            )


def judge(pair: DrawnPair, verdict: str, following: int) -> None:
    request = LabelPair(first=pair.first.id, second=pair.second.id, verdict=verdict)
    if try_to(request) is not None:
        go_to(following)


def verdict_name(verdict: str) -> str:
    return {
        "same": _("Same matter"),
        "different": _("Different"),
        "unsure": _("Cannot say"),
    }[verdict]


def evidence(pair: DrawnPair) -> None:
    comparison = ask(CompareTexts(a_document=pair.first.id, b_document=pair.second.id, with_meaning=False))
    side_by_side(
        shared_words(
            (pair.first.title, pair.second.title),
            (pair.first.name, pair.second.name),
            (comparison.a.text, comparison.b.text),
            comparison.alignment,
            comparison.facts,
        ),
        key="judged",
        roles=(_("First text"), _("Second text")),
    )


def estimate(sheet: LabelSheet, threshold: float) -> None:
    st.markdown(f"**{_('Precision and recall by threshold')}**")
    known = [quality for quality in sheet.qualities if quality.precision or quality.recall]
    if not known:
        st.info(
            _("Nothing is known yet. Judge a pair of every similarity: the first estimates come soon."),
            icon=":material/rule:",
        )
    else:
        st.plotly_chart(
            charts.precision_curve(
                sheet.qualities,
                threshold,
                precision_label=_("precision"),
                recall_label=_("recall"),
                threshold_label=_("Threshold"),
            ),
            key="precision",
            config=charts.PLAIN,
            alt=_("Precision and recall at each threshold, with 95 % intervals"),
        )
    st.table(
        [
            {
                _("Threshold"): decimal(quality.threshold),
                _("Pairs"): number(quality.num_pairs),
                _("Judged"): number(quality.num_labels),
                _("Precision"): share(quality.precision),
                _("Recall"): share(quality.recall),
            }
            for quality in sheet.qualities
        ]
    )
    st.caption(
        several("{count} label", "{count} labels", sheet.num_labels)
        + " · "
        + _("Intervals hold the truth in 95 of 100 cases. Recall is among the pairs that were compared.")
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Labels:"), width="content")
        for name in FORMATS:
            st.download_button(
                name.upper(),
                data=partial(label_bytes, name),
                file_name=f"redundancy-labels.{name}",
                key=f"labels_{name}",
                on_click="ignore",
                icon=":material/download:",
            )


def share(found: Share | None) -> str:
    if found is None:
        return "–"
    return f"{percent(found.value)} ({percent(found.low)}–{percent(found.high)})"


def label_bytes(name: str) -> bytes:
    return ask(DownloadLabels(format=name)).data
