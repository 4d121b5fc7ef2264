"""The choice of light or dark, kept by the browser and not by the server."""

from __future__ import annotations

import streamlit as st

from pages.components.language import _

PATHS = ("", "library", "redundancy", "compare", "quality", "cache", "tuning", "settings")
"""Where a visit may begin: the browser keeps the choice for each address of its own."""


def theme_choice() -> None:
    """Buttons for the system's choice, light and dark. The page loads again in the chosen one."""
    _CHOICE(
        key="theme",
        data={
            "paths": PATHS,
            "label": _("Theme"),
            "options": [["System", _("As the device")], ["Light", _("Light")], ["Dark", _("Dark")]],
        },
    )


_CSS = """
fieldset { border: 0; margin: 0; padding: 0; font-family: var(--st-font); color: var(--st-text-color); }
legend { font-size: 0.875rem; padding: 0 0 0.4rem; }
.options { display: inline-flex; border: 1px solid var(--st-border-color); overflow: hidden;
  border-radius: var(--st-base-radius); }
button { font: inherit; font-size: 0.9rem; padding: 0.42rem 0.9rem; border: 0; cursor: pointer;
  background: var(--st-background-color); color: var(--st-text-color);
  border-right: 1px solid var(--st-border-color); }
button:last-child { border-right: 0; }
button[aria-pressed=true] { background: var(--st-secondary-background-color); font-weight: 650;
  box-shadow: inset 0 -2px 0 var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -2px; }
"""

# NOTE: Streamlit reads the choice from this key when it starts, one for each address a visit began at.
_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector('fieldset');
  root.replaceChildren();
  const keyOf = (path) => `stActiveTheme-/${path}-v2`;
  const read = () => {
    try { return JSON.parse(localStorage.getItem(keyOf(location.pathname.slice(1)))) || 'System'; }
    catch { return 'System'; }
  };
  const legend = document.createElement('legend');
  legend.textContent = data.label;
  const options = document.createElement('div');
  options.className = 'options';
  data.options.forEach(([name, words]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words;
    button.setAttribute('aria-pressed', String(read() === name));
    button.onclick = () => {
      data.paths.forEach((path) => localStorage.setItem(keyOf(path), JSON.stringify(name)));
      location.reload();
    };
    options.append(button);
  });
  root.append(legend, options);
}
"""

_CHOICE = st.components.v2.component("theme_choice", html="<fieldset></fieldset>", css=_CSS, js=_JS)
