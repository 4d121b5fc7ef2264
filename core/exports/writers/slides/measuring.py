"""How many lines a text takes in a box, before anything is drawn. Sizes and widths are in points.

Office fonts are not ours to ship, so widths are those of Inter and some more: every usual substitute for
Arial or Georgia is narrower than that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from core.exports.charts import lettering

RESERVE = 1.12
"""DejaVu Sans, which stands in for Arial on bare machines, is up to 11 % wider than Inter."""

MONO = 0.62
_PIECES = re.compile(r"\n|[^\S\n]+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+")
_TALL = re.compile("[\u0590-\u0dff\u0e00-\u1fff\u2e80-\ufaff\ufb1d-\ufdff\ufe70-\uffef\U00010000-\U0010ffff]")


def line_height(text: str, size: float) -> float:
    """Scripts outside Latin, Greek and Cyrillic come from fonts with taller lines."""
    return size * (1.5 if _TALL.search(text) else 1.2)


def line_starts(
    text: str, size: float, room: float, *, is_bold: bool = False, is_mono: bool = False
) -> list[int]:
    """Where each line begins. Lines break at blanks, in East Asian text anywhere, in a word that is wider
    than the box between its letters. An empty text takes one line.
    """
    starts, used = [0], 0.0
    for found in _PIECES.finditer(text):
        piece = found[0]
        if piece == "\n":
            starts.append(found.end())
            used = 0.0
            continue
        wide = _width(piece, size, is_bold, is_mono)
        if used + wide <= room:
            used += wide
        elif piece.isspace():
            used = room
        elif wide <= room:
            starts.append(found.start())
            used = wide
        else:
            if used:
                starts.append(found.start())
            used = _letters(found.start(), piece, size, room, is_bold, is_mono, starts)
    return starts


def _letters(
    at: int, word: str, size: float, room: float, is_bold: bool, is_mono: bool, starts: list[int]
) -> float:
    """Breaks a word between letters; how much of the last line it takes."""
    used = 0.0
    for place, letter in enumerate(word, start=at):
        wide = _width(letter, size, is_bold, is_mono)
        if used and used + wide > room:
            starts.append(place)
            used = 0.0
        used += wide
    return used


@lru_cache(maxsize=50_000)
def _width(piece: str, size: float, is_bold: bool, is_mono: bool) -> float:
    if is_mono:
        return size * sum(1.05 if ord(letter) >= 0x2E80 else MONO for letter in piece)
    return lettering.width(piece, size, is_bold) * RESERVE
