"""Text for the cells of a spreadsheet file: nothing in it acts as a formula, and numbers stay numbers."""

from __future__ import annotations

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet program calculate instead of show (OWASP, "CSV Injection")."""

_NUMBER = re.compile(r"[+-]?\d[\d.,'\u00a0\u202f]*(?:[eE][+-]?\d+)?\s?%?")
_GUARD = "'"


def neutralise(text: str) -> str:
    """The text with an apostrophe before what would act as a formula, and before an apostrophe that guards
    nothing, so that `restore` can tell them apart.

    >>> [neutralise(text) for text in ("=1+1", "-5", "-300 %", "'=x")]
    ["'=1+1", '-5', '-300 %', "''=x"]
    """
    return _GUARD + text if acts(text) or _looks_guarded(text) else text


def restore(text: str) -> str:
    """The inverse of `neutralise`."""
    return text[1:] if _looks_guarded(text) else text


def acts(text: str) -> bool:
    """Whether a spreadsheet program could calculate what is in the cell."""
    bare = text.lstrip(" \u00a0")
    return bare.startswith(FORMULA_STARTS) and _NUMBER.fullmatch(bare) is None


def _looks_guarded(text: str) -> bool:
    return text.startswith(_GUARD) and acts(text.lstrip(_GUARD))
