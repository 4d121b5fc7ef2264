"""Checks OpenDocument texts: odfpy opens them, openxml-audit checks the schema, the rest are rules."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lxml import etree

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks, package
from core.exports.validation.package_rules import DAMAGE, Package
from core.exports.validation.report import Check, Issue, Rule, Tool

TYPE = b"application/vnd.oasis.opendocument.text"
_AGAIN = "Export the document again."
_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _DRAW = f"{_NAMES}text:1.0}}", f"{_NAMES}table:1.0}}", f"{_NAMES}drawing:1.0}}"
_STYLE, _FO = f"{_NAMES}style:1.0}}", f"{_NAMES}xsl-fo-compatible:1.0}}"
_FILES, _SVG = f"{_NAMES}manifest:1.0}}", f"{_NAMES}svg-compatible:1.0}}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_KINDS = {".xml": "text/xml", ".png": "image/png", ".jpeg": "image/jpeg"}
_ACTIVE_PARTS = ("Basic/", "Scripts/", "Object", "ObjectReplacements/")
_ACTIVE = (
    "object",
    "object-ole",
    "plugin",
    "applet",
    "floating-frame",
    "script",
    "scripts",
    "event-listeners",
)
_LINKS = ("http://", "https://", "mailto:", "#")
_CONTENTS_LEVELS = 3


class OpenDocumentCheck:
    formats: tuple[str, ...] = ("odt",)
    rules: Mapping[str, Rule] = {
        "odt.opens": Rule("formatting", "basic", "Another program opens the file", _AGAIN),
        "odt.schema": Rule("formatting", "basic", "The file follows the OpenDocument 1.3 schema", _AGAIN),
        "odt.mimetype": Rule("formatting", "basic", "The file begins with its type, not compressed", _AGAIN),
        "odt.manifest": Rule("formatting", "basic", "The manifest lists every part with its type", _AGAIN),
        "odt.active": Rule(
            "professional",
            "basic",
            "The file holds no macros, programs or objects",
            "Remove macros and embedded objects.",
        ),
        "odt.outside": Rule(
            "professional",
            "basic",
            "Pictures are in the file, and links lead to web pages, mail or places inside",
            "Remove links to files on other machines.",
        ),
        "odt.headings": Rule(
            "accessibility",
            "standard",
            "Headings are real headings and skip no level",
            "Use the levels of headings in order.",
        ),
        "odt.contents": Rule(
            "professional",
            "standard",
            "The table of contents is filled and names every heading",
            "Export again; the contents do not agree with the headings.",
        ),
        "odt.described": Rule(
            "accessibility",
            "standard",
            "Every picture is described or marked as decoration",
            "Describe the pictures and charts.",
        ),
        "odt.header_rows": Rule(
            "accessibility", "standard", "Header rows of tables are marked and repeat", _AGAIN
        ),
        "odt.language": Rule(
            "accessibility",
            "standard",
            "The language of the text is stated",
            "State the language of the document.",
        ),
        "odt.title": Rule(
            "accessibility", "standard", "The file states its title", "Give the document a title."
        ),
    }  # fmt: skip

    def tools(self) -> tuple[Tool, ...]:
        return (package("odfpy"), package("openxml-audit"))

    def text(self, data: bytes) -> str:
        """As odfpy reads it, the texts of pictures and notes where they stand."""
        from odf import opendocument, teletype

        opened = opendocument.load(io.BytesIO(data))
        return "\n".join(teletype.extractText(each) for each in opened.text.childNodes)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        reader, audit = self.tools()
        try:
            found = Package(data)
            content, styles = found.xml("content.xml"), found.xml("styles.xml")
            manifest, meta = found.xml("META-INF/manifest.xml"), found.xml("meta.xml")
            self.text(data)
        except (*DAMAGE, AttributeError) as error:
            yield from checks(reader, {"odt.opens": [Issue(str(error) or type(error).__name__)]})
            return
        yield from checks(reader, {"odt.opens": []})
        yield from checks(audit, {"odt.schema": list(_schema_issues(data))})
        issues: dict[str, Sequence[Issue]] = {
            "odt.mimetype": list(_type_issues(data)),
            "odt.manifest": list(_manifest_issues(found, manifest)),
            "odt.active": list(_active_issues(found, (content, styles))),
            "odt.outside": list(_outside_issues(found, (content, styles))),
            "odt.headings": list(_heading_issues(content)),
            "odt.described": list(_undescribed(content)),
            "odt.language": list(_language_issues(styles)),
            "odt.title": list(_title_issues(meta)),
        }
        if design.has_contents:
            issues["odt.contents"] = list(_contents_issues(content))
        wanted = sum(block.header_rows for block in manuscript.content.blocks if block.kind == "table")
        if wanted:
            issues["odt.header_rows"] = list(_header_row_issues(content, wanted))
        yield from checks(Tool("lxml", etree.__version__), issues)


def _schema_issues(data: bytes) -> Iterator[Issue]:
    from openxml_audit import OdfValidator, ValidationSeverity

    with tempfile.TemporaryDirectory(prefix="office-") as folder:
        path = Path(folder) / "file.odt"
        path.write_bytes(data)
        found = OdfValidator(
            max_errors=100, relaxng_validation=True, max_schema_xml_bytes=80_000_000
        ).validate(path)
    for error in found.errors:
        if error.severity == ValidationSeverity.ERROR:
            yield Issue(error.description, f"{error.part_uri} {error.path}".strip())


def _type_issues(data: bytes) -> Iterator[Issue]:
    """Part 2, 3.3: the type can be told by looking at fixed places of the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.infolist()[0]
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED or first.extra:
            yield Issue("The first entry is not the type as it is.", first.filename)
        elif archive.read(first) != TYPE:
            yield Issue("It states another type.", "mimetype")


def _manifest_issues(found: Package, manifest: etree._Element) -> Iterator[Issue]:
    listed = {
        str(each.get(f"{_FILES}full-path", "")): str(each.get(f"{_FILES}media-type", ""))
        for each in manifest.iter(f"{_FILES}file-entry")
    }
    if listed.pop("/", "") != TYPE.decode():
        yield Issue("The file itself has no type or another one.", "/")
    parts = set(found.parts) - {"mimetype", "META-INF/manifest.xml"}
    yield from (Issue("It is not listed.", name) for name in sorted(parts - set(listed)))
    yield from (Issue("It is listed and not there.", name) for name in sorted(set(listed) - parts))
    for name in sorted(parts & set(listed)):
        if listed[name] != _KINDS.get(Path(name).suffix, ""):
            yield Issue(f"{listed[name] or 'No type'} is not its type.", name)


def _active_issues(found: Package, roots: Sequence[etree._Element]) -> Iterator[Issue]:
    yield from (Issue("An active part.", name) for name in found.parts if name.startswith(_ACTIVE_PARTS))
    for root in roots:
        for element in root.iter(etree.Element):
            if _local(element) in _ACTIVE:
                yield Issue(f"{_local(element)} is active.")


def _outside_issues(found: Package, roots: Sequence[etree._Element]) -> Iterator[Issue]:
    for root in roots:
        for element in root.iter(etree.Element):
            address = element.get(_HREF)
            if address is None:
                continue
            is_link = element.tag == f"{_TEXT}a"
            if not (address.lower().startswith(_LINKS) if is_link else address in found.parts):
                yield Issue(address[:120], _local(element))


def _headings(content: etree._Element) -> Iterator[tuple[int, str]]:
    for each in content.iter(f"{_TEXT}h"):
        level = each.get(f"{_TEXT}outline-level", "")
        yield int(level) if level.isdecimal() else 0, _letters(each)


def _heading_issues(content: etree._Element) -> Iterator[Issue]:
    last = 0
    for level, text in _headings(content):
        if level < 1 or level > last + 1:
            yield Issue(f"Level {level} follows level {last}.", text[:80])
        last = level


def _contents_issues(content: etree._Element) -> Iterator[Issue]:
    wanted = [text for level, text in _headings(content) if level <= _CONTENTS_LEVELS]
    listed = [
        _letters(each) for each in content.iterfind(f".//{_TEXT}table-of-content/{_TEXT}index-body/{_TEXT}p")
    ]
    if len(wanted) != len(listed):
        yield Issue(f"{len(listed)} entries for {len(wanted)} headings.")
    for text, entry in zip(wanted, listed, strict=False):
        if text not in entry:
            yield Issue("The entry does not name its heading.", text[:80])


def _undescribed(content: etree._Element) -> Iterator[Issue]:
    for frame in content.iter(f"{_DRAW}frame"):
        told = frame.find(f"{_SVG}desc")
        if told is None:  # an empty one says that the picture only decorates
            yield Issue("A picture without a description.", str(frame.get(f"{_DRAW}name", "")))


def _header_row_issues(content: etree._Element, wanted: int) -> Iterator[Issue]:
    marked = sum(
        1 for each in content.iter(f"{_TABLE}table-header-rows") for _ in each.iter(f"{_TABLE}table-row")
    )
    if marked < wanted:
        yield Issue(f"{marked} of {wanted} header rows are marked.")


def _language_issues(styles: etree._Element) -> Iterator[Issue]:
    told = [
        letters.get(f"{_FO}language", "")
        for style in styles.iter(f"{_STYLE}default-style")
        if style.get(f"{_STYLE}family") == "paragraph"
        for letters in style.iter(f"{_STYLE}text-properties")
    ]
    if not any(each not in ("", "none", "zxx") for each in told):
        yield Issue("The styles state no language.", "styles.xml")


def _title_issues(meta: etree._Element) -> Iterator[Issue]:
    if not (meta.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").strip():
        yield Issue("There is no title in the properties.", "meta.xml")


def _letters(element: etree._Element) -> str:
    """Without blanks, some of which are elements, and without what notes say."""
    return "".join("".join(_pieces(element)).split())


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag != f"{_TEXT}note":
            yield from _pieces(child)
        yield child.tail or ""


def _local(element: etree._Element) -> str:
    return _name(str(element.tag))


def _name(qualified: str) -> str:
    return qualified.rpartition("}")[2]
