"""PowerPoint decks (.pptx): titles, bullets, tables, pictures, charts and notes (ECMA-376-1, 19).

A deck that our writer made says in the names of its shapes what each is, and what goes on from the slide
before: `OwnDeck` puts it together again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from core.content import Block
from core.ingestion.archive import Package
from core.ingestion.office_package import main_part, properties, related, relationship_id, relationships
from core.ingestion.pictures import PictureStore
from core.ingestion.reader import Extract, Source
from core.ingestion.slides.own_deck import OwnDeck, is_own
from core.ingestion.slides.shapes import (
    cells,
    chart_block,
    local,
    picture_block,
    spans,
    text_of,
)
from core.ingestion.xml_parts import parse

_TITLES = ("title", "ctrTitle")
_BULLETED = ("body", "obj", "")  # placeholders whose text is a list unless it says otherwise
_LEFT_OUT = ("sldNum", "dt", "ftr", "hdr")


class SlideDeck:
    name = "pptx"
    extensions = (".pptx", ".pptm", ".ppsx", ".potx")

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        known = properties(package)
        pictures = PictureStore(lambda name: package.read(name) if name in package else None)
        parts = list(_slides(package))
        if parts and is_own(parse(package.read(parts[0]))):
            blocks = OwnDeck(package, pictures).blocks(parts)
        else:
            blocks = [
                block
                for number, part in enumerate(parts, start=1)
                for block in _slide(package, part, number, pictures)
            ]
        yield Extract(
            blocks=tuple(blocks),
            media=pictures.media,
            title=known.title,
            author=known.author,
            modified=known.modified,
        )


def _slides(package: Package) -> Iterator[str]:
    """The parts of the slides in the order in which they are shown."""
    presentation = main_part(package)
    targets = relationships(package, presentation)
    for element in parse(package.read(presentation)).iter("{*}sldId"):
        key = relationship_id(element)
        if key in targets and targets[key].target in package:
            yield targets[key].target


def _slide(package: Package, part: str, number: int, pictures: PictureStore) -> Iterator[Block]:
    """The title first, wherever it stands in the file; the notes last."""
    shapes = parse(package.read(part)).find("{*}cSld/{*}spTree")
    if shapes is not None:
        slide = _Slide(package, part, number, pictures)
        blocks = list(_shapes(shapes, slide))
        yield from (block for block in blocks if block.kind == "heading")
        yield from (block for block in blocks if block.kind != "heading")
    notes = related(package, part, "notesSlide")
    if notes is not None:
        yield from _notes(parse(package.read(notes)), number)


@dataclass(frozen=True, slots=True)
class _Slide:
    """Where the shapes are that are being read."""

    package: Package
    part: str
    number: int
    pictures: PictureStore


def _shapes(parent: etree._Element, slide: _Slide) -> Iterator[Block]:
    for element in parent:
        tag = local(element)
        if tag == "sp":
            yield from _shape(element, slide.number)
        elif tag == "graphicFrame":
            yield from _tables(element, slide.number)
            if found := chart_block(element, slide.package, slide.part, slide.number):
                yield found
        elif tag == "pic":
            if shown := picture_block(element, slide.package, slide.part, slide.number, slide.pictures):
                yield shown
        elif tag == "grpSp":
            yield from _shapes(element, slide)
        elif tag == "AlternateContent":
            yield from _shapes(element[0], slide) if len(element) else ()


def _shape(shape: etree._Element, number: int) -> Iterator[Block]:
    placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    kind = None if placeholder is None else str(placeholder.get("type", ""))
    paragraphs = list(shape.iterfind("{*}txBody/{*}p"))
    if kind in _LEFT_OUT:
        return
    if kind in _TITLES:
        text = " ".join(" ".join(map(text_of, paragraphs)).split())
        if text:
            yield Block("heading", text, level=1, page=number)
        return
    for paragraph in paragraphs:
        text = text_of(paragraph).strip()
        if text:
            yield _paragraph(paragraph, text, kind in _BULLETED, number)


def _paragraph(paragraph: etree._Element, text: str, is_bulleted: bool, number: int) -> Block:
    settings = paragraph.find("{*}pPr")
    level = str(settings.get("lvl", "0")) if settings is not None else "0"
    if settings is not None and settings.find("{*}buNone") is not None:
        is_bulleted = False
    elif settings is not None and any(
        settings.find(f"{{*}}{tag}") is not None for tag in ("buChar", "buAutoNum")
    ):
        is_bulleted = True
    if is_bulleted:
        return Block("list_item", text, level=int(level) if level.isdecimal() else 0, page=number)
    return Block("paragraph", text, page=number)


def _tables(frame: etree._Element, number: int) -> Iterator[Block]:
    for table in frame.iter("{*}tbl"):
        settings = table.find("{*}tblPr")
        has_header = settings is not None and settings.get("firstRow") in ("1", "true")
        rows = cells(table)
        if any(any(row) for row in rows):
            yield Block.table(rows, page=number, header_rows=int(has_header), merged=spans(table))


def _notes(root: etree._Element, number: int) -> Iterator[Block]:
    for shape in root.iter("{*}sp"):
        placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
        if placeholder is not None and placeholder.get("type") == "body":
            for paragraph in shape.iterfind("{*}txBody/{*}p"):
                text = text_of(paragraph).strip()
                if text:
                    yield Block("paragraph", text, page=number)
