"""Quality: how good the documents are, part by part with its evidence, and what to do about it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import WorkbenchError
from core.language.description import LanguageFacts
from core.language.entities import Entity
from core.quality import EVIDENCE, FIXES, WEIGHTS, Evidence, Fix, QualityPart, rating_of
from core.redundancy.repetition import STEPS
from core.use_cases import DownloadQuality, ReadQuality, ReadTopics, ReviewQuality
from core.use_cases.exportable import Subject
from core.use_cases.review_quality import ORDERS, RATINGS, QualityDetail, QualityView, RatedDocument
from pages.components import charts
from pages.components.address import chosen, chosen_several, chosen_text
from pages.components.exports.button import export_button
from pages.components.findings.names import language_pills, narrow, page_of, pager, part_names, search_box
from pages.components.language import _, day, filled, language_name, number, percent, several
from pages.components.live import job_strip, plain
from pages.components.policy_rules import policy_findings_board
from pages.components.session import ask, show_error

PAGE_SIZE = 25
FORMATS = ("csv", "xlsx", "json")
RATING_COLOURS = {"excellent": "green", "good": "blue", "fair": "orange", "needs_improvement": "red"}
VIEWS = ("documents", "policy")
EXCERPT = 220
FEW_PLACES = 2
MOST_ENTITIES = 12
SHORT = {"excellent": "excellent", "good": "good", "fair": "fair", "improve": "needs_improvement"}
"""Ratings by what stands for them in the address."""


def main() -> None:
    document = st.query_params.get("doc")
    if document:
        document_view(document)
        return
    st.title(_("Quality"))
    st.markdown(_("How good each document is, in six parts, each with its evidence and what to do."))
    job_strip()
    view = chosen("view", VIEWS, "documents")
    st.segmented_control(
        _("View"),
        VIEWS,
        required=True,
        format_func={"documents": _("Documents"), "policy": _("Policy")}.get,
        key="view",
        on_change=narrow,
        args=("view", "documents"),
        label_visibility="collapsed",
    )
    if view == "policy":
        policy_findings_board()
    else:
        board()


def board() -> None:
    page = page_of()
    review = asked(page)
    view = ask(review)
    if not view.is_known:
        st.info(
            _("Nothing has been judged yet. Add documents in the library, or compare it again."),
            icon=":material/grade:",
        )
        st.page_link("library.py", label=_("Go to the library"), icon=":material/folder_open:")
        return
    overview(view)
    filters(view)
    if view.documents:
        table(view)
        pager(view.num_documents, PAGE_SIZE)
    else:
        st.info(_("No document fits. Remove a filter."), icon=":material/filter_alt_off:")
    downloads(review)
    topics()


def topics() -> None:
    """What the library is about, by the words that go together."""
    view = ask(ReadTopics())
    if not view.topics:
        return
    with st.expander(_("What the library is about"), icon=":material/topic:", key="topics"):
        for topic in view.topics:
            titles = [
                view.documents[document].title
                for document, _share in topic.documents
                if document in view.documents
            ]
            st.markdown(
                f"**{plain(', '.join(topic.words[:6]))}** · {language_name(topic.language)} · "
                + several("{count} document", "{count} documents", len(titles))
            )
            st.caption(plain(" · ".join(titles[:5])) + (" …" if len(titles) > 5 else ""))
        st.caption(
            _(
                "Topics are factors of the weights of words, computed anew with each analysis; nobody named "
                "them."
            )
        )


def asked(page: int) -> ReviewQuality:
    return ReviewQuality(
        ratings=tuple(SHORT[code] for code in chosen_several("rating") if code in SHORT),
        weakest=tuple(part for part in chosen_several("weakest") if part in WEIGHTS),
        search=chosen_text("q"),
        languages=chosen_several("language"),
        order=chosen("order", ORDERS, "worst"),
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )


def overview(view: QualityView) -> None:
    names = rating_names()
    with st.container(horizontal=True):
        for rating in RATINGS:
            st.metric(names[rating].capitalize(), number(view.ratings.get(rating, 0)), border=True)
    with st.container(border=True):
        st.plotly_chart(
            charts.part_means([part_names()[name] for name in view.means], list(view.means.values())),
            key="means",
            config=charts.PLAIN,
            alt=_("Mean score of each part over the library"),
        )
        st.caption(
            _("Mean score of each part over the library, 0 to 100. Weights in the whole: {weights}.").format(
                weights=", ".join(f"{part_names()[name]} {weight} %" for name, weight in WEIGHTS.items())
            )
        )


def rating_names() -> dict[str, str]:
    return {
        "excellent": _("excellent"),
        "good": _("good"),
        "fair": _("fair"),
        "needs_improvement": _("needs improvement"),
    }


def filters(view: QualityView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        search_box()
        ratings = rating_names()
        st.pills(
            _("Rating"),
            SHORT,
            selection_mode="multi",
            format_func=lambda code: f"{ratings[SHORT[code]]} {number(view.ratings.get(SHORT[code], 0))}",
            key="rating",
            on_change=narrow,
            args=("rating",),
        )
        parts = part_names()
        options = [name for name in WEIGHTS if view.weakest.get(name)]
        st.pills(
            _("Weakest part"),
            options,
            selection_mode="multi",
            format_func=lambda name: f"{parts[name]} {number(view.weakest.get(name, 0))}",
            key="weakest",
            on_change=narrow,
            args=("weakest",),
        )
        language_pills(view.languages, "language")
        st.segmented_control(
            _("Order"),
            ORDERS,
            required=True,
            format_func={"worst": _("Worst first"), "best": _("Best first"), "title": _("Title")}.get,
            key="order",
            on_change=narrow,
            args=("order", "worst"),
        )


def table(view: QualityView) -> None:
    parts = part_names()
    picked = st.dataframe(
        [row(each) for each in view.documents],
        key="documents",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        column_config={
            _("Title"): st.column_config.TextColumn(width="large"),
            _("Score"): st.column_config.ProgressColumn(format="%d", min_value=0, max_value=100),
            **{name: st.column_config.NumberColumn(width="small") for name in parts.values()},
        },
        height=min(36 * (len(view.documents) + 1) + 2, 560),
        alt=_("Documents with score, rating, weakest part and the score of every part"),
    )
    rows = [place for place in picked.selection.rows if place < len(view.documents)]
    if rows:
        st.button(
            _("Open it"),
            key="open_document",
            type="primary",
            icon=":material/visibility:",
            on_click=open_document,
            args=(view.documents[rows[0]].document.id,),
        )
    else:
        st.caption(_("Tick a row to see the evidence and what to do."))


def row(each: RatedDocument) -> dict[str, object]:
    quality, parts = each.quality, part_names()
    return {
        _("Title"): each.document.title,
        _("Score"): quality.score,
        _("Rating"): rating_names()[quality.rating] if quality.rating else _("not judged"),
        _("Weakest part"): parts[quality.weakest] if quality.weakest else "",
        **{parts[part.name]: part.score for part in quality.parts},
        _("Language"): language_name(each.document.language),
        _("File"): each.document.name,
    }


def open_document(document: str) -> None:
    st.query_params["doc"] = document


def close_document() -> None:
    if "doc" in st.query_params:
        del st.query_params["doc"]


def downloads(review: ReviewQuality) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Download what is filtered:"), width="content")
        for name in FORMATS:
            st.download_button(
                name.upper(),
                data=partial(quality_bytes, name, review),
                file_name=f"document-quality.{name}",
                key=f"download_{name}",
                on_click="ignore",
                icon=":material/download:",
            )
        board = Subject(kind="quality_board", view={"order": review.order})
        export_button(board, "quality_export", default=("pdf", "xlsx"))


def quality_bytes(name: str, review: ReviewQuality) -> bytes:
    return ask(DownloadQuality(format=name, review=review)).data


def document_view(document: str) -> None:
    st.button(_("Back to all documents"), key="back", icon=":material/arrow_back:", on_click=close_document)
    try:
        detail = ask(ReadQuality(document=document))
    except WorkbenchError as error:
        show_error(error)
        return
    summary = detail.document.summary
    st.title(plain(summary.title))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{plain(summary.name)} · {language_name(summary.language)} · {day(summary.modified)}",
            width="stretch",
        )
        st.page_link(
            "library.py", label=_("Read it"), icon=":material/menu_book:", query_params={"doc": summary.id}
        )
    headline(detail)
    for part in sorted(detail.quality.parts, key=lambda each: (each.score is None, each.score)):
        part_card(part, detail.document.content.text)
    repetition(detail)
    language_facts(detail)


def headline(detail: QualityDetail) -> None:
    quality = detail.quality
    if quality.rating is None or quality.weakest is None:
        st.info(_("There is too little text to judge."), icon=":material/grade:")
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.metric(_("Score"), f"{number(quality.score or 0)} / 100", width="content")
            st.badge(rating_names()[quality.rating], color=RATING_COLOURS[quality.rating])
            st.markdown(
                _("Weakest part: {part}").format(part=f"**{part_names()[quality.weakest]}**"),
                width="stretch",
            )
        st.caption(
            _("The mean of its parts, by weight: {weights}.").format(
                weights=", ".join(
                    f"{part_names()[name]} {number(weight)}" for name, weight in quality.weights.items()
                )
            )
        )


def part_card(part: QualityPart, text: str) -> None:
    with st.container(border=True):
        rating = rating_of(part.score)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{part_names()[part.name].capitalize()}**", width="stretch")
            if rating is None or part.score is None:
                st.badge(_("not judged"), color="gray")
            else:
                st.badge(f"{number(part.score)} · {rating_names()[rating]}", color=RATING_COLOURS[rating])
        plainly = [each for each in part.evidence if each.span is None]
        placed = [each for each in part.evidence if each.span is not None]
        if plainly:
            st.markdown("  \n".join(plain(said(each)) for each in plainly))
        for fix in part.fixes:
            st.markdown(f":material/build: **{plain(said(fix))}**")
        if 0 < len(placed) <= FEW_PLACES:
            for each in placed:
                place(each, text)
        elif placed:
            with st.expander(
                several("{count} place", "{count} places", len(placed)), key=f"places_{part.name}"
            ):
                for each in placed:
                    place(each, text)


def place(each: Evidence, text: str) -> None:
    assert each.span is not None
    st.markdown(f"{plain(said(each))}\n> {plain(excerpt(text, *each.span))}")


def said(each: Evidence | Fix) -> str:
    sentences = EVIDENCE if isinstance(each, Evidence) else FIXES
    values = {name: str(value) if name == "year" else value for name, value in each.parameters.items()}
    return filled(sentences[each.code], values)


def excerpt(text: str, start: int, end: int) -> str:
    """The place itself, with some words around a short one."""
    around = max(0, (80 - (end - start)) // 2)
    begin = start if start <= around else text.rfind(" ", start - around, start) + 1 or start
    found = text.find(" ", end, end + around) if end + around < len(text) else len(text)
    words = " ".join(text[begin : max(end, found)].split())
    cut = words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + " …"
    return f"{'… ' if begin else ''}{cut}"


def repetition(detail: QualityDetail) -> None:
    found = detail.repetition
    st.subheader(_("Said more than once"))
    if not found.plan:
        st.caption(_("The document repeats none of its phrases, sentences and paragraphs."))
        return
    st.caption(
        _("{words} of {total} words could go. The plan, what needs a decision first:").format(
            words=number(found.num_removable_words), total=number(found.num_words)
        )
    )
    text = detail.document.content.text
    for place, step in enumerate(found.plan[:50], 1):
        with st.container(border=True):
            st.markdown(f"**{number(place)}.** {plain(filled(STEPS[step.code], step.parameters))}")
            st.markdown(
                f":green-badge[{_('stays')}] {plain(excerpt(text, *step.keep))}  \n"
                + "  \n".join(
                    f":red-badge[{_('goes')}] {plain(excerpt(text, *span))}" for span in step.remove[:6]
                )
            )


def language_facts(detail: QualityDetail) -> None:
    facts, text = detail.facts, detail.document.content.text
    st.subheader(_("What it says"))
    with st.container(border=True):
        st.markdown(f"**{_('In short')}**")
        for sentence in facts.summary:
            st.markdown(f"> {plain(sentence.text)}")
        st.markdown(f"**{_('Keywords')}**")
        st.markdown(" ".join(f":blue-badge[{plain(keyword.text)}]" for keyword in facts.keywords) or "–")
        entities(facts.entities)
        sentiment(facts, text)


def entities(found: tuple[Entity, ...]) -> None:
    kinds = {
        "person": _("People"),
        "organisation": _("Organisations"),
        "place": _("Places"),
        "money": _("Money"),
        "date": _("Dates"),
        "email": _("Mail"),
        "url": _("Addresses"),
        "identifier": _("Identifiers"),
    }
    for kind, name in kinds.items():
        named = list(dict.fromkeys(" ".join(each.text.split()) for each in found if each.kind == kind))
        if named:
            more = " …" if len(named) > MOST_ENTITIES else ""
            st.markdown(f"**{name}**: {plain(', '.join(named[:MOST_ENTITIES]))}{more}")


def sentiment(facts: LanguageFacts, text: str) -> None:
    labels = {"positive": _("good news"), "neutral": _("neutral"), "negative": _("bad news")}
    st.markdown(
        f"**{_('Tone')}**: {labels[facts.sentiment.label]} ({number(facts.sentiment.score, 2)}) · "
        + plain(" · ".join(" ".join(text[slice(*each.span)].split()) for each in facts.sentiment.sentences))
    )
    st.caption(
        _(
            "From −1 to 1, by lists of words; right in {share} of {count} sentences that were set apart to "
            "measure it. Names that no rule or list knows are left out."
        ).format(share=percent(facts.accuracy.accuracy), count=number(facts.accuracy.num_sentences))
    )


main()
