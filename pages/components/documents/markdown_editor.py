"""A box for Markdown that tells what is written in it while it is written."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.components.language import _

PAUSE_MS = 350
"""How long nobody types before the page is told."""

_CSS = """
label { display: block; font-family: var(--st-font); font-size: 0.875rem; color: var(--st-text-color);
  margin-bottom: 0.3rem; }
textarea { width: 100%; box-sizing: border-box; min-height: 22rem; resize: vertical; padding: 0.7rem 0.8rem;
  font: 0.92rem/1.55 var(--st-code-font, ui-monospace, monospace); color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); }
textarea:focus { outline: 2px solid var(--st-primary-color); outline-offset: -1px; }
"""
_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const box = parentElement.querySelector('textarea');
  parentElement.querySelector('label span').textContent = data.label;
  if (box.dataset.edition !== data.edition) {
    box.dataset.edition = data.edition;
    box.value = data.text;
  }
  box.oninput = () => {
    clearTimeout(box.timer);
    box.timer = setTimeout(() => setStateValue('text', box.value), data.pause);
  };
  box.onblur = () => { clearTimeout(box.timer); setStateValue('text', box.value); };
}
"""
_BOX = st.components.v2.component(
    "markdown_editor",
    html="<label><span></span><textarea spellcheck='true'></textarea></label>",
    css=_CSS,
    js=_JS,
)


def markdown_editor(text: str, edition: str, key: str) -> str:
    """The text as it stands in the box. Another `edition` puts the given text into it anew."""
    told: Any = _BOX(
        key=key,
        data={"text": text, "edition": edition, "label": _("Text as Markdown"), "pause": PAUSE_MS},
        default={"text": text},
        on_text_change=lambda: None,
    )
    return str(told.text if told.text is not None else text)
