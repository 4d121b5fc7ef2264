"""Settings: what the product runs with, the rules that documents are checked against, language and theme."""

import streamlit as st

from core.gateway.roles import Permission
from core.settings import SettingView
from core.use_cases import ReadSettings
from pages.components.address import chosen, chosen_text, remember
from pages.components.company_profiles import company_profiles
from pages.components.language import LANGUAGES, WIDGET, _, language, several
from pages.components.policy_rules import policy_rules_editor
from pages.components.session import ask, may
from pages.components.theme import theme_choice

SOURCES = ("all", "changed")


def main() -> None:
    st.title(_("Settings"))
    st.markdown(
        _("How the product looks for you, what documents are checked against, and what it runs with.")
    )
    look()
    st.subheader(_("Companies"))
    company_profiles()
    st.subheader(_("Policy rules"))
    policy_rules_editor()
    if may(Permission.OPERATE):
        installation()
    else:
        st.caption(_("What the installation runs with is shown to its administrators."))


def look() -> None:
    st.subheader(_("For you, in this browser"))
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        # NOTE: the sidebar owns the choice of the language; this one hands its value over.
        st.selectbox(
            _("Language"),
            list(LANGUAGES),
            index=list(LANGUAGES).index(language()),
            format_func=LANGUAGES.get,
            key="language_here",
            on_change=hand_over_language,
            width=240,
        )
        with st.container(width="content"):
            theme_choice()


def hand_over_language() -> None:
    st.session_state[WIDGET] = st.session_state["language_here"]
    remember(WIDGET)


def installation() -> None:
    st.subheader(_("The installation"))
    st.caption(
        _(
            "Arguments win over the environment, that over the file app.toml, that over the default. "
            "A change takes effect at the next start. Secrets are never shown."
        )
    )
    which = chosen("source", SOURCES, "all")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.text_input(
            _("Search"),
            key="q",
            type="search",
            placeholder=_("Name or purpose"),
            bind="query-params",
            width=320,
        )
        st.segmented_control(
            _("Which"),
            SOURCES,
            required=True,
            format_func={"all": _("All"), "changed": _("Not at the default")}.get,
            key="source",
            on_change=remember,
            args=("source", "all"),
        )
    views = ask(ReadSettings())
    words = chosen_text("q").casefold().split()
    shown = [view for view in views if fits(view, words) and (which == "all" or view.source != "default")]
    if not shown:
        st.info(_("No setting fits. Remove a filter."), icon=":material/filter_alt_off:")
        return
    st.dataframe(
        [row(view) for view in shown],
        key="settings",
        hide_index=True,
        column_config={
            _("Name"): st.column_config.TextColumn(width=190),
            _("Value"): st.column_config.TextColumn(width=150),
            _("From"): st.column_config.TextColumn(width=110),
            _("May be"): st.column_config.TextColumn(width=150),
            _("What it is for"): st.column_config.TextColumn(width="large"),
        },
        height=min(36 * (len(shown) + 1) + 2, 620),
        alt=_("Settings with value, origin, bounds, default and purpose"),
    )
    st.caption(several("{count} setting", "{count} settings", len(shown)))


def fits(view: SettingView, words: list[str]) -> bool:
    text = f"{view.name} {view.environment} {_(view.description)}".casefold()
    return all(word in text for word in words)


def row(view: SettingView) -> dict[str, str]:
    sources = {
        "argument": _("argument"),
        "environment": _("environment"),
        "file": _("app.toml"),
        "default": _("default"),
    }
    return {
        _("Name"): view.name,
        _("Value"): view.value or _("empty"),
        _("From"): sources[view.source],
        _("May be"): view.bounds,
        _("Default"): view.default or _("empty"),
        _("What it is for"): _(view.description),
        _("In the environment"): view.environment,
    }


main()
