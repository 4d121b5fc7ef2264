"""How one form of an identifier is recognised."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["form", "unless_other", "label"]
"""What is needed beside the form: nothing, no label that says it is something else, or one that names it."""


def _always(_compact: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Detector:
    """`pattern` finds candidates; `holds` is asked with the candidate in capitals and without separators.

    Patterns have bounded repeats only, so that a scan is linear in the text. `wide` ones look at all of the
    text, the others only where digits stand close together.
    """

    kind: str
    pattern: re.Pattern[str]
    evidence: Evidence
    holds: Callable[[str], bool] = _always
    wide: bool = False


_BEFORE = r"(?<![\w@#])(?<!\w[-./_])"
_AFTER = r"(?![\w@])(?![-./:]\w)"
_SEPARATORS = re.compile(r"[\s.\-/()·]")


def form(written: str, *, exact_case: bool = False) -> re.Pattern[str]:
    """The pattern as a word of its own: no part of a longer number, code, path or address."""
    return re.compile(f"{_BEFORE}(?:{written}){_AFTER}", 0 if exact_case else re.I)


def compact(written: str) -> str:
    return _SEPARATORS.sub("", written).upper()
