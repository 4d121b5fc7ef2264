"""Marks that do not fit together: brackets without a partner, and letters of a wrong code page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.quality.document import PlacedBlock
from core.quality.part import Evidence
from core.redundancy.evidence import Span

_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf\u0192\u02c6\u0160\u0161\u201a\u201e\u2020\u2021]|â€[\\S]?|\ufffd")
_ENUMERATION = re.compile(
    r"(?:(?<=^)|(?<=[\s,;:.–—-]))(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[ºª°]?\.?\)", re.MULTILINE
)
_FACE = re.compile(r"[:;=8]['-]?[()\[\]]")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def find_mojibake(placed: PlacedBlock) -> Iterator[Evidence]:
    """Words with sequences that only a wrong code page leaves. The last of each word is shown."""
    for word in re.finditer(r"\S+", placed.block.text):
        if _MOJIBAKE.search(word[0]):
            span = Span(placed.span.start + word.start(), placed.span.start + word.end())
            yield Evidence("mojibake", {"word": word[0][:60]}, span)


def unbalanced_brackets(placed: PlacedBlock) -> Iterator[Evidence]:
    """The brackets of a block that are closed without being open, or never closed.

    The sign of an enumeration, as in "a)", is none.
    """
    text = _FACE.sub("  ", placed.block.text)
    skipped = {match.end() - 1 for match in _ENUMERATION.finditer(text)}
    open_places: list[int] = []
    lonely: list[int] = []
    for place, sign in enumerate(text):
        if sign in "([{":
            open_places.append(place)
        elif sign in _PAIRS:
            if open_places and text[open_places[-1]] == _PAIRS[sign]:
                open_places.pop()
            elif place not in skipped:
                lonely.append(place)
    for place in sorted([*open_places, *lonely]):
        span = Span(placed.span.start + place, placed.span.start + place + 1)
        yield Evidence("unbalanced_bracket", {"sign": placed.block.text[place]}, span)
