"""What the views of findings call things, and the parts that all of them have."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.redundancy import DifferingFact
from core.storage.documents import DocumentSummary
from pages.components.address import chosen_number, chosen_several, remember
from pages.components.language import _, language_name, number, several
from pages.components.live import plain

MOST_FACTS = 200
CONFLICT_ICONS = {
    "number": ":material/pin:",
    "date": ":material/event:",
    "unit": ":material/straighten:",
    "name": ":material/badge:",
    "negation": ":material/block:",
    "obligation": ":material/gavel:",
}


def conflict_kinds() -> dict[str, str]:
    return {
        "number": _("number"),
        "date": _("date"),
        "unit": _("unit"),
        "name": _("name"),
        "negation": _("negation"),
        "obligation": _("obligation"),
    }


def fact_kinds() -> dict[str, str]:
    return {
        "number": _("number"),
        "date": _("date"),
        "identifier": _("identifier"),
        "name": _("name"),
        "negation": _("negation"),
    }


def pair_title(a: DocumentSummary, b: DocumentSummary) -> str:
    """Both documents, as Markdown that shows their titles as they are."""
    return f"**{plain(a.title)}** ↔ **{plain(b.title)}**"


def language_pills(languages: dict[str, int], key: str) -> None:
    """A filter by the languages of the documents, where there is more than one; it starts on page one."""
    options = list(dict.fromkeys([*languages, *chosen_several(key)]))
    if len(options) > 1:
        st.pills(
            _("Language of the text"),
            options,
            selection_mode="multi",
            format_func=lambda code: f"{language_name(code)} {number(languages.get(code, 0))}",
            key=key,
            on_change=narrow,
            args=(key,),
        )


def search_box() -> None:
    """Words that titles and names must hold; a new search begins at the first page."""
    st.text_input(
        _("Search in titles and names"),
        key="q",
        type="search",
        placeholder=_("Words that must all occur"),
        bind="query-params",
        on_change=first_page,  # Streamlit itself keeps the words in the address
        width=320,
    )


def narrow(key: str, default: str = "") -> None:
    """A filter changed: keep it in the address and begin at the first page of what fits."""
    remember(key, default)
    first_page()


def first_page() -> None:
    st.session_state["page"] = 1


def fact_table(facts: Sequence[DifferingFact], a: str, b: str) -> None:
    """The facts that only one side states, under the names of the sides."""
    kinds = fact_kinds()
    with st.expander(
        several("{count} differing fact", "{count} differing facts", len(facts)),
        icon=":material/difference:",
        key="facts",
    ):
        st.table(
            [
                {
                    _("Kind"): kinds[each.fact.kind],
                    a: plain(each.fact.text) if each.side == "a" else "",
                    b: plain(each.fact.text) if each.side == "b" else "",
                }
                for each in facts[:MOST_FACTS]
            ]
        )


def page_of() -> int:
    return int(chosen_number("page", 1, 1, 100_000))


def pager(num_found: int, page_size: int) -> None:
    pages = -(-num_found // page_size)
    if pages > 1:
        st.pagination(pages, key="page", bind="query-params")


def open_comparison(a: str, b: str, key: str, mark: str = "words") -> None:
    """A button to both documents side by side on the page Compare."""
    if st.button(_("Side by side"), key=key, icon=":material/compare_arrows:"):
        query = {"a": a, "b": b} | ({} if mark == "words" else {"mark": mark})
        st.switch_page("compare.py", query_params=query)


def part_names() -> dict[str, str]:
    """The parts of quality."""
    return {
        "completeness": _("completeness"),
        "readability": _("readability"),
        "structure": _("structure"),
        "uniqueness": _("uniqueness"),
        "freshness": _("freshness"),
        "boilerplate": _("little boilerplate"),
    }
