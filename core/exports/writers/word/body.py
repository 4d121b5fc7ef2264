"""The blocks of a manuscript as the body of a Word document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.content import Block, Chart, Run, runs
from core.exports.charts.description import describe
from core.exports.manuscript import caption_owners
from core.exports.words import Words
from core.exports.writers.office.measures import chart_size, column_width, fitted
from core.exports.writers.office.numbering import ListPlace, caption_labels, heading_numbers, list_places
from core.exports.writers.word import drawings
from core.exports.writers.word.numbering import BULLETS, FIRST_ORDERED
from core.exports.writers.word.story import Story, bookmark, field_run, text_run
from core.exports.writers.word.styles import Look
from core.exports.writers.word.tables import table

CHART_SHAPE, NARROW_SHAPE, NARROW_MM = 0.56, 0.75, 100.0  # height of a chart by its width


@dataclass(slots=True)
class Body:
    """Writes each block; what it refers to is collected for the package."""

    look: Look
    words: Words
    story: Story
    pictures: dict[str, str] = field(default_factory=dict)
    charts: list[tuple[str, Chart]] = field(default_factory=list)
    num_drawings: int = 100
    _lists: Mapping[int, ListPlace] = field(default_factory=dict)
    _labels: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    _numbers: Mapping[int, str] = field(default_factory=dict)
    _owners: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        manuscript = self.look.manuscript
        blocks = manuscript.content.blocks
        self._lists = list_places(blocks)
        self._labels = caption_labels(manuscript, self.words)
        self._numbers = heading_numbers(manuscript, self.look.design)
        self._owners = caption_owners(blocks)

    @property
    def ordered_lists(self) -> list[ListPlace]:
        blocks = self.look.manuscript.content.blocks
        return [place for at, place in self._lists.items() if blocks[at].is_ordered]

    def xml(self) -> str:
        return "".join(
            self._block(at, block)
            for at, block in enumerate(self.look.manuscript.content.blocks)
            if block.kind != "footnote"
        )

    def _block(self, at: int, block: Block) -> str:
        if block.kind == "heading":
            return self._heading(at, block)
        if block.kind == "list_item":
            return self._item(at, block)
        if block.kind == "table":
            return table(block, self.story, self.look)
        if block.kind == "picture":
            return self._picture(at, block)
        if block.kind == "chart":
            return self._chart(at, block)
        if block.kind == "caption":
            return self._caption(at, block)
        if block.kind == "reference":
            return self._reference(block)
        if block.kind == "paragraph" and at in self._numbers:
            return self._clause(at, block)
        if block.kind == "code":
            return self.story.paragraph(
                "CodeBlock", self.story.runs(runs(block), block.language), language="en"
            )
        return self._text("Quote" if block.kind == "quote" else "Normal", block)

    def _clause(self, at: int, block: Block) -> str:
        level = min(5, self._numbers[at].count("."))
        numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
        return self._text(f"Clause{level}", block, settings=numbered)

    def _text(self, style: str, block: Block, settings: str = "", before: str = "") -> str:
        written = self.story.runs(runs(block), block.language)
        return self.story.paragraph(
            style if style != "Normal" else "",
            written,
            language=block.language,
            settings=settings,
            before=before,
        )

    def _heading(self, at: int, block: Block) -> str:
        written = self.story.runs(runs(block), block.language)
        written = self.story.marked(contents_mark(at), written)
        if block.key:
            written = self.story.marked(self.story.places[block.key], written)
        return self.story.paragraph(f"Heading{min(5, max(1, block.level))}", written, language=block.language)

    def _item(self, at: int, block: Block) -> str:
        place = self._lists[at]
        number = FIRST_ORDERED + place.list if block.is_ordered else BULLETS
        depth = str(min(5, place.level + 1)) if place.level else ""
        style = f"List{'Number' if block.is_ordered else 'Bullet'}{depth}"
        numbered = f'<w:numPr><w:ilvl w:val="{place.level}"/><w:numId w:val="{number}"/></w:numPr>'
        return self._text(style, block, settings=numbered)

    def _picture(self, at: int, block: Block) -> str:
        picture = block.picture
        data = picture and self.look.manuscript.content.media.get(picture.sha256)
        if not picture or data is None:
            return ""
        extension = "png" if picture.media_type == "image/png" else "jpeg"
        name = self.pictures.setdefault(picture.sha256, f"picture{len(self.pictures) + 1}.{extension}")
        relation = self.story.relations.add("image", f"media/{name}")
        self.num_drawings += 1
        size = fitted(picture.width, picture.height, self.look.design.page)
        alt = "" if picture.is_decorative else picture.alt
        return self._framed(at, drawings.picture(relation, self.num_drawings, size, alt))

    def _chart(self, at: int, block: Block) -> str:
        if block.chart is None:
            return ""
        self.charts.append((block.text, block.chart))
        relation = self.story.relations.add("chart", f"charts/chart{len(self.charts)}.xml")
        self.num_drawings += 1
        page = self.look.design.page
        size = chart_size(page, NARROW_SHAPE if column_width(page) < NARROW_MM else CHART_SHAPE)
        alt = describe(block.chart, block.text, self.story.language)
        return self._framed(at, drawings.chart(relation, self.num_drawings, size, alt))

    def _framed(self, at: int, drawing: str) -> str:
        has_caption_below = self._owners.get(at + 1) == at
        before = "<w:keepNext/>" if has_caption_below else ""
        after = '<w:jc w:val="right"/>' if self.look.manuscript.is_right_to_left else ""
        # NOTE: never bidi, in which word processors mirror what is drawn
        return self.story.paragraph("Picture", drawing, language="en", before=before, after=after)

    def _caption(self, at: int, block: Block) -> str:
        label, is_above = "", False
        if at in self._labels:
            word, number = self._labels[at]
            look = '<w:rStyle w:val="CaptionLabel"/>'
            label = text_run(f"{word} ", look) + field_run(
                f"SEQ {_sequence(self.words, word)} \\* ARABIC", str(number), look
            )
            label += text_run("  ", look)
            is_above = self._owners[at] == at + 1
        written = label + self.story.runs(runs(block), block.language)
        return self.story.paragraph(
            "CaptionAbove" if is_above else "Caption", written, language=block.language
        )

    def _reference(self, block: Block) -> str:
        label = text_run(f"[{self.story.labels[block.key]}]\t", '<w:rStyle w:val="ReferenceLabel"/>')
        written = label + self.story.runs(runs(block), block.language)
        return self.story.paragraph(
            "Reference", self.story.marked(self.story.places[block.key], written), language=block.language
        )


def note(block: Block, number: int, story: Story) -> str:
    """One footnote of the footnotes part."""
    sign = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
    written = sign + story.runs((Run(" "), *runs(block)), block.language)
    paragraph = story.paragraph("FootnoteText", written, language=block.language)
    return f'<w:footnote w:id="{number}">{paragraph}</w:footnote>'


def contents_mark(place: int) -> str:
    """The bookmark of the heading at this place, for the table of contents."""
    return f"_Toc{place:09d}"


def places(blocks: tuple[Block, ...]) -> dict[str, str]:
    """The bookmark of each key."""
    kinds = {"reference": "ref", "footnote": "note"}
    return {block.key: bookmark(block.key, kinds.get(block.kind, "")) for block in blocks if block.key}


def _sequence(words: Words, word: str) -> str:
    return "Table" if word == words.table else "Figure"
