"""A wish and where in the brief it is said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """Characters `start` to `end` of the brief say `value`; `words` are what stands there."""

    value: T
    start: int
    end: int
    words: str


def said(value: T, brief: str, match: re.Match[str], group: int | str = 0) -> Said[T]:
    start, end = match.span(group)
    return Said(value, start, end, " ".join(brief[start:end].split()))


@lru_cache(maxsize=64)
def level(brief: str) -> str:
    """Small letters without accents, character for character, so that places are those of the brief.

    >>> level("Fecha límite: MAÑANA")
    'fecha limite: manana'
    """
    return "".join(map(_level_letter, brief))


@lru_cache(maxsize=5000)
def _level_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    return base if len(base) == 1 else letter
