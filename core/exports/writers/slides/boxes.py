"""What stands on a slide: boxes with text, tables, pictures and charts, and where. All in points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from core.content import Block, BlockKind, CellSpan, Run
from core.exports.writers.slides.measuring import line_height, line_starts

WIDTH, HEIGHT = 960.0, 540.0
LEFT, RIGHT = 48.0, 912.0
TOP, BOTTOM = 124.0, 488.0
ROOM = BOTTOM - TOP
TEXT_WIDTH = RIGHT - LEFT
GAP = 14.0

LayoutName = Literal["title", "section", "content", "only"]
INDENT = 30.0
_QUOTE_INSET, _CODE_INSET = 18.0, 12.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`runs` without the label before them: a number, a bracketed source. `at` is the number of an item."""

    kind: BlockKind
    runs: tuple[Run, ...]
    size: float
    level: int = 0
    is_ordered: bool = False
    at: int = 0
    label: str = ""
    language: str = ""
    is_continued: bool = False

    @property
    def text(self) -> str:
        """As it is measured: with label and signs."""
        signs = "".join("[00]" for run in self.runs for _ in run.signs)
        return (f"{self.label} " if self.label else "") + "".join(run.text for run in self.runs) + signs

    @property
    def indent(self) -> float:
        if self.kind == "list_item":
            return INDENT * (1 + self.level)
        return INDENT * 1.6 if self.kind == "reference" else 0.0

    @property
    def space_after(self) -> float:
        return {"code": 0.0, "list_item": 6.0, "reference": 6.0}.get(self.kind, 9.0)

    def starts(self, width: float) -> list[int]:
        is_bold = any("strong" in run.styles for run in self.runs)
        return line_starts(
            self.text, self.size, width - self.indent, is_bold=is_bold, is_mono=self.kind == "code"
        )

    def height(self, width: float) -> float:
        return len(self.starts(width)) * line_height(self.text, self.size) + self.space_after

    def sized(self, size: float) -> Paragraph:
        return replace(self, size=size)


@dataclass(frozen=True, slots=True)
class Place:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TextBox:
    """`kind` says how it looks: running text, a quote, code, references, a caption."""

    kind: BlockKind
    paragraphs: tuple[Paragraph, ...]
    place: Place
    is_continued: bool = False
    """Its first paragraph goes on from the box before it."""


@dataclass(frozen=True, slots=True)
class TableBox:
    """Some rows of a table: `num_header_rows` are of its header, `num_repeated` were on the slide before,
    `first` is the place of the row after them in the whole table. `goes_on`: that row began before.
    """

    block: Block
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    spans: tuple[CellSpan, ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    size: float
    alt: str
    place: Place
    num_header_rows: int = 0
    num_repeated: int = 0
    first: int = 0
    is_continued: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class PictureBox:
    block: Block
    place: Place


@dataclass(frozen=True, slots=True)
class ChartBox:
    block: Block
    place: Place


Box = TextBox | TableBox | PictureBox | ChartBox


@dataclass(slots=True)
class Slide:
    """`number` stands before the title's text and `suffix` after it; they are no part of it. `name` says
    what the title is: a heading, or the words of one that goes on.
    """

    layout: LayoutName
    title: str
    name: str
    number: str = ""
    suffix: str = ""
    title_size: float = 28.0
    title_runs: tuple[Run, ...] = ()
    boxes: list[Box] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    level: int = 0

    @property
    def whole_title(self) -> str:
        return f"{self.number} {self.title}{self.suffix}".strip()

    @property
    def bottom(self) -> float:
        """Where the next box can begin."""
        if not self.boxes:
            return TOP
        return max(box.place.y + box.place.height for box in self.boxes) + GAP


def text_height(paragraphs: Sequence[Paragraph], width: float, kind: BlockKind) -> float:
    """Of a box around them, insets included."""
    room = width - 2 * inset(kind)
    inner = sum(each.height(room) for each in paragraphs) - (paragraphs[-1].space_after if paragraphs else 0)
    return inner + 2 * vertical_inset(kind) + 2


def inset(kind: BlockKind) -> float:
    return {"quote": _QUOTE_INSET, "code": _CODE_INSET}.get(kind, 0.0)


def vertical_inset(kind: BlockKind) -> float:
    return {"quote": 6.0, "code": 10.0}.get(kind, 0.0)


def fill(
    paragraphs: Sequence[Paragraph], width: float, height: float, kind: BlockKind
) -> tuple[list[Paragraph], list[Paragraph]]:
    """What fits into a box of this height, and what is left. A paragraph that does not fit whole is cut
    between two lines; a box that has no room for a line takes nothing.
    """
    room, left = width - 2 * inset(kind), height - 2 * vertical_inset(kind) - 2
    taken: list[Paragraph] = []
    for at, each in enumerate(paragraphs):
        needed = each.height(room)
        if needed - each.space_after <= left:
            taken.append(each)
            left -= needed
            continue
        starts = each.starts(room)
        num_lines = int(left // line_height(each.text, each.size))
        if num_lines >= min(2, len(starts)) and len(starts) - num_lines >= 1 and num_lines > 0:
            head, tail = cut(each, starts[num_lines])
            return [*taken, head], [tail, *paragraphs[at + 1 :]]
        return taken, list(paragraphs[at:])
    return taken, []


def cut(paragraph: Paragraph, at: int) -> tuple[Paragraph, Paragraph]:
    """Two paragraphs of one, cut at this place of its measured text."""
    place = at - (len(paragraph.label) + 1 if paragraph.label else 0)
    head: list[Run] = []
    tail: list[Run] = []
    position = 0
    for run in paragraph.runs:
        end = position + len(run.text)
        if end <= place:
            head.append(run)
        elif position >= place:
            tail.append(run)
        else:
            head.append(replace(run, text=run.text[: place - position], signs=()))
            tail.append(replace(run, text=run.text[place - position :]))
        position = end
    return replace(paragraph, runs=tuple(head)), replace(paragraph, runs=tuple(tail), is_continued=True)
