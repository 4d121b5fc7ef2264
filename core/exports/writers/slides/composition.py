"""Which slide says what: a manuscript cut into slides on which everything fits at a legible size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.content import Block, BlockKind, Run, runs
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import Words
from core.exports.writers.office.numbering import (
    caption_labels,
    heading_numbers,
    list_places,
    reference_labels,
)
from core.exports.writers.slides import tabulation
from core.exports.writers.slides.boxes import (
    BOTTOM,
    GAP,
    LEFT,
    RIGHT,
    ROOM,
    TEXT_WIDTH,
    TOP,
    Box,
    ChartBox,
    LayoutName,
    Paragraph,
    PictureBox,
    Place,
    Slide,
    TextBox,
    cut,
    fill,
    text_height,
)
from core.exports.writers.slides.measuring import line_height, line_starts

SIZES: Mapping[BlockKind, float] = {
    "paragraph": 18.0,
    "list_item": 18.0,
    "quote": 20.0,
    "code": 13.0,
    "reference": 14.0,
    "caption": 14.0,
}
_GROWN = (24.0, 22.0, 20.0)
_TITLE_SIZES, TITLE_HEIGHT = (28.0, 24.0, 20.0), 74.0
_LEAD_WORDS, LEAD_WIDTH, LEAD_HEIGHT = 60, 832.0, 170.0
_SIDE, _SIDE_GAP = 348.0, 28.0
_LEAST_VISUAL = 200.0
SECTION_WIDTH, SECTION_HEIGHT = 832.0, 160.0
_SECTION_SIZES = (40.0, 32.0, 26.0)
_FLOWS: frozenset[BlockKind] = frozenset({"paragraph", "list_item"})


def compose(manuscript: Manuscript, design: Design, words: Words) -> list[Slide]:
    """The slides after the first, each with a title of its own."""
    composer = _Composer(manuscript, design, words)
    composer.run()
    slides = [slide for slide in composer.slides if slide.boxes or slide.layout in ("section", "title")]
    for slide in slides:
        _grow(slide)
        if slide.layout == "content" and not _has_body(slide):
            slide.layout = "only"
    named = _contents(slides, words) + slides if design.has_contents else slides
    _tell_apart(manuscript.title, named, words)
    return named


@dataclass(slots=True)
class _Composer:
    manuscript: Manuscript
    design: Design
    words: Words
    slides: list[Slide] = field(default_factory=list)
    _heading: Slide | None = None
    _places: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Level and number of each list item, by its place in the blocks."""

    def run(self) -> None:
        blocks = self.manuscript.content.blocks
        self._places = {at: (place.level, place.number) for at, place in list_places(blocks).items()}
        owners = caption_owners(blocks)
        owned = {owner: at for at, owner in owners.items()}
        numbers = heading_numbers(self.manuscript, self.design)
        at = 0
        while at < len(blocks):
            block = blocks[at]
            if block.kind == "heading":
                at = self._section(at, numbers)
                continue
            if block.kind in _FLOWS or block.kind == "reference":
                at = self._flow(at, numbers)
                continue
            caption = owned.get(at)
            told = self._caption(caption) if caption is not None else None
            if block.kind == "table":
                self._table(block, told, is_above=caption is not None and caption < at)
            elif block.kind in ("picture", "chart"):
                self._visual(block, told)
            elif block.kind in ("quote", "code") or (block.kind == "caption" and at not in owners):
                self._text(block.kind, _paragraphs(block))
            at += 1

    # Headings

    def _section(self, at: int, numbers: Mapping[int, str]) -> int:
        """A level-1 heading has a slide of its own, with its first words if they are few."""
        block, blocks = self.manuscript.content.blocks[at], self.manuscript.content.blocks
        following = blocks[at + 1].kind if at + 1 < len(blocks) else "heading"
        stands_alone = (block.level == 1 and following != "reference") or following == "heading"
        layout: LayoutName = "section" if stands_alone else "content"
        slide = self._headed(block, layout, numbers.get(at, ""))
        return self._lead(slide, at + 1, numbers) if stands_alone else at + 1

    def _headed(self, block: Block, layout: LayoutName, number: str) -> Slide:
        cut_runs = runs(block)
        room, height, sizes = (
            (SECTION_WIDTH, SECTION_HEIGHT, _SECTION_SIZES)
            if layout == "section"
            else (TEXT_WIDTH, TITLE_HEIGHT, _TITLE_SIZES)
        )
        slide = Slide(layout, " ".join(block.text.split()), f"Heading {block.level}", number)
        slide.level = block.level
        slide.title_size, rest = _fit_title(slide, cut_runs, room, height, sizes)
        self._signed(slide, cut_runs)
        self.slides.append(slide)
        self._heading = slide
        if rest:
            self._text(
                "paragraph", [Paragraph("paragraph", rest, 18.0, language=block.language, is_continued=True)]
            )
        return slide

    def _lead(self, slide: Slide, at: int, numbers: Mapping[int, str]) -> int:
        blocks = self.manuscript.content.blocks
        end = at
        while end < len(blocks) and blocks[end].kind == "paragraph":
            end += 1
        is_followed = end < len(blocks) and blocks[end].kind != "heading"
        lead = [each for place in range(at, end) for each in self._paragraphs_of(place, numbers)]
        if not lead or is_followed or sum(len(each.text.split()) for each in lead) > _LEAD_WORDS:
            return at
        height = text_height(lead, LEAD_WIDTH, "paragraph")
        if height > LEAD_HEIGHT or slide.boxes:
            return at
        place = Place(64.0, 316.0, LEAD_WIDTH, LEAD_HEIGHT)
        slide.boxes.append(TextBox("paragraph", tuple(lead), place))
        for each in lead:
            self._signed(slide, each.runs)
        return end

    # Text

    def _flow(self, at: int, numbers: Mapping[int, str]) -> int:
        blocks = self.manuscript.content.blocks
        is_source = blocks[at].kind == "reference"
        kinds = {"reference"} if is_source else _FLOWS
        end = at
        while end < len(blocks) and blocks[end].kind in kinds:
            end += 1
        made = [each for place in range(at, end) for each in self._paragraphs_of(place, numbers)]
        if is_source and not (self.slides and self.slides[-1] is self._heading and not self.slides[-1].boxes):
            self.slides.append(self._titled(self.words.sources, "Made title"))
        self._text("reference" if is_source else "paragraph", made)
        return end

    def _paragraphs_of(self, at: int, numbers: Mapping[int, str]) -> list[Paragraph]:
        block = self.manuscript.content.blocks[at]
        level, number = self._places.get(at, (0, 0))
        label = numbers.get(at, "")
        if block.kind == "reference":
            label = f"[{reference_labels(self.manuscript).get(block.key, block.key)}]"
        size = SIZES[block.kind] - (2.0 if level else 0.0)
        return [
            Paragraph(
                block.kind,
                runs(block),
                size,
                min(8, level),
                block.is_ordered,
                number,
                label,
                block.language,
            )
        ]

    def _text(self, kind: BlockKind, paragraphs: Sequence[Paragraph]) -> None:
        """On the slide that is open as far as it has room, then on further ones."""
        slide, left = self._open(), list(paragraphs)
        is_continued = bool(left) and left[0].is_continued
        while left:
            taken, rest = fill(left, TEXT_WIDTH, BOTTOM - slide.bottom, kind)
            if not taken and not slide.boxes:
                taken, rest = _forced(left)
            if taken:
                height = text_height(taken, TEXT_WIDTH, kind)
                place = Place(LEFT, slide.bottom, TEXT_WIDTH, height)
                slide.boxes.append(TextBox(kind, tuple(taken), place, is_continued))
                for each in taken:
                    self._signed(slide, each.runs)
                is_continued = bool(rest) and (rest[0].is_continued or kind == "code")
            left = rest
            if left:
                slide = self._next()

    def _signed(self, slide: Slide, cut_runs: Sequence[Run]) -> None:
        for run in cut_runs:
            for sign in run.signs:
                if sign.kind == "footnote" and sign.key not in slide.notes:
                    slide.notes.append(sign.key)

    # Tables, pictures and charts

    def _caption(self, at: int) -> Paragraph:
        block = self.manuscript.content.blocks[at]
        word, number = caption_labels(self.manuscript, self.words)[at]
        return Paragraph(
            "caption", runs(block), SIZES["caption"], label=f"{word} {number}.", language=block.language
        )

    def _table(self, block: Block, caption: Paragraph | None, *, is_above: bool) -> None:
        alt = " ".join(block.text.split())[:300]
        if caption:
            alt = "".join(run.text for run in caption.runs)
        told = text_height([caption], TEXT_WIDTH, "caption") + 6 if caption else 0.0
        laid = tabulation.Laid.of(block, TEXT_WIDTH, ROOM - told)
        slide = self._open()
        if slide.boxes and slide.bottom + told + laid.height > BOTTOM:
            slide = self._next()
        at, is_continued = 0, False
        while at < laid.num_body_rows or not is_continued:
            is_captioned = caption is not None and not is_continued
            y = slide.bottom
            if is_captioned and caption and is_above:
                slide.boxes.append(TextBox("caption", (caption,), Place(LEFT, y, TEXT_WIDTH, told - 6)))
                self._signed(slide, caption.runs)
                y += told
            room = BOTTOM - y - (told if caption and not is_above else 0.0)
            box, at = laid.part(at, room, Place(LEFT, y, TEXT_WIDTH, 0.0), alt, is_continued=is_continued)
            slide.boxes.append(box)
            for row in box.rows:
                for cell in row:
                    self._signed(slide, cell)
            is_continued = True
            if at < laid.num_body_rows:
                slide = self._next()
        if caption and not is_above:
            place = Place(LEFT, slide.bottom - GAP + 6, TEXT_WIDTH, told - 6)
            slide.boxes.append(TextBox("caption", (caption,), place))
            self._signed(slide, caption.runs)

    def _visual(self, block: Block, caption: Paragraph | None) -> None:
        """Beside the text of the slide where that is little, below it where there is room, else alone."""
        slide = self._open(for_visual=True)
        x, y, width, height = LEFT, slide.bottom, TEXT_WIDTH, BOTTOM - slide.bottom
        if slide.boxes:
            if self._halved(slide):
                x, width = LEFT + (TEXT_WIDTH + _SIDE_GAP) / 2, (TEXT_WIDTH - _SIDE_GAP) / 2
                y, height = TOP, ROOM
            elif self._narrowed(slide):
                x, y = LEFT + _SIDE + _SIDE_GAP, TOP
                width, height = TEXT_WIDTH - _SIDE - _SIDE_GAP, ROOM
            else:
                slide = self._next()
                y, height = TOP, ROOM
        told = text_height([caption], width, "caption") + 6 if caption else 0.0
        room = max(_LEAST_VISUAL / 2, height - told)
        if block.chart:
            place = Place(x, y, width, room)
            slide.boxes.append(ChartBox(block, place))
        else:
            place = _fitted(block, Place(x, y, width, room))
            slide.boxes.append(PictureBox(block, place))
        if caption:
            below = Place(x, place.y + place.height + 6, width, told - 6)
            slide.boxes.append(TextBox("caption", (caption,), below))
            self._signed(slide, caption.runs)

    def _halved(self, slide: Slide) -> bool:
        """Whether the slide's only picture or chart moved to one half, so that another fits beside it."""
        first, *rest = slide.boxes
        is_visual = isinstance(first, PictureBox | ChartBox) and first.place.width > _LEAST_VISUAL
        if not is_visual or len(rest) > 1 or not all(isinstance(box, TextBox) for box in rest):
            return False
        width = (TEXT_WIDTH - _SIDE_GAP) / 2
        told = [text_height(box.paragraphs, width, "caption") + 6 for box in rest if isinstance(box, TextBox)]
        place = Place(LEFT, TOP, width, ROOM - sum(told))
        if isinstance(first, PictureBox):
            place = _fitted(first.block, place)
            slide.boxes[0] = PictureBox(first.block, place)
        elif isinstance(first, ChartBox):
            slide.boxes[0] = ChartBox(first.block, place)
        for box in rest:
            if isinstance(box, TextBox):
                below = Place(LEFT, place.y + place.height + 6, width, told[0] - 6)
                slide.boxes[1] = replace(box, place=below)
        return True

    def _narrowed(self, slide: Slide) -> bool:
        """Whether the slide's text went into a column at the side, so that there is room beside it."""
        if len(slide.boxes) != 1 or not isinstance(slide.boxes[0], TextBox):
            return False
        box = slide.boxes[0]
        if box.kind not in ("paragraph", "quote") or box.is_continued:
            return False
        if text_height(box.paragraphs, _SIDE, box.kind) > ROOM:
            return False
        slide.boxes[0] = replace(box, place=Place(LEFT, TOP, _SIDE, ROOM))
        return True

    # Slides

    def _open(self, *, for_visual: bool = False) -> Slide:
        """The slide that is being filled; a new one after a section slide or where there is none."""
        last = self.slides[-1] if self.slides else None
        if last is None or last.layout == "section" or last.name == "Contents title":
            return self._next()
        if _is_side_by_side(last) or (last.bottom + 60 > BOTTOM and not for_visual):
            return self._next()
        return last

    def _next(self) -> Slide:
        title = self._heading.title if self._heading else self.manuscript.title
        slide = self._titled(title, "Continued title")
        self.slides.append(slide)
        return slide

    def _titled(self, title: str, name: str) -> Slide:
        slide = Slide("content", title, name)
        slide.title_size, _ = _fit_title(
            slide, (), TEXT_WIDTH, TITLE_HEIGHT, _TITLE_SIZES, " (9999999999999)"
        )
        return slide


def _paragraphs(block: Block) -> list[Paragraph]:
    size = SIZES[block.kind]
    if block.kind != "code":
        return [Paragraph(block.kind, runs(block), size, language=block.language)]
    lines: list[list[Run]] = [[]]
    for run in runs(block):
        for at, text in enumerate(run.text.split("\n")):
            if at:
                lines.append([])
            lines[-1].append(replace(run, text=text, signs=()))
        lines[-1][-1] = replace(lines[-1][-1], signs=run.signs)
    return [Paragraph("code", tuple(line), size, language=block.language) for line in lines]


def _forced(paragraphs: list[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """One line at least, so that every slide says something."""
    starts = paragraphs[0].starts(TEXT_WIDTH)
    if len(starts) < 2:
        return paragraphs[:1], paragraphs[1:]
    head, tail = cut(paragraphs[0], starts[1])
    return [head], [tail, *paragraphs[1:]]


def _fit_title(
    slide: Slide,
    title_runs: tuple[Run, ...],
    room: float,
    height: float,
    sizes: Sequence[float],
    reserve: str = " (999)",
) -> tuple[float, tuple[Run, ...]]:
    """The size, and what of a title that no size makes fit goes on in the text."""
    text = slide.whole_title + reserve
    for size in sizes:
        if len(line_starts(text, size, room, is_bold=True)) * line_height(text, size) <= height:
            slide.title_runs = title_runs
            return size, ()
    size = sizes[-1]
    num_lines = int(height // line_height(text, size)) or 1
    starts = line_starts(text, size, room - size * 8, is_bold=True)
    place = starts[min(num_lines, len(starts) - 1)] - (len(slide.number) + 1 if slide.number else 0) - 12
    place = max(20, place)
    whole = Paragraph("heading", title_runs or (Run(slide.title),), size)
    head, tail = cut(whole, place)
    slide.title_runs, slide.title = head.runs, slide.title[:place]
    slide.suffix = "…"
    return size, tail.runs if title_runs else ()


def _fitted(block: Block, room: Place) -> Place:
    """The picture as large as its room and twice its pixels allow, in the middle."""
    picture = block.picture
    wide, tall = (picture.width, picture.height) if picture else (1, 1)
    factor = min(room.width / max(1, wide), room.height / max(1, tall), 1.5)
    width, height = max(8.0, wide * factor), max(8.0, tall * factor)
    return Place(room.x + (room.width - width) / 2, room.y, width, height)


def _is_side_by_side(slide: Slide) -> bool:
    """Whether something stands in a right half or column already."""
    return any(box.place.x > LEFT + _SIDE for box in slide.boxes if not _is_centred(box))


def _is_centred(box: Box) -> bool:
    return isinstance(box, PictureBox) and abs(box.place.x + box.place.width / 2 - (LEFT + RIGHT) / 2) < 1


def _has_body(slide: Slide) -> bool:
    return any(isinstance(box, TextBox) and box.kind in ("paragraph", "reference") for box in slide.boxes)


def _grow(slide: Slide) -> None:
    """Text that stands alone on a slide is as large as looks well."""
    if slide.layout != "content" or len(slide.boxes) != 1:
        return
    box = slide.boxes[0]
    if not isinstance(box, TextBox) or box.kind != "paragraph" or box.is_continued:
        return
    if any(each.is_continued for each in box.paragraphs):
        return
    for size in _GROWN:
        grown = tuple(each.sized(size - (2.0 if each.level else 0.0)) for each in box.paragraphs)
        if text_height(grown, TEXT_WIDTH, box.kind) <= ROOM * 0.8:
            slide.boxes[0] = replace(box, paragraphs=grown, place=replace(box.place, height=ROOM))
            return
    slide.boxes[0] = replace(box, place=replace(box.place, height=ROOM))


def _contents(slides: Sequence[Slide], words: Words) -> list[Slide]:
    """The sections, on as many slides as they take."""
    items = [
        Paragraph(
            "list_item",
            (Run(slide.title + ("…" if slide.suffix else ""), link=f"#slide-{at}"),),
            20.0,
            0,
            True,
            place,
        )
        for place, (at, slide) in enumerate(
            ((at, slide) for at, slide in enumerate(slides) if slide.level == 1), start=1
        )
    ]
    made: list[Slide] = []
    left = items
    while left:
        taken, left = fill(left, TEXT_WIDTH, ROOM, "paragraph")
        if not taken:
            taken, left = _forced(left)
        slide = Slide("content", words.contents, "Contents title")
        slide.boxes.append(TextBox("paragraph", tuple(taken), Place(LEFT, TOP, TEXT_WIDTH, ROOM)))
        made.append(slide)
    return made


def _tell_apart(first: str, slides: Sequence[Slide], words: Words) -> None:
    """A suffix for each title that was there before: that it goes on, or a number."""
    seen = {_plain(first)}
    for slide in slides:
        for suffix in _suffixes(slide, words):
            if _plain(f"{slide.number} {slide.title}{suffix}") not in seen:
                slide.suffix = suffix
                break
        seen.add(_plain(slide.whole_title))


def _suffixes(slide: Slide, words: Words) -> Iterator[str]:
    own = slide.suffix
    if slide.name == "Continued title":
        yield f"{own} ({words.continued})"
        for number in range(2, 100_000):
            yield f"{own} ({words.continued} {number})"
    yield own
    for number in range(2, 100_000):
        yield f"{own} ({number})"


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
