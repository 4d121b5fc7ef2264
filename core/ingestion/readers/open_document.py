"""OpenDocument text (.odt): headings, lists, tables and notes (OASIS OpenDocument 1.3, part 3)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from core.content import Block
from core.content.blocks import BlockKind
from core.ingestion.archive import Package
from core.ingestion.office_package import Properties, moment
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.xml_parts import parse, stream

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
MAX_REPEATED_CELLS = 64
_GENERATED = {f"{TEXT}{tag}" for tag in ("table-of-content", "alphabetical-index", "tracked-changes")}
_STYLE_KINDS: dict[str, BlockKind] = {
    "quotations": "quote",
    "quote": "quote",
    "caption": "caption",
    "preformatted_20_text": "code",
}
_TITLES = ("title", "subtitle")
_NOT_IN_LINE = {"note", "annotation", "annotation-end", "text-box", "title", "desc", "tracked-changes"}


class OpenDocument:
    name = "odt"
    extensions = (".odt", ".ott")

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise unreadable("password_protected")
        data = package.read("content.xml")
        known = _properties(package)
        body = _Body(_parent_styles(package, data))
        yield Extract(
            blocks=tuple(body.blocks(data)), title=known.title, author=known.author, modified=known.modified
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


def _parent_styles(package: Package, content: bytes) -> dict[str, str]:
    """Every style and the one it is based on."""
    styles = [*stream(content, f"{STYLE}style")]
    parents = {
        _attribute(style, STYLE, "name"): _attribute(style, STYLE, "parent-style-name") for style in styles
    }
    return parents


class _Body:
    """Turns headings, paragraphs, lists and tables into blocks."""

    def __init__(self, parent_styles: dict[str, str]) -> None:
        self._parent_styles = parent_styles

    def blocks(self, data: bytes) -> Iterator[Block]:
        tags = [f"{TEXT}h", f"{TEXT}p", f"{TEXT}list", f"{TABLE}table", *_GENERATED]
        for element in stream(data, *tags):
            yield from self._element(element, depth=0)

    def _element(self, element: etree._Element, depth: int) -> Iterator[Block]:
        tag = element.tag
        if tag in (f"{TEXT}h", f"{TEXT}p"):
            yield from self._paragraph(element)
        elif tag == f"{TEXT}list":
            yield from self._list(element, depth)
        elif tag == f"{TABLE}table":
            yield from _table(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        text = _text(element)
        if text:
            yield self._block(element, text)
        for note in element.iter(f"{TEXT}note-body", "{*}text-box"):
            for inner in note:
                yield from self._element(inner, depth=0)

    def _block(self, element: etree._Element, text: str) -> Block:
        style = _attribute(element, TEXT, "style-name")
        names = (style.lower(), self._parent_styles.get(style, "").lower())
        if element.tag == f"{TEXT}h":
            level = _attribute(element, TEXT, "outline-level")
            return Block(
                "heading", " ".join(text.split()), level=min(6, int(level)) if level.isdecimal() else 1
            )
        if _TITLES[0] in names:
            return Block("heading", " ".join(text.split()), level=1)
        return Block(next((_STYLE_KINDS[name] for name in names if name in _STYLE_KINDS), "paragraph"), text)

    def _list(self, element: etree._Element, depth: int) -> Iterator[Block]:
        for item in element:
            for inner in item:
                if inner.tag == f"{TEXT}p":
                    text = _text(inner)
                    if text:
                        yield Block("list_item", text, level=depth)
                else:
                    yield from self._element(inner, depth + 1)


def _table(element: etree._Element) -> Iterator[Block]:
    rows = [_row(row) for row in element.iter(f"{TABLE}table-row")]
    rows = [row for row in rows if any(row)]
    if rows:
        yield Block.table(rows)


def _row(row: etree._Element) -> list[str]:
    texts: list[str] = []
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        text = " ".join(" ".join(map(_text, cell.iter(f"{TEXT}p", f"{TEXT}h"))).split())
        repeated = _attribute(cell, TABLE, "number-columns-repeated")
        texts.extend([text] * (min(int(repeated), MAX_REPEATED_CELLS) if repeated.isdecimal() else 1))
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(paragraph: etree._Element) -> str:
    return "".join(_pieces(paragraph)).strip()


def _pieces(element: etree._Element) -> Iterator[str]:
    yield _collapse(element.text)
    for child in element:
        tag = str(child.tag).rpartition("}")[2]
        if tag == "s":
            count = _attribute(child, TEXT, "c")
            yield " " * (min(int(count), 80) if count.isdecimal() else 1)
        elif tag == "tab":
            yield "\t"
        elif tag == "line-break":
            yield "\n"
        elif tag not in _NOT_IN_LINE:
            yield from _pieces(child)
        yield _collapse(child.tail)


def _collapse(text: str | None) -> str:
    """Line ends and tabs in the XML are spaces; real ones are elements (6.1.2, white space)."""
    return "" if text is None else text.replace("\n", " ").replace("\t", " ").replace("\r", " ")


def _attribute(element: etree._Element, namespace: str, name: str) -> str:
    return str(element.get(f"{namespace}{name}", ""))
