"""A link to a file of the gateway that looks like a button: the browser fetches it, no page holds it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent

_LINK = st.components.v2.component(
    "download_link",
    html='<a class="take"><svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg><span></span></a>',
    css=(HERE / "download_link.css").read_text(encoding="utf-8"),
    js=(HERE / "download_link.js").read_text(encoding="utf-8"),
)


def download(words: str, path: str, file_name: str, key: str, *, is_main: bool = False) -> None:
    """`path` is on this server; `words` and the name of the file are what a screen reader says."""
    data = {
        "words": words,
        "label": f"{words}: {file_name}",
        "path": path,
        "name": file_name,
        "main": is_main,
    }
    _LINK(key=key, data=data, width="content")
