"""The Word templates of the workspace, and a draft taken away in one of them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.documents.word_templates import (
    DRAFT_NAMES,
    MAX_TEMPLATE_BYTES,
    STARTER_WORDS,
    FreeVariable,
    Value,
    starter_template,
)
from core.gateway.roles import Permission
from core.use_cases import AddWordTemplate, FillWordTemplate, ListWordTemplates, RemoveWordTemplate
from core.use_cases.read_drafts import DraftView
from core.use_cases.word_templates import DOCX, TemplateView
from pages.components.language import _, ago, number, size
from pages.components.live import plain
from pages.components.session import ask, may, try_to

UPLOADS = "word_uploads"
"""How many templates this visit has kept: each gives the fields of the next one keys of their own."""

MADE = "word_made"
"""The document that was made last, with what it was made of."""


def word_templates_view() -> None:
    """All templates with the names that they leave open; to bring one in, to remove one, and a first one."""
    templates = ask(ListWordTemplates())
    st.subheader(f"{_('Word templates')} · {number(len(templates))}", anchor=False)
    st.caption(
        _(
            "A Word document of your own, with names in double curly brackets where a draft goes. "
            "Its styles, header and logo stay."
        )
    )
    with st.expander(_("Names that a draft fills by itself"), key="word_names"):
        names()
    for template in templates:
        template_card(template)
    if may(Permission.DECIDE):
        upload()


def names() -> None:
    st.table(
        [
            {_("Name"): f"`{{{{ {name} }}}}`", _("What it gives"): _(sentence)}
            for name, sentence in DRAFT_NAMES.items()
        ]
    )
    st.caption(_("Any other name becomes a field that is filled in for each document."))
    st.download_button(
        _("A template to start from"),
        data=partial(starter_template, starter_words()),
        file_name="template.docx",
        mime=DOCX,
        key="word_starter",
        on_click="ignore",
        icon=":material/download:",
    )


def starter_words() -> dict[str, str]:
    return {sentence: _(sentence) for sentence in (*DRAFT_NAMES.values(), *STARTER_WORDS.values())}


def template_card(template: TemplateView) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        asked = ", ".join(f"{plain(each.name)} ({kind_names()[each.kind]})" for each in template.variables)
        st.markdown(
            f"**{plain(template.name)}** · {plain(template.author)} · {ago(template.added_at)}  \n"
            f":gray[{_('To fill in: {names}').format(names=asked) if asked else _('Nothing to fill in')}]",
            width="stretch",
        )
        if may(Permission.DECIDE):
            st.button(
                _("Remove"),
                key=f"remove_word_{template.id}",
                on_click=try_to,
                args=(RemoveWordTemplate(template=template.id), _("The template is removed.")),
            )


def kind_names() -> dict[str, str]:
    return {"text": _("text"), "lines": _("lines"), "yes_no": _("yes or no")}


def upload() -> None:
    edition = int(st.session_state.get(UPLOADS, 0))
    file = st.file_uploader(_("Bring a Word template in"), type=["docx"], key=f"word_file_{edition}")
    if file is None:
        return
    if file.size > MAX_TEMPLATE_BYTES:
        st.error(_("A template has at most {size}.").format(size=size(MAX_TEMPLATE_BYTES)))
        return
    name = st.text_input(
        _("Name of the template"), value=file.name.rpartition(".")[0], key=f"word_name_{edition}"
    )
    if st.button(_("Keep this template"), key="keep_word", type="primary"):
        request = AddWordTemplate(name=name or "", file=file.getvalue())
        if try_to(request, _("The template is kept.")) is not None:
            st.session_state[UPLOADS] = edition + 1
            st.rerun()


def word_download(view: DraftView) -> None:
    """Choose a template, fill in what it leaves open, and take the draft away as a Word document."""
    templates = {each.id: each for each in ask(ListWordTemplates())}
    if not templates:
        st.caption(_("There is no Word template yet. Bring one in under “Types”."))
        return
    chosen = st.selectbox(
        _("Word template"),
        list(templates),
        format_func=lambda each: templates[each].name,
        key="word_template",
    )
    if chosen not in templates:
        return
    values = form(templates[chosen])
    request = FillWordTemplate(
        draft=view.record.id, version=view.record.version, template=chosen, values=values
    )
    if st.button(_("Make the document"), key="word_make"):
        st.session_state.pop(MADE, None)
        made = try_to(request)
        if made is not None:
            st.session_state[MADE] = (request, made)
    taken(request)


def form(template: TemplateView) -> dict[str, Value]:
    return {each.name: field(each, f"word_{template.id}_{each.name}") for each in template.variables}


def field(variable: FreeVariable, key: str) -> Value:
    label = variable.name.replace("_", " ").replace(".", " · ")
    if variable.kind == "yes_no":
        return st.checkbox(plain(label), key=key)
    if variable.kind == "lines":
        lines = st.text_area(plain(label), key=key, help=_("One a line"), height=96) or ""
        return tuple(line.strip() for line in lines.splitlines() if line.strip())
    return st.text_input(plain(label), key=key) or ""


def taken(request: FillWordTemplate) -> None:
    """The document that was made, as long as nothing that it was made of has changed."""
    made_of, made = st.session_state.get(MADE, (None, None))
    if made is None or made_of != request:
        return
    if made.missing:
        st.warning(
            _("Marked in the document, because nothing was given: {names}").format(
                names=plain(", ".join(made.missing))
            ),
            icon=":material/help:",
        )
    st.download_button(
        _("Download the Word document"),
        data=made.download.data,
        file_name=made.download.name,
        mime=made.download.media_type,
        key="word_download",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )
