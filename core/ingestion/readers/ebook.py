"""E-books (.epub): the chapters in the order of the spine (EPUB 3.3)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from core.content import Block
from core.ingestion.archive import Package
from core.ingestion.office_package import moment
from core.ingestion.pictures import PictureStore
from core.ingestion.problems import unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.readers.web_page import blocks_of, parse_html
from core.ingestion.text_decoding import decode
from core.ingestion.xml_parts import parse, refuse_entities

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html")


class Ebook:
    name = "epub"
    extensions = (".epub",)

    def read(self, source: Source) -> Iterator[Extract]:
        package = Package(source.data, source.limits)
        listing = _listing(package)
        book = parse(package.read(listing), may_name_doctype=True)
        chapters = list(_chapters(book, listing))
        _refuse_encrypted(package, chapters)
        pictures = PictureStore()
        blocks = [
            block
            for chapter in chapters
            if chapter in package
            for block in _blocks(package, chapter, pictures)
        ]
        yield Extract(
            blocks=tuple(blocks),
            media=pictures.media,
            title=_fact(book, "title"),
            author=_fact(book, "creator") or None,
            modified=moment(_modified(book) or _fact(book, "date")),
        )


def _listing(package: Package) -> str:
    rootfile = next(parse(package.read(_CONTAINER)).iter("{*}rootfile"), None)
    if rootfile is None:
        raise unreadable("damaged_file", format="epub")
    return str(rootfile.get("full-path", ""))


def _chapters(book: etree._Element, listing: str) -> Iterator[str]:
    """The parts that are read one after the other; not the list of contents."""
    items = {element.get("id"): element for element in book.iterfind("{*}manifest/{*}item")}
    for reference in book.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        if "nav" not in str(item.get("properties", "")).split():
            href = unquote(str(item.get("href", "")))
            yield posixpath.normpath(posixpath.join(posixpath.dirname(listing), href))


def _refuse_encrypted(package: Package, chapters: list[str]) -> None:
    """Encrypted fonts do no harm; encrypted chapters cannot be read."""
    if _ENCRYPTION not in package:
        return
    references = parse(package.read(_ENCRYPTION)).iter("{*}CipherReference")
    if {unquote(str(reference.get("URI", ""))) for reference in references} & set(chapters):
        raise unreadable("password_protected")


def _blocks(package: Package, chapter: str, pictures: PictureStore) -> Iterator[Block]:
    def find(address: str) -> bytes | None:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), unquote(address)))
        return package.read(name) if name in package else None

    data = package.read(chapter)
    refuse_entities(data, may_name_doctype=True)
    pictures.find = find
    return blocks_of(parse_html(decode(data).text), pictures=pictures)


def _fact(book: etree._Element, name: str) -> str:
    element = book.find(f"{{*}}metadata/{{http://purl.org/dc/elements/1.1/}}{name}")
    return "" if element is None else (element.text or "").strip()


def _modified(book: etree._Element) -> str:
    metas = book.iterfind("{*}metadata/{*}meta")
    return next((meta.text or "" for meta in metas if meta.get("property") == "dcterms:modified"), "")
