"""Checks PowerPoint decks: python-pptx opens them, openxml-audit checks the schema, the rest are rules."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from lxml import etree

from core.exports.charts.palette import contrast
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation import package_rules
from core.exports.validation.package_rules import DAMAGE, Package
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.exports.validation.slide_text import SlideText

if TYPE_CHECKING:
    from pptx.shapes.graphfrm import GraphicFrame

_WIDTH, _HEIGHT, _SLACK = 12_192_000, 6_858_000, 12_700
_LEAST_SIZE = 1200
_LEAST_CONTRAST, _LEAST_CONTRAST_LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3
_LARGE, _LARGE_BOLD, _FITS_SLACK = 18.0, 14.0, 1.0

RULES: Mapping[str, Rule] = {
    "pptx.opens": Rule(
        "formatting",
        "basic",
        "Another program opens the file",
        "Export again; if it stays, choose another format for this document.",
    ),
    **{f"pptx.{name}": rule for name, rule in package_rules.RULES.items()},
    "pptx.titles": Rule(
        "accessibility",
        "standard",
        "Every slide has a title of its own",
        "Give the headings different words.",
    ),
    "pptx.placeholders": Rule(
        "professional", "basic", "No placeholder is left empty", "Fill or remove the empty placeholder."
    ),
    "pptx.inside": Rule(
        "formatting", "basic", "Nothing stands outside its slide", "Export again; something is off the slide."
    ),
    "pptx.overlaps": Rule(
        "formatting", "standard", "No text stands on another box", "Export again; boxes overlap."
    ),
    "pptx.sizes": Rule(
        "accessibility", "standard", "All text is large enough to be read", "Split the slide's text."
    ),
    "pptx.contrast": Rule(
        "accessibility",
        "standard",
        "Text stands out from what it is written on",
        "Choose darker colours for the company.",
    ),
    "pptx.fits": Rule(
        "formatting", "standard", "Every text fits in its box", "Export again; a text is cut or runs over."
    ),
    "pptx.described": Rule(
        "accessibility",
        "standard",
        "Every drawing is described or marked as decoration",
        "Describe the pictures and charts.",
    ),
    "pptx.language": Rule(
        "accessibility",
        "standard",
        "The language of the text is stated",
        "State the language of the document.",
    ),
    "pptx.charts": Rule(
        "professional",
        "standard",
        "Charts can be edited: their values are with them",
        "Export again; a chart has lost its workbook.",
    ),
    "pptx.notes": Rule(
        "content", "standard", "Every footnote stands in the notes", "Export again; a footnote is missing."
    ),
}

_AROUND = ("Continued title", "Footer", "Slide number")
_ROW_GOES_ON = re.compile(r"Table, header (\d+) \(row continued\)")

Find = Callable[[Package], Iterator[Issue]]


class SlideDeckCheck:
    formats: tuple[str, ...] = ("pptx",)
    rules: Mapping[str, Rule] = RULES

    def tools(self) -> tuple[Tool, ...]:
        names = ("python-pptx", "openxml-audit")
        return tuple(Tool(name, version(name)) for name in names)

    def text(self, data: bytes) -> str:
        """As python-pptx reads it: the shapes of each slide and its charts, then what stands around them and
        the notes. Signs are left out, and what goes on from one slide to the next is joined.
        """
        import pptx

        texts: list[str] = []
        around: list[str] = []
        rows: list[list[str]] = []
        for slide in pptx.Presentation(io.BytesIO(data)).slides:
            for shape in slide.shapes:
                if getattr(shape, "has_table", False):
                    fresh = [["".join(_letters(cell)) for cell in row.iter("{*}tc")] for row in _tr(shape)]
                    rows = _followed(texts, rows, fresh, shape.name)
                    continue
                is_around = shape.name in _AROUND
                if not is_around:
                    _flush(texts, rows)
                    rows = []
                (around if is_around else texts).extend(_letters(shape._element))
                if getattr(shape, "has_chart", False):
                    texts += map(str, shape.chart.part._element.itertext())
            if slide.has_notes_slide:
                around += _letters(slide.notes_slide._element)
        _flush(texts, rows)
        return "".join([*texts, *around])

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        reader = f"python-pptx {version('python-pptx')}"
        try:
            package = Package(data)
            relations = tuple(package_rules.relation_issues(package))
            if relations:
                yield Check("pptx.opens", reader, relations)
                yield Check("pptx.relations", "lxml", relations)
                return
            self.text(data)
        except DAMAGE as error:
            yield Check("pptx.opens", reader, (Issue(str(error) or type(error).__name__),))
            return
        yield Check("pptx.opens", reader)
        audit = f"openxml-audit {version('openxml-audit')}"
        yield Check("pptx.schema", audit, tuple(package_rules.schema_issues(data, ".pptx")))
        yield from (Check(name, "lxml", tuple(find(package))) for name, find in _CHECKS.items())
        if any(block.kind == "footnote" for block in manuscript.content.blocks):
            yield Check("pptx.notes", "lxml", tuple(_notes(package, manuscript)))


def _tr(shape: GraphicFrame) -> Iterator[etree._Element]:
    return shape._element.iter("{*}tr")


def _followed(texts: list[str], rows: list[list[str]], fresh: list[list[str]], name: str) -> list[list[str]]:
    """The rows of the table that is open: those before are told unless the last of them goes on."""
    repeated = _ROW_GOES_ON.fullmatch(name)
    if repeated is None:
        _flush(texts, rows)
        return fresh
    body = fresh[int(repeated[1]) :]
    joined = [one + other for one, other in zip(rows[-1], body[0], strict=False)] if rows and body else []
    return [*rows[:-1], joined, *body[1:]]


def _flush(texts: list[str], rows: list[list[str]]) -> None:
    texts.extend(cell for row in rows for cell in row)


def _letters(element: etree._Element) -> Iterator[str]:
    for run in element.iter("{*}r", "{*}br"):
        look = run.find("{*}rPr")
        if look is None or look.get("noProof") != "1":
            yield run.findtext("{*}t") or ""


def _slides(package: Package) -> Iterator[tuple[str, etree._Element]]:
    for name in package.parts:
        if name.startswith("ppt/slides/slide"):
            yield name, package.xml(name)


def _titles(package: Package) -> Iterator[Issue]:
    seen: set[str] = set()
    for name, slide in _slides(package):
        told = [
            "".join(str(each.text or "") for each in shape.iter("{*}t"))
            for shape in slide.iter("{*}sp")
            if any(each.get("type") in ("title", "ctrTitle") for each in shape.iter("{*}ph"))
        ]
        title = " ".join(" ".join(told).split()).casefold()
        if not title or title in seen:
            yield Issue("No title." if not title else f"“{title[:80]}” comes again.", name)
        seen.add(title)


def _placeholders(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        for shape in slide.iter("{*}sp"):
            is_holder = next(shape.iter("{*}ph"), None) is not None
            if is_holder and not "".join(str(each.text or "") for each in shape.iter("{*}t")).strip():
                yield Issue("An empty placeholder.", name)


def _boxes(slide: etree._Element) -> Iterator[tuple[str, tuple[int, int, int, int], bool]]:
    """Name, left, top, right and bottom of each box that says where it is; whether it is decoration."""
    for shape in slide.iterfind("{*}cSld/{*}spTree/*"):
        told, where = shape.find("*/{*}cNvPr"), next(shape.iter("{*}xfrm"), None)
        if told is None or where is None or not str(shape.tag).endswith(("}sp", "}pic", "}graphicFrame")):
            continue
        start, size = where.find("{*}off"), where.find("{*}ext")
        if start is not None and size is not None:
            x, y = int(start.get("x", "0")), int(start.get("y", "0"))
            box = (x, y, x + int(size.get("cx", "0")), y + int(size.get("cy", "0")))
            yield str(told.get("name", "")), box, str(told.get("name", "")) == "Bar"


def _inside(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        for shape, (left, top, right, bottom), _ in _boxes(slide):
            if min(left, top) < -_SLACK or right > _WIDTH + _SLACK or bottom > _HEIGHT + _SLACK:
                yield Issue(f"{shape} is off the slide.", name)


def _overlaps(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        boxes = [(shape, box) for shape, box, is_bar in _boxes(slide) if not is_bar]
        for at, (shape, one) in enumerate(boxes):
            for other, two in boxes[at + 1 :]:
                wide = min(one[2], two[2]) - max(one[0], two[0])
                tall = min(one[3], two[3]) - max(one[1], two[1])
                if wide > _SLACK and tall > _SLACK:
                    yield Issue(f"{shape} and {other} overlap.", name)


def _sizes(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        for look in slide.iter("{*}rPr"):
            if int(look.get("sz", "1800")) < _LEAST_SIZE:
                yield Issue(f"Text of {int(look.get('sz', '0')) / 100:g} points.", name)


def _contrast(package: Package) -> Iterator[Issue]:
    for name, _ in _slides(package):
        for each in SlideText(package, name).letters():
            is_large = each.size >= _LARGE or (each.is_bold and each.size >= _LARGE_BOLD)
            found = contrast(each.colour, each.ground)
            if found < (_LEAST_CONTRAST_LARGE if is_large else _LEAST_CONTRAST):
                yield Issue(f"{found:.1f}:1 for “{each.text[:60]}”.", name)


def _fits(package: Package) -> Iterator[Issue]:
    for name, _ in _slides(package):
        for room in SlideText(package, name).rooms():
            if room.needed > room.height + _FITS_SLACK:
                yield Issue(f"{room.name} needs {room.needed:.0f} of {room.height:.0f} points.", name)


def _described(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        for shape in slide.iter("{*}pic", "{*}graphicFrame"):
            told = shape.find("*/{*}cNvPr")
            is_decorative = any(str(each.tag).endswith("}decorative") for each in shape.iter())
            if told is None or not (is_decorative or str(told.get("descr", "")).strip()):
                yield Issue("A drawing without a description.", name)


def _language(package: Package) -> Iterator[Issue]:
    for name, slide in _slides(package):
        if any(not look.get("lang") for look in slide.iter("{*}rPr")):
            yield Issue("Text without a language.", name)


def _charts(package: Package) -> Iterator[Issue]:
    for name in package.parts:
        if (
            name.startswith("ppt/charts/chart")
            and next(package.xml(name).iter("{*}externalData"), None) is None
        ):
            yield Issue("A chart without its workbook.", name)


def _notes(package: Package, manuscript: Manuscript) -> Iterator[Issue]:
    told = "".join(
        "".join(_letters(package.xml(name))) for name in package.parts if name.startswith("ppt/notesSlides/n")
    )
    for block in manuscript.content.blocks:
        if block.kind == "footnote" and "".join(block.text.split()) not in "".join(told.split()):
            yield Issue(f"“{block.text[:80]}” is missing.")


_CHECKS: Mapping[str, Find] = {
    "pptx.relations": package_rules.relation_issues,
    "pptx.outside": package_rules.outside_issues,
    "pptx.active": package_rules.active_issues,
    "pptx.title": package_rules.title_issues,
    "pptx.titles": _titles,
    "pptx.placeholders": _placeholders,
    "pptx.inside": _inside,
    "pptx.overlaps": _overlaps,
    "pptx.sizes": _sizes,
    "pptx.contrast": _contrast,
    "pptx.fits": _fits,
    "pptx.described": _described,
    "pptx.language": _language,
    "pptx.charts": _charts,
}
