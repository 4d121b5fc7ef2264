"""Redundancy: groups of similar documents, the evidence side by side, and what was decided about them."""

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import cast

import streamlit as st

from core.errors import NotFound
from core.gateway.roles import Permission
from core.redundancy import Recommendation
from core.redundancy.picture import cluster_layout
from core.storage.decisions import Decision
from core.use_cases import (
    CompareDocuments,
    Decide,
    DownloadReview,
    FindRedundancy,
    ReadHistory,
    ReviewCluster,
    ReviewRedundancy,
    SummariseFindings,
    UndoDecision,
)
from core.use_cases.compare_documents import Comparison
from core.use_cases.decide import DecisionHistory
from core.use_cases.exportable import Subject
from core.use_cases.review_redundancy import KINDS, STATES, ClusterDetail, ClusterView, RedundancyView, Saving
from core.use_cases.summarise_findings import FindingsSummary
from pages.components import charts
from pages.components.address import chosen, chosen_number, chosen_several, chosen_text, remember
from pages.components.exports.button import export_button
from pages.components.findings import (
    conflicts_view,
    draft_view,
    fact_table,
    first_page,
    meanings_view,
    narrow,
    passages_view,
    precision_view,
    search_box,
)
from pages.components.language import (
    _,
    ago,
    day,
    decimal,
    language_name,
    number,
    percent,
    reason_text,
    several,
    size,
)
from pages.components.live import job_strip, plain
from pages.components.review import shared_words, side_by_side
from pages.components.session import ask, may, try_to

PAGE_SIZE = 20
MOST_DRAWN = 40
FORMATS = ("csv", "xlsx", "json")
RULES = ("newest", "longest", "first", "best_quality")
SHAPES = ("table", "map")
MOST_MAPPED = 400
VIEWS = ("groups", "passages", "meaning", "conflicts", "precision")


def main() -> None:
    st.title(_("Redundancy"))
    st.markdown(_("Documents that repeat each other, with the evidence. You decide; nothing is deleted."))
    job_strip()
    review = asked_review()
    view = ask(review)
    if view.analysis is None:
        no_analysis()
        return
    group = st.query_params.get("group")
    if group:
        if not st.query_params.get("draft"):
            threshold_bar(view, with_histogram=False)
        cluster_page(group, review)
        return
    analysis_line(view)
    summary = ask(SummariseFindings(threshold=review.threshold, rule=review.rule))
    answers(summary)
    chosen_view = choose_view(summary)
    if chosen_view == "groups":
        threshold_bar(view, with_histogram=True)
        cluster_list(view, review)
    elif chosen_view == "passages":
        passages_view(review.threshold)
    elif chosen_view == "meaning":
        meanings_view()
    elif chosen_view == "conflicts":
        conflicts_view()
    else:
        precision_view(review.threshold)


def answers(summary: FindingsSummary) -> None:
    """What can be deleted, what merged, what must be reconciled, in one line of figures."""
    with st.container(horizontal=True):
        figure(
            _("Can be deleted"),
            summary.num_safe,
            several("{count} more after a look", "{count} more after a look", summary.num_to_look_at or 0),
            _("Documents whose words and facts another document has; decided ones are not counted."),
        )
        figure(
            _("To be merged"),
            summary.num_to_merge,
            several(
                "{count} pair shares passages", "{count} pairs share passages", summary.num_passages or 0
            ),
            _("Documents that overlap with another one and have something of their own."),
        )
        figure(
            _("To be reconciled"),
            summary.num_conflicts,
            several("{count} changed version", "{count} changed versions", summary.num_changes or 0),
            _("Statements about the same thing that state different facts, and nobody has settled yet."),
        )
        figure(
            _("Only look alike"),
            summary.num_templates,
            several("{count} translation", "{count} translations", summary.num_translations or 0),
            _("Documents that fill in one template with other facts: they stay, like translations."),
        )


def figure(label: str, value: int | None, beside: str, meaning: str) -> None:
    st.metric(
        label,
        "–" if value is None else number(value),
        delta=beside,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=meaning,
    )


def choose_view(summary: FindingsSummary) -> str:
    counts = {
        "passages": summary.num_passages,
        "meaning": None
        if summary.num_same_meaning is None
        else summary.num_same_meaning + (summary.num_translations or 0),
        "conflicts": summary.num_conflicts,
    }
    names = {
        "groups": _("Groups"),
        "passages": _("Passages"),
        "meaning": _("Meaning"),
        "conflicts": _("Contradictions"),
        "precision": _("Precision"),
    }

    def label(view: str) -> str:
        count = counts.get(view)
        return names[view] if count is None else f"{names[view]} {number(count)}"

    current = chosen("view", VIEWS, "groups")
    st.segmented_control(
        _("View"),
        VIEWS,
        required=True,
        format_func=label,
        key="view",
        on_change=change_view,
        label_visibility="collapsed",
    )
    return current


def change_view() -> None:
    """Another list begins at its first page."""
    remember("view", "groups")
    first_page()


def asked_review() -> ReviewRedundancy:
    """What the widgets ask for; their keys are also the names in the address."""
    page = int(chosen_number("page", 1, 1, 100_000))
    return ReviewRedundancy(
        threshold=chosen_number("threshold", 0.7, 0.5, 1.0),
        rule=chosen("rule", RULES, "newest"),
        search=chosen_text("q"),
        languages=chosen_several("language"),
        state=chosen("state", STATES, "all"),
        kind=chosen("kind", KINDS, "all"),
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )


def no_analysis() -> None:
    st.info(
        _("Nothing has been compared yet. Add documents in the library: they are compared at once."),
        icon=":material/content_copy:",
    )
    st.page_link("library.py", label=_("Go to the library"), icon=":material/folder_open:")
    if may(Permission.CONTRIBUTE):
        analyse_button(_("Compare the library now"))


def analyse_button(label: str) -> None:
    st.button(
        label,
        key="analyse",
        icon=":material/manage_search:",
        on_click=try_to,
        args=(FindRedundancy(), _("The documents are being compared.")),
    )


def analysis_line(view: RedundancyView) -> None:
    assert view.analysis is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            _("{documents} compared {when}, every pair, in {seconds} s.").format(
                documents=several("{count} document", "{count} documents", view.num_compared),
                when=ago(view.analysis.created_at),
                seconds=number(view.analysis.seconds, 1),
            ),
            width="stretch",
        )
        if view.num_new:
            st.badge(
                several("{count} not compared yet", "{count} not compared yet", view.num_new),
                icon=":material/new_releases:",
                color="orange",
            )
        if may(Permission.CONTRIBUTE):
            analyse_button(_("Compare again"))


def threshold_bar(view: RedundancyView, *, with_histogram: bool) -> None:
    assert view.analysis is not None
    with st.container(border=True):
        left, right = st.columns([3, 1], gap="medium")
        with left:
            threshold = st.slider(
                _("Least similarity"),
                min_value=float(view.analysis.floor),
                max_value=1.0,
                value=max(0.7, float(view.analysis.floor)),
                step=0.01,
                key="threshold",
                bind="query-params",
                help=_(
                    "Jaccard similarity of the word triples of two documents: 1 is the same text, 0.5 means "
                    "that half of all triples stand in both. Moving it regroups the pairs at once."
                ),
            )
        with right:
            st.selectbox(
                _("Which one stays"),
                RULES,
                format_func={
                    "newest": _("The newest"),
                    "longest": _("The longest"),
                    "first": _("The first"),
                    "best_quality": _("The best in quality"),
                }.get,
                key="rule",
                on_change=remember,
                args=("rule", "newest"),
            )
        if with_histogram and view.analysis.num_pairs:
            st.plotly_chart(
                charts.similarity_histogram(
                    view.bins,
                    threshold,
                    similarity_label=_("Similarity"),
                    pairs_label=_("Pairs"),
                    threshold_label=_("least similarity {value}").format(value=decimal(threshold)),
                ),
                key="histogram",
                config=charts.PLAIN,
                alt=_("{pairs} by similarity from {floor} to 1").format(
                    pairs=several("{count} pair", "{count} pairs", view.analysis.num_pairs),
                    floor=decimal(view.analysis.floor),
                ),
            )


def cluster_list(view: RedundancyView, review: ReviewRedundancy) -> None:
    figures(view)
    shape = chosen("as", SHAPES, "table")
    filter_bar(view)
    if not view.clusters:
        st.info(
            _("No group fits. Lower the least similarity or remove a filter."),
            icon=":material/filter_alt_off:",
        )
    elif shape == "map":
        cluster_map(review)
    else:
        cluster_table(view)
    downloads(review)
    history()


def figures(view: RedundancyView) -> None:
    with st.container(horizontal=True):
        st.metric(_("Groups"), number(view.num_clusters), border=True)
        st.metric(_("Documents in them"), number(view.num_documents), border=True)
        st.metric(_("Groups to decide"), number(view.num_open), border=True)
        st.metric(_("Words, at most"), number(view.possible.num_words), border=True)
        st.metric(_("Words saved"), number(view.decided.num_words), border=True)
    st.caption(
        saving_text(
            _(
                "What would go if one document of each group stayed: {documents}, {words}, {size}. An upper "
                "bound: documents that state different facts have to stay."
            ),
            view.possible,
        )
        + "  \n"
        + saving_text(
            _("Documents that decisions in force drop or merge: {documents}, {words}, {size}."), view.decided
        )
    )


def saving_text(sentence: str, saving: Saving) -> str:
    return sentence.format(
        documents=several("{count} document", "{count} documents", saving.num_documents),
        words=several("{count} word", "{count} words", saving.num_words),
        size=size(saving.num_bytes),
    )


def filter_bar(view: RedundancyView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        st.segmented_control(
            _("Decisions"),
            STATES,
            required=True,
            format_func={"all": _("All"), "open": _("Open"), "decided": _("Decided")}.get,
            key="state",
            on_change=narrow,
            args=("state", "all"),
        )
        st.segmented_control(
            _("Texts"),
            KINDS,
            required=True,
            format_func={"all": _("All"), "identical": _("Identical"), "near": _("Similar")}.get,
            key="kind",
            on_change=narrow,
            args=("kind", "all"),
        )
        st.segmented_control(
            _("Shown as"),
            SHAPES,
            required=True,
            format_func={"table": _("Table"), "map": _("Map")}.get,
            key="as",
            on_change=remember,
            args=("as", "table"),
        )
        options = list(dict.fromkeys([*view.languages, *chosen_several("language")]))
        if len(options) > 1:
            st.pills(
                _("Language of the text"),
                options,
                selection_mode="multi",
                format_func=lambda code: f"{language_name(code)} {number(view.languages.get(code, 0))}",
                key="language",
                on_change=narrow,
                args=("language",),
            )


def cluster_map(review: ReviewRedundancy) -> None:
    """The groups that fit as circles; the one that is clicked opens."""
    view = ask(replace(review, limit=MOST_MAPPED, offset=0))
    points = [map_point(each, view.advice[each.key]) for each in view.clusters]
    picked = st.plotly_chart(
        charts.cluster_map(
            points,
            {act: act_name(act) for act in charts.ACT_COLOURS},
            similarity_label=_("Similarity"),
            words_label=_("words in the others"),
            documents_label=_("documents"),
        ),
        key="cluster_map",
        config=charts.PLAIN,
        on_select="rerun",
        selection_mode="points",
        alt=_("Groups by similarity and words, with their size and advice"),
    )
    chosen_points = [point["customdata"][0] for point in picked.selection.points if point.get("customdata")]
    if chosen_points and chosen_points[0] < len(view.clusters):
        st.button(
            _("Open “{title}”").format(title=points[chosen_points[0]].title),
            key="open_group",
            type="primary",
            icon=":material/visibility:",
            on_click=open_group,
            args=(view.clusters[chosen_points[0]].key,),
        )
    else:
        st.caption(_("Click a circle to open its group. The table holds the same groups in words."))
    if view.num_clusters > MOST_MAPPED:
        st.caption(_("The {count} largest groups are drawn.").format(count=number(MOST_MAPPED)))


def map_point(each: ClusterView, advice: dict[str, Recommendation]) -> charts.MapPoint:
    acts = Counter(advice[document.id].act for document in each.others)
    return charts.MapPoint(
        similarity=each.highest,
        num_words=max(1, sum(document.num_words for document in each.others)),
        num_documents=len(each.documents),
        act=acts.most_common(1)[0][0],
        title=next(document.title for document in each.documents if document.id == each.canonical),
    )


def cluster_table(view: RedundancyView) -> None:
    columns = (
        _("Document that would stay"),
        _("Others"),
        _("Advice"),
        _("Similarity"),
        _("Language"),
        _("Words in the others"),
        _("Decided"),
    )
    picked = st.dataframe(
        [dict(zip(columns, cluster_row(each, view.advice[each.key]), strict=True)) for each in view.clusters],
        key="clusters",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        column_config={
            _("Document that would stay"): st.column_config.TextColumn(width="large"),
            _("Similarity"): st.column_config.TextColumn(width="small"),
            _("Words in the others"): st.column_config.NumberColumn(format="localized"),
        },
        height=min(36 * (len(view.clusters) + 1) + 2, 520),
        alt=_("Groups of similar documents with their size, similarity, words and state of decision"),
    )
    rows = [row for row in picked.selection.rows if row < len(view.clusters)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if rows:
            st.button(
                _("Open the group"),
                key="open_group",
                type="primary",
                icon=":material/visibility:",
                on_click=open_group,
                args=(view.clusters[rows[0]].key,),
            )
        else:
            st.caption(_("Tick a row to see the evidence and decide."))
        pages = -(-view.num_clusters // PAGE_SIZE)
        if pages > 1:
            st.pagination(pages, key="page", bind="query-params")


def advice_summary(advice: dict[str, Recommendation]) -> str:
    """The acts advised for the members of a group, the most frequent first: "2 drop, 1 merge"."""
    members = [each for each in advice.values() if each.reason_code != "canonical"]
    if all(each.reason_code == "template_family" for each in members):
        return _("keep: one template")
    acts = Counter(each.act for each in members)
    return ", ".join(f"{number(count)} {act_name(act)}" for act, count in acts.most_common())


def cluster_row(each: ClusterView, advice: dict[str, Recommendation]) -> tuple[object, ...]:
    canonical = next(document for document in each.documents if document.id == each.canonical)
    others = len(each.documents) - 1
    decided = sum(document.id in each.decisions for document in each.others)
    return (
        canonical.title,
        others,
        advice_summary(advice),
        similarity_range(each),
        ", ".join(sorted(map(language_name, {document.language for document in each.documents}))),
        sum(document.num_words for document in each.others),
        f"{decided} / {others}",
    )


def similarity_range(each: ClusterView) -> str:
    if each.is_identical:
        return _("identical")
    low, high = decimal(each.lowest), decimal(each.highest)
    return low if low == high else f"{low} – {high}"


def open_group(group: str) -> None:
    st.query_params["group"] = group


def close_group() -> None:
    for name in ("group", "member", "draft"):
        if name in st.query_params:
            del st.query_params[name]


def cluster_page(group: str, review: ReviewRedundancy) -> None:
    if st.query_params.get("draft"):
        st.button(
            _("Back to the group"), key="close_draft", icon=":material/arrow_back:", on_click=close_draft
        )
    else:
        st.button(_("Back to all groups"), key="back", icon=":material/arrow_back:", on_click=close_group)
    try:
        detail = ask(ReviewCluster(document=group, threshold=review.threshold, rule=review.rule))
    except NotFound:
        st.info(
            _("At this least similarity the document stands alone. Lower it to see its group again."),
            icon=":material/unfold_less:",
        )
        return
    each = detail.cluster
    if st.query_params.get("draft"):
        draft_view(detail)
        return
    names = {document.id: f"{place}. {document.title}" for place, document in enumerate(each.documents, 1)}
    others = [document.id for document in each.others]
    member = st.query_params.get("member", "")
    if member not in others:
        member = next((other for other in others if other not in each.decisions), others[0])
    st.subheader(
        _("{title} and {others}").format(
            title=plain(next(one.title for one in each.documents if one.id == each.canonical)),
            others=several("{count} other", "{count} others", len(others)),
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(choice_text(each), width="stretch")
        st.button(_("Draft the one document"), key="draft", icon=":material/merge:", on_click=open_draft)
    pictures(detail, review.threshold)
    if len(others) > 1:
        member = choose_member(detail, names, others, member)
    comparison = ask(CompareDocuments(canonical=each.canonical, member=member))
    advice_card(comparison, detail)
    legend(comparison)
    documents = (comparison.canonical, comparison.member)
    side_by_side(
        shared_words(
            (documents[0].summary.title, documents[1].summary.title),
            (documents[0].summary.name, documents[1].summary.name),
            (documents[0].content.text, documents[1].content.text),
            comparison.alignment,
            comparison.facts,
        ),
        key="evidence",
    )
    if comparison.facts:
        fact_table(comparison.facts, _("Stays"), _("Compared"))


def open_draft() -> None:
    st.query_params["draft"] = "1"


def close_draft() -> None:
    if "draft" in st.query_params:
        del st.query_params["draft"]


def choice_text(each: ClusterView) -> str:
    """Why this document would stay: the rule that decided, or the one it fell back to."""
    return {
        "newest": _("It stays because it is the newest."),
        "newest_some_undated": _("It stays because it is the newest of those with a date; others have none."),
        "newest_undated": _("None of them has a date, so the longest stays."),
        "longest": _("It stays because it is the longest."),
        "first": _("It stays because it came first."),
        "best_quality": _("It stays because it is the best in quality."),
        "quality_unknown": _("None of them was judged, so the longest stays."),
    }[each.choice_code]


def pictures(detail: ClusterDetail, threshold: float) -> None:
    each = detail.cluster
    titles = [document.title for document in each.documents]
    canonical = next(place for place, one in enumerate(each.documents) if one.id == each.canonical)
    acts = [current_act(each.decisions.get(one.id), detail.advice[one.id]) for one in each.documents]
    with st.expander(
        _("Picture of the group: {count} documents").format(count=number(len(titles))),
        icon=":material/hub:",
        expanded=len(titles) > 2,
        key="pictures",
    ):
        if len(titles) > MOST_DRAWN:
            st.info(_("The group is too large to draw; the list below holds every document."))
            return
        left, right = st.columns(2, gap="medium")
        with left:
            st.plotly_chart(
                charts.cluster_picture(
                    cluster_layout(detail.similarities),
                    detail.similarities,
                    [f"{place}. {title}" for place, title in enumerate(titles, 1)],
                    acts,
                    canonical,
                    threshold,
                ),
                key="picture",
                config=charts.PLAIN,
                alt=_("The documents of the group as points, similar ones joined by lines"),
            )
        with right:
            st.plotly_chart(
                charts.heat_map(
                    detail.similarities,
                    [f"{place}. {title}" for place, title in enumerate(titles, 1)],
                    below=_("less than the analysis keeps"),
                ),
                key="heat",
                config=charts.PLAIN,
                alt=_("Similarity of every pair of documents of the group"),
            )
        st.caption(
            "  \n".join(
                f"{place}. {plain(document.title)} — {plain(document.name)}, {day(document.modified)}"
                for place, document in enumerate(each.documents, 1)
            )
        )


def current_act(decision: Decision | None, advice: Recommendation) -> str:
    return decision.act if decision else advice.act


def choose_member(detail: ClusterDetail, names: dict[str, str], others: list[str], member: str) -> str:
    each = detail.cluster

    def label(document: str) -> str:
        decision = each.decisions.get(document)
        state = (
            act_done(decision.act)
            if decision
            else _("advice: {act}").format(act=act_name(detail.advice[document].act))
        )
        return f"{names[document]} · {state}"

    chosen = st.selectbox(
        _("Compare with"),
        others,
        index=others.index(member),
        format_func=label,
        key=f"member_of_{each.key}",
        on_change=remember_member,
        args=(each.key,),
    )
    return cast(str, chosen)


def remember_member(group: str) -> None:
    st.query_params["member"] = st.session_state[f"member_of_{group}"]


def act_name(act: str) -> str:
    return {"keep": _("keep"), "merge": _("merge"), "drop": _("drop"), "ignore": _("ignore")}[act]


def act_done(act: str) -> str:
    return {
        "keep": _("kept"),
        "merge": _("to be merged"),
        "drop": _("dropped"),
        "ignore": _("ignored"),
        "undo": _("taken back"),
    }[act]


def advice_card(comparison: Comparison, detail: ClusterDetail) -> None:
    advice, decision = comparison.advice, comparison.decision
    with st.container(border=True):
        st.markdown(
            f"{charts.ACT_ICONS[advice.act]} **{_('Advice: {act}').format(act=act_name(advice.act))}** · "
            f"{plain(reason_text(advice.reason_code, advice.parameters))}"
        )
        facts = several("{count} fact differs", "{count} facts differ", len(comparison.facts))
        st.caption(
            " · ".join(
                (
                    _("similarity {value}").format(value=decimal(comparison.jaccard)),
                    _("{share} of the compared document stands in the one that stays").format(
                        share=percent(comparison.alignment.share_b)
                    ),
                    facts if comparison.facts else _("no number, date, identifier or name differs"),
                )
            )
        )
        if decision:
            decided_line(decision)
        if may(Permission.DECIDE):
            decide_form(comparison, detail)
        elif not decision:
            st.caption(_("Your role may look, not decide."))


def decided_line(decision: Decision) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        reason = f" — {plain(decision.reason)}" if decision.reason else ""
        st.markdown(
            f":material/gavel: **{act_done(decision.act).capitalize()}** · {plain(decision.author)}, "
            f"{ago(decision.created_at)}{reason}",
            width="stretch",
        )
        if may(Permission.DECIDE):
            undo_button(decision, "undo")


def undo_button(decision: Decision, key: str) -> None:
    st.button(
        _("Undo"),
        key=key,
        icon=":material/undo:",
        on_click=try_to,
        args=(UndoDecision(decision=decision.id), _("The decision was taken back.")),
    )


def decide_form(comparison: Comparison, detail: ClusterDetail) -> None:
    member = comparison.member.summary.id
    reason = st.text_input(
        _("Reason (optional)"),
        key=f"reason_{member}",
        placeholder=_("Why, for those who come later"),
        max_chars=2000,
    )
    with st.container(horizontal=True):
        for act in ("drop", "merge", "keep", "ignore"):
            st.button(
                {
                    "drop": _("Drop it"),
                    "merge": _("Merge it"),
                    "keep": _("Keep both"),
                    "ignore": _("Ignore the pair"),
                }[act],
                key=f"decide_{act}",
                type="primary" if act == comparison.advice.act else "secondary",
                on_click=try_to,
                args=(
                    Decide(
                        documents=(member,),
                        act=act,
                        reason=reason,
                        against=comparison.canonical.summary.id,
                        similarity=comparison.jaccard,
                    ),
                    _("Decided: {act}.").format(act=act_done(act)),
                ),
            )
        safe = [
            one.id
            for one in detail.cluster.others
            if detail.advice[one.id].automatic and one.id not in detail.cluster.decisions
        ]
        if len(safe) > 1:
            st.button(
                several("Drop {count} safe copy", "Drop all {count} safe copies", len(safe)),
                key="drop_safe",
                icon=":material/done_all:",
                on_click=try_to,
                args=(
                    Decide(
                        documents=tuple(safe),
                        act="drop",
                        reason=reason,
                        against=comparison.canonical.summary.id,
                    ),
                    _("Decided: {act}.").format(act=act_done("drop")),
                ),
            )


def legend(comparison: Comparison) -> None:
    shared = several("{count} shared passage", "{count} shared passages", len(comparison.alignment.passages))
    parts = [f":blue-background[{shared}]"]
    if any(passage.moved for passage in comparison.alignment.passages):
        parts.append(f":violet-background[{_('moved')}]")
    parts.append(f":orange-background[{_('differing number, date or name')}]")
    parts.append(_("dotted: stands on one side only"))
    st.markdown(" · ".join(parts))


def downloads(review: ReviewRedundancy) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Download what is filtered, with advice and decisions:"), width="content")
        for name in FORMATS:
            st.download_button(
                name.upper(),
                data=partial(review_bytes, name, review),
                file_name=f"redundancy-review.{name}",
                key=f"download_{name}",
                on_click="ignore",
                icon=":material/download:",
            )
        view = {"threshold": str(review.threshold), "rule": review.rule}
        export_button(Subject(kind="redundancy_report", view=view), "report_export", default=("pdf", "html"))


def review_bytes(name: str, review: ReviewRedundancy) -> bytes:
    return ask(DownloadReview(format=name, review=review)).data


def history() -> None:
    kept = ask(ReadHistory(limit=100))
    if not kept.decisions:
        return
    with st.expander(_("History of decisions"), icon=":material/history:", key="history"):
        export_button(Subject(kind="decisions"), "decisions_export", default=("pdf", "xlsx"))
        for decision in kept.decisions:
            history_row(decision, kept)


def history_row(decision: Decision, kept: DecisionHistory) -> None:
    document = kept.documents.get(decision.document)
    title = plain(document.title) if document else _("a removed document")
    reason = f" — {plain(decision.reason)}" if decision.reason else ""
    undone = f" · *{_('taken back')}*" if decision.id in kept.undone else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{act_done(decision.act).capitalize()}** · {title} · {plain(decision.author)}, "
            f"{ago(decision.created_at)}{reason}{undone}",
            width="stretch",
        )
        if decision.act != "undo" and not undone and may(Permission.DECIDE):
            undo_button(decision, f"undo_{decision.id}")


main()
