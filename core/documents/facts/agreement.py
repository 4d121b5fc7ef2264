"""Whether two values of a fact say the same."""

from __future__ import annotations

from core.documents.facts.dates import are_same_day
from core.documents.template import FactKind

_VAGUE = {"$": {"USD", "MXN", "peso", ""}, "peso": {"MXN", ""}, "": {"USD", "MXN", "EUR", "BRL", "GBP"}}


def agree(kind: FactKind, one: str, other: str) -> bool:
    """Values as find_facts gives them. A date or a currency that is said in part agrees with a whole one."""
    if one == other:
        return True
    if kind == "date":
        return are_same_day(one, other)
    return kind == "money" and _is_same_money(one.split(), other.split())


def _is_same_money(one: list[str], other: list[str]) -> bool:
    mine, theirs = one[0] if len(one) > 1 else "", other[0] if len(other) > 1 else ""
    return one[-1] == other[-1] and (theirs in _VAGUE.get(mine, ()) or mine in _VAGUE.get(theirs, ()))
