"""PDF: by its structure tree where it has one (ISO 32000-2, 14.7 and 14.8), else by lines and font sizes.

Talks to PDFium through its C interface, because the tree and the marked content are not in the Python one.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from core.content import Block
from core.content.blocks import BlockKind
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

Handle = Any  # an opaque pointer of PDFium
TreePath = tuple[int, ...]  # positions of the children on the way from the root: the same on every page

MIN_TAGGED_SHARE = 0.5  # of the text; a tree that covers less is left aside
MAX_COLUMN_SPAN = 64
WORD_GAP = 0.18  # of the height of a line: a wider one is a space, also where none is written
HYPHEN_MARKS = "\x02\u00ad\ufffe"  # PDFium's marks for a word that is divided at a line's end
_HEADING = re.compile(r"H([1-6])?$")
_BLOCK_KINDS: dict[str, BlockKind] = {
    "P": "paragraph",
    "Note": "paragraph",
    "FENote": "paragraph",
    "BibEntry": "paragraph",
    "Caption": "caption",
    "BlockQuote": "quote",
    "Code": "code",
}
_NOT_READ = {"Artifact", "TOC", "TOCI", "Lbl", "Private"}
_OWN_BLOCKS = {"L", "Table", "Figure", "Caption"}  # never part of the line of text they stand in
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?)?")


class PortableDocument:
    name = "pdf"
    extensions = (".pdf",)

    def warm_up(self) -> None:
        import pypdfium2  # noqa: F401

    def read(self, source: Source) -> Iterator[Extract]:
        document = _open(source.data)
        try:
            blocks = _tagged_blocks(document, source) or _untagged_blocks(document, source)
            num_pages = len(document)
            facts = document.get_metadata_dict()
        finally:
            document.close()
        if not blocks:
            raise unreadable("no_text_layer", pages=num_pages)
        yield Extract(
            blocks=blocks,
            title=facts.get("Title", ""),
            author=facts.get("Author") or None,
            modified=pdf_date(facts.get("ModDate") or facts.get("CreationDate") or ""),
            warnings=_warnings(source.data),
        )


def pdf_date(text: str) -> datetime | None:
    """A date as PDF writes it: D:20240131120000+01'00'."""
    match = _DATE.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    zone = timezone(-offset if match[7] == "-" else offset)
    try:
        return datetime(year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone)
    except ValueError:
        return None


def _open(data: bytes) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise unreadable("password_protected" if is_locked else "damaged_file", format="PDF") from error


def _warnings(data: bytes) -> tuple[str, ...]:
    if b"%%EOF" in data[-2048:]:
        return ()
    return ("The PDF does not end as it should; pages may be missing.",)


class _Page:
    """An open page and its text. `number` counts from 1."""

    def __init__(self, document: PdfDocument, index: int) -> None:
        from pypdfium2 import raw

        self.number = index + 1
        self._raw = raw
        self._page = raw.FPDF_LoadPage(document.raw, index)
        self.text_page = raw.FPDFText_LoadPage(self._page) if self._page else None

    def close(self) -> None:
        if self.text_page:
            self._raw.FPDFText_ClosePage(self.text_page)
        if self._page:
            self._raw.FPDF_ClosePage(self._page)

    def runs(self) -> Iterator[_Run]:
        """Every text object, those inside form objects included."""
        if self.text_page:
            for index in range(self._raw.FPDFPage_CountObjects(self._page)):
                yield from self._runs_of(self._raw.FPDFPage_GetObject(self._page, index), None, 0)

    def _runs_of(self, handle: Handle, mark: int | None, depth: int) -> Iterator[_Run]:
        kind = self._raw.FPDFPageObj_GetType(handle)
        own = self._raw.FPDFPageObj_GetMarkedContentID(handle)
        mark = own if own >= 0 or mark is None else mark
        if kind == self._raw.FPDF_PAGEOBJ_TEXT:
            yield self._run(handle, mark)
        elif kind == self._raw.FPDF_PAGEOBJ_FORM and depth < 8:
            for index in range(self._raw.FPDFFormObj_CountObjects(handle)):
                yield from self._runs_of(self._raw.FPDFFormObj_GetObject(handle, index), mark, depth + 1)

    def _run(self, handle: Handle, mark: int) -> _Run:
        num_bytes = self._raw.FPDFTextObj_GetText(handle, self.text_page, None, 0)
        buffer = (ctypes.c_ushort * (num_bytes // 2 + 1))()
        self._raw.FPDFTextObj_GetText(handle, self.text_page, buffer, num_bytes)
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        self._raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top)
        text = bytes(buffer)[: max(0, num_bytes - 2)].decode("utf-16-le", errors="replace")
        return _Run(mark, text, left.value, bottom.value, right.value, top.value)

    def tree(self) -> Iterator[tuple[TreePath, Handle]]:
        """The elements at the top of the structure tree. They live until the next one is asked for."""
        tree = self._raw.FPDF_StructTree_GetForPage(self._page) if self._page else None
        if not tree:
            return
        try:
            for index in range(self._raw.FPDF_StructTree_CountChildren(tree)):
                child = self._raw.FPDF_StructTree_GetChildAtIndex(tree, index)
                if child:
                    yield (index,), child
        finally:
            self._raw.FPDF_StructTree_Close(tree)

    def lines(self) -> Iterator[_Line]:
        """The lines of text in PDFium's order, with what the first character of each looks like."""
        num_characters = self._raw.FPDFText_CountChars(self.text_page) if self.text_page else 0
        if num_characters <= 0:
            return
        buffer = (ctypes.c_ushort * (num_characters + 1))()
        self._raw.FPDFText_GetText(self.text_page, 0, num_characters, buffer)
        text = "".join(map(chr, buffer[:num_characters]))  # one unit for each index, so that indices agree
        position = 0
        for line in text.split("\n"):
            stripped = line.strip()
            if stripped:
                yield self._line(_join_surrogates(stripped), position + line.index(stripped[0]))
            position += len(line) + 1

    def _line(self, text: str, index: int) -> _Line:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._raw.FPDFText_GetCharOrigin(self.text_page, index, x, y)
        return _Line(text, self.number, round(self._font_size(index), 1), y.value)

    def _font_size(self, index: int) -> float:
        """In points, as it shows: many programs write a size of 1 and let the matrix do the rest."""
        size = float(self._raw.FPDFText_GetFontSize(self.text_page, index))
        matrix = self._raw.FS_MATRIX()
        if self._raw.FPDFText_GetMatrix(self.text_page, index, matrix):
            size *= math.hypot(matrix.c, matrix.d) or 1.0
        return size


def _join_surrogates(text: str) -> str:
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def _pages(document: PdfDocument) -> Iterator[_Page]:
    for index in range(len(document)):
        page = _Page(document, index)
        try:
            yield page
        finally:
            page.close()


# Tagged


class _Run(NamedTuple):
    """A text object: `mark` is its marked content id, or -1 for what is not content: running headers."""

    mark: int
    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(slots=True)
class _Piece:
    """A block in the making. A second page adds to the text of the first where both have the same path."""

    kind: BlockKind
    level: int
    page: int
    text: str = ""
    rows: dict[TreePath, dict[TreePath, str]] = field(default_factory=dict)

    def block(self) -> Block | None:
        if self.kind == "table":
            rows = [list(cells.values()) for cells in self.rows.values()]
            return Block.table(rows, page=self.page) if any(any(row) for row in rows) else None
        text = self.text.strip() if self.kind == "code" else " ".join(self.text.split())
        return Block(self.kind, text, level=self.level, page=self.page) if text else None


def _tagged_blocks(document: PdfDocument, source: Source) -> tuple[Block, ...]:
    """Empty if the document is not tagged, or if its tags leave most of the text out."""
    from pypdfium2 import raw

    if not raw.FPDFCatalog_IsTagged(document.raw):
        return ()
    tree = _Tree(raw)
    num_characters = 0
    for page in _pages(document):
        runs = list(page.runs())
        num_characters += sum(len(run.text) for run in runs)
        _check_length(num_characters, source)
        tree.read_page(page, runs)
    if tree.num_characters < MIN_TAGGED_SHARE * num_characters:
        return ()
    blocks = (piece.block() for piece in tree.pieces.values())
    return tuple(block for block in blocks if block is not None)


def _check_length(num_characters: int, source: Source) -> None:
    if num_characters > source.limits.max_characters:
        raise unreadable("text_too_long", limit=f"{source.limits.max_characters:,}")


class _Tree:
    """Walks the structure tree page by page and gathers the pieces in reading order."""

    def __init__(self, raw: Any) -> None:
        self.pieces: dict[TreePath, _Piece] = {}
        self.num_characters = 0
        self._raw = raw
        self._runs: dict[int, list[_Run]] = {}
        self._page = 0

    def read_page(self, page: _Page, runs: list[_Run]) -> None:
        self._page = page.number
        self._runs = {}
        for run in runs:
            self._runs.setdefault(run.mark, []).append(run)
        for path, element in page.tree():
            self._walk(element, path, depth=0)

    def _walk(self, element: Handle, path: TreePath, depth: int) -> None:
        """`depth` counts the lists around the element."""
        kind = self._type(element)
        heading = _HEADING.match(kind)
        if kind in _NOT_READ or len(path) > 100:
            return
        if heading or kind == "Title":
            self._gather("heading", int(heading[1] or 1) if heading else 1, element, path, depth)
        elif kind in _BLOCK_KINDS:
            self._gather(_BLOCK_KINDS[kind], 0, element, path, depth)
        elif kind == "Figure":
            self._figure(element, path, depth)
        elif kind == "LI":
            self._gather("list_item", max(0, depth - 1), element, path, depth)
        elif kind == "Table":
            self._table(element, path)
        else:
            self._container(element, path, depth + (kind == "L"))

    def _container(self, element: Handle, path: TreePath, depth: int) -> None:
        for index, child, mark in self._children(element):
            if child is not None:
                self._walk(child, (*path, index), depth)
            elif mark >= 0:
                self._add("paragraph", 0, (*path, index), self._text_of_mark(mark))

    def _gather(self, kind: BlockKind, level: int, element: Handle, path: TreePath, depth: int) -> None:
        """The text of the element as one block; lists, tables and figures in it follow as their own."""
        inner: list[tuple[TreePath, Handle]] = []
        self._add(kind, level, path, self._text(element, path, inner))
        for inner_path, child in inner:
            self._walk(child, inner_path, depth)

    def _figure(self, element: Handle, path: TreePath, depth: int) -> None:
        alternative = self._string(self._raw.FPDF_StructElement_GetAltText, element)
        if alternative:
            self._add("caption", 0, path, alternative)
        else:
            self._gather("paragraph", 0, element, path, depth)

    def _table(self, element: Handle, path: TreePath) -> None:
        piece = self.pieces.setdefault(path, _Piece("table", 0, self._page))
        for index, child, _ in self._children(element):
            if child is not None:
                self._rows(child, (*path, index), piece)

    def _rows(self, element: Handle, path: TreePath, piece: _Piece) -> None:
        kind = self._type(element)
        if kind == "TR":
            cells = piece.rows.setdefault(path, {})
            for index, child, _ in self._children(element):
                if child is not None:
                    self._cell(child, (*path, index), cells)
        elif kind in ("THead", "TBody", "TFoot"):
            for index, child, _ in self._children(element):
                if child is not None:
                    self._rows(child, (*path, index), piece)
        elif kind == "Caption":
            self._walk(element, path, 0)

    def _cell(self, element: Handle, path: TreePath, cells: dict[TreePath, str]) -> None:
        inner: list[tuple[TreePath, Handle]] = []
        texts = [self._text(element, path, inner)]
        while inner:
            inner_path, child = inner.pop(0)
            texts.append(self._text(child, inner_path, inner))
        text = " ".join(" ".join(texts).split())
        self.num_characters += len(text)
        cells[path] = _join(cells.get(path, ""), text)
        for covered in range(1, self._column_span(element)):
            cells.setdefault((*path, -covered), "")

    def _add(self, kind: BlockKind, level: int, path: TreePath, text: str) -> None:
        self.num_characters += len(text)
        piece = self.pieces.setdefault(path, _Piece(kind, level, self._page))
        piece.text = _join(piece.text, text)

    def _text(self, element: Handle, path: TreePath, inner: list[tuple[TreePath, Handle]]) -> str:
        actual = self._string(self._raw.FPDF_StructElement_GetActualText, element)
        if actual:
            return actual
        return _text_of_runs(list(self._runs_of(element, path, inner)))

    def _runs_of(
        self, element: Handle, path: TreePath, inner: list[tuple[TreePath, Handle]]
    ) -> Iterator[_Run]:
        for index, child, mark in self._children(element):
            if child is None:
                yield from self._runs.get(mark, ()) if mark >= 0 else ()
                continue
            kind = self._type(child)
            if kind in _OWN_BLOCKS:
                inner.append(((*path, index), child))
            elif kind not in _NOT_READ and len(path) < 100:
                yield from self._runs_of(child, (*path, index), inner)

    def _text_of_mark(self, mark: int) -> str:
        return _text_of_runs(self._runs.get(mark, []))

    def _children(self, element: Handle) -> Iterator[tuple[int, Handle | None, int]]:
        """Position, element, marked content id: one of the last two is there for what is on this page."""
        for index in range(self._raw.FPDF_StructElement_CountChildren(element)):
            child = self._raw.FPDF_StructElement_GetChildAtIndex(element, index)
            if child:
                yield index, child, -1
            else:
                yield index, None, self._raw.FPDF_StructElement_GetChildMarkedContentID(element, index)

    def _type(self, element: Handle) -> str:
        """With the role map applied."""
        return self._string(self._raw.FPDF_StructElement_GetType, element)

    def _column_span(self, element: Handle) -> int:
        """1 unless the attribute ColSpan says more (14.8.5.7)."""
        for index in range(self._raw.FPDF_StructElement_GetAttributeCount(element)):
            attribute = self._raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
            value = self._raw.FPDF_StructElement_Attr_GetValue(attribute, b"ColSpan")
            number = ctypes.c_float()
            if value and self._raw.FPDF_StructElement_Attr_GetNumberValue(value, number):
                return min(MAX_COLUMN_SPAN, int(number.value))
        return 1

    def _string(self, function: Callable[[Handle, Any, int], int], element: Handle) -> str:
        num_bytes = function(element, None, 0)
        if num_bytes <= 2:
            return ""
        buffer = ctypes.create_string_buffer(num_bytes)
        function(element, buffer, num_bytes)
        return buffer.raw[: num_bytes - 2].decode("utf-16-le", errors="replace")


def _text_of_runs(runs: list[_Run]) -> str:
    """Runs of one line are set together or, over a gap, apart; lines are joined."""
    text, before = "", None
    for run in runs:
        if before is None:
            text = run.text
        elif _is_same_line(before, run):
            height = max(run.top - run.bottom, before.top - before.bottom)
            is_apart = run.left - before.right > WORD_GAP * height
            text = f"{text} {run.text}" if is_apart else text + run.text
        else:
            text = _join(text, run.text)
        before = run
    return text


def _is_same_line(before: _Run, run: _Run) -> bool:
    overlap = min(before.top, run.top) - max(before.bottom, run.bottom)
    return overlap > 0.3 * min(before.top - before.bottom, run.top - run.bottom) and run.left >= before.left


def _join(text: str, more: str) -> str:
    """Two lines as one text: a word that was divided at the line's end becomes whole again."""
    text, more = text.rstrip(" \r\n"), more.lstrip(" \r\n")
    if not text or not more:
        return text + more
    if text[-1] in HYPHEN_MARKS:
        return text.rstrip(HYPHEN_MARKS) + more
    if text[-1] in "-\u2010" and text[-2:-1].islower() and more[0].islower():
        return text[:-1] + more
    return f"{text} {more}"


# Untagged


class _Line(NamedTuple):
    """`size` is the font size in points, `baseline` the height above the page's foot."""

    text: str
    page: int
    size: float
    baseline: float


HEADING_FACTOR = 1.15  # how much larger than the body a line has to be
HEADING_CHARACTERS = 150
REPEATED_SHARE = 0.6  # of the pages, for a first or last line to be a running header or footer
MAX_EDGE_LINES = 3
EDGE_GAP = 1.6  # in font sizes
_BULLET = re.compile(r"^([•‣◦▪●○–*·]|\uf0b7|[-])\s+(?=\S)")
_NUMBER = re.compile(r"\d+")


def _untagged_blocks(document: PdfDocument, source: Source) -> tuple[Block, ...]:
    pages, num_characters = [], 0
    for page in _pages(document):
        pages.append(list(page.lines()))
        num_characters += sum(len(line.text) for line in pages[-1])
        _check_length(num_characters, source)
    sizes = _heading_sizes([line for page in pages for line in page])
    lines = _without_running_lines(pages, sizes)
    if not lines:
        return ()
    return tuple(_paragraph(group, sizes) for group in _groups(lines))


def _without_running_lines(pages: list[list[_Line]], heading_sizes: dict[float, int]) -> list[_Line]:
    """All lines but headers, footers and page numbers: small type at the edge of most pages."""
    edges = [_edges(page) for page in pages]
    counts = Counter(key for lines in edges for key in {_running_key(line) for line in lines})
    enough = max(3, REPEATED_SHARE * len(pages))
    running = {key for key, count in counts.items() if count >= enough}
    return [
        line
        for page, edge in zip(pages, edges, strict=True)
        for line in page
        if line.size in heading_sizes or line not in edge or _running_key(line) not in running
    ]


def _edges(page: list[_Line]) -> list[_Line]:
    """The lines at the head and at the foot that a gap divides from the rest."""
    upwards = sorted(page, key=lambda line: line.baseline)
    return _outside(upwards) + _outside(upwards[::-1])


def _outside(lines: list[_Line]) -> list[_Line]:
    for count, (line, following) in enumerate(pairwise(lines[: MAX_EDGE_LINES + 1]), start=1):
        if abs(following.baseline - line.baseline) > EDGE_GAP * max(line.size, following.size):
            return lines[:count]
    return []


def _running_key(line: _Line) -> str:
    return f"{_NUMBER.sub('0', line.text)}@{round(line.baseline)}"


def _heading_sizes(lines: list[_Line]) -> dict[float, int]:
    """Level by size for every size that is clearly larger than that of most of the text."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    if not weights:
        return {}
    body = weights.most_common(1)[0][0]
    larger = sorted((size for size in weights if size >= HEADING_FACTOR * body), reverse=True)
    return {size: min(6, level) for level, size in enumerate(larger, start=1)}


def _groups(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Lines that belong to one paragraph: the same size, no wider gap than usual, no bullet in between."""
    usual = _usual_gap(lines)
    group = [lines[0]]
    for before, line in pairwise(lines):
        if _continues(before, line, usual):
            group.append(line)
        else:
            yield group
            group = [line]
    yield group


def _usual_gap(lines: list[_Line]) -> float:
    """In font sizes: the commonest distance between the baselines of neighbours."""
    gaps = Counter(
        round((before.baseline - line.baseline) / line.size, 1)
        for before, line in pairwise(lines)
        if before.page == line.page and line.size > 0 and before.baseline > line.baseline
    )
    return gaps.most_common(1)[0][0] if gaps else 1.2


def _continues(before: _Line, line: _Line, usual_gap: float) -> bool:
    if abs(before.size - line.size) > 0.3 or _BULLET.match(line.text):
        return False
    if before.page != line.page:
        return line.text[:1].islower() and before.text[-1:] not in ".:;!?"
    drop = (before.baseline - line.baseline) / (line.size or 1.0)
    return -0.2 < drop <= max(usual_gap, 1.0) * 1.25


def _paragraph(group: list[_Line], heading_sizes: dict[float, int]) -> Block:
    text = ""
    for line in group:
        text = _join(text, line.text)
    text = " ".join(text.split()).strip(HYPHEN_MARKS)
    level = heading_sizes.get(group[0].size)
    if level is not None and len(text) <= HEADING_CHARACTERS:
        return Block("heading", text, level=level, page=group[0].page)
    bullet = _BULLET.match(text)
    if bullet:
        return Block("list_item", text[bullet.end() :], page=group[0].page)
    return Block("paragraph", text, page=group[0].page)
