"""The check of a draft, one line for each thing that was looked at, with what was found."""

from __future__ import annotations

import streamlit as st

from core.use_cases.check_draft import DraftCheck, Verdict
from pages.components.documents.names import check_names
from pages.components.findings.names import part_names
from pages.components.language import _, number, percent, several
from pages.components.live import plain

_ICONS = {"passed": ":material/check_circle:", "attention": ":material/info:", "failed": ":material/error:"}
_COLOURS = {"passed": "green", "attention": "orange", "failed": "red"}


def verdict_badge(verdict: Verdict) -> str:
    """The verdict in a word, as Markdown."""
    words = {"passed": _("checked"), "attention": _("look at it"), "failed": _("not finished")}
    outcome = verdict.outcome
    return f":{_COLOURS[outcome]}-badge[{_ICONS[outcome]} {words[outcome]}]"


def verdict_board(verdict: Verdict) -> None:
    names = check_names()
    for check in verdict.checks:
        head = (
            f":{_COLOURS[check.outcome]}[{_ICONS[check.outcome]}] **{names[check.name]}** · {_found(check)}"
        )
        if not check.evidence:
            with st.container(border=True):
                st.markdown(head)
            continue
        with st.expander(head, key=f"check_{check.name}"):
            st.markdown("\n".join(f"- {plain(_evidence(check, each))}" for each in check.evidence))


def _found(check: DraftCheck) -> str:
    """What the check found, in a few words."""
    share = check.share
    if check.name == "support":
        if share is None:
            return _("no text yet")
        return _("{share} of the words come from sources").format(share=percent(share))
    if check.name == "quality":
        return _("no score") if share is None else _("{score} of 100").format(score=number(100 * share))
    if check.name == "library":
        return _("the nearest document has {share} of it").format(share=percent(share or 0.0))
    if not check.count:
        return _("nothing found")
    return {
        "figures": several("{count} sentence", "{count} sentences", check.count),
        "gaps": several("{count} open question", "{count} open questions", check.count),
        "conflicts": several("{count} contradiction", "{count} contradictions", check.count),
        "length": several("{count} section", "{count} sections", check.count),
        "repetition": several("{count} repeat", "{count} repeats", check.count),
        "policy": several("{count} finding", "{count} findings", check.count),
        "instructions": several("{count} sentence left out", "{count} sentences left out", check.count),
    }[check.name]


def _evidence(check: DraftCheck, found: str) -> str:
    if check.name != "quality":
        return found
    return part_names().get(found, found)
