"""Marks that follow their words when the text around them changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import NamedTuple

from core.content.blocks import Block, Mark

MOST_COMPARED = 4_000


def with_text(block: Block, text: str) -> Block:
    """The block with another text, its marks on the same words as before."""
    return replace(block, text=text, marks=moved(block.marks, block.text, text))


def moved(marks: Sequence[Mark], old: str, new: str) -> tuple[Mark, ...]:
    """The marks of `old` as they stand in `new`. A mark whose words are all gone goes too, unless it is the
    sign of a citation or a footnote. Of more than `MOST_COMPARED` characters that changed, none is followed.
    """
    if not marks or old == new:
        return tuple(marks)
    kept = _kept(old, new)
    starts = [stretch.old for stretch in kept]

    def place(at: int) -> int:
        stretch = kept[max(0, bisect_right(starts, at) - 1)]
        return stretch.new + min(max(0, at - stretch.old), stretch.size)

    found = (replace(mark, start=place(mark.start), end=place(mark.end)) for mark in marks)
    return tuple(mark for mark in found if mark.start < mark.end or mark.kind in ("citation", "footnote"))


class _Kept(NamedTuple):
    """`size` characters that stand at `old` in the one text and at `new` in the other."""

    old: int
    new: int
    size: int


def _kept(old: str, new: str) -> list[_Kept]:
    """What both texts share, in order; comparing takes the square of what lies between beginning and end."""
    head = _num_equal(old, new)
    tail = _num_equal(old[head:][::-1], new[head:][::-1])
    middle, other = old[head : len(old) - tail], new[head : len(new) - tail]
    found = [_Kept(0, 0, head)]
    if max(len(middle), len(other)) <= MOST_COMPARED:
        matches = SequenceMatcher(None, middle, other, autojunk=False).get_matching_blocks()
        found += [_Kept(head + each.a, head + each.b, each.size) for each in matches if each.size]
    return [*found, _Kept(len(old) - tail, len(new) - tail, tail)]


def _num_equal(one: str, other: str) -> int:
    """How many characters both begin with."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))
