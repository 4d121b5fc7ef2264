"""Checks Word documents: python-docx opens them, openxml-audit checks the schema, the rest are rules."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from lxml import etree

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation import package_rules
from core.exports.validation.package_rules import DAMAGE, Package
from core.exports.validation.report import Check, Issue, Rule, Tool

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DOCUMENT = "word/document.xml"
_MADE = ("CitationSign", "CaptionLabel", "ReferenceLabel", "FootnoteReference")
"""Character styles of what a writer puts beside the text."""
_FIELDS = ("TOC", "PAGEREF", "PAGE", "NUMPAGES", "SEQ")

RULES: Mapping[str, Rule] = {
    "docx.opens": Rule(
        "formatting",
        "basic",
        "Another program opens the file",
        "Export again; if it stays, choose another format for this document.",
    ),
    **{f"docx.{name}": rule for name, rule in package_rules.RULES.items()},
    "docx.headings": Rule(
        "accessibility",
        "standard",
        "Headings are real headings and skip no level",
        "Use the levels of headings in order.",
    ),
    "docx.imitations": Rule(
        "professional",
        "standard",
        "No bold paragraph stands in for a heading",
        "Make the bold paragraph a heading.",
    ),
    "docx.contents": Rule(
        "professional",
        "standard",
        "The table of contents is filled and names every heading",
        "Export again; the contents do not agree with the headings.",
    ),
    "docx.described": Rule(
        "accessibility",
        "standard",
        "Every drawing is described or marked as decoration",
        "Describe the pictures and charts.",
    ),
    "docx.header_rows": Rule(
        "accessibility",
        "standard",
        "Header rows of tables are marked and repeat",
        "Export again; header rows are not marked.",
    ),
    "docx.language": Rule(
        "accessibility",
        "standard",
        "The language of the text is stated",
        "State the language of the document.",
    ),
    "docx.fields": Rule(
        "professional",
        "basic",
        "Fields count and refer; none computes or loads",
        "Remove the field.",
    ),
}

PackageCheck = Callable[[Package], Iterator[Issue]]


class WordPackage:
    formats: tuple[str, ...] = ("docx",)
    rules: Mapping[str, Rule] = RULES

    def tools(self) -> tuple[Tool, ...]:
        return (
            Tool("python-docx", version("python-docx")),
            Tool("openxml-audit", version("openxml-audit")),
        )

    def text(self, data: bytes) -> str:
        """As python-docx reads it: paragraphs and tables, then the notes."""
        import docx

        opened = docx.Document(io.BytesIO(data))
        texts = ["".join(_letters(each)) for each in opened.element.body.iter(f"{W}p")]
        package = Package(data)
        if "word/footnotes.xml" in package.parts:
            texts += ["".join(_letters(each)) for each in package.xml("word/footnotes.xml").iter(f"{W}p")]
        for name in sorted(package.parts):
            if name.startswith("word/charts/chart"):
                texts += ["".join(map(str, package.xml(name).itertext()))]
        return "\n".join(texts)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        reader = f"python-docx {version('python-docx')}"
        try:
            package = Package(data)
            relations = tuple(package_rules.relation_issues(package))
            if relations:
                yield Check("docx.opens", reader, relations)
                yield Check("docx.relations", "lxml", relations)
                return  # no reader gets past a part that is missing
            self.text(data)
        except DAMAGE as error:
            yield Check("docx.opens", reader, (Issue(str(error) or type(error).__name__),))
            return
        yield Check("docx.opens", reader)
        audit = f"openxml-audit {version('openxml-audit')}"
        yield Check("docx.schema", audit, tuple(package_rules.schema_issues(data, ".docx")))
        yield from (Check(name, "lxml", tuple(find(package))) for name, find in _CHECKS.items())
        if design.has_contents:
            yield Check("docx.contents", "lxml", tuple(_contents(package)))
        if any(block.header_rows for block in manuscript.content.blocks):
            yield Check("docx.header_rows", "lxml", tuple(_header_rows(package, manuscript)))


def _letters(paragraph: etree._Element) -> Iterator[str]:
    for each in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        run = each.getparent()
        style = None if run is None else run.find(f"{W}rPr/{W}rStyle")
        if style is not None and style.get(f"{W}val") in _MADE:
            continue
        yield (each.text or "") if each.tag == f"{W}t" else "\t" if each.tag == f"{W}tab" else "\n"


def _style(paragraph: etree._Element) -> str:
    found = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if found is None else str(found.get(f"{W}val", ""))


def _headings(package: Package) -> Iterator[tuple[int, str]]:
    for paragraph in package.xml(_DOCUMENT).iter(f"{W}p"):
        style = _style(paragraph)
        if style.startswith("Heading") and style[7:].isdecimal():
            yield int(style[7:]), " ".join("".join(_letters(paragraph)).split())


def _heading_levels(package: Package) -> Iterator[Issue]:
    last = 0
    for level, text in _headings(package):
        if level > last + 1:
            yield Issue(f"Level {level} follows level {last}.", text[:80])
        last = level


def _imitations(package: Package) -> Iterator[Issue]:
    """A short paragraph of body text that is bold or large throughout by hand."""
    for paragraph in package.xml(_DOCUMENT).iter(f"{W}p"):
        runs = [run for run in paragraph.iter(f"{W}r") if run.find(f"{W}t") is not None]
        is_body = _style(paragraph) in ("", "Normal")
        large = [run for run in runs if run.find(f"{W}rPr/{W}sz") is not None]
        if is_body and large and len(large) == len(runs):
            yield Issue("Its size is set by hand.", "".join(_letters(paragraph))[:80])


def _contents(package: Package) -> Iterator[Issue]:
    """Entries and headings down to the third level, in order. Numbers stand before a tab."""
    wanted = [text for level, text in _headings(package) if level <= 3]
    listed = [
        "".join(_letters(paragraph))
        for paragraph in package.xml(_DOCUMENT).iter(f"{W}p")
        if _style(paragraph) in ("TOC1", "TOC2", "TOC3")
    ]
    if len(wanted) != len(listed):
        yield Issue(f"{len(listed)} entries for {len(wanted)} headings.")
    for text, entry in zip(wanted, listed, strict=False):
        if text.replace(" ", "") not in "".join(entry.split()):
            yield Issue("The entry does not name its heading.", text[:80])


def _described(package: Package) -> Iterator[Issue]:
    for name in package.parts:
        if name.startswith("word/") and name.endswith(".xml") and "/charts/" not in name:
            for drawing in package.xml(name).iter(f"{_WP}docPr"):
                is_decorative = any(str(each.tag).endswith("}decorative") for each in drawing.iter())
                if not is_decorative and not str(drawing.get("descr", "")).strip():
                    yield Issue("A drawing without a description.", f"{name} {drawing.get('name', '')}")


def _header_rows(package: Package, manuscript: Manuscript) -> Iterator[Issue]:
    wanted = sum(block.header_rows for block in manuscript.content.blocks if block.kind == "table")
    marked = sum(1 for _ in package.xml(_DOCUMENT).iter(f"{W}tblHeader"))
    if marked < wanted:
        yield Issue(f"{marked} of {wanted} header rows are marked.")


def _language(package: Package) -> Iterator[Issue]:
    found = package.xml("word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    if found is None or not found.get(f"{W}val"):
        yield Issue("The styles state no language.", "word/styles.xml")


def _fields(package: Package) -> Iterator[Issue]:
    for name in package.parts:
        if name.startswith("word/") and name.endswith(".xml"):
            root = package.xml(name)
            told = [str(each.text or "") for each in root.iter(f"{W}instrText")]
            told += [str(each.get(f"{W}instr", "")) for each in root.iter(f"{W}fldSimple")]
            for instruction in told:
                if (instruction.split() or [""])[0].upper() not in _FIELDS:
                    yield Issue(instruction.strip()[:80], name)


_CHECKS: Mapping[str, PackageCheck] = {
    "docx.relations": package_rules.relation_issues,
    "docx.outside": package_rules.outside_issues,
    "docx.active": package_rules.active_issues,
    "docx.title": package_rules.title_issues,
    "docx.headings": _heading_levels,
    "docx.imitations": _imitations,
    "docx.described": _described,
    "docx.language": _language,
    "docx.fields": _fields,
}
