"""Which way text runs, and where it turns."""

from __future__ import annotations

import re
from collections.abc import Iterator

RIGHT_TO_LEFT = ("ar", "he", "fa", "ur", "yi")
_LETTER = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_TURN = re.compile(f"[{_LETTER}](?:[^A-Za-z\u00c0-\u058f{_LETTER}]*[{_LETTER}])*")


def is_right_to_left(language: str) -> bool:
    return language.partition("-")[0].lower() in RIGHT_TO_LEFT


def stretches(text: str) -> Iterator[tuple[str, bool]]:
    """The text cut where right-to-left letters begin and end, with whether it runs right to left."""
    position = 0
    for match in _TURN.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], False
        yield match[0], True
        position = match.end()
    if position < len(text):
        yield text[position:], False
