"""Plain text, 80 columns wide: for terminals, mails and screen readers without markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.content import Block, BlockKind, Run, runs
from core.content.runs import cell_runs
from core.exports.charts.description import describe
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import words_of
from core.exports.writers.delimited import values
from core.exports.writers.office.front_matter import front_matter
from core.exports.writers.office.numbering import (
    caption_labels,
    heading_numbers,
    list_places,
    note_numbers,
    reference_labels,
)
from core.exports.writers.office.table_grid import grid

WIDTH = 80
INDENT = 2
BULLETS = ("-", "*", "+")


class PlainText:
    name = "txt"
    extension = ".txt"
    media_type = "text/plain"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        parts = [_front(manuscript, design), *_Text(manuscript, design).blocks()]
        text = "\n\n".join(part for part in parts if part)
        return ("\n".join(line.rstrip() for line in text.split("\n")) + "\n").encode("utf-8")


def width(text: str) -> int:
    """Columns that the text takes: East Asian letters two, combining ones none."""
    return sum(map(_columns, text))


def wrapped(text: str, columns: int = WIDTH) -> list[str]:
    """The text in lines of at most that width; only a single longer word makes a longer line."""
    lines: list[str] = []
    for line in text.split("\n"):
        current: list[str] = []
        taken = 0
        for word in line.split(" "):
            length = width(word)
            if current and taken + 1 + length > columns:
                lines.append(" ".join(current))
                current, taken = [], 0
            taken += length + (1 if current else 0)
            current.append(word)
        lines.append(" ".join(current))
    return lines


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _front(manuscript: Manuscript, design: Design) -> str:
    head = front_matter(manuscript, design, words_of(manuscript.language))
    lines = [*wrapped(head.kicker), *wrapped(head.title)]
    lines += wrapped(head.subtitle) if head.subtitle else []
    lines += wrapped(" | ".join(head.byline)) if head.byline else []
    widest = max((width(label) for label, _ in head.fields), default=0)
    fields = [
        line for label, value in head.fields for line in _hung(f"{_padded(label + ':', widest + 1)} ", value)
    ]
    rule = "=" * WIDTH
    return "\n".join([rule, *lines, *([""] if fields else []), *fields, rule])


@dataclass(slots=True)
class _Text:
    manuscript: Manuscript
    design: Design
    _numbers: dict[int, str] = field(init=False)
    _notes: dict[str, int] = field(init=False)
    _sources: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = heading_numbers(self.manuscript, self.design)
        self._notes = dict(note_numbers(self.manuscript.content.blocks))
        self._sources = reference_labels(self.manuscript)

    def blocks(self) -> Iterator[str]:
        blocks = self.manuscript.content.blocks
        words = words_of(self.manuscript.language)
        places, labels = list_places(blocks), caption_labels(self.manuscript, words)
        items: list[str] = []
        for at, block in enumerate(blocks):
            if at in places:
                place = places[at]
                sign = f"{place.number}." if block.is_ordered else BULLETS[place.level % len(BULLETS)]
                items += _hung(f"{' ' * (INDENT * place.level)}{sign} ", self._said(runs(block)))
                continue
            if items:
                yield "\n".join(items)
                items = []
            if block.kind == "caption" and at in labels:
                word, number = labels[at]
                yield "\n".join(wrapped(f"{word} {number}: {self._said(runs(block))}"))
            elif block.kind != "footnote":
                yield from self._block(at, block)
        if items:
            yield "\n".join(items)
        if self._notes:
            yield "\n".join(self._notes_at_the_end())

    def _block(self, at: int, block: Block) -> Iterator[str]:
        number = f"{self._numbers[at]} " if at in self._numbers else ""
        match block.kind:
            case "heading":
                yield _heading(f"{number}{self._said(runs(block))}", block.level)
            case "quote":
                yield "\n".join(_hung(" " * 4, self._said(runs(block))))
            case "code":
                yield "\n".join(f"    {line}" for line in block.text.expandtabs(4).split("\n"))
            case "table":
                cells = [[self._said(cell).replace("\n", " ") for cell in row] for row in cell_runs(block)]
                yield drawn(cells, block.header_rows, grid(block).numeric)
            case "picture":
                yield from self._picture(block)
            case "chart":
                yield from self._chart(block)
            case "reference":
                label = self._sources.get(block.key, "")
                yield "\n".join(_hung(f"[{label}] " if label else "", self._said(runs(block))))
            case _:
                yield "\n".join(wrapped(f"{number}{self._said(runs(block))}"))

    def _picture(self, block: Block) -> Iterator[str]:
        """What it shows, in words; a decorative one shows nothing."""
        if block.picture and not block.picture.is_decorative and block.picture.alt:
            word = words_of(self.manuscript.language).figure
            yield "\n".join(wrapped(f"[{word}: {' '.join(block.picture.alt.split())}]"))

    def _chart(self, block: Block) -> Iterator[str]:
        assert block.chart is not None
        words = words_of(self.manuscript.language)
        rows = [list(row) for row in values(block.chart, words)]
        title = "\n".join(wrapped(f"{words.chart}: {block.text}" if block.text else words.chart))
        told = "\n".join(wrapped(describe(block.chart, block.text, self.manuscript.language)))
        yield title
        yield drawn(rows, 1, frozenset(range(1, len(rows[0]))))
        if block.chart.alt:
            yield told

    def _said(self, pieces: Sequence[Run]) -> str:
        return "".join(self._run(run) for run in pieces)

    def _run(self, run: Run) -> str:
        link = f" <{run.link}>" if run.link and not run.link.startswith("#") and run.link != run.text else ""
        return run.text + link + "".join(self._sign(sign.kind, sign.key) for sign in run.signs)

    def _sign(self, kind: str, key: str) -> str:
        if kind == "citation":
            return f" [{self._sources.get(key, key)}]"
        return f" (*{self._notes[key]})" if key in self._notes else ""

    def _notes_at_the_end(self) -> Iterator[str]:
        yield "-" * 20
        for key, number in self._notes.items():
            note = self.manuscript.note(key)
            if note is not None:
                yield from _hung(f"(*{number}) ", self._said(runs(note)))


def _heading(text: str, level: int) -> str:
    lines = wrapped(text.replace("\n", " "))
    under = {1: "=", 2: "-"}.get(level)
    return "\n".join([*lines, under * max(3, min(WIDTH, max(map(width, lines))))] if under else lines)


def _hung(sign: str, text: str) -> list[str]:
    """The text after the sign, its further lines under its first."""
    first, *rest = wrapped(text, WIDTH - width(sign))
    return [sign + first, *(" " * width(sign) + line for line in rest)]


def drawn(rows: Sequence[Sequence[str]], header_rows: int, numeric: frozenset[int]) -> str:
    """The table in aligned columns; if they do not fit, each row as a list of its cells by column."""
    widths = [max(1, *map(width, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 > WIDTH:
        return _folded(rows, header_rows)
    rule = f"+{'+'.join('-' * (each + 2) for each in widths)}+"
    lines = [rule]
    for number, row in enumerate(rows):
        cells = (_padded(cell, widths[at], at in numeric) for at, cell in enumerate(row))
        lines.append(f"| {' | '.join(cells)} |")
        if number + 1 in (header_rows, len(rows)):
            lines.append(rule)
    return "\n".join(lines)


def _folded(rows: Sequence[Sequence[str]], header_rows: int) -> str:
    names = rows[header_rows - 1] if header_rows else [str(at) for at in range(1, len(rows[0]) + 1)]
    parts = []
    for row in rows[header_rows:]:
        lines = [line for name, cell in zip(names, row, strict=True) for line in _hung(f"{name}: ", cell)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) or "\n".join(" | ".join(row) for row in rows)


def _padded(text: str, columns: int, is_right: bool = False) -> str:
    gap = " " * max(0, columns - width(text))
    return gap + text if is_right else text + gap
