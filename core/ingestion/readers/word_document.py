"""Word documents (.docx): headings by style, lists, tables, notes (ECMA-376, part 1, chapter 17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from core.content import Block
from core.content.blocks import BlockKind
from core.ingestion.archive import Package
from core.ingestion.office_package import main_part, properties, related
from core.ingestion.reader import Extract, Source
from core.ingestion.xml_parts import parse, stream

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_HEADING = re.compile(r"heading ([1-9])$")
_STYLE_KINDS: dict[str, BlockKind] = {
    "quote": "quote",
    "intense quote": "quote",
    "caption": "caption",
    "html preformatted": "code",
    "source code": "code",
}
_SKIPPED = {"delText", "instrText", "Fallback", "rPr", "pPr", "footnoteReference", "endnoteReference"}
_WRITTEN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


class WordDocument:
    name = "docx"
    extensions = (".docx", ".docm", ".dotx")

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        part = main_part(package)
        known = properties(package)
        body = _Body(_styles(package, part))
        blocks = list(body.blocks(package.read(part)))
        for kind in ("footnotes", "endnotes"):
            notes = related(package, part, kind)
            if notes is not None:
                blocks.extend(body.blocks(package.read(notes)))
        yield Extract(blocks=tuple(blocks), title=known.title, author=known.author, modified=known.modified)


@dataclass(frozen=True)
class _Style:
    name: str
    outline: int | None
    is_list: bool
    based_on: str

    @cached_property
    def heading_level(self) -> int | None:
        """1 to 6; a document's title counts as 1."""
        match = _HEADING.match(self.name)
        if match:
            return min(6, int(match[1]))
        if self.name == "title":
            return 1
        return self.outline


def _styles(package: Package, part: str) -> dict[str, _Style]:
    listing = related(package, part, "styles")
    if listing is None:
        return {}
    styles = {}
    for element in parse(package.read(listing)):
        if _local(element) == "style":
            styles[_value(element, "styleId")] = _style(element)
    return {key: _inherit(style, styles) for key, style in styles.items()}


def _style(element: etree._Element) -> _Style:
    namespace = _namespace(element)
    settings = element.find(f"{namespace}pPr")
    return _Style(
        name=_child_value(element, "name").lower(),
        outline=_outline(settings),
        is_list=settings is not None and settings.find(f"{namespace}numPr") is not None,
        based_on=_child_value(element, "basedOn"),
    )


def _inherit(style: _Style, styles: dict[str, _Style]) -> _Style:
    """What a style does not say, the style it is based on says; circles are cut."""
    seen, ancestor, outline, is_list = {style.name}, style, style.outline, style.is_list
    while outline is None and (parent := styles.get(ancestor.based_on)) and parent.name not in seen:
        seen.add(parent.name)
        ancestor, outline, is_list = parent, parent.heading_level, is_list or parent.is_list
    return _Style(style.name, outline, is_list, style.based_on)


class _Body:
    """Turns paragraphs and tables into blocks."""

    def __init__(self, styles: dict[str, _Style]) -> None:
        self._styles = styles

    def blocks(self, data: bytes) -> Iterator[Block]:
        tags = [f"{namespace}{tag}" for namespace in (W, STRICT_W) for tag in ("p", "tbl")]
        for element in stream(data, *tags):
            yield from self._table(element) if _local(element) == "tbl" else self._paragraph(element)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Block]:
        settings = paragraph.find(f"{_namespace(paragraph)}pPr")
        style = self._styles.get(_child_value(settings, "pStyle")) if settings is not None else None
        boxes: list[etree._Element] = []
        text = "".join(_text(paragraph, boxes)).strip()
        if text and not (style and style.name.startswith("toc ")):
            yield _block(text, settings, style)
        for box in boxes:
            for inner in box:
                if _local(inner) == "p":
                    yield from self._paragraph(inner)

    def _table(self, table: etree._Element) -> Iterator[Block]:
        namespace = _namespace(table)
        rows = [_cells(row, namespace) for row in table.iter(f"{namespace}tr") if _table_of(row) is table]
        if any(any(row) for row in rows):
            yield Block.table(rows)


def _block(text: str, settings: etree._Element | None, style: _Style | None) -> Block:
    level = _outline(settings) or (style.heading_level if style else None)
    if level is not None:
        return Block("heading", " ".join(text.split()), level=level)
    if settings is not None:
        numbering = settings.find(f"{_namespace(settings)}numPr")
        if numbering is not None and _child_value(numbering, "numId") != "0":
            return Block("list_item", text, level=int(_child_value(numbering, "ilvl") or 0))
    if style is None:
        return Block("paragraph", text)
    if style.is_list or style.name.startswith("list "):
        depth = re.search(r" (\d)$", style.name)
        return Block("list_item", text, level=int(depth[1]) - 1 if depth else 0)
    return Block(_STYLE_KINDS.get(style.name, "paragraph"), text)


def _text(element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    """Text in reading order. Text boxes are put aside, as they are paragraphs of their own."""
    for child in element:
        tag = _local(child)
        if tag == "t":
            yield child.text or ""
        elif tag in _WRITTEN:
            yield _WRITTEN[tag]
        elif tag == "txbxContent":
            boxes.append(child)
        elif tag not in _SKIPPED:
            yield from _text(child, boxes)


def _cells(row: etree._Element, namespace: str) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{namespace}tc"):
        if _row_of(cell) is not row:
            continue
        settings = cell.find(f"{namespace}tcPr")
        span = _child_value(settings, "gridSpan") if settings is not None else ""
        cells.append("" if _continues(settings, namespace) else _cell_text(cell, namespace))
        cells.extend([""] * min(63, int(span) - 1 if span.isdecimal() else 0))
    return cells


def _cell_text(cell: etree._Element, namespace: str) -> str:
    paragraphs = (" ".join("".join(_text(paragraph, [])).split()) for paragraph in cell.iter(f"{namespace}p"))
    return " ".join(text for text in paragraphs if text)


def _continues(settings: etree._Element | None, namespace: str) -> bool:
    """Whether the cell is merged into the one above it."""
    merge = None if settings is None else settings.find(f"{namespace}vMerge")
    return merge is not None and _value(merge, "val") != "restart"


def _table_of(row: etree._Element) -> etree._Element | None:
    return next((ancestor for ancestor in row.iterancestors() if _local(ancestor) == "tbl"), None)


def _row_of(cell: etree._Element) -> etree._Element | None:
    return next((ancestor for ancestor in cell.iterancestors() if _local(ancestor) == "tr"), None)


def _outline(settings: etree._Element | None) -> int | None:
    """1 to 6 from w:outlineLvl, where 9 means body text."""
    value = "" if settings is None else _child_value(settings, "outlineLvl")
    return min(6, int(value) + 1) if value.isdecimal() and int(value) < 9 else None


def _child_value(element: etree._Element, tag: str) -> str:
    child = element.find(f"{_namespace(element)}{tag}")
    return "" if child is None else _value(child, "val")


def _value(element: etree._Element, attribute: str) -> str:
    return str(element.get(f"{_namespace(element)}{attribute}", ""))


def _namespace(element: etree._Element) -> str:
    return f"{str(element.tag).rpartition('}')[0]}}}"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
