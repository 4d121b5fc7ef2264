"""List items, which stand one after the other in content, as lists within lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.content import Block

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and the lists below it. Without a block it only carries lists that begin deeper."""

    block: Block | None
    lists: list[ItemList] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ItemList:
    is_ordered: bool
    entries: list[Entry] = field(default_factory=list)


def nested(items: Sequence[Block], level: int = 0) -> list[ItemList]:
    """The lists of these items. Items of the other kind begin another list."""
    found: list[ItemList] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and min(items[end].level, MAX_DEPTH) > level:
            end += 1
        if end > at:
            _last_entry(found, items[at]).lists.extend(nested(items[at:end], level + 1))
            at = end
            continue
        if not found or found[-1].is_ordered != items[at].is_ordered:
            found.append(ItemList(items[at].is_ordered))
        found[-1].entries.append(Entry(items[at]))
        at += 1
    return found


def _last_entry(found: list[ItemList], below: Block) -> Entry:
    if not found:
        found.append(ItemList(below.is_ordered, [Entry(None)]))
    return found[-1].entries[-1]
