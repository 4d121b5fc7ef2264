"""Blocks of a draft as WordprocessingML in the styles of the template (ECMA-376, part 1, chapter 17).

In the text that Jinja writes, a passage is a mark; the blocks take its place afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.documents.draft import DraftBlock, DraftSection, DraftSource, Statement
from core.documents.word_templates.package_check import W

if TYPE_CHECKING:
    from lxml import etree

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Around the number of a passage. Unicode keeps both out of texts; `plain_text` does so too."""

MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
UNSUPPORTED = "[?]"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufdcf\ufdd2-\ufffd\U00010000-\U0010ffff]")
_INDENT = 360  # twentieths of a point for each level of a list
_BULLET = "•\u00a0"
_PLAIN_SIZES = {1: 32, 2: 28, 3: 26, 4: 24}  # half points, for headings that the template has no style for
_BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")


def plain_text(text: str) -> str:
    """The text without characters that XML cannot hold (XML 1.0, production 2)."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True, slots=True)
class Styles:
    """The ids of the template's styles by kind and English name; a kind is "paragraph" or "table"."""

    ids: Mapping[tuple[str, str], str]

    @staticmethod
    def read(part: bytes | None) -> Styles:
        from core.ingestion.xml_parts import parse

        ids: dict[tuple[str, str], str] = {}
        for style in parse(part).iter(f"{W}style") if part else ():
            name = style.find(f"{W}name")
            if name is not None:
                key = (style.get(f"{W}type", "paragraph"), name.get(f"{W}val", "").lower())
                ids.setdefault(key, style.get(f"{W}styleId", ""))
        return Styles(ids)

    def paragraph(self, *names: str) -> str:
        return next((self.ids["paragraph", name] for name in names if ("paragraph", name) in self.ids), "")

    def table(self, *names: str) -> str:
        return next((self.ids["table", name] for name in names if ("table", name) in self.ids), "")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of text looks where its style does not say so."""

    bold: bool = False
    italic: bool = False
    highlighted: bool = False
    font: str = ""
    half_points: int = 0


@dataclass(frozen=True, slots=True)
class PassageShelf:
    """The passages of one document. With `cites`, statements carry the numbers of their sources."""

    styles: Styles
    cites: bool
    passages: list[tuple[DraftBlock, ...]] = field(default_factory=list)

    def put(self, blocks: Iterable[DraftBlock]) -> str:
        """The mark that stands for these blocks."""
        self.passages.append(tuple(blocks))
        return f"{OPEN}{len(self.passages) - 1}{CLOSE}"

    def body(self, sections: Iterable[DraftSection]) -> str:
        return self.put(
            block
            for section in sections
            for block in (
                DraftBlock("heading", (Statement(section.title, "own"),), level=2),
                *section.blocks,
            )
        )

    def paragraph(self, statements: tuple[Statement, ...]) -> str:
        return self.put([DraftBlock("paragraph", statements)])

    def items(self, texts: Iterable[str]) -> str:
        return self.put(DraftBlock("list_item", (Statement(text, "own"),)) for text in texts)

    def sources(self, sources: Iterable[DraftSource]) -> str:
        return self.put(
            DraftBlock("paragraph", (Statement(f"[{number}] {source.title} ({source.name})", "own"),))
            for number, source in enumerate(sources, 1)
        )

    def blocks(self, number: int) -> tuple[DraftBlock, ...]:
        """Nothing for a number that no passage has."""
        return self.passages[number] if number < len(self.passages) else ()

    def inline(self, blocks: Iterable[DraftBlock]) -> str:
        """The blocks as text: paragraphs one a line, the cells of a row apart by tabs."""
        return "\n".join(
            "\n".join("\t".join(map(plain_text, row.cells)) for row in block.statements)
            if block.kind == "table"
            else " ".join(self.told(each) for each in block.statements)
            for block in blocks
        )

    def told(self, statement: Statement) -> str:
        label = f"{plain_text(statement.label)}: " if statement.label else ""
        return f"{label}{plain_text(statement.text)}{self.references(statement)}"

    def references(self, statement: Statement) -> str:
        if statement.support == "unsupported":
            return f" {UNSUPPORTED}"
        numbers = dict.fromkeys(origin.source for origin in statement.origins) if self.cites else ()
        return "".join(f" [{number}]" for number in numbers)

    def elements(self, blocks: Iterable[DraftBlock], text_style: str = "") -> Iterator[etree._Element]:
        """`text_style` is the style of the paragraph that they replace; plain paragraphs take it on."""
        for block in blocks:
            if block.kind == "table":
                yield self._table(block)
                yield _element("p")  # or Word would join it to a table that follows
            else:
                yield self._paragraph(block, text_style)

    def _paragraph(self, block: DraftBlock, text_style: str) -> etree._Element:
        style, look = (text_style, Look()) if block.kind == "paragraph" else self._looks(block)
        paragraph = _element("p")
        properties = _below(paragraph, "pPr")
        if style:
            _below(properties, "pStyle", val=style)
        if block.kind == "list_item" and not self._list_style(block.level):
            _below(properties, "ind", left=str(_INDENT * (block.level + 1)), hanging=str(_INDENT // 2))
            paragraph.append(_run(_BULLET, look))
        if block.kind in ("quote", "code") and not style:
            _below(properties, "ind", left=str(2 * _INDENT))
        if block.kind == "heading" and not style:
            _below(properties, "outlineLvl", val=str(_heading_level(block) - 1))
        for place, statement in enumerate(block.statements):
            paragraph.extend(self._runs(statement, look, is_first=place == 0))
        return paragraph

    def _runs(self, statement: Statement, look: Look, *, is_first: bool) -> Iterator[etree._Element]:
        if not is_first:
            yield _run(" ", look)
        if statement.label:
            yield _run(f"{plain_text(statement.label)}: ", replace(look, bold=True))
        shown = replace(look, highlighted=True) if statement.support == "unsupported" else look
        yield _run(plain_text(statement.text), shown)
        if references := self.references(statement):
            yield _run(references, look)

    def _looks(self, block: DraftBlock) -> tuple[str, Look]:
        if block.kind == "heading":
            level = _heading_level(block)
            style = self.styles.paragraph(f"heading {level}")
            return style, Look() if style else Look(bold=True, half_points=_PLAIN_SIZES.get(level, 22))
        if block.kind == "list_item":
            return self._list_style(block.level) or self.styles.paragraph("list paragraph"), Look()
        if block.kind == "quote":
            style = self.styles.paragraph("quote", "intense quote", "block text")
            return style, Look(italic=not style)
        if block.kind == "code":
            style = self.styles.paragraph("html preformatted", "macro", "macro text", "plain text")
            return style, Look() if style else Look(font="Courier New")
        style = self.styles.paragraph("caption")
        return style, Look(italic=not style)

    def _list_style(self, level: int) -> str:
        return self.styles.paragraph("list bullet" if level == 0 else f"list bullet {min(level, 4) + 1}")

    def _table(self, block: DraftBlock) -> etree._Element:
        table = _element("tbl")
        properties = _below(table, "tblPr")
        style = self.styles.table("table grid")
        if style:
            _below(properties, "tblStyle", val=style)
        _below(properties, "tblW", w="5000", type="pct")
        if not style:
            borders = _below(properties, "tblBorders")
            for side in _BORDERS:
                _below(borders, side, val="single", sz="4", space="0", color="auto")
        num_columns = max((len(row.cells) for row in block.statements), default=1) or 1
        grid = _below(table, "tblGrid")
        for _ in range(num_columns):
            _below(grid, "gridCol", w=str(9000 // num_columns))
        for place, row in enumerate(block.statements):
            is_head = block.has_header and place == 0
            table.append(_row(row.cells + ("",) * (num_columns - len(row.cells)), is_head=is_head))
        return table


def _heading_level(block: DraftBlock) -> int:
    """The title of the document stands above its headings, so sections begin with the first level."""
    return min(9, max(1, block.level - 1))


def _row(cells: tuple[str, ...], *, is_head: bool) -> etree._Element:
    row = _element("tr")
    if is_head:
        _below(_below(row, "trPr"), "tblHeader")
    for text in cells:
        cell = _below(row, "tc")
        _below(cell, "p").append(_run(plain_text(text), Look(bold=is_head)))
    return row


def _run(text: str, look: Look) -> etree._Element:
    run = _element("r")
    if look != Look():
        properties = _below(run, "rPr")
        if look.font:
            _below(properties, "rFonts", ascii=look.font, hAnsi=look.font, cs=look.font)
        if look.bold:
            _below(properties, "b")
        if look.italic:
            _below(properties, "i")
        if look.half_points:
            _below(properties, "sz", val=str(look.half_points))
        if look.highlighted:
            _below(properties, "highlight", val="yellow")
    run.extend(text_elements(text))
    return run


def text_elements(text: str) -> Iterator[etree._Element]:
    """What a run holds for a text: a new line and a tab are elements of their own."""
    for piece in re.split("([\n\t])", text):
        if piece == "\n":
            yield _element("br")
        elif piece == "\t":
            yield _element("tab")
        elif piece:
            element = _element("t")
            element.text = piece
            element.set(_SPACE, "preserve")
            yield element


def _element(name: str) -> etree._Element:
    from lxml import etree

    return etree.Element(f"{W}{name}", nsmap={"w": W.strip("{}")})


def _below(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    from lxml import etree

    element = etree.SubElement(parent, f"{W}{name}")
    for attribute, value in attributes.items():
        element.set(f"{W}{attribute}", value)
    return element
