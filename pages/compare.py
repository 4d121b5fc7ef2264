"""Compare: two texts side by side in words, meaning and facts, or one text against the whole library."""

from typing import Literal, cast

import streamlit as st

from core.errors import WorkbenchError
from core.redundancy import Span
from core.redundancy.passages import EXCLUSIONS
from core.redundancy.semantic import LIMITS
from core.redundancy.semantic import REASONS as MEANING_REASONS
from core.storage.documents import DocumentFilter, DocumentSummary
from core.use_cases import BrowseLibrary, CheckText, CompareTexts, ReadDocument
from core.use_cases.compare_texts import ComparedSide, TextComparison
from core.use_cases.review_passages import TextCheckView
from pages.components import charts
from pages.components.address import chosen, remember
from pages.components.findings import conflict_kinds, fact_table
from pages.components.language import _, decimal, language_name, number, percent, reason_text, several
from pages.components.language import filled as filled_sentence
from pages.components.live import plain
from pages.components.review import Mark, Side, shared_words, side_by_side
from pages.components.session import ask, show_error

MODES = ("two", "library")
SOURCES = ("library", "paste")
MARKS = ("words", "meaning", "conflicts")
MOST_OFFERED = 200

Letter = Literal["a", "b"]


def main() -> None:
    st.title(_("Compare"))
    st.markdown(_("Two texts side by side, or one text against the library: has this been written before?"))
    mode = chosen("mode", MODES, "two")
    st.segmented_control(
        _("What to compare"),
        MODES,
        required=True,
        format_func={"two": _("Two texts"), "library": _("One text with the library")}.get,
        key="mode",
        on_change=remember,
        args=("mode", "two"),
        label_visibility="collapsed",
    )
    if mode == "two":
        two_texts()
    else:
        against_library()


def two_texts() -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        a = choose_side("a", _("First text"))
    with right:
        b = choose_side("b", _("Second text"))
    if not (a[0] or a[1].strip()) or not (b[0] or b[1].strip()):
        st.info(_("Choose a document or paste a text on both sides."), icon=":material/compare_arrows:")
        return
    request = CompareTexts(a_document=a[0], a_text=a[1], b_document=b[0], b_text=b[1])
    try:
        with st.spinner(_("The texts are being compared …"), show_time=False):
            comparison = ask(request)
    except WorkbenchError as error:
        show_error(error)
        return
    outcome(comparison)


def choose_side(letter: Letter, label: str) -> tuple[str | None, str]:
    """The document and the text of one side; at most one of them is there."""
    with st.container(border=True):
        source_key = f"{letter}_from"
        source = chosen(source_key, SOURCES, "library")
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{label}**", width="content")
            st.segmented_control(
                label,
                SOURCES,
                required=True,
                format_func={"library": _("From the library"), "paste": _("Pasted")}.get,
                key=source_key,
                on_change=remember,
                args=(source_key, "library"),
                label_visibility="collapsed",
            )
        if source == "paste":
            text = st.text_area(
                _("Text"), key=f"{letter}_text", height=160, placeholder=_("Paste a text here")
            )
            return None, text or ""
        return choose_document(letter, letter), ""


def choose_document(key: str, name: str) -> str | None:
    """A document of the library by title or name; the address carries its id under `name`."""
    words = st.text_input(
        _("Find a document"), key=f"find_{key}", type="search", placeholder=_("Words of its title or text")
    )
    view = ask(BrowseLibrary(wanted=DocumentFilter(search=words or ""), limit=MOST_OFFERED))
    offered = {document.id: document for document in view.documents}
    named = st.query_params.get(name)
    if named and named not in offered:
        known = document_of(named)
        offered = {named: known} | offered if known else offered
    if not offered:
        st.caption(_("No document fits."))
        return None
    ids = list(offered)
    picked = st.selectbox(
        _("Document"),
        ids,
        index=ids.index(named) if named in offered else None,
        format_func=lambda each: label_of(offered[each]),
        key=f"document_{key}",
        placeholder=several("Choose from {count} document", "Choose from {count} documents", len(ids)),
        on_change=remember_document,
        args=(key, name),
    )
    return cast("str | None", picked)


def document_of(document: str) -> DocumentSummary | None:
    try:
        return ask(ReadDocument(document=document)).summary
    except WorkbenchError:
        return None


def label_of(document: DocumentSummary) -> str:
    return f"{document.title} · {document.name}"


def remember_document(key: str, name: str) -> None:
    picked = st.session_state[f"document_{key}"]
    if picked:
        st.query_params[name] = picked
    elif name in st.query_params:
        del st.query_params[name]


def outcome(comparison: TextComparison) -> None:
    figures(comparison)
    verdict(comparison)
    offered = ["words", *(["meaning"] if comparison.evidence else []), "conflicts"]
    mark = chosen("mark", MARKS, "words")
    if mark not in offered:
        mark = "words"
    names = {
        "words": _("Shared words"),
        "meaning": _("Meaning"),
        "conflicts": _("Contradictions ({count})").format(count=number(len(comparison.conflicts))),
    }
    st.segmented_control(
        _("What is marked"),
        offered,
        required=True,
        format_func=names.get,
        key="mark",
        on_change=remember,
        args=("mark", "words"),
    )
    legend(comparison, mark)
    side_by_side(
        sides(comparison, mark),
        key=f"compared_{mark}",
        roles=(_("First text"), _("Second text")),
        underlines_rest=mark == "words",
    )
    if mark == "conflicts":
        conflict_table(comparison)
    elif comparison.facts:
        fact_table(comparison.facts, _("First text"), _("Second text"))


def figures(comparison: TextComparison) -> None:
    alignment = comparison.alignment
    with st.container(horizontal=True):
        st.metric(
            _("Similarity"),
            decimal(comparison.jaccard),
            border=True,
            help=_("Jaccard similarity of the word triples of both texts."),
        )
        st.metric(_("Of the first in the second"), percent(alignment.share_a), border=True)
        st.metric(_("Of the second in the first"), percent(alignment.share_b), border=True)
        if comparison.evidence is not None:
            st.metric(
                _("Meaning"),
                decimal(comparison.evidence.score),
                border=True,
                help=_(
                    "How near both texts are in meaning. Between two languages another scale holds, on which "
                    "unrelated texts lie near 0."
                ),
            )
        st.metric(_("Contradictions"), number(len(comparison.conflicts)), border=True)


def verdict(comparison: TextComparison) -> None:
    advice = comparison.advice
    with st.container(border=True):
        if is_about_words(comparison):
            st.markdown(
                f"{charts.ACT_ICONS[advice.act]} {plain(reason_text(advice.reason_code, titled(comparison)))}"
            )
        meaning = comparison.meaning
        if meaning is not None and comparison.means_the_same:
            values = dict(meaning.parameters) | {"canonical": title_of(comparison.a, "a")}
            st.markdown(
                f":material/psychology: "
                f"{plain(filled_sentence(MEANING_REASONS[meaning.reason_code], values))}"
            )
            for code in meaning.limit_codes:
                st.caption(_(LIMITS[code]))
        elif not is_about_words(comparison):
            st.markdown(_("Neither their words nor their meaning make these texts one."))
        if comparison.conflicts:
            st.markdown(
                ":material/warning: "
                + several(
                    "They contradict each other in {count} place.",
                    "They contradict each other in {count} places.",
                    len(comparison.conflicts),
                )
            )
        if comparison.a.language != comparison.b.language:
            st.caption(
                _("Languages: {first} and {second}.").format(
                    first=language_name(comparison.a.language), second=language_name(comparison.b.language)
                )
            )


def is_about_words(comparison: TextComparison) -> bool:
    return bool(comparison.alignment.passages) and comparison.advice.act != "ignore"


def titled(comparison: TextComparison) -> dict[str, str | int | float]:
    return dict(comparison.advice.parameters) | {"canonical": title_of(comparison.a, "a")}


def title_of(side: ComparedSide, letter: Letter) -> str:
    return side.title or (_("First text") if letter == "a" else _("Second text"))


def sides(comparison: TextComparison, mark: str) -> tuple[Side, Side]:
    titles = (title_of(comparison.a, "a"), title_of(comparison.b, "b"))
    names = (comparison.a.name, comparison.b.name)
    texts = (comparison.a.text, comparison.b.text)
    if mark == "words":
        return shared_words(titles, names, texts, comparison.alignment, comparison.facts)
    if mark == "meaning":
        assert comparison.evidence is not None
        matches = comparison.evidence.matches
        passages = [
            tuple(Mark(getattr(match, letter), "same", place) for place, match in enumerate(matches))
            for letter in ("a", "b")
        ]
        facts: list[tuple[Mark, ...]] = [(), ()]
    else:
        shown = free_of_overlap(comparison)
        passages = [
            tuple(Mark(getattr(each, letter).statement, "moved", place) for place, each in shown)
            for letter in ("a", "b")
        ]
        facts = [
            tuple(Mark(getattr(each, letter).fact, "fact") for _place, each in shown) for letter in ("a", "b")
        ]
    left, right = (
        Side(titles[place], names[place], texts[place], passages[place], facts[place]) for place in (0, 1)
    )
    return left, right


def free_of_overlap(comparison: TextComparison) -> list[tuple[int, object]]:
    """The contradictions with their numbers, those left out whose statement is marked for another already."""
    taken: dict[str, list[Span]] = {"a": [], "b": []}
    shown: list[tuple[int, object]] = []
    for place, each in enumerate(comparison.conflicts):
        spans = {"a": each.a.statement, "b": each.b.statement}
        if any(
            span.start < other.end and other.start < span.end
            for letter, span in spans.items()
            for other in taken[letter]
        ):
            continue
        for letter, span in spans.items():
            taken[letter].append(span)
        shown.append((place, each))
    return shown


def legend(comparison: TextComparison, mark: str) -> None:
    if mark == "words":
        count = len(comparison.alignment.passages)
        parts = [f":blue-background[{several('{count} shared passage', '{count} shared passages', count)}]"]
        if any(passage.moved for passage in comparison.alignment.passages):
            parts.append(f":violet-background[{_('moved')}]")
        parts += [
            f":orange-background[{_('differing number, date or name')}]",
            _("dotted: stands on one side only"),
        ]
    elif mark == "meaning":
        assert comparison.evidence is not None
        count = len(comparison.evidence.matches)
        found = several("{count} passage that corresponds", "{count} passages that correspond", count)
        parts = [f":blue-background[{found}]"]
    else:
        parts = [
            f":violet-background[{_('statements about the same thing')}]",
            f":orange-background[{_('what they state differently')}]",
        ]
    st.markdown(" · ".join(parts))


def conflict_table(comparison: TextComparison) -> None:
    if not comparison.conflicts:
        st.caption(_("No statement of the one contradicts a statement of the other."))
        return
    kinds = conflict_kinds()
    st.table(
        [
            {
                "#": number(place),
                _("Kind"): kinds[each.kind],
                _("First text"): plain(each.a.text),
                _("Second text"): plain(each.b.text),
                _("About"): plain(", ".join(word.lstrip("~") for word in each.shared[:4])),
                _("Sureness"): percent(each.strength),
            }
            for place, each in enumerate(comparison.conflicts, 1)
        ]
    )


def against_library() -> None:
    document, text = choose_side("a", _("The text to check"))
    if not document and not text.strip():
        st.info(_("Choose a document or paste a text."), icon=":material/travel_explore:")
        return
    try:
        with st.spinner(_("The library is being searched …"), show_time=False):
            view = ask(CheckText(text=text, document=document))
    except WorkbenchError as error:
        show_error(error)
        return
    check_figures(view)
    if not view.check.passages:
        st.success(
            _("Nothing of it stands in {documents}.").format(
                documents=several("{count} document", "{count} documents", view.num_compared)
            ),
            icon=":material/check_circle:",
        )
        return
    sources(view)
    found_passages(view)


def check_figures(view: TextCheckView) -> None:
    check = view.check
    with st.container(horizontal=True):
        st.metric(
            _("Written before"),
            percent(check.share),
            border=True,
            help=_("Words of the text in passages that stand in other documents, of all its words."),
        )
        st.metric(
            _("Words found"), f"{number(check.num_found_words)} / {number(check.num_words)}", border=True
        )
        st.metric(
            _("Left out"),
            percent(check.share_excluded),
            border=True,
            help=_("Words that stand elsewhere too but do not count: quotes, templates, boilerplate, lists."),
        )
        st.metric(_("Documents searched"), number(view.num_compared), border=True)


def sources(view: TextCheckView) -> None:
    st.subheader(_("Where it stands"))
    st.dataframe(
        [
            {
                _("Document"): view.documents[source.id].title,
                _("Name"): view.documents[source.id].name,
                _("Share of the text"): 100 * source.share,
                _("Words"): source.num_words,
                _("Left out"): source.num_excluded_words,
            }
            for source in view.check.sources
            if source.id in view.documents
        ],
        key="sources",
        hide_index=True,
        column_config={
            _("Share of the text"): st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100
            ),
            _("Document"): st.column_config.TextColumn(width="medium"),
            _("Name"): st.column_config.TextColumn(width="large"),
        },
        alt=_("Documents that hold passages of the text, with their share of its words"),
    )


def found_passages(view: TextCheckView) -> None:
    st.subheader(_("Passages"))
    for place, (passage, quoted) in enumerate(zip(view.check.passages, view.quoted, strict=True), 1):
        source = view.documents.get(passage.source.id)
        if source is None:
            continue
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{number(place)}.** {plain(source.title)} · "
                    f"{several('{count} word', '{count} words', passage.num_words)}",
                    width="stretch",
                )
                if passage.kind == "paraphrase":
                    st.badge(_("in other words"), color="violet")
                if passage.exclusion:
                    st.badge(_("left out"), color="gray", help=_(EXCLUSIONS[passage.exclusion]))
            left, right = st.columns(2, gap="medium")
            with left:
                st.caption(_("In your text"))
                st.markdown(plain(shortened(view.text[slice(*passage.span)])))
            with right:
                st.caption(plain(source.name))
                st.markdown(plain(shortened(quoted)))
            others = [view.documents[each.id].title for each in passage.also_in if each.id in view.documents]
            if others:
                st.caption(_("Also in: {documents}").format(documents=plain(", ".join(others[:5]))))


def shortened(text: str, longest: int = 700) -> str:
    words = " ".join(text.split())
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + " …"


main()
