"""The companies that documents speak for: a card for each, and the form to write one."""

from __future__ import annotations

import streamlit as st

from core.documents.catalogue import TONES
from core.gateway.roles import Permission
from core.storage.company_profiles import CompanyProfile
from core.use_cases import ListProfiles, RemoveProfile, SaveProfile
from core.use_cases.company_profiles import SIZES
from pages.components.documents.names import tone_names
from pages.components.language import _
from pages.components.live import plain
from pages.components.session import ask, may, try_to

OPEN = "profile_open"
NEW = "new"
FIRST_COLOURS = ("#1d4ed8", "#0d9488")


def company_profiles() -> None:
    st.caption(
        _("Whom documents speak for. The tone guides a plan; logo and colours are for files that carry them.")
    )
    profiles = ask(ListProfiles())
    opened = str(st.session_state.get(OPEN, ""))
    for profile in profiles:
        if opened == profile.id:
            form(profile)
        else:
            card(profile)
    if not may(Permission.DECIDE):
        return
    if opened == NEW:
        form(None)
    else:
        st.button(
            _("Add a company"), key="profile_new", icon=":material/add:", on_click=open_form, args=(NEW,)
        )


def card(profile: CompanyProfile) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if profile.logo:
            st.image(profile.logo, width=56)
        about = [profile.industry, profile.size, tone_names().get(profile.tone, "")]
        swatches = "".join(
            f'<span style="display:inline-block;width:1rem;height:1rem;border-radius:4px;margin-right:4px;'
            f'background:{colour}"></span>'
            for colour in profile.colours
        )
        with st.container(gap="small"):
            st.markdown(
                f"**{plain(profile.name)}**  \n:gray[{plain(' · '.join(filter(None, about)))}]",
                width="stretch",
            )
            if swatches:
                st.html(swatches)
        if may(Permission.DECIDE):
            st.button(_("Change"), key=f"profile_{profile.id}", on_click=open_form, args=(profile.id,))
            st.button(
                _("Remove"),
                key=f"profile_gone_{profile.id}",
                on_click=try_to,
                args=(RemoveProfile(profile=profile.id), _("The company is removed; its drafts stay.")),
            )


def open_form(profile: str) -> None:
    st.session_state[OPEN] = profile


def close_form() -> None:
    st.session_state.pop(OPEN, None)


def form(profile: CompanyProfile | None) -> None:
    key = profile.id if profile else NEW
    with st.form(f"profile_form_{key}"):
        one, two = st.columns(2)
        name = one.text_input(_("Name of the company"), value=profile.name if profile else "", max_chars=200)
        industry = two.text_input(_("Industry"), value=profile.industry if profile else "", max_chars=200)
        sizes, tones = ["", *SIZES], ["", *TONES]
        size = one.selectbox(
            _("People"),
            sizes,
            index=sizes.index(profile.size) if profile else 0,
            format_func=lambda each: each or _("not said"),
        )
        tone = two.selectbox(
            _("Tone"),
            tones,
            index=tones.index(profile.tone) if profile else 0,
            format_func=lambda each: tone_names().get(each, _("as the type of document asks")),
        )
        known = (*profile.colours, *FIRST_COLOURS)[:2] if profile else FIRST_COLOURS
        with st.container(horizontal=True):
            main = st.color_picker(_("Main colour"), known[0])
            second = st.color_picker(_("Second colour"), known[1])
        header = one.text_input(
            _("Line at the top of pages"), value=profile.header if profile else "", max_chars=200
        )
        footer = two.text_input(
            _("Line at the foot of pages"), value=profile.footer if profile else "", max_chars=200
        )
        body_font = one.text_input(
            _("Font of the text"),
            value=profile.body_font if profile else "",
            max_chars=100,
            help=_("The name of a font that is installed here. Empty: the type of document decides."),
        )
        heading_font = two.text_input(
            _("Font of headings"), value=profile.heading_font if profile else "", max_chars=100
        )
        logo = st.file_uploader(_("Logo: PNG, JPEG or WebP"), type=["png", "jpg", "jpeg", "webp"])
        no_logo = bool(profile and profile.logo) and st.checkbox(_("Without a logo"))
        with st.container(horizontal=True):
            saves = st.form_submit_button(_("Keep"), type="primary")
            st.form_submit_button(_("Cancel"), on_click=close_form)
    if not saves:
        return
    request = SaveProfile(
        name=name or "",
        industry=industry or "",
        size=size or "",
        tone=tone or "",
        colours=(main, second),
        logo=b"" if no_logo else logo.getvalue() if logo is not None else None,
        header=header or "",
        footer=footer or "",
        body_font=body_font or "",
        heading_font=heading_font or "",
        profile=profile.id if profile else "",
        revision=profile.revision if profile else 0,
    )
    if try_to(request, _("The company is kept.")) is not None:
        close_form()
        st.rerun()
