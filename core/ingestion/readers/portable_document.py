"""PDF: by its structure tree where it has one (ISO 32000-2, 14.7 and 14.8), else by lines and font sizes.

Talks to PDFium through its C interface, because the tree and the marked content are not in the Python one.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from core.content import Block, CellSpan, Mark, Picture
from core.content.blocks import BlockKind, MarkKind
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.page_text import RIGHT_TO_LEFT_LANGUAGES, Stretch, in_reading_order, stretches

if TYPE_CHECKING:
    from pikepdf import Pdf
    from pypdfium2 import PdfDocument

Handle = Any  # an opaque pointer of PDFium
TreePath = tuple[int, ...]  # positions of the children on the way from the root: the same on every page

MIN_TAGGED_SHARE = 0.5  # of the text; a tree that covers less is left aside
MAX_COLUMN_SPAN = 64
MAX_ROW_SPAN = 1000
MAX_PIXELS = 40_000_000
DRAWING_SCALE = 2.0  # pixels a point, for drawings that are kept as pictures
MAX_DRAWINGS = 500
BOXES_AROUND = 6  # of one child each: how our writer boxes what stands around the text
JPEG_START = b"\xff\xd8\xff"
WORD_GAP = 0.18  # of the height of a line: a wider one is a space, also where none is written
BREAKING = "\u200b\x02\u00ad\ufffe-\u2010\u2013\u2014/?|}"  # a line may end after these, without a blank
FIRST_WIDE = "\u2e80"  # and between any of the characters from here on
HYPHEN_MARKS = "\x02\u00ad\ufffe"  # PDFium's marks for a word that is divided at a line's end
_HEADING = re.compile(r"H([1-6])?$")
_BLOCK_KINDS: dict[str, BlockKind] = {
    "P": "paragraph",
    "Note": "footnote",
    "FENote": "footnote",
    "BibEntry": "reference",
    "Caption": "caption",
    "BlockQuote": "quote",
    "Code": "code",
}
_NOT_READ = {"Artifact", "TOC", "TOCI", "Lbl", "Private"}
_OWN_BLOCKS = {"L", "Table", "Figure", "Caption"}  # never part of the line of text they stand in
_NUMBERED = {"Decimal", "UpperRoman", "LowerRoman", "UpperAlpha", "LowerAlpha", "Ordered"}
_INVISIBLE = dict.fromkeys(map(ord, "\x02\u00ad\ufffe\u200b\u202a\u202b\u202c\u202d\u202e"))
# What our own writer sets before a text, with an em space behind that nobody types.
_OWN_NUMBER = re.compile(r"\d+(\.\d+)*\.?\u2003")
_OWN_LABEL = re.compile(r"\S+[ \xa0]\d+\.\s?\u2003")
_OWN_REFERENCE = re.compile(r"\[(\d*)\]\u2003")
_CITED = re.compile(r"\[(\d+)\]$")
# Signs of citations and notes while a text is gathered: private characters around the key.
_SIGN = re.compile("([\ue000\ue001])([^\ue002]*)\ue002")
_SIGN_KINDS: dict[str, MarkKind] = {"\ue000": "citation", "\ue001": "footnote"}
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_INEXACT = re.compile(f"{_RIGHT_TO_LEFT.pattern}|\x02")
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?)?")


class PortableDocument:
    name = "pdf"
    extensions = (".pdf",)

    def warm_up(self) -> None:
        import pypdfium2  # noqa: F401

    def read(self, source: Source) -> Iterator[Extract]:
        document = _open(source.data)
        try:
            facts = document.get_metadata_dict()
            media: dict[str, bytes] = {}
            blocks = _tagged_blocks(document, source, media, facts.get("Creator", "").startswith("Typst"))
            blocks = blocks or _untagged_blocks(document, source)
            num_pages = len(document)
        finally:
            document.close()
        if not blocks:
            raise unreadable("no_text_layer", pages=num_pages)
        yield Extract(
            blocks=blocks,
            title=facts.get("Title", "").replace("\u200b", ""),
            author=facts.get("Author") or None,
            modified=pdf_date(facts.get("ModDate") or facts.get("CreationDate") or ""),
            warnings=_warnings(source.data),
            media=media,
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
        self._document = document.raw
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

    def drawing(self, marks: set[int]) -> tuple[bytes, tuple[int, int]] | None:
        """What these marked contents draw, as a PNG and its size in pixels."""
        from pypdfium2 import PdfBitmap

        box = self._box(marks)
        page_width, page_height = (
            self._raw.FPDF_GetPageWidthF(self._page),
            self._raw.FPDF_GetPageHeightF(self._page),
        )
        left, bottom = max(0.0, box[0] - 1), max(0.0, box[1] - 1)
        right, top = min(page_width, box[2] + 1), min(page_height, box[3] + 1)
        size = round((right - left) * DRAWING_SCALE), round((top - bottom) * DRAWING_SCALE)
        if min(size) < 2 or size[0] * size[1] > MAX_PIXELS:
            return None
        bitmap = PdfBitmap.new_native(*size, self._raw.FPDFBitmap_BGR)
        self._raw.FPDFBitmap_FillRect(bitmap.raw, 0, 0, *size, 0xFFFFFFFF)
        corner = round(-left * DRAWING_SCALE), round((top - page_height) * DRAWING_SCALE)
        whole = round(page_width * DRAWING_SCALE), round(page_height * DRAWING_SCALE)
        self._raw.FPDF_RenderPageBitmap(bitmap.raw, self._page, *corner, *whole, 0, 0)
        out = io.BytesIO()
        bitmap.to_pil().save(out, "PNG")
        return out.getvalue(), size

    def _box(self, marks: set[int]) -> tuple[float, float, float, float]:
        boxes = []
        for index in range(self._raw.FPDFPage_CountObjects(self._page)):
            handle = self._raw.FPDFPage_GetObject(self._page, index)
            if self._raw.FPDFPageObj_GetMarkedContentID(handle) in marks:
                left, bottom, right, top = (ctypes.c_float() for _ in range(4))
                self._raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top)
                boxes.append((left.value, bottom.value, right.value, top.value))
        if not boxes:
            return 0.0, 0.0, 0.0, 0.0
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)

    def links(self) -> list[_Link]:
        """The annotations that lead to an address."""
        found: list[_Link] = []
        position, link = ctypes.c_int(0), self._raw.FPDF_LINK()
        while self._page and self._raw.FPDFLink_Enumerate(self._page, position, link):
            action = self._raw.FPDFLink_GetAction(link)
            size = self._raw.FPDFAction_GetURIPath(self._document, action, None, 0) if action else 0
            box = self._raw.FS_RECTF()
            if size > 1 and self._raw.FPDFLink_GetAnnotRect(link, box):
                buffer = ctypes.create_string_buffer(size)
                self._raw.FPDFAction_GetURIPath(self._document, action, buffer, size)
                address = buffer.raw[: size - 1].decode("utf-8", errors="replace")
                found.append(_Link(address, box.left, box.bottom, box.right, box.top))
        return found

    def images(self) -> dict[int, Handle]:
        """The first image object of each marked content."""
        found: dict[int, Handle] = {}
        if self._page:
            for index in range(self._raw.FPDFPage_CountObjects(self._page)):
                handle = self._raw.FPDFPage_GetObject(self._page, index)
                if self._raw.FPDFPageObj_GetType(handle) == self._raw.FPDF_PAGEOBJ_IMAGE:
                    found.setdefault(self._raw.FPDFPageObj_GetMarkedContentID(handle), handle)
        return found

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
    stretch: Stretch | None = None


class _Link(NamedTuple):
    address: str
    left: float
    bottom: float
    right: float
    top: float

    def covers(self, run: _Run) -> bool:
        x, y = (run.left + run.right) / 2, (run.bottom + run.top) / 2
        return self.left - 1 <= x <= self.right + 1 and self.bottom - 1 <= y <= self.top + 1


@dataclass(slots=True)
class _Cell:
    text: str = ""
    num_rows: int = 1
    num_columns: int = 1
    is_header: bool = False


@dataclass(slots=True)
class _Piece:
    """A block in the making. A second page adds to the text of the first where both have the same path."""

    kind: BlockKind
    level: int
    page: int
    text: str = ""
    rows: dict[TreePath, dict[TreePath, _Cell]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    is_ordered: bool = False
    is_exact: bool = False
    key: str = ""
    picture: Picture | None = None

    def block(self) -> Block | None:
        if self.kind == "table":
            made = _table_block(list(self.rows.values()), self.page)
            return made and replace(made, marks=_link_marks(made.text, self.links))
        if self.picture:
            return Block("picture", "", page=self.page, picture=self.picture)
        kind, raw, key = self._unlabelled() if self.is_exact else (self.kind, self.text, "")
        text = _own_code(raw) if kind == "code" and self.is_exact else raw.strip()
        text = "\n".join(map(str.rstrip, text.split("\n"))) if kind == "code" else " ".join(text.split())
        text, signs = _without_signs(text)
        if not text:
            return None
        marks = tuple(sorted((*_link_marks(text, self.links), *signs), key=lambda mark: mark.start))
        key = key or self.key
        return Block(
            kind, text, level=self.level, page=self.page, is_ordered=self.is_ordered, marks=marks, key=key
        )

    def _unlabelled(self) -> tuple[BlockKind, str, str]:
        """Kind, text and key without the numbers that our writer has set before the text."""
        if self.kind == "heading":
            return self.kind, _OWN_NUMBER.sub("", self.text, count=1), ""
        if self.kind == "caption":
            return self.kind, _OWN_LABEL.sub("", self.text, count=1), ""
        found = _OWN_REFERENCE.match(self.text) if self.kind == "paragraph" else None
        if found:
            return "reference", self.text[found.end() :], found[1]
        is_clause = self.kind == "paragraph" and _OWN_NUMBER.match(self.text)
        return self.kind, _OWN_NUMBER.sub("", self.text, count=1) if is_clause else self.text, ""


def _own_code(text: str) -> str:
    """Our writer sets two blanks and more as blanks that do not break; all other doubling is the page's."""
    return re.sub(" +", " ", text).replace("\xa0", " ").strip("\n")


def _without_signs(text: str) -> tuple[str, list[Mark]]:
    marks: list[Mark] = []
    found = _SIGN.search(text)
    while found:
        text = text[: found.start()] + text[found.end() :]
        marks.append(Mark(_SIGN_KINDS[found[1]], found.start(), found.start(), found[2]))
        found = _SIGN.search(text)
    return text, marks


def _table_block(lines: list[dict[TreePath, _Cell]], page: int) -> Block | None:
    """Cells in their places; those that others reach over hold empty text."""
    grid: list[dict[int, str]] = [{} for _ in lines]
    merged, header_rows = [], 0
    for row, cells in enumerate(lines):
        column = 0
        for cell in cells.values():
            while column in grid[row]:
                column += 1
            num_rows = min(cell.num_rows, len(lines) - row)
            for covered in range(row, row + num_rows):
                grid[covered].update(dict.fromkeys(range(column, column + cell.num_columns), ""))
            grid[row][column] = cell.text
            if num_rows > 1 or cell.num_columns > 1:
                merged.append(CellSpan(row, column, num_rows, cell.num_columns))
            column += cell.num_columns
        is_head = bool(cells) and all(cell.is_header for cell in cells.values())
        header_rows += is_head and header_rows == row
    rows = [[line[column] for column in sorted(line)] for line in grid]
    if not any(any(row) for row in rows):
        return None
    return Block.table(rows, page=page, header_rows=header_rows, merged=tuple(merged))


def _link_marks(text: str, links: list[tuple[str, str]]) -> tuple[Mark, ...]:
    """Where the words of the links stand, one after the other; neighbours with one target are one."""
    marks: list[Mark] = []
    position = 0
    for words, target in links:
        words = " ".join(words.split())
        start = text.find(words, position) if words else -1
        if start < 0:
            continue
        position = start + len(words)
        if marks and marks[-1].target == target and not text[marks[-1].end : start].strip():
            start = marks.pop().start
        marks.append(Mark("link", start, position, target))
    return tuple(marks)


def _tagged_blocks(
    document: PdfDocument, source: Source, media: dict[str, bytes], is_exact: bool
) -> tuple[Block, ...]:
    """Empty if the document is not tagged, or if its tags leave most of the text out.

    `is_exact` tells that the blanks between lines are all written, as typst does.
    """
    from pypdfium2 import raw

    if not raw.FPDFCatalog_IsTagged(document.raw):
        return ()
    letters = _Letters(source.data, _is_right_to_left(_language(document))) if is_exact else None
    tree = _Tree(raw, media, is_exact, document.get_metadata_value("Title"), _language(document))
    num_characters = 0
    for page in _pages(document):
        runs = list(page.runs())
        num_characters += sum(len(run.text) for run in runs)
        _check_length(num_characters, source)
        tree.read_page(page, letters.exact(page.number, runs) if letters else runs)
    # Of a short document with a table of contents, most may be left out on purpose.
    least = 1 if is_exact else MIN_TAGGED_SHARE * num_characters
    if tree.num_characters < least:
        return ()
    blocks = (piece.block() for piece in tree.pieces.values())
    return tuple(block for block in blocks if block is not None)


def _check_length(num_characters: int, source: Source) -> None:
    if num_characters > source.limits.max_characters:
        raise unreadable("text_too_long", limit=f"{source.limits.max_characters:,}")


def _language(document: PdfDocument) -> str:
    from pypdfium2 import raw

    num_bytes = raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
    buffer = (ctypes.c_ushort * (num_bytes // 2 + 1))()
    raw.FPDFCatalog_GetLanguage(document.raw, buffer, num_bytes)
    return bytes(buffer)[: max(0, num_bytes - 2)].decode("utf-16-le", errors="replace")


def _is_right_to_left(language: str) -> bool:
    return language.partition("-")[0].lower() in RIGHT_TO_LEFT_LANGUAGES


class _Letters:
    """The texts of the runs from the content stream, on pages where scripts run from right to left or a line
    ends in a hyphen: PDFium puts one mark for that which is written and that which divides a word.
    """

    def __init__(self, data: bytes, is_all: bool) -> None:
        self._data, self._is_all = data, is_all
        self._pdf: Pdf | None = None

    def exact(self, page: int, runs: list[_Run]) -> list[_Run]:
        import pikepdf

        if not self._is_all and not any(_INEXACT.search(run.text) for run in runs):
            return runs
        self._pdf = self._pdf or pikepdf.open(io.BytesIO(self._data))
        found = stretches(self._pdf.pages[page - 1])
        kept, seen = [], set[int]()
        for run in runs:
            stretch = found.get(run.mark)
            if stretch is None:
                kept.append(run)
            elif run.mark not in seen:
                seen.add(run.mark)
                kept.append(run._replace(text=stretch.text, stretch=stretch))
        return kept


class _Tree:
    """Walks the structure tree page by page and gathers the pieces in reading order."""

    def __init__(
        self, raw: Any, media: dict[str, bytes], is_exact: bool, title: str = "", language: str = ""
    ) -> None:
        self._title, self._language = title.replace("\u200b", ""), language
        self._is_ours = False  # known when something stands in the boxes that our writer makes
        self._num_drawings = 0
        self.pieces: dict[TreePath, _Piece] = {}
        self.num_characters = 0
        self._raw = raw
        self._runs: dict[int, list[_Run]] = {}
        self._page = 0
        self._media = media
        self._open: _Page | None = None
        self._keys: dict[TreePath, str] = {}  # of notes
        self._is_exact = is_exact
        self._is_ordered = False
        self._links: list[_Link] = []
        self._images: dict[int, Handle] = {}
        self._found: list[tuple[str, str]] = []  # words and targets of the links in the text at hand

    def read_page(self, page: _Page, runs: list[_Run]) -> None:
        self._page = page.number
        self._runs = {}
        for run in runs:
            self._runs.setdefault(run.mark, []).append(run)
        self._links, self._images, self._open = page.links(), page.images(), page
        for path, element in page.tree():
            self._walk(element, path, depth=0)

    def _walk(self, element: Handle, path: TreePath, depth: int) -> None:
        """`depth` counts the lists around the element."""
        kind = self._type(element)
        heading = _HEADING.match(kind)
        if kind in _NOT_READ or len(path) > 100:
            return
        if kind == "Div" and self._is_exact and self._stands_around(element):
            self._take_title(path)
        elif heading or kind == "Title":
            level = int(heading[1] or 1) + self._is_ours if heading else 1
            self._gather("heading", min(6, level), element, path, depth)
        elif kind in _BLOCK_KINDS:
            self._gather(_BLOCK_KINDS[kind], 0, element, path, depth)
        elif kind == "Figure":
            self._figure(element, path, depth)
        elif kind == "LI":
            self._gather("list_item", max(0, depth - 1), element, path, depth, self._is_ordered)
        elif kind == "Table":
            self._table(element, path)
        else:
            before = self._is_ordered
            if kind == "L":
                self._is_ordered = self._name_attribute(element, b"ListNumbering") in _NUMBERED
            self._container(element, path, depth + (kind == "L"))
            self._is_ordered = before

    def _stands_around(self, element: Handle) -> bool:
        """Whether it is a box in a box, and so on: the logo, the cover, the word Contents, signatures."""
        for _ in range(BOXES_AROUND - 1):
            children = [child for _, child, _ in self._children(element)]
            if len(children) != 1 or children[0] is None or self._type(children[0]) != "Div":
                return False
            element = children[0]
        return True

    def _take_title(self, path: TreePath) -> None:
        """The first box has the title in it, which the file says in whole elsewhere."""
        if not self._is_ours and self._title:
            self._add("heading", 1, path, self._title)
            self.pieces[path].is_exact = False
        self._is_ours = True

    def _container(self, element: Handle, path: TreePath, depth: int) -> None:
        for index, child, mark in self._children(element):
            if child is not None:
                self._walk(child, (*path, index), depth)
            elif mark >= 0:
                self._add("paragraph", 0, (*path, index), self._text_of_mark(mark))

    def _gather(
        self,
        kind: BlockKind,
        level: int,
        element: Handle,
        path: TreePath,
        depth: int,
        is_ordered: bool = False,
    ) -> None:
        """The text of the element as one block; lists, tables and figures in it follow as their own."""
        inner: list[tuple[TreePath, Handle]] = []
        self._found = []
        text = self._code_text(element, path) if kind == "code" else self._text(element, path, inner)
        self._add(kind, level, path, text, "\n" if kind == "code" else "")
        self.pieces[path].is_ordered = is_ordered
        self.pieces[path].key = self._keys.get(path, "")
        for inner_path, child in inner:
            self._walk(child, inner_path, depth)

    def _code_text(self, element: Handle, path: TreePath) -> str:
        """Line by line where each has an element of its own."""
        lines = [
            self._text(child, (*path, index), [])
            for index, child, _ in self._children(element)
            if child is not None and self._type(child) in ("P", "Span", "Sub", "Code")
        ]
        return "\n".join(lines) if lines else self._text(element, path, [])

    def _figure(self, element: Handle, path: TreePath, depth: int) -> None:
        alternative = self._string(self._raw.FPDF_StructElement_GetAltText, element)
        picture = self._picture(element, alternative) if alternative else None
        if not picture and alternative and self._is_ours:
            picture = self._drawing(element, alternative)
        if picture:
            self.pieces.setdefault(path, _Piece("picture", 0, self._page)).picture = picture
        elif alternative:
            self._add("caption", 0, path, alternative)
        else:
            self._gather("paragraph", 0, element, path, depth)

    def _picture(self, element: Handle, alternative: str) -> Picture | None:
        """None for a drawing: there is no file of it in the PDF."""
        image = next((self._images[mark] for mark in self._marks(element) if mark in self._images), None)
        if image is None:
            return None
        data, media_type, size = self._image_file(image)
        sha256 = hashlib.sha256(data).hexdigest() if data else ""
        if data:
            self._media[sha256] = data
        return Picture(sha256, media_type, *size, alternative)

    def _drawing(self, element: Handle, alternative: str) -> Picture | None:
        drawn = self._open.drawing(set(self._marks(element))) if self._open else None
        self._num_drawings += 1
        if drawn is None or self._num_drawings > MAX_DRAWINGS:
            return None
        data, size = drawn
        sha256 = hashlib.sha256(data).hexdigest()
        self._media[sha256] = data
        return Picture(sha256, "image/png", *size, alternative)

    def _marks(self, element: Handle) -> Iterator[int]:
        for _, child, mark in self._children(element):
            if child is not None:
                yield from self._marks(child)
            else:
                yield mark

    def _image_file(self, image: Handle) -> tuple[bytes, str, tuple[int, int]]:
        """A JPEG as it is in the file; all else as a PNG of its pixels."""
        from pypdfium2 import PdfBitmap

        metadata = self._raw.FPDF_IMAGEOBJ_METADATA()
        self._raw.FPDFImageObj_GetImageMetadata(image, None, metadata)
        size = int(metadata.width), int(metadata.height)
        if not 0 < size[0] * size[1] <= MAX_PIXELS:
            return b"", "", size
        num_bytes = self._raw.FPDFImageObj_GetImageDataRaw(image, None, 0)
        buffer = (ctypes.c_ubyte * max(1, num_bytes))()
        self._raw.FPDFImageObj_GetImageDataRaw(image, buffer, num_bytes)
        if bytes(buffer[:3]) == JPEG_START:
            return bytes(buffer), "image/jpeg", size
        handle = self._raw.FPDFImageObj_GetBitmap(image)
        if not handle:
            return b"", "", size
        bitmap = PdfBitmap.from_raw(handle)
        out = io.BytesIO()
        bitmap.to_pil().save(out, "PNG")
        return out.getvalue(), "image/png", size

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
                    self._cell(child, (*path, index), piece, cells)
        elif kind in ("THead", "TBody", "TFoot"):
            for index, child, _ in self._children(element):
                if child is not None:
                    self._rows(child, (*path, index), piece)
        elif kind == "Caption":
            self._walk(element, path, 0)

    def _cell(self, element: Handle, path: TreePath, piece: _Piece, cells: dict[TreePath, _Cell]) -> None:
        inner: list[tuple[TreePath, Handle]] = []
        self._found = []
        texts = [self._text(element, path, inner)]
        while inner:
            inner_path, child = inner.pop(0)
            texts.append(self._text(child, inner_path, inner))
        text, _ = _without_signs(" ".join(" ".join(texts).split()))
        self.num_characters += len(text)
        cell = cells.setdefault(path, _Cell())
        cell.text = self._joined(cell.text, text)
        cell.is_header = self._type(element) == "TH"
        cell.num_columns = self._span(element, b"ColSpan", MAX_COLUMN_SPAN)
        cell.num_rows = self._span(element, b"RowSpan", MAX_ROW_SPAN)
        piece.links += self._found

    def _add(self, kind: BlockKind, level: int, path: TreePath, text: str, between: str = "") -> None:
        self.num_characters += len(text)
        piece = self.pieces.setdefault(path, _Piece(kind, level, self._page, is_exact=self._is_exact))
        piece.text = (
            f"{piece.text}{between}{text}" if between and piece.text else self._joined(piece.text, text)
        )
        piece.links += self._found
        self._found = []

    def _joined(self, text: str, more: str) -> str:
        return text + more if self._is_exact else _join(text, more)

    def _text(self, element: Handle, path: TreePath, inner: list[tuple[TreePath, Handle]]) -> str:
        actual = self._string(self._raw.FPDF_StructElement_GetActualText, element)
        if actual:
            return actual
        return self._text_of_runs(list(self._runs_of(element, path, inner)), self._language_of(element))

    def _text_of_runs(self, runs: list[_Run], language: str = "") -> str:
        if not self._is_exact:
            return _text_of_runs(runs)
        parts = [run.stretch for run in runs]
        if not any(parts):
            return _exact_text(runs)
        order = in_reading_order(parts, _is_right_to_left(language or self._language))
        return _exact_text([runs[at] for at in order])

    def _language_of(self, element: Handle) -> str:
        """Its own, or else that of the first part of it, where a whole text is in another language."""
        own = self._string(self._raw.FPDF_StructElement_GetLang, element)
        first = next((child for _, child, _ in self._children(element)), None)
        return own or (self._string(self._raw.FPDF_StructElement_GetLang, first) if first else "")

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
            elif kind == "Link":
                runs = list(self._runs_of(child, (*path, index), inner))
                target = next((link.address for run in runs for link in self._links if link.covers(run)), "")
                if target:
                    self._found.append((self._text_of_runs(runs), target))
                cited = None if target or not self._is_exact else _CITED.match(_exact_text(runs).strip())
                yield from [_sign(runs, "\ue000", cited[1])] if cited else runs
            elif kind == "Note" and self._is_exact:
                inner.append(((*path, index), child))
                key = self._keys.setdefault((*path, index), str(len(self._keys) + 1))
                yield _sign([], "\ue001", key)
            elif kind not in _NOT_READ and len(path) < 100:
                yield from self._runs_of(child, (*path, index), inner)

    def _text_of_mark(self, mark: int) -> str:
        return self._text_of_runs(self._runs.get(mark, []))

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

    def _span(self, element: Handle, name: bytes, most: int) -> int:
        """1 unless the attribute says more (14.8.5.7)."""
        number = ctypes.c_float()
        value = self._attribute(element, name)
        if value and self._raw.FPDF_StructElement_Attr_GetNumberValue(value, number):
            return max(1, min(most, int(number.value)))
        return 1

    def _name_attribute(self, element: Handle, name: bytes) -> str:
        value = self._attribute(element, name)
        size = ctypes.c_ulong()
        if not value or not self._raw.FPDF_StructElement_Attr_GetStringValue(value, None, 0, size):
            return ""
        buffer = ctypes.create_string_buffer(size.value)
        self._raw.FPDF_StructElement_Attr_GetStringValue(value, buffer, size.value, size)
        return buffer.raw[: max(0, size.value - 2)].decode("utf-16-le", errors="replace")

    def _attribute(self, element: Handle, name: bytes) -> Handle:
        for index in range(self._raw.FPDF_StructElement_GetAttributeCount(element)):
            attribute = self._raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
            value = self._raw.FPDF_StructElement_Attr_GetValue(attribute, name)
            if value:
                return value
        return None

    def _string(self, function: Callable[[Handle, Any, int], int], element: Handle) -> str:
        num_bytes = function(element, None, 0)
        if num_bytes <= 2:
            return ""
        buffer = ctypes.create_string_buffer(num_bytes)
        function(element, buffer, num_bytes)
        return buffer.raw[: num_bytes - 2].decode("utf-16-le", errors="replace")


def _sign(runs: list[_Run], opening: str, key: str) -> _Run:
    """In the place of the runs that show it; of no size where none do."""
    text = f"{opening}{key}\ue002"
    return (
        runs[0]._replace(text=text, right=runs[-1].right, stretch=None)
        if runs
        else _Run(-1, text, 0.0, 0.0, 0.0, 0.0)
    )


def _exact_text(runs: list[_Run]) -> str:
    """All blanks are written, but for that which begins a run and at which a line breaks."""
    text, before = "", None
    for run in runs:
        is_placed = run.top > run.bottom
        if before is not None and is_placed and _loses_blank(before, run, text):
            text += " "
        is_next_line = before is not None and not _is_same_line(before, run)
        text += run.text.lstrip(" ") if is_next_line and text.endswith(" ") else run.text
        before = run if is_placed else before
    return text.translate(_INVISIBLE)


def _loses_blank(before: _Run, run: _Run, text: str) -> bool:
    """A new line in another marked content, after a character behind which no line breaks by itself."""
    if before.mark == run.mark or _is_same_line(before, run) or run.top > before.bottom + 1:
        return False
    if run.text[:1].isspace() or _SIGN.match(run.text):
        return False
    return not text[-1:].isspace() and text[-1:] not in BREAKING and not FIRST_WIDE <= text[-1:] < "\ue000"


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
