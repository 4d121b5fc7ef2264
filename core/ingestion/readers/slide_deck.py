"""PowerPoint decks (.pptx): titles, bullets, tables and notes of each slide (ECMA-376-1, 19)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from core.content import Block
from core.ingestion.archive import Package
from core.ingestion.office_package import main_part, properties, related, relationship_id, relationships
from core.ingestion.reader import Extract, Source
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
        blocks = [
            block
            for number, part in enumerate(_slides(package), start=1)
            for block in _slide(package, part, number)
        ]
        yield Extract(blocks=tuple(blocks), title=known.title, author=known.author, modified=known.modified)


def _slides(package: Package) -> Iterator[str]:
    """The parts of the slides in the order in which they are shown."""
    presentation = main_part(package)
    targets = relationships(package, presentation)
    for element in parse(package.read(presentation)).iter("{*}sldId"):
        key = relationship_id(element)
        if key in targets and targets[key].target in package:
            yield targets[key].target


def _slide(package: Package, part: str, number: int) -> Iterator[Block]:
    """The title first, wherever it stands in the file; the notes last."""
    shapes = parse(package.read(part)).find("{*}cSld/{*}spTree")
    if shapes is not None:
        blocks = list(_shapes(shapes, number))
        yield from (block for block in blocks if block.kind == "heading")
        yield from (block for block in blocks if block.kind != "heading")
    notes = related(package, part, "notesSlide")
    if notes is not None:
        yield from _notes(parse(package.read(notes)), number)


def _shapes(parent: etree._Element, number: int) -> Iterator[Block]:
    for element in parent:
        tag = _local(element)
        if tag == "sp":
            yield from _shape(element, number)
        elif tag == "graphicFrame":
            yield from _tables(element, number)
        elif tag == "grpSp":
            yield from _shapes(element, number)
        elif tag == "AlternateContent":
            yield from _shapes(element[0], number) if len(element) else ()


def _shape(shape: etree._Element, number: int) -> Iterator[Block]:
    placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    kind = None if placeholder is None else str(placeholder.get("type", ""))
    paragraphs = list(shape.iterfind("{*}txBody/{*}p"))
    if kind in _LEFT_OUT:
        return
    if kind in _TITLES:
        text = " ".join(" ".join(map(_text, paragraphs)).split())
        if text:
            yield Block("heading", text, level=1, page=number)
        return
    for paragraph in paragraphs:
        text = _text(paragraph).strip()
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
        rows = [[_cell(cell) for cell in row.iterfind("{*}tc")] for row in table.iterfind("{*}tr")]
        if any(any(row) for row in rows):
            yield Block.table(rows, page=number)


def _cell(cell: etree._Element) -> str:
    return " ".join(" ".join(map(_text, cell.iterfind("{*}txBody/{*}p"))).split())


def _notes(root: etree._Element, number: int) -> Iterator[Block]:
    for shape in root.iter("{*}sp"):
        placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
        if placeholder is not None and placeholder.get("type") == "body":
            for paragraph in shape.iterfind("{*}txBody/{*}p"):
                text = _text(paragraph).strip()
                if text:
                    yield Block("paragraph", text, page=number)


def _text(paragraph: etree._Element) -> str:
    texts: list[str] = []
    for element in paragraph:
        tag = _local(element)
        if tag == "br":
            texts.append("\n")
        elif tag in ("r", "fld"):
            texts.extend(run.text or "" for run in element.iterfind("{*}t"))
    return "".join(texts)


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
