"""Notes, citations and links: what a mark points to is there, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from core.content import Block, Mark

_NO_NOTES_IN = ("heading", "caption", "footnote", "reference", "chart", "code")
_ADDRESS = re.compile(r"(?:https?://[^\s/?#]+[^\s]*|mailto:[^\s@]+@[^\s@]+)\Z", re.I)


def settled(blocks: Sequence[Block], changes: Counter[str]) -> list[Block]:
    """The blocks with marks that lead somewhere; notes that nothing points to as paragraphs."""
    known = _known(blocks)
    used: set[str] = set()
    marked = [
        replace(block, key=known.key_at.get(at, ""), marks=_kept(block, known, used, changes))
        for at, block in enumerate(blocks)
    ]
    orphans = {at for at, block in enumerate(marked) if block.kind == "footnote" and block.key not in used}
    changes["notes"] += len(orphans)
    return [replace(each, kind="paragraph") if at in orphans else each for at, each in enumerate(marked)]


class _Known:
    """Which keys there are and of which kind of block. Of two blocks with one key the first has it."""

    def __init__(self) -> None:
        self.key_at: dict[int, str] = {}
        self.kinds: dict[str, str] = {}


def _known(blocks: Sequence[Block]) -> _Known:
    known = _Known()
    for at, block in enumerate(blocks):
        key = "" if block.key in known.kinds else block.key
        if not key and block.kind in ("footnote", "reference"):
            key = next(free for each in count(at) if (free := f"note-{each}") not in known.kinds)
        if key:
            known.key_at[at], known.kinds[key] = key, block.kind
    return known


def _kept(block: Block, known: _Known, used: set[str], changes: Counter[str]) -> tuple[Mark, ...]:
    kept: list[Mark] = []
    for mark in block.marks:
        mark = replace(mark, start=max(0, mark.start), end=min(len(block.text), mark.end))
        if _leads_somewhere(mark, block, known, used):
            kept.append(mark)
            if mark.kind == "footnote":
                used.add(mark.target)
        elif mark.kind == "link":
            changes["links"] += 1
    return tuple(_without_overlaps(kept, "link"))


def _leads_somewhere(mark: Mark, block: Block, known: _Known, used: set[str]) -> bool:
    if mark.kind == "footnote":
        is_note = known.kinds.get(mark.target) == "footnote"
        return is_note and mark.target not in used and block.kind not in _NO_NOTES_IN
    if mark.kind == "citation":
        return known.kinds.get(mark.target) == "reference" and block.kind not in ("heading", "code")
    if mark.start >= mark.end or block.kind == "code":
        return False
    if mark.kind == "link":
        is_inside = mark.target.startswith("#") and mark.target[1:] in known.kinds
        return is_inside or (_ADDRESS.match(mark.target) is not None and block.kind != "heading")
    return True


def _without_overlaps(marks: list[Mark], kind: str) -> list[Mark]:
    """A text leads to one place: of marks of this kind that overlap, the first stays."""
    end, kept = -1, []
    for mark in sorted(marks, key=lambda each: (each.start, each.end)):
        if mark.kind == kind:
            if mark.start < end:
                continue
            end = mark.end
        kept.append(mark)
    return kept
