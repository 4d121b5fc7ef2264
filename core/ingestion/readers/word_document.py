"""Word documents (.docx): headings, lists, tables, notes, pictures (ECMA-376, part 1, chapter 17)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from core.content import Block, CellSpan, Mark, MarkKind
from core.ingestion.archive import Package
from core.ingestion.block_language import is_same, script_of, with_language, without_own_language
from core.ingestion.inline_text import InlineText, as_written, joined, trimmed
from core.ingestion.keys import key_of, link_target, with_keys
from core.ingestion.marked_cells import NOTHING, Cell, in_one_cell, one_line, table_block
from core.ingestion.office_charts import chart_block
from core.ingestion.office_package import main_part, properties, related, relationship_id, relationships
from core.ingestion.pictures import PictureStore
from core.ingestion.reader import Extract, Source
from core.ingestion.word_styles import (
    Style,
    Styles,
    child_value,
    letter_marks,
    local,
    namespace_of,
    numberings,
    outline,
    styles,
    value,
)
from core.ingestion.xml_parts import parse, stream

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_SKIPPED = {"delText", "Fallback", "rPr", "pPr", "moveFrom"}
_WRITTEN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_LABELS = ("caption label", "reference label", "field label")  # what our writer puts before the text
_HYPERLINK = re.compile(r'\s*HYPERLINK\s+(?:\\l\s+"([^"]*)"|"([^"]*)"(?:\s+\\l\s+"([^"]*)")?)', re.I)
_CLAUSE = re.compile(r"clause \d$")
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


class WordDocument:
    name = "docx"
    extensions = (".docx", ".docm", ".dotx")

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        part = main_part(package)
        known = properties(package)
        pictures = PictureStore(lambda name: package.read(name) if name in package else None)
        body = _Body(_Document(package, part, styles(package, part), numberings(package, part), pictures))
        blocks = tuple(body.blocks())
        yield Extract(
            blocks=blocks,
            title=known.title,
            author=known.author,
            modified=known.modified,
            media=pictures.media,
        )


@dataclass(frozen=True, slots=True)
class _Document:
    """What the parts of the package have in common."""

    package: Package
    part: str
    styles: Styles
    counting: Mapping[tuple[str, int], bool]
    pictures: PictureStore


@dataclass(slots=True)
class _Line:
    """What one paragraph holds beside its text."""

    text: InlineText = field(default_factory=InlineText)
    boxes: list[etree._Element] = field(default_factory=list)
    drawn: list[Block] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)  # listing, id, key
    fields: list[str] = field(default_factory=list)  # instructions of the fields that are open
    linked: list[bool] = field(default_factory=list)
    alt: str = ""
    is_decorative: bool = False


class _Inline:
    """Walks through the runs of the paragraphs of one part."""

    def __init__(self, document: _Document, part: str) -> None:
        self._document = document
        self._targets = {key: each.target for key, each in relationships(document.package, part).items()}
        self._addresses = _addresses(document.package, part)

    def line(self, paragraph: etree._Element) -> _Line:
        line = _Line()
        self._walk(paragraph, line)
        while line.linked:
            self._end_field(line)
        return line

    def _walk(self, element: etree._Element, line: _Line) -> None:
        for child in element:
            tag = local(child)
            if tag == "r":
                self._run(child, line)
            elif tag == "hyperlink":
                self._hyperlink(child, line)
            elif tag == "fldSimple":
                self._linked(_field_target(value(child, "instr")), child, line)
            elif tag == "t":
                line.text.add(child.text)
            elif tag in _WRITTEN:
                line.text.add(_WRITTEN[tag])
            elif tag == "txbxContent":
                line.boxes.append(child)
            elif tag not in _SKIPPED and not self._take(tag, child, line):
                self._walk(child, line)

    def _take(self, tag: str, child: etree._Element, line: _Line) -> bool:
        """Fields, notes, bookmarks and drawings, which are not text; whether this was one of them."""
        if tag == "instrText":
            if line.fields:
                line.fields[-1] += child.text or ""
        elif tag == "fldChar":
            self._field(value(child, "fldCharType"), line)
        elif tag in _NOTES:
            self._note(tag, value(child, "id"), line)
        elif tag == "bookmarkStart":
            line.bookmarks.append(value(child, "name"))
        elif tag == "docPr":
            line.alt = str(child.get("descr") or child.get("title") or "").strip()
            line.is_decorative = any(
                local(each) == "decorative" and each.get("val") in ("1", "true") for each in child.iter()
            )
        elif tag in ("blip", "imagedata"):
            self._picture(child, line)
        elif tag == "chart":
            found = chart_block(
                self._document.package, self._targets.get(relationship_id(child), ""), line.alt
            )
            line.drawn += [found] if found else []
        else:
            return False
        return True

    def _run(self, run: etree._Element, line: _Line) -> None:
        settings = run.find(f"{namespace_of(run)}rPr")
        style = (
            self._document.styles.by_id.get(child_value(settings, "rStyle")) if settings is not None else None
        )
        if style and style.name in _LABELS:
            self._walk_label(run, line)
            return
        on, off = letter_marks(settings)
        kinds = sorted((on | (style.marks if style else frozenset())) - off)
        told = self._language(run, settings)
        if any(local(each) in _UNSTYLED for each in run):  # a field may begin or end in it
            kinds, told = [], None
        if told is not None:
            line.text.open("language", told)
        for kind in kinds:
            line.text.open(kind)
        self._walk(run, line)
        for _ in kinds if told is None else [*kinds, told]:
            line.text.close()

    def _walk_label(self, run: etree._Element, line: _Line) -> None:
        """Of a label only its field counts, so that it ends where it began."""
        for child in run:
            if local(child) == "fldChar":
                self._field(value(child, "fldCharType"), line)

    def _language(self, run: etree._Element, settings: etree._Element | None) -> str | None:
        """That of the letters of this run: empty for the document's own, None where nothing says."""
        text = "".join(str(each.text or "") for each in run.iter(f"{namespace_of(run)}t"))
        if not text.strip():
            return None
        found = None if settings is None else settings.find(f"{namespace_of(run)}lang")
        script = script_of(text)
        if found is None:
            return "" if script else None
        if script is None:
            return str(found.values()[0]) if len(found.keys()) == 1 else None
        told = value(found, script)
        own = self._document.styles.languages.get("val", "")
        if not told or told in ("x-none", "zxx"):
            return None
        return "" if is_same(told, own) else told

    def _hyperlink(self, element: etree._Element, line: _Line) -> None:
        anchor = value(element, "anchor")
        style = next(
            (child_value(each, "rStyle") for each in element.iter(f"{namespace_of(element)}rPr")), ""
        )
        named = self._document.styles.by_id.get(style)
        if anchor and named and named.name in _SIGNS:
            line.text.sign(_SIGNS[named.name], key_of(anchor))
            return
        address = self._addresses.get(relationship_id(element), "")
        self._linked(link_target(address or f"#{anchor}"), element, line)

    def _linked(self, target: str, element: etree._Element, line: _Line) -> None:
        if target:
            line.text.open("link", target)
        self._walk(element, line)
        if target:
            line.text.close()

    def _field(self, kind: str, line: _Line) -> None:
        """17.16.18: a field is told by its beginning, what stands for it, and its end."""
        if kind == "begin":
            line.fields.append("")
            line.linked.append(False)
        elif kind == "separate" and line.fields:
            target = _field_target(line.fields[-1])
            if target:
                line.text.open("link", target)
                line.linked[-1] = True
        elif kind == "end":
            self._end_field(line)

    def _end_field(self, line: _Line) -> None:
        if line.fields:
            line.fields.pop()
            if line.linked.pop():
                line.text.close()

    def _note(self, tag: str, number: str, line: _Line) -> None:
        own = next((key_of(name) for name in line.bookmarks[-1:] if name.startswith("note-")), "")
        key = own or f"{tag[: -len('Reference')]}-{number}"
        line.notes.append((_NOTES[tag], number, key))
        line.text.sign("footnote", key)

    def _picture(self, element: etree._Element, line: _Line) -> None:
        embedded = next(
            (str(told) for name, told in element.items() if str(name).endswith(("}embed", "}id"))), ""
        )
        target = self._targets.get(embedded, "")
        found = self._document.pictures.block(target, line.alt, line.is_decorative) if target else None
        line.drawn += [found] if found else []


_UNSTYLED = {*_NOTES, "fldChar"}
_SIGNS: dict[str, MarkKind] = {"citation sign": "citation", "footnote reference": "footnote"}


class _Body:
    """Turns paragraphs and tables into blocks, each with the notes that it cites after it."""

    def __init__(self, document: _Document) -> None:
        self._document = document
        self._inline = _Inline(document, document.part)
        self._notes = _notes(document)
        self._bookmarks: dict[int, tuple[str, ...]] = {}

    def blocks(self) -> Iterator[Block]:
        found: list[Block] = []
        for each, bookmarks in self._with_notes():
            if bookmarks:
                self._bookmarks[len(found)] = bookmarks
            found.append(each)
        yield from with_keys(without_own_language(found), self._bookmarks)

    def _with_notes(self) -> Iterator[tuple[Block, tuple[str, ...]]]:
        tags = [f"{namespace}{tag}" for namespace in (W, STRICT_W) for tag in ("p", "tbl")]
        cited: set[tuple[str, str]] = set()
        for element in stream(self._document.package.read(self._document.part), *tags):
            if _is_in_contents(element):
                continue
            lines: list[_Line] = []
            is_table = local(element) == "tbl"
            yield from self._table(element, lines) if is_table else self._paragraph(element, lines)
            for listing, number, key in (note for line in lines for note in line.notes):
                note = self._notes.get((listing, number))
                if note and (listing, number) not in cited:
                    cited.add((listing, number))
                    yield replace(note, key=key), ()
        yield from ((note, ()) for place, note in self._notes.items() if place not in cited)

    def _paragraph(
        self, paragraph: etree._Element, lines: list[_Line]
    ) -> Iterator[tuple[Block, tuple[str, ...]]]:
        settings = paragraph.find(f"{namespace_of(paragraph)}pPr")
        style = self._document.styles.paragraph(settings)
        line = self._inline.line(paragraph)
        lines.append(line)
        if style and (style.name.startswith("toc ") or style.name in self._document.styles.front):
            return
        block = self._block(line, settings, style)
        if block.text:
            yield block, tuple(line.bookmarks)
        yield from ((drawn, ()) for drawn in line.drawn)
        for box in line.boxes:
            for inner in box:
                if local(inner) == "p":
                    yield from self._paragraph(inner, lines)

    def _block(self, line: _Line, settings: etree._Element | None, style: Style | None) -> Block:
        made = self._plain_block(*line.text.take(), settings, style)
        block = with_language(made)
        if block.kind not in ("reference", "footnote"):
            return block
        own = next((key_of(name) for name in line.bookmarks if name.startswith(("ref-", "note-"))), "")
        return replace(block, key=own) if own else replace(block, kind="paragraph")

    def _plain_block(
        self, raw: str, found: list[Mark], settings: etree._Element | None, style: Style | None
    ) -> Block:
        text, marks = trimmed(raw, found)
        level = outline(settings) or (style.heading_level if style else None)
        if level is not None:
            line, kept = one_line(text, marks)
            return Block("heading", line, level=level, marks=kept)
        if style and style.kind == "code":
            text, marks = as_written(raw, found)
            shown = text if text.strip() else ""
            return Block("code", shown, marks=tuple(each for each in marks if each.kind != "code"))
        if style and _CLAUSE.match(style.name) and self._document.styles.front:
            return Block("paragraph", text, marks=marks)
        numbered = None if settings is None else settings.find(f"{namespace_of(settings)}numPr")
        if numbered is not None and child_value(numbered, "numId") != "0":
            depth = child_value(numbered, "ilvl")
            number = child_value(numbered, "numId") or (style.numbering if style else "")
            return self._item(text, marks, int(depth) if depth.isdecimal() else 0, number, style)
        if style is None:
            return Block("paragraph", text, marks=marks)
        if style.is_list or style.name.startswith("list "):
            depth = (re.search(r" (\d)$", style.name) or ("", "1"))[1]
            return self._item(text, marks, max(0, int(depth) - 1), style.numbering, style)
        return Block(style.kind or "paragraph", text, marks=marks)

    def _item(
        self, text: str, marks: tuple[Mark, ...], level: int, number: str, style: Style | None
    ) -> Block:
        named = style is not None and style.name.startswith("list number")
        is_ordered = self._document.counting.get((number, level), named)
        return Block("list_item", text, level=level, marks=marks, is_ordered=is_ordered)

    def _table(self, table: etree._Element, lines: list[_Line]) -> Iterator[tuple[Block, tuple[str, ...]]]:
        namespace = namespace_of(table)
        laid = _Grid()
        for row in table.iter(f"{namespace}tr"):
            if _around(row, "tbl") is table:
                laid.add(self._cells(row, lines), _is_header(row))
        made = table_block(laid.rows, laid.spans(), laid.num_headers)
        if made:
            yield with_language(made), ()
        yield from ((drawn, ()) for line in lines for drawn in line.drawn)

    def _cells(self, row: etree._Element, lines: list[_Line]) -> Iterator[tuple[Cell, int, str]]:
        """Each cell of the row with how many columns it takes and how it goes on from above."""
        namespace = namespace_of(row)
        for cell in row.iter(f"{namespace}tc"):
            if _around(cell, "tr") is not row:
                continue
            settings = cell.find(f"{namespace}tcPr")
            told = child_value(settings, "gridSpan") if settings is not None else ""
            merge = None if settings is None else settings.find(f"{namespace}vMerge")
            goes_on = "" if merge is None else value(merge, "val") or "continue"
            found = [self._cell_line(each, lines) for each in cell.iter(f"{namespace}p")]
            shown = NOTHING if goes_on == "continue" else in_one_cell(found)
            yield shown, min(64, max(1, int(told))) if told.isdecimal() else 1, goes_on

    def _cell_line(self, paragraph: etree._Element, lines: list[_Line]) -> Cell:
        line = self._inline.line(paragraph)
        lines.append(line)
        raw, marks = line.text.take()
        return one_line(raw, joined(marks))


class _Grid:
    """The cells of a table on their places, and which of them cover others."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.num_headers = 0
        self._open: dict[int, int] = {}  # by column: the place in `_found` of what goes on down there
        self._found: list[CellSpan] = []

    def add(self, cells: Iterable[tuple[Cell, int, str]], is_header: bool) -> None:
        line: list[Cell] = []
        for cell, num_columns, goes_on in cells:
            self._place(len(line), num_columns, goes_on)
            line += [cell, *[NOTHING] * (num_columns - 1)]
        self.num_headers += is_header and self.num_headers == len(self.rows)
        self.rows.append(line)

    def spans(self) -> list[CellSpan]:
        return [each for each in self._found if (each.num_rows, each.num_columns) != (1, 1)]

    def _place(self, column: int, num_columns: int, goes_on: str) -> None:
        above = self._open.get(column)
        if goes_on == "continue" and above is not None:
            self._found[above] = replace(self._found[above], num_rows=self._found[above].num_rows + 1)
            return
        self._open.pop(column, None)
        if goes_on == "restart":
            self._open[column] = len(self._found)
        if goes_on == "restart" or num_columns > 1:
            self._found.append(CellSpan(len(self.rows), column, 1, num_columns))


def _notes(document: _Document) -> dict[tuple[str, str], Block]:
    """Every note that has text, by its listing and number."""
    found = {}
    for kind in _NOTES.values():
        part = related(document.package, document.part, kind)
        if part is None:
            continue
        inline = _Inline(document, part)
        tags = [f"{namespace}{kind[:-1]}" for namespace in (W, STRICT_W)]
        for element in stream(document.package.read(part), *tags):
            block = _note(element, inline)
            number = value(element, "id")
            if block.text:
                found[kind, number] = replace(block, key=f"{kind[:-1]}-{number}")
    return found


def _note(element: etree._Element, inline: _Inline) -> Block:
    paragraphs = []
    for paragraph in element.iter(f"{namespace_of(element)}p"):
        raw, marks = inline.line(paragraph).text.take()
        paragraphs.append(trimmed(raw, marks))
    text, marks_of_all = in_one_cell(paragraphs, between="\n")
    return with_language(Block("footnote", text, marks=marks_of_all))


def _addresses(package: Package, part: str) -> dict[str, str]:
    """The links out of the file, by the id that the part has for them."""
    folder, _, name = part.rpartition("/")
    listing = f"{folder}/_rels/{name}.rels".lstrip("/")
    if listing not in package:
        return {}
    return {
        str(each.get("Id", "")): str(each.get("Target", ""))
        for each in parse(package.read(listing))
        if each.get("TargetMode") == "External" and str(each.get("Type", "")).endswith("/hyperlink")
    }


def _field_target(instruction: str) -> str:
    found = _HYPERLINK.match(instruction)
    if found is None:
        return ""
    inside, address, place = found.groups()
    return link_target(f"#{inside}" if inside else f"{address}#{place}" if place else address)


def _is_in_contents(element: etree._Element) -> bool:
    """Whether it belongs to a table of contents that the program made."""
    for outer in element.iterancestors():
        if local(outer) == "sdt":
            gallery = next(outer.iter("{*}docPartGallery"), None)
            if gallery is not None and value(gallery, "val") == "Table of Contents":
                return True
    return False


def _is_header(row: etree._Element) -> bool:
    found = row.find(f"{namespace_of(row)}trPr/{namespace_of(row)}tblHeader")
    return found is not None and value(found, "val") not in ("0", "false", "off")


def _around(element: etree._Element, tag: str) -> etree._Element | None:
    return next((outer for outer in element.iterancestors() if local(outer) == tag), None)
