"""A drawing as PNG, through the typesetter and the fonts that ship with the product."""

from __future__ import annotations

import re

from core.exports import typesetter

_SIZE = re.compile(r'<svg[^>]*? width="(\d+)" height="(\d+)"')


def png(svg: str, width: int = 1280) -> bytes:
    """`width` in pixels; the height follows from the drawing's. For drawings of ours."""
    found = _SIZE.search(svg)
    if not found:
        raise ValueError("The drawing does not say how large it is.")
    wide, high = int(found[1]), int(found[2])
    source = (
        f"#set page(width: {wide}pt, height: {high}pt, margin: 0pt)\n"
        f'#image(bytes({_string(svg)}), format: "svg", width: {wide}pt, height: {high}pt)'
    )
    return typesetter.png(source, ppi=72.0 * width / wide)


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
