"""HTML: headings, lists, tables and text; what is for the browser alone is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import get_args

from lxml import etree

from core.content import Block, CellSpan, Chart, Mark, MarkKind, Series
from core.content.blocks import BlockKind, ChartKind
from core.ingestion.inline_text import LINE, InlineText, as_written, joined, laid_out
from core.ingestion.office_package import moment
from core.ingestion.pictures import PictureStore
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_TEXT = {
    "script",
    "style",
    "noscript",
    "template",
    "title",
    "iframe",
    "object",
    "svg",
    "select",
    "canvas",
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_KINDS: dict[str, BlockKind] = {
    "li": "list_item",
    "dd": "list_item",
    "blockquote": "quote",
    "pre": "code",
    "figcaption": "caption",
    "caption": "caption",
}
_LISTS = ("ul", "ol", "dl", "menu")
_CONTAINERS = (
    "address article aside body center details dialog div dt fieldset figure footer form header hgroup hr "
    "html legend main nav p section summary table tbody td tfoot th thead tr"
)
_BLOCKS = {*_HEADINGS, *_KINDS, *_LISTS, *_CONTAINERS.split(" ")}
_MARKS: dict[str, MarkKind] = {
    **{"strong": "strong", "b": "strong", "em": "emphasis", "i": "emphasis", "u": "underline"},
    **{"ins": "underline", "s": "strike", "del": "strike", "strike": "strike", "code": "code"},
    **{"kbd": "code", "samp": "code", "tt": "code", "sup": "superscript", "sub": "subscript"},
    "mark": "highlight",
}
_OWN_KINDS: dict[str, BlockKind] = {"caption": "caption", "footnote": "footnote", "reference": "reference"}
_SIGN = re.compile(r"\s*[\[(]?[\d*\u2020\u2021]{1,4}[\])]?\s*")
_LINKS = ("http://", "https://", "mailto:", "#")
_PREFIX = re.compile(r"^(?:note|source)-")
_DATES = ("article:modified_time", "dcterms.modified", "last-modified", "date", "article:published_time")


class WebPage:
    name = "html"
    extensions = (".html", ".htm", ".xhtml")

    def read(self, source: Source) -> Iterator[Extract]:
        charset = _CHARSET.search(source.data[:2048])
        decoded = decode(source.data, charset[1].decode("ascii") if charset else None)
        root = parse_html(decoded.text)
        facts = _facts(root)
        pictures = PictureStore()
        yield Extract(
            blocks=tuple(blocks_of(root, pictures=pictures)),
            media=pictures.media,
            title=facts.get("title", ""),
            author=facts.get("author") or facts.get("dcterms.creator"),
            modified=_modified(facts),
            warnings=decoded.warnings,
        )


def parse_html(text: str) -> etree._Element | None:
    """None if there is no element in the text."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    data = _XML_DECLARATION.sub("", text).encode("utf-8", errors="replace")
    parser.feed(data)
    try:
        return parser.close()
    except etree.XMLSyntaxError:
        return None


def blocks_of(
    root: etree._Element | None, page: int | None = None, pictures: PictureStore | None = None
) -> Iterator[Block]:
    """The blocks below the element. Pictures go into the store; without one they are left out."""
    if root is not None:
        yield from _with_keys(list(_Blocks(page, pictures).walk(root)))


def _facts(root: etree._Element | None) -> dict[str, str]:
    """The title, and meta elements by name in lower case."""
    facts: dict[str, str] = {}
    for element in () if root is None else root.iter("title", "meta"):
        if element.tag == "title":
            facts.setdefault("title", "".join(map(str, element.itertext())))
        key = element.get("name") or element.get("property") or element.get("http-equiv")
        if key:
            facts.setdefault(key.lower(), element.get("content", ""))
    return facts


def _modified(facts: dict[str, str]) -> datetime | None:
    return next((found for key in _DATES if (found := moment(facts.get(key, "")))), None)


class _Blocks:
    """Gathers text between the edges of block elements; the elements around it say what it is."""

    def __init__(self, page: int | None, pictures: PictureStore | None) -> None:
        self._page = page
        self._pictures = pictures
        self._around: list[etree._Element] = []  # the open block elements
        self._text = InlineText()
        self._waiting: list[Block] = []  # pictures that stand inside the text
        self._last: Block | None = None

    def walk(self, root: etree._Element) -> Iterator[Block]:
        for block in self._walk(root):
            self._last = block
            yield block

    def _walk(self, root: etree._Element) -> Iterator[Block]:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = str(element.tag)
            if event == "end":
                yield from self._close(tag, element)
            elif tag in _NOT_TEXT or element.get("data-role") == "apart" or _take_sign(self._text, element):
                yield from self._chart_of(element)
                walk.skip_subtree()
            elif tag == "table" and _is_data(element):
                yield from self._flush()
                yield from self._table(element)
                walk.skip_subtree()
            else:
                yield from self._open(tag, element)
        yield from self._flush()

    def _open(self, tag: str, element: etree._Element) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._flush()
            self._around.append(element)
        elif tag == "br":
            self._text.add(LINE)
        elif tag == "img":
            self._take_picture(element)
        for kind, target in _marks(element, is_code="pre" in self._tags()):
            self._text.open(kind, target)
        self._text.add(element.text)

    def _close(self, tag: str, element: etree._Element) -> Iterator[Block]:
        is_skipped = tag in _NOT_TEXT or element.get("data-role") == "apart" or _is_sign(element)
        if not is_skipped and not (tag == "table" and _is_data(element)):
            for _ in _marks(element, is_code="pre" in self._tags()):
                self._text.close()
            if tag in _BLOCKS:
                yield from self._flush()
                if element in self._around:
                    self._around.remove(element)
        self._text.add(element.tail)

    def _tags(self) -> list[str]:
        return [str(element.tag) for element in self._around]

    def _flush(self) -> Iterator[Block]:
        raw, marks = self._text.take()
        text, kept = as_written(raw, marks) if "pre" in self._tags() else laid_out(raw, marks)
        if text.strip():
            yield self._block(text, kept)
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def _block(self, text: str, marks: tuple[Mark, ...]) -> Block:
        made = self._plain_block(text, marks)
        return replace(made, page=self._page, language=_language(self._around))

    def _plain_block(self, text: str, marks: tuple[Mark, ...]) -> Block:
        for element in reversed(self._around):
            tag, own = str(element.tag), _own_kind(element)
            if own:
                return Block(own, text, marks=marks, key=_key(element))
            if tag in _HEADINGS:
                level = max(1, _HEADINGS[tag] - _first_heading(element) + 1)
                line, kept = laid_out(text.replace("\n", " "), marks)
                line = " ".join(line.split()) if not kept else line
                return Block("heading", line, level=level, marks=kept, key=element.get("id", ""))
            if tag in ("li", "dd"):
                lists = [outer for outer in self._around if outer.tag in _LISTS]
                is_ordered = bool(lists) and lists[-1].tag == "ol"
                level = max(0, len(lists) - 1)
                return Block("list_item", text, level=level, marks=marks, is_ordered=is_ordered)
            if tag in _KINDS:
                return Block(_KINDS[tag], text, marks=() if tag == "pre" else marks)
        return Block("paragraph", text, marks=marks)

    def _take_picture(self, element: etree._Element) -> None:
        if self._pictures is None:
            return
        alt = element.get("alt")
        block = self._pictures.block(element.get("src", ""), alt or "", alt == "", self._page)
        if block is not None:
            self._waiting.append(block)

    def _chart_of(self, element: etree._Element) -> Iterator[Block]:
        """The values of a chart stand apart, in a table below its drawing."""
        figure = element.getparent()
        if (
            element.tag == "details"
            and figure is not None
            and figure.get("data-chart") in get_args(ChartKind)
        ):
            yield from self._flush()
            yield _chart(element, figure, self._page)

    def _table(self, table: etree._Element) -> Iterator[Block]:
        captions = []
        for caption in table.iter("caption"):
            text, marks = laid_out(*_inline(caption), line=" ")
            if text:
                captions.append(Block("caption", text, marks=marks, page=self._page))
        is_below = any(caption.get("class") == "below" for caption in table.iter("caption"))
        is_owned = self._last is not None and self._last.kind in ("table", "picture", "chart")
        found = [block for block in (_data_table(table, self._page),) if block is not None]
        around = [*self._around, table]
        found = [replace(block, language=_language(around)) for block in found]
        yield from (*found, *captions) if is_below or is_owned else (*captions, *found)


def _is_data(table: etree._Element) -> bool:
    """Not a table that only places things on the page."""
    inside = table.iter("table", *_HEADINGS)
    return table.get("role") != "presentation" and all(element is table for element in inside)


def _data_table(table: etree._Element, page: int | None) -> Block | None:
    """The cells on their grid: what a cell covers is empty."""
    lines: list[list[tuple[str, tuple[Mark, ...]]]] = []
    spans: list[CellSpan] = []
    headers = 0
    down: dict[int, int] = {}  # how many rows a column is still covered for
    is_head = True
    for row in table.iter("tr"):
        cells = list(row.iter("td", "th"))
        if not cells:
            continue
        line: list[tuple[str, tuple[Mark, ...]]] = []
        for cell in cells:
            _skip_covered(line, down)
            num_columns, num_rows = _span(cell, "colspan"), _span(cell, "rowspan")
            if (num_rows, num_columns) != (1, 1):
                spans.append(CellSpan(len(lines), len(line), num_rows, num_columns))
            down |= (
                dict.fromkeys(range(len(line), len(line) + num_columns), num_rows - 1) if num_rows > 1 else {}
            )
            line += [laid_out(*_inline(cell), line=" "), *[("", ())] * (num_columns - 1)]
        _skip_covered(line, down)
        is_head = is_head and (_is_in_head(row) or all(cell.tag == "th" for cell in cells))
        headers += is_head
        lines.append(line)
    return _table_block(lines, spans, headers, page)


def _skip_covered(line: list[tuple[str, tuple[Mark, ...]]], down: dict[int, int]) -> None:
    """Empty cells for the places that a cell from above covers."""
    while down.get(len(line), 0) > 0:
        down[len(line)] -= 1
        line.append(("", ()))


def _table_block(
    lines: list[list[tuple[str, tuple[Mark, ...]]]], spans: list[CellSpan], headers: int, page: int | None
) -> Block | None:
    if not any(text for line in lines for text, _ in line):
        return None
    marks, position = [], 0
    for line in lines:
        for text, found in line:
            marks += [replace(mark, start=mark.start + position, end=mark.end + position) for mark in found]
            position += len(text) + 1
    rows = [[text for text, _ in line] for line in lines]
    height = len(rows)
    kept = tuple(replace(span, num_rows=min(span.num_rows, height - span.row)) for span in spans)
    kept = tuple(span for span in kept if (span.num_rows, span.num_columns) != (1, 1))
    table = Block.table(rows, page=page, header_rows=headers if headers < height else 0, merged=kept)
    return replace(table, marks=tuple(marks))


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "1")
    return max(1, min(int(value), 64)) if value.isdecimal() and len(value) < 6 else 1


def _is_in_head(row: etree._Element) -> bool:
    parent = row.getparent()
    return parent is not None and parent.tag == "thead"


def _inline(element: etree._Element) -> tuple[str, tuple[Mark, ...]]:
    """The text inside a cell or caption; elements in it that are blocks part words."""
    found = InlineText()
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        is_skipped = inner.tag in _NOT_TEXT or inner.get("data-role") == "apart" or _is_sign(inner)
        if event == "start" and is_skipped:
            _take_sign(found, inner)
            walk.skip_subtree()
        elif event == "start":
            found.add(" " if inner.tag in _BLOCKS or inner.tag == "br" else None)
            for kind, target in _marks(inner):
                found.open(kind, target)
            found.add(inner.text)
        elif inner is not element:
            for _ in () if is_skipped else _marks(inner):
                found.close()
            found.add(" " if inner.tag in _BLOCKS and not is_skipped else None)
            found.add(inner.tail)
    text, marks = found.take()
    return text, joined(marks)


def _marks(element: etree._Element, is_code: bool = False) -> list[tuple[MarkKind, str]]:
    tag = str(element.tag)
    found: list[tuple[MarkKind, str]] = []
    if tag in _MARKS and not is_code:
        found.append((_MARKS[tag], ""))
    href = element.get("href", "").strip()
    if tag == "a" and (target := _target(href)):
        found.append(("link", target))
    if tag == "span" and element.get("lang"):
        found.append(("language", element.get("lang", "")))
    return found


def _target(href: str) -> str:
    """The address of a link out of the file, or "#" and the anchor in it, also on another of its pages."""
    if href.lower().startswith(_LINKS):
        return href if href != "#" else ""
    page, _, anchor = href.partition("#")
    return f"#{anchor}" if anchor and ":" not in page and page.endswith(".xhtml") else ""


def _is_sign(element: etree._Element) -> bool:
    """Whether the element is the sign of a footnote or a citation, or holds nothing else."""
    if element.tag in ("sup", "span") and len(element) == 1 and not (element.text or "").strip():
        return not (element[0].tail or "").strip() and element[0].tag == "a" and _is_sign(element[0])
    return (
        _role(element) in ("doc-noteref", "doc-biblioref")
        and _SIGN.fullmatch("".join(map(str, element.itertext()))) is not None
    )


def _role(element: etree._Element) -> str:
    if element.tag != "a":
        return ""
    if element.get("href", "").startswith("#source-"):  # as our Markdown has it, which knows no roles
        return "doc-biblioref"
    return element.get("role") or {"noteref": "doc-noteref"}.get(element.get("epub:type", ""), "")


def _take_sign(text: InlineText, element: etree._Element) -> bool:
    if not _is_sign(element):
        return False
    link = element if element.tag == "a" else element[0]
    key = link.get("data-key") or _PREFIX.sub("", link.get("href", "").rpartition("#")[2])
    text.sign("citation" if _role(link) == "doc-biblioref" else "footnote", key)
    return True


def _own_kind(element: etree._Element) -> BlockKind | None:
    kind = _OWN_KINDS.get(element.get("data-kind", ""))
    if kind is None and element.tag in ("li", "aside", "div", "p"):
        role = element.get("role", "")
        is_note = element.get("epub:type") in ("footnote", "endnote", "rearnote")
        return "footnote" if is_note or role in ("doc-footnote", "doc-endnote") else None
    return kind


def _key(element: etree._Element) -> str:
    return element.get("data-key") or _PREFIX.sub("", element.get("id", ""))


def _language(around: list[etree._Element]) -> str:
    """That of the nearest element which names one, unless it is the page's own."""
    for element in reversed(around):
        if element.get("lang") and element.tag not in ("html", "body"):
            return str(element.get("lang"))
    return ""


def _first_heading(element: etree._Element) -> int:
    """The level of HTML at which the headings of the text begin, as our own pages say; else 1."""
    for outer in element.iterancestors():
        level = outer.get("data-first-heading", "")
        if level in ("1", "2", "3"):
            return int(level)
    return 1


def _chart(details: etree._Element, figure: etree._Element, page: int | None) -> Block:
    rows = [[_number_text(cell) for cell in row.iter("td", "th")] for row in details.iter("tr")]
    head, *body = rows or [[""]]
    unit = next((laid_out(*_inline(each))[0] for each in details.iter("caption")), "")
    series = tuple(
        Series(name, tuple(_number(row[at]) if at < len(row) else None for row in body))
        for at, name in enumerate(head[1:], start=1)
    )
    kind: ChartKind = next(kind for kind in get_args(ChartKind) if kind == figure.get("data-chart"))
    categories = tuple(row[0] for row in body)
    alt = figure.get("data-alt", "")
    made = Chart(kind, categories if any(categories) else (), series, head[0] if head else "", unit, alt)
    return Block("chart", figure.get("data-title", ""), page=page, chart=made)


def _number_text(cell: etree._Element) -> str:
    return laid_out(*_inline(cell), line=" ")[0]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _with_keys(blocks: list[Block]) -> Iterator[Block]:
    """Headings keep their key only where a link leads to it; links name what they lead to by its key."""
    wanted = {mark.target[1:] for block in blocks for mark in block.marks if mark.kind == "link"}
    notes = {block.key for block in blocks if block.kind in ("footnote", "reference")}
    for block in blocks:
        marks = tuple(
            replace(mark, target="#" + _PREFIX.sub("", mark.target[1:]))
            if mark.kind == "link" and mark.target[:1] == "#" and _PREFIX.sub("", mark.target[1:]) in notes
            else mark
            for mark in block.marks
        )
        key = "" if block.kind == "heading" and block.key not in wanted else block.key
        yield replace(block, marks=marks, key=key)
