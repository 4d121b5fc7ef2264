"""Text as it stands in XML. Every word of a manuscript goes through here."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def escaped(text: str) -> str:
    """For element text and for attributes in double quotes; what XML forbids is left out."""
    return _FORBIDDEN.sub("", text).translate(_ESCAPES)


def document(root: str) -> bytes:
    return (DECLARATION + root).encode("utf-8")
