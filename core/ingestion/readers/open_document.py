"""OpenDocument text (.odt): headings, lists, tables, notes and pictures (OASIS OpenDocument 1.3, part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from core.content import Block, CellSpan
from core.content.blocks import BlockKind
from core.ingestion.archive import Package
from core.ingestion.block_language import is_same, script_of, with_language, without_own_language
from core.ingestion.inline_text import InlineText, as_written, joined, trimmed
from core.ingestion.keys import key_of, link_target, with_keys
from core.ingestion.marked_cells import NOTHING, Cell, in_one_cell, one_line, table_block
from core.ingestion.office_package import Properties, moment
from core.ingestion.open_document_styles import TEXT, Styles, styles
from core.ingestion.pictures import PictureStore
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.xml_parts import parse, stream

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
LINK = "{http://www.w3.org/1999/xlink}href"
MAX_REPEATED_CELLS = 64
_GENERATED = {f"{TEXT}{tag}" for tag in ("table-of-content", "alphabetical-index", "tracked-changes")}
_STYLE_KINDS: dict[str, BlockKind] = {
    "quotations": "quote",
    "quote": "quote",
    "caption": "caption",
    "preformatted_20_text": "code",
    "code_20_block": "code",
    "bibliography": "reference",
    "footnote": "footnote",
}
_NOT_IN_LINE = {"annotation", "annotation-end", "title", "desc", "tracked-changes"}
_LABELS = ("Caption_20_Label", "Reference_20_Label", "Clause_20_Number", "Field_20_Label")
_CITATION = "Citation_20_Sign"


class OpenDocument:
    name = "odt"
    extensions = (".odt", ".ott")

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise unreadable("password_protected")
        data = package.read("content.xml")
        known = _properties(package)
        pictures = PictureStore(lambda name: package.read(name) if name in package else None)
        body = _Body(styles(package, data), pictures)
        yield Extract(
            blocks=tuple(body.blocks(data)),
            title=known.title,
            author=known.author,
            modified=known.modified,
            media=pictures.media,
        )


def _properties(package: Package) -> Properties:
    if "meta.xml" not in package:
        return Properties()
    root = parse(package.read("meta.xml"))
    found = {
        tag: next(root.iter(f"{{*}}{tag}"), None) for tag in ("title", "creator", "initial-creator", "date")
    }
    texts = {
        tag: (element.text or "").strip() if element is not None else "" for tag, element in found.items()
    }
    return Properties(
        texts["title"], texts["creator"] or texts["initial-creator"] or None, moment(texts["date"])
    )


@dataclass(slots=True)
class _Line:
    """What one paragraph holds beside its text."""

    text: InlineText = field(default_factory=InlineText)
    boxes: list[etree._Element] = field(default_factory=list)
    drawn: list[Block] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    notes: list[tuple[str, etree._Element]] = field(default_factory=list)


class _Body:
    """Turns headings, paragraphs, lists and tables into blocks, with the notes that each cites after it."""

    def __init__(self, styles: Styles, pictures: PictureStore) -> None:
        self._styles = styles
        self._pictures = pictures
        self._num_notes = 0
        self._names: dict[int, tuple[str, ...]] = {}  # the bookmarks in a block, by its identity

    def blocks(self, data: bytes) -> Iterator[Block]:
        tags = [f"{TEXT}h", f"{TEXT}p", f"{TEXT}list", f"{TABLE}table", *_GENERATED]
        found = [block for element in stream(data, *tags) for block in self._element(element)]
        bookmarks = {at: self._names[id(block)] for at, block in enumerate(found) if id(block) in self._names}
        yield from with_keys(without_own_language(found), bookmarks)

    def _element(self, element: etree._Element) -> Iterator[Block]:
        if element.tag in (f"{TEXT}h", f"{TEXT}p"):
            yield from self._paragraph(element)
        elif element.tag == f"{TEXT}list":
            yield from self._list(element, 0, _attribute(element, TEXT, "style-name"))
        elif element.tag == f"{TABLE}table":
            yield from self._table(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        line = self._line(element)
        if self._styles.front.intersection(self._style_names(element)):
            return
        block = self._block(element, line)
        if block.text:
            self._names[id(block)] = tuple(line.bookmarks)
            yield block
        yield from self._beside([line])

    def _beside(self, lines: list[_Line]) -> Iterator[Block]:
        """Pictures, boxes and notes of what was just read."""
        for line in lines:
            yield from line.drawn
            for box in line.boxes:
                for inner in box:
                    yield from self._element(inner)
        for key, body in (note for line in lines for note in line.notes):
            yield from self._note(key, body)

    def _note(self, key: str, body: etree._Element) -> Iterator[Block]:
        paragraphs = []
        for paragraph in body.iter(f"{TEXT}p", f"{TEXT}h"):
            raw, marks = self._line(paragraph).text.take()
            paragraphs.append(trimmed(raw, marks))
        text, found = in_one_cell(paragraphs, between="\n")
        if text:
            yield with_language(Block("footnote", text, marks=found, key=key))

    def _block(self, element: etree._Element, line: _Line) -> Block:
        raw, found = line.text.take()
        text, marks = trimmed(raw, found)
        names = {name.lower() for name in self._style_names(element)}
        if element.tag == f"{TEXT}h" or "title" in names:
            shown, kept = one_line(text, marks)
            level = _attribute(element, TEXT, "outline-level") if element.tag == f"{TEXT}h" else ""
            level_from_1 = max(1, min(6, int(level))) if level.isdecimal() else 1
            return with_language(Block("heading", shown, level=level_from_1, marks=kept))
        kind: BlockKind = next((_STYLE_KINDS[name] for name in _STYLE_KINDS if name in names), "paragraph")
        if kind == "code":
            text, marks = as_written(raw, found)
            text = text if text.strip() else ""
        own = next((key_of(name) for name in line.bookmarks if name.startswith(("ref-", "note-"))), "")
        if kind in ("reference", "footnote") and not own:
            kind = "paragraph"
        key = own if kind in ("reference", "footnote") else ""
        return with_language(Block(kind, text, marks=marks, key=key))

    def _style_names(self, element: etree._Element) -> Iterator[str]:
        return self._styles.names(_attribute(element, TEXT, "style-name"))

    def _list(self, element: etree._Element, depth: int, style: str) -> Iterator[Block]:
        """A list below another one has its style, unless it names its own."""
        is_ordered = (style, depth + 1) in self._styles.counting
        for item in element:
            for inner in item:
                if inner.tag == f"{TEXT}p":
                    yield from self._item(inner, depth, is_ordered)
                elif inner.tag == f"{TEXT}list":
                    own = _attribute(inner, TEXT, "style-name") or style
                    yield from self._list(inner, depth + 1, own)
                else:
                    yield from self._element(inner)

    def _item(self, element: etree._Element, depth: int, is_ordered: bool) -> Iterator[Block]:
        line = self._line(element)
        raw, found = line.text.take()
        text, marks = trimmed(raw, found)
        if text:
            yield with_language(Block("list_item", text, level=depth, marks=marks, is_ordered=is_ordered))
        yield from self._beside([line])

    def _table(self, table: etree._Element) -> Iterator[Block]:
        lines: list[list[Cell]] = []
        spans: list[CellSpan] = []
        num_headers, beside = 0, list[_Line]()
        for row in table.iter(f"{TABLE}table-row"):
            if _around(row, f"{TABLE}table") is not table:
                continue
            parent = row.getparent()
            is_header = parent is not None and parent.tag == f"{TABLE}table-header-rows"
            num_headers += is_header and num_headers == len(lines)
            spans += _spans(row, len(lines))
            lines.append(self._row(row, beside))
        made = table_block(_even(lines), spans, num_headers)
        if made:
            yield with_language(made)
        yield from self._beside(beside)

    def _row(self, row: etree._Element, beside: list[_Line]) -> list[Cell]:
        found: list[Cell] = []
        for cell in _cells_of(row):
            paragraphs = []
            for paragraph in cell.iter(f"{TEXT}p", f"{TEXT}h"):
                if not any(outer.tag == f"{TEXT}note-body" for outer in paragraph.iterancestors()):
                    line = self._line(paragraph)
                    beside.append(line)
                    raw, marks = line.text.take()
                    paragraphs.append(one_line(raw, joined(marks)))
            found += [in_one_cell(paragraphs)] * _repeated(cell)
        return found

    def _line(self, paragraph: etree._Element) -> _Line:
        line = _Line()
        style = _attribute(paragraph, TEXT, "style-name")
        told = self._language("".join(map(str, paragraph.itertext())), style)
        if told:
            line.text.open("language", told)
        self._walk(paragraph, line, style)
        if told:
            line.text.close()
        return line

    def _walk(self, element: etree._Element, line: _Line, style: str) -> None:
        line.text.add(_collapse(element.text))
        for child in element:
            self._inline(child, line, style)
            line.text.add(_collapse(child.tail))

    def _inline(self, child: etree._Element, line: _Line, style: str) -> None:
        tag = str(child.tag).rpartition("}")[2]
        if tag == "s":
            count = _attribute(child, TEXT, "c")
            line.text.add(" " * (min(int(count), 80) if count.isdecimal() else 1))
        elif tag == "tab":
            line.text.add("\t")
        elif tag == "line-break":
            line.text.add("\n")
        elif tag == "span":
            self._span(child, line, style)
        elif tag == "a":
            self._link(child, line, style)
        elif tag == "note":
            self._take_note(child, line)
        elif tag == "note-ref":
            line.text.sign("footnote", key_of(_attribute(child, TEXT, "ref-name")))
        elif tag in ("bookmark", "bookmark-start"):
            line.bookmarks.append(_attribute(child, TEXT, "name"))
        elif tag == "frame":
            self._frame(child, line)
        elif tag == "text-box":
            line.boxes.append(child)
        elif tag not in _NOT_IN_LINE:
            self._walk(child, line, style)

    def _span(self, span: etree._Element, line: _Line, style: str) -> None:
        own = _attribute(span, TEXT, "style-name")
        if own in _LABELS:
            return
        marks = sorted(self._styles.marks(own))
        for kind in marks:
            line.text.open(kind)
        told = self._language("".join(map(str, span.itertext())), own)
        if told:
            line.text.open("language", told)
        self._walk(span, line, style)
        for _ in [*marks, told] if told else marks:
            line.text.close()

    def _language(self, text: str, style: str) -> str:
        script = script_of(text)
        told = self._styles.language_of(style, script) if script else ""
        return "" if is_same(told, self._styles.language) else told

    def _link(self, link: etree._Element, line: _Line, style: str) -> None:
        address = str(link.get(LINK, ""))
        if _attribute(link, TEXT, "style-name") == _CITATION and address.startswith("#"):
            line.text.sign("citation", key_of(address[1:]))
            return
        target = link_target(address)
        if target:
            line.text.open("link", target)
        self._walk(link, line, style)
        if target:
            line.text.close()

    def _take_note(self, note: etree._Element, line: _Line) -> None:
        self._num_notes += 1
        key = key_of(_attribute(note, TEXT, "id")) or f"note-{self._num_notes}"
        line.text.sign("footnote", key)
        line.notes += [(key, body) for body in note.iterfind(f"{TEXT}note-body")]

    def _frame(self, frame: etree._Element, line: _Line) -> None:
        """A frame shows the first of its pictures that a program can draw; or it holds text."""
        line.boxes += frame.iterfind(f"{DRAW}text-box")
        desc, title = (next(frame.iterfind(f"{{*}}{tag}"), None) for tag in ("desc", "title"))
        alt = next(filter(None, map(_told, (desc, title))), "")
        is_decorative = (desc is not None and not alt) or any(
            str(name).endswith("}decorative") and value == "true" for name, value in frame.items()
        )
        for image in frame.iterfind(f"{DRAW}image"):
            address = unquote(str(image.get(LINK, ""))).removeprefix("./")
            found = self._pictures.block(address, alt, is_decorative)
            if found:
                line.drawn.append(found)
                return


def _told(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _spans(row: etree._Element, at: int) -> Iterator[CellSpan]:
    column = 0
    for cell in _cells_of(row):
        wide, tall = (
            _attribute(cell, TABLE, f"number-{each}-spanned") or "1" for each in ("columns", "rows")
        )
        if wide.isdecimal() and tall.isdecimal() and (wide, tall) != ("1", "1"):
            yield CellSpan(at, column, max(1, min(int(tall), 10_000)), max(1, min(int(wide), 64)))
        column += _repeated(cell)


def _cells_of(row: etree._Element) -> Iterator[etree._Element]:
    return (each for each in row if each.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"))


def _repeated(cell: etree._Element) -> int:
    told = _attribute(cell, TABLE, "number-columns-repeated")
    return max(1, min(int(told), MAX_REPEATED_CELLS)) if told.isdecimal() else 1


def _even(lines: list[list[Cell]]) -> list[list[Cell]]:
    """Rows of one length: what no row says anything in is left out at the right."""
    width = max(map(len, lines), default=0)
    return [line + [NOTHING] * (width - len(line)) for line in lines]


def _collapse(text: str | None) -> str:
    """Line ends and tabs in the XML are spaces; real ones are elements (6.1.2, white space)."""
    return "" if text is None else text.replace("\n", " ").replace("\t", " ").replace("\r", " ")


def _around(element: etree._Element, tag: str) -> etree._Element | None:
    return next((outer for outer in element.iterancestors() if outer.tag == tag), None)


def _attribute(element: etree._Element, namespace: str, name: str) -> str:
    return str(element.get(f"{namespace}{name}", ""))
