"""HTML: headings, lists, tables and text; what is for the browser alone is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from core.content import Block
from core.content.blocks import BlockKind
from core.ingestion.office_package import moment
from core.ingestion.reader import Extract, Source
from core.ingestion.text_decoding import decode

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACES = re.compile(r"[ \t\n\r\f]+")
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
_DATES = ("article:modified_time", "dcterms.modified", "last-modified", "date", "article:published_time")


class WebPage:
    name = "html"
    extensions = (".html", ".htm", ".xhtml")

    def read(self, source: Source) -> Iterator[Extract]:
        charset = _CHARSET.search(source.data[:2048])
        decoded = decode(source.data, charset[1].decode("ascii") if charset else None)
        root = parse_html(decoded.text)
        facts = _facts(root)
        yield Extract(
            blocks=tuple(blocks_of(root)),
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


def blocks_of(root: etree._Element | None, page: int | None = None) -> Iterator[Block]:
    if root is not None:
        yield from _Blocks(page).walk(root)


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

    def __init__(self, page: int | None) -> None:
        self._page = page
        self._around: list[str] = []  # tags of the open block elements
        self._text: list[str] = []

    def walk(self, root: etree._Element) -> Iterator[Block]:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = str(element.tag)
            if event == "start" and tag in _NOT_TEXT:
                walk.skip_subtree()
            elif event == "start" and tag == "table" and _is_data(element):
                yield from self._flush()
                yield from _table(element, self._page)
                walk.skip_subtree()
            elif event == "start":
                yield from self._open(tag, element)
            else:
                yield from self._close(tag, element)
        yield from self._flush()

    def _open(self, tag: str, element: etree._Element) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._flush()
            self._around.append(tag)
        elif tag == "br":
            self._text.append("\v")
        self._text.append(element.text or "")

    def _close(self, tag: str, element: etree._Element) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._flush()
            if tag in self._around:
                del self._around[len(self._around) - 1 - self._around[::-1].index(tag)]
        self._text.append(element.tail or "")

    def _flush(self) -> Iterator[Block]:
        text, self._text = "".join(self._text), []
        if "pre" in self._around:
            text = text.replace("\v", "\n").strip("\n")
        else:
            text = "\n".join(line.strip(" ") for line in _SPACES.sub(" ", text).split("\v")).strip()
        if text.strip():
            yield self._block(text)

    def _block(self, text: str) -> Block:
        for tag in reversed(self._around):
            if tag in _HEADINGS:
                return Block("heading", " ".join(text.split()), level=_HEADINGS[tag], page=self._page)
            if tag in ("li", "dd"):
                depth = sum(1 for outer in self._around if outer in _LISTS) - 1
                return Block("list_item", text, level=max(0, depth), page=self._page)
            if tag in _KINDS:
                return Block(_KINDS[tag], text, page=self._page)
        return Block("paragraph", text, page=self._page)


def _is_data(table: etree._Element) -> bool:
    """Not a table that only places things on the page."""
    inside = table.iter("table", *_HEADINGS)
    return table.get("role") != "presentation" and all(element is table for element in inside)


def _table(table: etree._Element, page: int | None) -> Iterator[Block]:
    for caption in table.iter("caption"):
        text = _plain(caption)
        if text:
            yield Block("caption", text, page=page)
    rows = [[text for cell in row.iter("td", "th") for text in _cell(cell)] for row in table.iter("tr")]
    rows = [row for row in rows if row]
    if any(any(row) for row in rows):
        yield Block.table(rows, page=page)


def _cell(cell: etree._Element) -> list[str]:
    span = cell.get("colspan", "1")
    return [_plain(cell)] + [""] * (min(int(span), 64) - 1 if span.isdecimal() else 0)


def _plain(element: etree._Element) -> str:
    return " ".join(" ".join(_visible(element)).split())


def _visible(element: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "start" and inner.tag in _NOT_TEXT:
            walk.skip_subtree()
        elif event == "start":
            yield inner.text or ""
        elif inner is not element:
            yield inner.tail or ""
