"""Names that came from outside, made safe to show, to store and to join to a path."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

MAX_PART_CHARACTERS = 120
MAX_NAME_CHARACTERS = 400
UNNAMED = "unnamed"

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidi and format marks, unassigned
_HARMFUL = re.compile(r'[<>:"|?*\\]')  # what some disk refuses; "&" and "$" are part of real names


def sanitise_name(name: str) -> str:
    """The name without anything that could lead out of a folder, hide its ending or run in a page.

    Folders stay, joined by "/"; the result is never empty, never absolute, has no part "." or "..",
    and is its own sanitised name.

    >>> sanitise_name("../../x<script>.md")
    'x_script_.md'
    """
    parts = [_sanitise_part(part) for part in re.split(r"[/\\]+", unicodedata.normalize("NFC", name))]
    safe = "/".join(part for part in parts if part)
    if len(safe) > MAX_NAME_CHARACTERS:
        safe = PurePosixPath(safe).name
    return safe or UNNAMED


def readable_stem(name: str) -> str:
    """A title made of a file name: "2024_leave-policy_v2.docx" -> "2024 leave policy v2"."""
    last = re.split(r"[/#]", name)[-1]
    stem = PurePosixPath(last).stem or last
    return " ".join(re.split(r"[\s_\-.]+", stem)).strip() or UNNAMED


def _sanitise_part(part: str) -> str:
    visible = "".join(character for character in part if unicodedata.category(character) not in _INVISIBLE)
    plain = unicodedata.normalize("NFC", " ".join(_HARMFUL.sub("_", visible).split())).strip(" .")
    return _shorten(plain)


def _shorten(part: str) -> str:
    """Cut in the middle, so that the ending stays."""
    if len(part) <= MAX_PART_CHARACTERS:
        return part
    suffix = PurePosixPath(part).suffix[:12]
    return (part[: MAX_PART_CHARACTERS - len(suffix)].rstrip(" .") + suffix).strip(" .")
