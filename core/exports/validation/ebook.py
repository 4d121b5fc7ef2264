"""Checks e-books: their package, navigation and pages with lxml; and with EPUBCheck where it is installed."""

from __future__ import annotations

import io
import json
import posixpath
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.exports.validation.web_page import WebPageCheck

JAR = Path("/usr/share/java/epubcheck.jar")
SECONDS = 120
_AGAIN = "Export the document again."
_PAGE = "application/xhtml+xml"
_DAMAGE = (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, IndexError, ValueError)


class EbookCheck:
    formats = ("epub",)
    rules: Mapping[str, Rule] = {
        "epub.opens": Rule("formatting", "basic", "The book and all its pages can be opened", _AGAIN),
        "epub.mimetype": Rule("formatting", "basic", "The kind of file stands first, uncompressed", _AGAIN),
        "epub.manifest": Rule("formatting", "basic", "The list of files is complete", _AGAIN),
        "epub.metadata": Rule(
            "professional", "standard", "Title, language, identifier and date are stated", _AGAIN
        ),
        "epub.accessibility": Rule(
            "accessibility", "professional", "The book says how it can be read", _AGAIN
        ),
        "epub.navigation": Rule("accessibility", "basic", "The contents lead to what they name", _AGAIN),
        "epub.links": Rule("content", "standard", "Links inside the book lead somewhere", _AGAIN),
        "epub.no_script": Rule("professional", "basic", "The book runs nothing and fetches nothing", _AGAIN),
        "epub.alternatives": Rule(
            "accessibility",
            "standard",
            "Every picture has a text in its place",
            "Describe the pictures, or mark them as decoration.",
        ),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (package("lxml"),)

    def text(self, data: bytes) -> str:
        try:
            book = _Book(data)
        except _DAMAGE:
            return ""
        reader = WebPageCheck()
        names = [name for name in book.spine if name != book.navigation]
        return "\n".join(reader.text(_without_declaration(book.files[name])) for name in names)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        found: dict[str, list[Issue]] = {"epub.opens": []}
        try:
            book = _Book(data)
        except _DAMAGE as error:
            found["epub.opens"].append(Issue(str(error) or type(error).__name__))
        else:
            found |= {
                "epub.mimetype": book.mimetype(),
                "epub.manifest": list(book.unlisted()),
                "epub.metadata": list(book.unstated()),
                "epub.accessibility": list(book.inaccessible()),
                "epub.navigation": list(book.lost_ways([book.navigation])) or book.no_contents(),
                "epub.links": list(book.lost_ways(book.pages)),
                "epub.no_script": list(book.active()),
                "epub.alternatives": list(book.undescribed()),
            }
        yield from checks(self.tools()[0], found)


class EpubCheck:
    """The checker of the W3C. It takes seconds, so it is asked in tests and where someone wants its word."""

    formats = ("epub",)
    rules: Mapping[str, Rule] = {
        "epub.epubcheck": Rule("formatting", "enterprise", "EPUBCheck finds nothing to say", _AGAIN)
    }

    def tools(self) -> tuple[Tool, ...]:
        missing = "" if shutil.which("java") and JAR.is_file() else "Java or epubcheck.jar is not installed."
        return (Tool("epubcheck", "", missing),)

    def text(self, data: bytes) -> str:
        return EbookCheck().text(data)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        if not self.tools()[0].missing:
            yield from checks(self.tools()[0], {"epub.epubcheck": list(_messages(data))})


def _messages(data: bytes) -> Iterator[Issue]:
    with tempfile.TemporaryDirectory() as folder:
        book, said = Path(folder, "book.epub"), Path(folder, "said.json")
        book.write_bytes(data)
        java = shutil.which("java") or "java"
        command = [java, "-jar", str(JAR), str(book), "--json", str(said), "--quiet"]
        subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)
        for message in json.loads(said.read_bytes())["messages"]:
            place = message["locations"][0] if message["locations"] else {}
            yield Issue(f"{message['ID']} {message['message']}", f"{place.get('path')}:{place.get('line')}")


class _Book:
    """The parsed parts of a book. Raises one of _DAMAGE if it is not one."""

    def __init__(self, data: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(data))
        self.files = {entry.filename: self.archive.read(entry) for entry in self.archive.infolist()}
        container = etree.fromstring(self.files["META-INF/container.xml"])
        self.listing = str(next(container.iter("{*}rootfile")).get("full-path"))
        self.package = etree.fromstring(self.files[self.listing])
        items = {item.get("id"): item for item in self.package.iterfind("{*}manifest/{*}item")}
        self.items = {self._file(str(item.get("href"))): item for item in items.values()}
        references = self.package.iterfind("{*}spine/{*}itemref")
        self.spine = [self._file(str(items[each.get("idref")].get("href"))) for each in references]
        self.navigation = next(name for name, item in self.items.items() if item.get("properties") == "nav")
        self.pages = {
            name: etree.fromstring(self.files[name])
            for name, item in self.items.items()
            if item.get("media-type") == _PAGE
        }

    def _file(self, href: str, base: str = "") -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(base or self.listing), href))

    def mimetype(self) -> list[Issue]:
        first = self.archive.infolist()[0]
        is_right = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        is_right = is_right and self.files["mimetype"] == b"application/epub+zip"
        return [] if is_right else [Issue("mimetype is not the first member.")]

    def unlisted(self) -> Iterator[Issue]:
        known = {"mimetype", "META-INF/container.xml", self.listing, *self.items}
        yield from (Issue("Not listed or not there.", name) for name in sorted(known ^ set(self.files)))

    def unstated(self) -> Iterator[Issue]:
        for name in ("identifier", "title", "language"):
            found = self.package.find(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
            if found is None or not (found.text or "").strip():
                yield Issue("Not stated.", f"dc:{name}")
        if not self._properties("dcterms:modified"):
            yield Issue("Not stated.", "dcterms:modified")

    def inaccessible(self) -> Iterator[Issue]:
        for name in ("accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard"):
            if not self._properties(f"schema:{name}"):
                yield Issue("Not stated.", f"schema:{name}")

    def _properties(self, name: str) -> list[str]:
        return [each.text or "" for each in self.package.iter("{*}meta") if each.get("property") == name]

    def no_contents(self) -> list[Issue]:
        kind = "{http://www.idpf.org/2007/ops}type"
        kinds = {each.get(kind) for each in self.pages[self.navigation].iter("{*}nav")}
        return [] if {"toc", "landmarks"} <= kinds else [Issue("Contents or landmarks are missing.")]

    def lost_ways(self, names: object) -> Iterator[Issue]:
        anchors = {name: {each.get("id") for each in page.iter()} for name, page in self.pages.items()}
        for name in names if isinstance(names, list | dict) else ():
            for link in self.pages[name].iter("{*}a"):
                file, _, anchor = str(link.get("href", "")).partition("#")
                if ":" in file:
                    continue
                target = self._file(file, name) if file else name
                if target not in anchors or (anchor and anchor not in anchors[target]):
                    yield Issue("It leads nowhere.", str(link.get("href")))

    def active(self) -> Iterator[Issue]:
        for name, page in self.pages.items():
            for element in page.iter("*"):
                tag = etree.QName(element).localname
                addresses = [element.get("src", "")] + ([element.get("href", "")] if tag == "link" else [])
                if tag == "script" or any(str(key).startswith("on") for key in element.attrib):
                    yield Issue(f"<{tag}>", name)
                yield from (Issue(each, name) for each in addresses if ":" in each)

    def undescribed(self) -> Iterator[Issue]:
        for name, page in self.pages.items():
            yield from (Issue("No alt.", name) for each in page.iter("{*}img") if each.get("alt") is None)


def _without_declaration(data: bytes) -> bytes:
    return data.split(b"?>", 1)[-1].lstrip() if data.startswith(b"<?xml") else data
