"""Text gathered from inline markup: its white space brought into order, its marks kept on their words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.content import Mark, MarkKind

LINE = "\v"  # stands for a forced line break until the text is laid out
_PIECES = re.compile(r"([ \t\n\r\f]+)|(\v)|([^ \t\n\r\f\v]+)")
_SIGNS = ("citation", "footnote")


@dataclass(slots=True)
class InlineText:
    """Raw text with its marks, as a walk through the elements finds them."""

    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _open: list[tuple[MarkKind, str, int]] = field(default_factory=list)
    _marks: list[Mark] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)

    def open(self, kind: MarkKind, target: str = "") -> None:
        self._open.append((kind, target, self._length))

    def close(self) -> None:
        if self._open:
            kind, target, start = self._open.pop()
            if start < self._length:
                self._marks.append(Mark(kind, start, self._length, target))

    def sign(self, kind: MarkKind, key: str) -> None:
        self._marks.append(Mark(kind, self._length, self._length, key))

    def take(self) -> tuple[str, list[Mark]]:
        """What was gathered. Marks that are still open go on in what comes next."""
        marks = [Mark(kind, start, self._length, target) for kind, target, start in self._open]
        found = "".join(self._parts), [*self._marks, *(mark for mark in marks if mark.start < mark.end)]
        self._parts, self._marks, self._length = [], [], 0
        self._open = [(kind, target, 0) for kind, target, _ in self._open]
        return found


def laid_out(raw: str, marks: Iterable[Mark], line: str = "\n") -> tuple[str, tuple[Mark, ...]]:
    """Single spaces, none at the ends of lines; `line` for each forced break."""
    text, places = _collapsed(raw, line)
    return trimmed(text, [replace(mark, start=places(mark.start), end=places(mark.end)) for mark in marks])


def as_written(raw: str, marks: Iterable[Mark]) -> tuple[str, tuple[Mark, ...]]:
    """White space as it is, without empty lines at the ends: for code."""
    return trimmed(raw.replace(LINE, "\n"), list(marks), "\n")


def trimmed(text: str, marks: list[Mark], characters: str | None = None) -> tuple[str, tuple[Mark, ...]]:
    start = len(text) - len(text.lstrip(characters))
    shown = text.strip(characters)
    moved = (
        replace(
            mark,
            start=max(0, min(len(shown), mark.start - start)),
            end=max(0, min(len(shown), mark.end - start)),
        )
        for mark in marks
    )
    return shown, joined(mark for mark in moved if mark.start < mark.end or mark.kind in _SIGNS)


def joined(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """In order, those of one kind and target that touch as one."""
    last: dict[tuple[str, str], int] = {}
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.start, -each.end, each.kind, each.target)):
        at = last.get((mark.kind, mark.target))
        if mark.kind not in _SIGNS and at is not None and found[at].end >= mark.start:
            found[at] = replace(found[at], end=max(found[at].end, mark.end))
            continue
        last[mark.kind, mark.target] = len(found)
        found.append(mark)
    return tuple(found)


class _Places:
    """Where each place of the raw text is in the text that came of it."""

    def __init__(self) -> None:
        self._old: list[int] = []
        self._new: list[tuple[int, int]] = []

    def add(self, old: int, new: int, length: int) -> None:
        self._old.append(old)
        self._new.append((new, length))

    def __call__(self, at: int) -> int:
        found = bisect_right(self._old, at) - 1
        if found < 0:
            return 0
        new, length = self._new[found]
        return new + min(at - self._old[found], length)


def _collapsed(raw: str, line: str) -> tuple[str, _Places]:
    out: list[str] = []
    places, length = _Places(), 0
    for piece in _PIECES.finditer(raw):
        blank, is_break, word = piece.groups()
        if is_break:
            if out and out[-1] == " ":
                out.pop()
                length -= 1
            shown = line
        elif blank:
            shown = " " if out and out[-1] not in (" ", line) else ""
        else:
            shown = word
        places.add(piece.start(), length, len(shown))
        if shown:
            out.append(shown)
            length += len(shown)
    return "".join(out), places
