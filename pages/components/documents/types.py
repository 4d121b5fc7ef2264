"""The catalogue of document types, and the types that people of the workspace write themselves."""

from __future__ import annotations

import streamlit as st

from core.documents.catalogue import AREAS, FAULTS, Fault, faults_of
from core.gateway.roles import Permission
from core.language.stop_words import Language
from core.use_cases import ListTypes, RemoveType, SaveType
from core.use_cases.document_types import TypeView
from pages.components.address import chosen_text
from pages.components.documents.names import area_name, form_names, tone_names
from pages.components.documents.word_templates import word_templates_view
from pages.components.findings.names import search_box
from pages.components.language import _, filled, language, number, several
from pages.components.live import plain
from pages.components.session import ask, may, try_to

EDITED = "type_edited"
NEW = "new"


def types_view() -> None:
    views = ask(ListTypes())
    edited = str(st.session_state.get(EDITED, ""))
    if may(Permission.DECIDE):
        if edited:
            editor(views, edited)
            return
        st.button(
            _("Write a type of your own"),
            key="new_type",
            icon=":material/add:",
            on_click=edit,
            args=(NEW,),
        )
    search_box()
    words = chosen_text("q").casefold().split()
    spoken = spoken_language()
    shown = [view for view in views if all(word in words_of(view) for word in words)]
    if not shown:
        st.info(_("No type fits. Search for something else."), icon=":material/search_off:")
    for area in AREAS:
        own = [view for view in shown if view.template.areas[0] == area]
        if own:
            st.subheader(f"{area_name(area)} · {number(len(own))}", anchor=False)
        for view in own:
            type_card(view, spoken)
    word_templates_view()


def spoken_language() -> Language:
    spoken = language()
    return "es" if spoken == "es" else "pt" if spoken == "pt" else "en"


def words_of(view: TypeView) -> str:
    names = [name for names in view.template.names.values() for name in names]
    return " ".join([view.template.key.replace("_", " "), *names]).casefold()


def type_card(view: TypeView, spoken: Language) -> None:
    template = view.template
    own = f" :violet-badge[{_('your own')}]" if view.is_own else ""
    with st.expander(f"**{plain(template.name(spoken))}**{own}", key=f"type_{template.key}"):
        st.markdown(plain(template.purpose[spoken]))
        also = ", ".join(template.names[spoken][1:])
        facts = [
            _("tone: {tone}").format(tone=tone_names().get(template.tone, template.tone)),
            _("{least} to {most} words").format(
                least=number(template.min_words), most=number(template.max_words)
            ),
        ]
        if also:
            facts.append(_("also called {names}").format(names=plain(also)))
        st.caption(" · ".join(facts))
        optional = {True: "", False: f" ({_('optional')})"}
        st.table(
            [
                {
                    _("Section"): plain(slot.title[spoken]) + optional[slot.is_required],
                    _("As"): form_names()[slot.form],
                    _("Words"): f"{number(slot.min_words)}–{number(slot.max_words)}",
                    _("Must state"): plain(", ".join(fact.label[spoken] for fact in slot.facts)) or "–",
                }
                for slot in template.slots
            ]
        )
        with st.container(horizontal=True):
            st.download_button(
                "TOML",
                data=view.text,
                file_name=f"{template.key}.toml",
                key=f"toml_{template.key}",
                on_click="ignore",
                icon=":material/download:",
            )
            if not may(Permission.DECIDE):
                return
            st.button(
                _("Change it") if view.is_own else _("Make your own from it"),
                key=f"edit_type_{template.key}",
                on_click=edit,
                args=(template.key,),
            )
            if view.is_own:
                st.button(
                    _("Remove"),
                    key=f"remove_type_{template.key}",
                    on_click=try_to,
                    args=(RemoveType(key=template.key), _("The type is removed; its drafts stay.")),
                )


def edit(key: str) -> None:
    st.session_state[EDITED] = key


def stop_editing() -> None:
    st.session_state.pop(EDITED, None)


def editor(views: tuple[TypeView, ...], key: str) -> None:
    """The type as TOML with every fault in its line; a file of one's own may be brought in."""
    base = next((view for view in views if view.template.key == key), None)
    st.subheader(_("A type of your own"), anchor=False)
    st.caption(
        _(
            "A type is a TOML file: its names, and for each section a title, the words by which its sources "
            "are found, its form and length, and the facts that it must state. One language is enough."
        )
    )
    start = base.text if base else (views[0].text if views else "")
    if base is not None and not base.is_own:
        start = start.replace(f'key = "{key}"', f'key = "own_{key}"', 1)
    file = st.file_uploader(_("Bring a file in"), type=["toml"], key=f"type_file_{key}")
    if file is not None:
        start = file.getvalue().decode("utf-8", "replace")
    edition = f"type_text_{key}_{file.file_id if file is not None else ''}"
    text = st.text_area(_("The type as TOML"), value=start, height=420, key=edition) or ""
    faults = faults_of(text, "")
    for fault in faults[:10]:
        st.error(
            _("Line {number}: {fault}").format(number=number(fault.line), fault=plain(told(fault))),
            icon=":material/error:",
        )
    if len(faults) > 10:
        st.caption(several("And {count} more.", "And {count} more.", len(faults) - 10))
    with st.container(horizontal=True):
        revision = base.revision if base is not None and base.is_own else 0
        keeps = st.button(_("Keep this type"), key="save_type", type="primary", disabled=bool(faults))
        if keeps and try_to(SaveType(text=text, revision=revision), _("The type is in the catalogue.")):
            stop_editing()
            st.rerun()
        st.button(_("Cancel"), key="cancel_type", on_click=stop_editing)


def told(fault: Fault) -> str:
    """The fault and its remedy in the reader's language."""
    said = FAULTS[fault.kind]
    parameters = {"name": fault.name, "value": fault.value, "allowed": fault.allowed}
    return f"{filled(said.sentence, parameters)} {filled(said.remedy, parameters)}"
