"""The text of a block cut where its marks change: what writers of files go through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.content.blocks import Block, Mark, MarkKind

STYLES: frozenset[MarkKind] = frozenset(
    {"strong", "emphasis", "underline", "strike", "code", "superscript", "subscript", "highlight"}
)
"""Marks that say how text looks; they have no target."""


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of a citation or a footnote; `key` names the block it points to."""

    kind: MarkKind
    key: str


@dataclass(frozen=True, slots=True)
class Run:
    """Text with one look, and the signs that stand right after it. Its text may be empty if it has signs."""

    text: str
    styles: frozenset[MarkKind] = frozenset()
    link: str = ""
    language: str = ""
    signs: tuple[Sign, ...] = ()


def runs(block: Block) -> tuple[Run, ...]:
    """The runs of the block's text. Their texts joined are the block's text."""
    return cut(block.text, block.marks)


def cell_runs(block: Block) -> list[list[tuple[Run, ...]]]:
    """The runs of each cell of a table, as `rows` has them."""
    if not block.marks:
        return [[(Run(cell),) if cell else () for cell in row] for row in block.rows]
    position, found = 0, []
    for row in block.rows:
        line = []
        for cell in row:
            line.append(cut(cell, _within(block.marks, position, position + len(cell))))
            position += len(cell) + 1
        found.append(line)
    return found


def cut(text: str, marks: Sequence[Mark]) -> tuple[Run, ...]:
    """The runs of a text. Marks beyond the text are cut at its end. O(marks squared) at worst."""
    if not marks:
        return (Run(text),) if text else ()
    places = sorted(
        {0, len(text), *(min(max(0, at), len(text)) for mark in marks for at in (mark.start, mark.end))}
    )
    signs: dict[int, list[Sign]] = {}
    for mark in marks:
        if mark.kind in ("citation", "footnote"):
            signs.setdefault(min(max(0, mark.end), len(text)), []).append(Sign(mark.kind, mark.target))
    found = [Run("", signs=tuple(signs[0]))] if 0 in signs else []
    for start, end in pairwise(places):
        over = [mark for mark in marks if mark.start <= start and mark.end >= end]
        found.append(
            Run(
                text[start:end],
                frozenset(mark.kind for mark in over) & STYLES,
                _target(over, "link"),
                _target(over, "language"),
                tuple(signs.get(end, ())),
            )
        )
    return tuple(found)


def marked(runs: Sequence[Run]) -> tuple[str, tuple[Mark, ...]]:
    """The inverse of `cut`: the text of the runs and its marks, neighbours of one kind joined."""
    text, open_marks, done = "", dict[tuple[MarkKind, str], int](), list[Mark]()
    for run in runs:
        wanted = {(style, "") for style in run.styles} if run.text else set(open_marks)
        if run.text:
            wanted |= {("link", run.link)} if run.link else set()
            wanted |= {("language", run.language)} if run.language else set()
        for kind, target in [each for each in open_marks if each not in wanted]:
            done.append(Mark(kind, open_marks.pop((kind, target)), len(text), target))
        for each in wanted:
            open_marks.setdefault(each, len(text))
        text += run.text
        done += [Mark(sign.kind, len(text), len(text), sign.key) for sign in run.signs]
    done += [Mark(kind, start, len(text), target) for (kind, target), start in open_marks.items()]
    return text, tuple(sorted(done, key=lambda mark: (mark.start, -mark.end, mark.kind, mark.target)))


def _within(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """The marks that touch start:end, counted from start. An empty mark belongs to the cell it ends in."""
    return [
        Mark(mark.kind, max(0, mark.start - start), min(end, mark.end) - start, mark.target)
        for mark in marks
        if (mark.start < end and mark.end > start)
        or (start <= mark.end <= end and mark.kind in ("citation", "footnote"))
    ]


def _target(marks: Sequence[Mark], kind: MarkKind) -> str:
    return next((mark.target for mark in marks if mark.kind == kind), "")
