"""Text and attributes for HTML and XHTML alike."""

from __future__ import annotations

import re
from urllib.parse import quote

# What a parser of HTML calls an error though XML lets it pass; none of it draws anything.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_ANCHOR = re.compile(r"[^A-Za-z0-9_-]")


def escaped(text: str) -> str:
    plain = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attributes(**values: str | None) -> str:
    """` name="value"` for each that is not None. `class_` is class, `data_x` data-x, `epub__x` epub:x."""
    parts = []
    for name, value in values.items():
        if value is not None:
            written = name.rstrip("_").replace("__", ":").replace("_", "-")
            parts.append(f' {written}="{escaped(value).replace(chr(34), "&quot;")}"')
    return "".join(parts)


def anchor(key: str) -> str:
    """The key as an id: what is neither letter nor digit becomes its code between dots."""
    return _ANCHOR.sub(lambda found: f".{ord(found[0]):x}.", key)


def address(target: str) -> str:
    """The address without what no URL may hold."""
    return quote(target, safe="%/:?#@!$&'()*+,;=~-._[]")
