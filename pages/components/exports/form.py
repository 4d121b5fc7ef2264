"""What somebody may choose about a file before it is made."""

from __future__ import annotations

import streamlit as st

from core.content import Picture
from core.exports.design import designs
from core.exports.validation.report import LEVELS
from core.exports.writers import offered
from core.use_cases import ListProfiles
from core.use_cases.export_wishes import NO_COMPANY, FileOptions
from pages.components.exports.names import (
    FORMAT_GROUPS,
    design_names,
    field_names,
    format_names,
    level_meanings,
    level_names,
)
from pages.components.language import _, language
from pages.components.session import ask

AUTOMATIC = ""


def format_pills(key: str, default: tuple[str, ...] = ("pdf",), leave_out: tuple[str, ...] = ()) -> list[str]:
    """The formats, several at once."""
    there = offered()
    first = [name for group in FORMAT_GROUPS.values() for name in group if name in there]
    choices = [name for name in dict.fromkeys((*first, *there)) if name not in leave_out]
    names = format_names()
    chosen = st.pills(
        _("Formats"),
        choices,
        selection_mode="multi",
        default=[name for name in default if name in choices],
        format_func=lambda name: names[name],
        key=f"{key}_formats",
    )
    return [name for name in choices if name in chosen]


def options(key: str, pictures: tuple[Picture, ...] = ()) -> FileOptions:
    """Type, quality level and company; the rest in a fold."""
    types, levels = {AUTOMATIC: _("As it suits"), **design_names()}, level_names()
    with st.container(horizontal=True):
        design = st.selectbox(
            _("Type of document"),
            list(types),
            format_func=types.get,
            key=f"{key}_design",
            width=220,
        )
        level = st.selectbox(
            _("Quality level"),
            LEVELS,
            index=LEVELS.index("standard"),
            format_func=lambda name: levels[name],
            key=f"{key}_level",
            width=180,
            help="\n".join(f"- **{levels[name]}**: {meaning}" for name, meaning in level_meanings().items()),
        )
        profile = company(key)
    with st.expander(_("More about the file"), key=f"{key}_more"):
        subtitle = st.text_input(_("Subtitle"), key=f"{key}_subtitle", max_chars=300)
        author = st.text_input(_("Author"), key=f"{key}_author", max_chars=200)
        keywords = st.text_input(
            _("Subject words"), key=f"{key}_keywords", max_chars=500, help=_("Divided by commas.")
        )
        fields = head_fields(key, design)
    return FileOptions(
        design=design or "",
        level=level,
        language=language(),
        profile=profile,
        subtitle=subtitle,
        author=author,
        keywords=tuple(filter(None, (word.strip() for word in keywords.split(",")))),
        fields=fields,
        alts=descriptions(key, pictures),
    )


def company(key: str) -> str:
    profiles = {profile.id: profile.name for profile in ask(ListProfiles())}
    if not profiles:
        return ""
    names = {AUTOMATIC: _("As the document says"), **profiles, NO_COMPANY: _("None")}
    return st.selectbox(_("Company"), list(names), format_func=names.get, key=f"{key}_company", width=220)


def head_fields(key: str, design: str) -> dict[str, str]:
    """The lines of a letter's or memo's head."""
    wanted = designs()[design].fields if design else ()
    names = field_names()
    found = {name: st.text_input(names[name], key=f"{key}_field_{name}", max_chars=500) for name in wanted}
    return {name: value.strip() for name, value in found.items() if value.strip()}


def descriptions(key: str, pictures: tuple[Picture, ...]) -> dict[str, str]:
    """What pictures without a description show: asked, or marked as decoration."""
    bare = {each.sha256: each for each in pictures if not each.alt and not each.is_decorative}
    if not bare:
        return {}
    found = {}
    with st.container(border=True):
        st.markdown(
            _("**Pictures without a description.** Say what each shows, for readers who cannot see it.")
        )
        for number, picture in enumerate(list(bare.values())[:20], start=1):
            told = _("Picture {number} ({width} × {height})").format(
                number=number, width=picture.width, height=picture.height
            )
            with st.container(horizontal=True, vertical_alignment="bottom"):
                text = st.text_input(told, key=f"{key}_alt_{picture.sha256[:12]}", max_chars=500)
                is_decoration = st.checkbox(
                    _("Only decoration"), key=f"{key}_decoration_{picture.sha256[:12]}"
                )
            if is_decoration or text.strip():
                found[picture.sha256] = "" if is_decoration else text.strip()
    return found
