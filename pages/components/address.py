"""Choices that the address carries as codes, so that a link means the same in every language and library.

Streamlit's own binding writes the words of an option ("Open", "MD 69") into the address; those change with
the language and with every new document.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import streamlit as st


def chosen(key: str, options: Collection[str], default: str) -> str:
    """What the widget `key` holds: its value, at first what the address names, where that is an option.

    The widget itself takes no default and calls `remember` when it changes.
    """
    named = st.query_params.get(key, default)
    st.session_state.setdefault(key, named if named in options else default)
    return str(st.session_state[key] or default)


def chosen_several(key: str) -> tuple[str, ...]:
    """The same for a widget of several codes: short letters and digits; anything else is left out."""
    named = [code for code in st.query_params.get_all(key) if code.isalnum() and len(code) <= 12]
    st.session_state.setdefault(key, list(dict.fromkeys(named)))
    return tuple(st.session_state[key] or ())


def remember(key: str, default: str = "") -> None:
    """Put the choice of the widget into the address; the default needs no mention."""
    value: Any = st.session_state.get(key)
    if value and value != default:
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]


def chosen_text(key: str) -> str:
    """The words of a text field that Streamlit binds, before it was drawn once too."""
    return str(st.session_state[key] if key in st.session_state else st.query_params.get(key, "")).strip()


def chosen_number(key: str, default: float, least: float, most: float) -> float:
    """The number of a widget that Streamlit binds, within its bounds."""
    try:
        value = float(st.session_state.get(key) or st.query_params.get(key) or default)
    except ValueError:
        return default
    return min(most, max(least, value)) if math.isfinite(value) else default
