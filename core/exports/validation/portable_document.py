"""PDF by pikepdf (which has qpdf in it) and PDFium: neither wrote the file.

PDF/A-2a and PDF/UA-1 are checked as far as the rules below go; no veraPDF is asked.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.report import Check, Issue, Rule, Tool
from core.page_text import RIGHT_TO_LEFT_LANGUAGES, Stretch, in_reading_order, stretches

if TYPE_CHECKING:
    from pikepdf import Dictionary, Object, Pdf

MAX_DEPTH = 200
_POINTS_PER_MM = 72 / 25.4
_ONE_POINT = 1.0
_WITHIN_LINES = ("/Span", "/Link", "/Em", "/Strong", "/Code", "/Quote", "/Reference", "/Lbl", "/Sub")
_NUMBER = re.compile(r"^\d+(\.\d+)*\.?\u2003")


class PortableDocumentCheck:
    formats = ("pdf",)

    @property
    def rules(self) -> Mapping[str, Rule]:
        return _RULES

    def tools(self) -> tuple[Tool, ...]:
        return Tool("pikepdf", version("pikepdf")), Tool("pypdfium2", version("pypdfium2"))

    def text(self, data: bytes) -> str:
        """As the tags give it to someone who listens: without running heads, each paragraph in one piece."""
        return tagged_text(data)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        import pikepdf
        import pypdfium2

        by = f"pikepdf {version('pikepdf')}"
        try:
            opened = pikepdf.open(io.BytesIO(data))
        except (pikepdf.PdfError, pikepdf.PasswordError) as error:
            yield Check("pdf.opens", by, (Issue(str(error)),))
            return
        yield Check("pdf.opens", by)
        with opened:
            seen = _Seen(opened, _elements(opened), manuscript, design)
            for rule, found in _CHECKS.items():
                yield Check(rule, by, tuple(found(seen)))
        by = f"pypdfium2 {version('pypdfium2')}"
        try:
            drawn = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            yield Check("pdf.not_blank", by, (Issue(str(error)),))
            return
        try:
            yield Check("pdf.not_blank", by, tuple(_blank_pages(drawn)))
            yield Check("pdf.within_page", by, tuple(_outside_page(drawn)))
        finally:
            drawn.close()


def tagged_text(data: bytes) -> str:
    """The text of the tagged content of a PDF in reading order, a line for each paragraph or cell."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        marked = {page.obj.objgen: stretches(page) for page in pdf.pages}
        language = str(pdf.Root.get("/Lang", ""))
        tree = pdf.Root.get("/StructTreeRoot")
        lines: list[tuple[str, list[Stretch]]] = [(language, [])]
        if isinstance(tree, pikepdf.Dictionary):
            _gather(tree, language, None, marked, lines, 0)
        return "\n".join(_line(parts, language) for language, parts in lines if parts)


def _gather(
    node: Object | int,
    language: str,
    page: tuple[int, int] | None,
    marked: Mapping[tuple[int, int], Mapping[int, Stretch]],
    lines: list[tuple[str, list[Stretch]]],
    depth: int,
) -> None:
    """Adds the stretches below the node to the last line; what is no part of a line begins another."""
    import pikepdf

    if isinstance(node, pikepdf.Array):
        for child in list(node):
            _gather(child, language, page, marked, lines, depth)
    elif isinstance(node, pikepdf.Dictionary) and depth < MAX_DEPTH:
        language = str(node.get("/Lang", "")) or language
        page = node.Pg.objgen if "/Pg" in node else page
        if "/MCID" in node:
            lines[-1][1].extend(_stretch(marked, page, int(node.MCID)))
        elif "/K" in node:
            is_line = str(node.get("/S", "")) not in _WITHIN_LINES
            if is_line:
                lines.append((language, []))
            elif not lines[-1][1]:
                lines[-1] = (language, [])
            _gather(node.K, language, page, marked, lines, depth + 1)
            if is_line:
                lines.append((language, []))
    elif isinstance(node, int):
        lines[-1][1].extend(_stretch(marked, page, node))


def _stretch(
    marked: Mapping[tuple[int, int], Mapping[int, Stretch]], page: tuple[int, int] | None, mark: int
) -> Iterator[Stretch]:
    found = marked.get(page, {}).get(mark) if page else None
    if found:
        yield found


def _line(parts: list[Stretch], language: str) -> str:
    order = in_reading_order(parts, language.partition("-")[0] in RIGHT_TO_LEFT_LANGUAGES)
    return "".join(parts[at].text for at in order)


@dataclass(frozen=True, slots=True)
class _Seen:
    pdf: Pdf
    elements: list[tuple[str, Dictionary]]
    manuscript: Manuscript
    design: Design


def _elements(pdf: Pdf) -> list[tuple[str, Dictionary]]:
    """The elements of the structure tree with their types, in reading order."""
    import pikepdf

    tree = pdf.Root.get("/StructTreeRoot")
    if not isinstance(tree, pikepdf.Dictionary):
        return []
    roles = {str(key): str(value) for key, value in _part(tree, "/RoleMap").items()}
    found: list[tuple[str, Dictionary]] = []
    waiting: list[tuple[Object | None, int]] = [(tree.get("/K"), 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += [(child, depth) for child in reversed(list(node))]
        elif isinstance(node, pikepdf.Dictionary) and depth < MAX_DEPTH:
            if "/S" in node:
                kind = str(node.S)
                found.append((roles.get(kind, kind).lstrip("/"), node))
            if "/K" in node:
                waiting.append((node.K, depth + 1))
    return found


def _part(node: Object, name: str) -> Dictionary:
    """The dictionary of this name in another, empty if there is none."""
    import pikepdf

    found = node.get(name)
    return found if isinstance(found, pikepdf.Dictionary) else pikepdf.Dictionary()


def _list(node: Object, name: str) -> list[Object]:
    import pikepdf

    found = node.get(name)
    return list(found) if isinstance(found, pikepdf.Array) else []


def _syntax(seen: _Seen) -> Iterator[Issue]:
    yield from (Issue(str(each)) for each in seen.pdf.check_pdf_syntax())
    yield from (Issue(str(each)) for each in seen.pdf.get_warnings())


def _claims(seen: _Seen) -> Iterator[Issue]:
    try:
        with seen.pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as facts:
            claimed = {
                name: str(facts.get(name, ""))
                for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")
            }
    except ValueError as error:
        yield Issue(str(error))
        return
    for name, wanted in {"pdfaid:part": "2", "pdfaid:conformance": "A", "pdfuaid:part": "1"}.items():
        if claimed[name] != wanted:
            yield Issue(f"{name} is {claimed[name]!r}, not {wanted!r}", "XMP")


def _colours(seen: _Seen) -> Iterator[Issue]:
    if not any("/DestOutputProfile" in intent for intent in _list(seen.pdf.Root, "/OutputIntents")):
        yield Issue("no output intent with a colour profile")


def _safety(seen: _Seen) -> Iterator[Issue]:
    if seen.pdf.is_encrypted:
        yield Issue("it is encrypted")
    names = _part(seen.pdf.Root, "/Names")
    for name in ("/JavaScript", "/EmbeddedFiles"):
        if name in names:
            yield Issue(f"the catalogue names {name}")
    for each in seen.pdf.objects:
        for inside in _nested(each, 0):
            action = str(inside.get("/S", ""))
            if action in ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm") or "/JS" in inside:
                yield Issue(f"an action {action or '/JS'}", f"object {each.objgen[0]}")


def _nested(node: Object, depth: int) -> Iterator[Dictionary]:
    """The dictionary and those that stand in it, not those that it refers to."""
    import pikepdf

    if depth > MAX_DEPTH or (depth and node.is_indirect):
        return
    if isinstance(node, pikepdf.Dictionary):
        yield node
        children = [node.get(name) for name in node.keys()]  # noqa: SIM118  # iterating gives no names
    elif isinstance(node, pikepdf.Array):
        children = list(node)
    else:
        return
    for child in children:
        if isinstance(child, (pikepdf.Dictionary, pikepdf.Array)):
            yield from _nested(child, depth + 1)


def _fonts(seen: _Seen) -> Iterator[Issue]:
    import pikepdf

    for each in seen.pdf.objects:
        if not isinstance(each, pikepdf.Dictionary) or each.get("/Type") != "/Font":
            continue
        name, kind = str(each.get("/BaseFont", "a font")), str(each.get("/Subtype", ""))
        if kind.startswith("/CIDFont") or kind in ("/TrueType", "/Type1"):
            descriptor = _part(each, "/FontDescriptor")
            if not any(file in descriptor for file in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield Issue("it is not embedded", name)
        if not kind.startswith("/CIDFont") and "/ToUnicode" not in each:
            yield Issue("it does not tell its characters", name)


def _tags(seen: _Seen) -> Iterator[Issue]:
    if not bool(_part(seen.pdf.Root, "/MarkInfo").get("/Marked", False)):
        yield Issue("the file does not say that it is tagged")
    if not seen.elements:
        yield Issue("there is no structure tree")


def _language(seen: _Seen) -> Iterator[Issue]:
    said = str(seen.pdf.Root.get("/Lang", ""))
    wanted = seen.manuscript.language.partition("-")[0].lower()
    if said.partition("-")[0].lower() != wanted:
        yield Issue(f"the language is {said!r}, not {seen.manuscript.language!r}")


def _title(seen: _Seen) -> Iterator[Issue]:
    said = str(seen.pdf.docinfo.get("/Title", ""))
    if _even(said) != _even(seen.manuscript.title):
        yield Issue(f"the title is {said!r}")
    if not bool(_part(seen.pdf.Root, "/ViewerPreferences").get("/DisplayDocTitle", False)):
        yield Issue("windows show the name of the file instead of the title")


def _alternatives(seen: _Seen) -> Iterator[Issue]:
    for at, (kind, element) in enumerate(seen.elements):
        if kind == "Figure" and not str(element.get("/Alt", element.get("/ActualText", ""))).strip():
            yield Issue("a figure without words", f"element {at}")


def _header_cells(seen: _Seen) -> Iterator[Issue]:
    wanted = sum(block.kind == "table" and block.header_rows > 0 for block in seen.manuscript.content.blocks)
    found, is_open = 0, False
    for kind, _ in seen.elements:
        if kind == "Table":
            is_open = True
        elif kind == "TH" and is_open:
            found, is_open = found + 1, False
    if found < wanted:
        yield Issue(f"{found} of {wanted} tables have header cells")


def _heading_levels(seen: _Seen) -> Iterator[Issue]:
    before = 0
    for at, (kind, _) in enumerate(seen.elements):
        if re.fullmatch(r"H[1-6]", kind):
            level = int(kind[1])
            if level > before + 1:
                yield Issue(f"level {level} follows level {before}", f"element {at}")
            before = level


def _links(seen: _Seen) -> Iterator[Issue]:
    num_annotations = 0
    for number, page in enumerate(seen.pdf.pages, start=1):
        for annotation in _list(page.obj, "/Annots"):
            if annotation.get("/Subtype") == "/Link":
                num_annotations += 1
                if "/StructParent" not in annotation:
                    yield Issue("a link outside the structure tree", f"page {number}")
                if "/Contents" not in annotation and "/A" not in annotation and "/Dest" not in annotation:
                    yield Issue("a link that leads nowhere", f"page {number}")
    wanted = {
        mark.target
        for block in seen.manuscript.content.blocks
        for mark in block.marks
        if mark.kind == "link" and not mark.target.startswith("#") and block.kind != "code"
    }
    if wanted and not num_annotations:
        yield Issue(f"{len(wanted)} addresses and no link")


def _bookmarks(seen: _Seen) -> Iterator[Issue]:
    wanted = [_even(block.text) for block in seen.manuscript.content.blocks if block.kind == "heading"]
    with seen.pdf.open_outline() as outline:
        found = list(_outlined(outline.root))
    found = [_even(_NUMBER.sub("", text)) for text in found]
    if len(found) != len(wanted):
        yield Issue(f"{len(found)} bookmarks for {len(wanted)} headings")
    elif found != wanted:
        different = next(
            at for at, (one, other) in enumerate(zip(found, wanted, strict=True)) if one != other
        )
        yield Issue(f"{found[different]!r} where {wanted[different]!r} stands", f"bookmark {different + 1}")


def _outlined(items) -> Iterator[str]:  # type: ignore[no-untyped-def]
    for item in items:
        yield item.title
        yield from _outlined(item.children)


def _even(text: str) -> str:
    """Without blanks and what typesetting adds: footnote signs stay out of bookmarks."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def _page_size(seen: _Seen) -> Iterator[Issue]:
    page = seen.design.page
    wanted = page.width * _POINTS_PER_MM, page.height * _POINTS_PER_MM
    for number, each in enumerate(seen.pdf.pages, start=1):
        left, bottom, right, top = (float(side) for side in each.mediabox)
        if abs(right - left - wanted[0]) > _ONE_POINT or abs(top - bottom - wanted[1]) > _ONE_POINT:
            yield Issue(f"{right - left:.0f} by {top - bottom:.0f} points", f"page {number}")


def _glyphs(seen: _Seen) -> Iterator[Issue]:
    """Glyph 0 is the box that stands for a missing character. Composite fonts of two bytes only."""
    import pikepdf

    for number, page in enumerate(seen.pdf.pages, start=1):
        if any(_shows_box(each.operands) for each in pikepdf.parse_content_stream(page, "Tj TJ")):
            yield Issue("a box in place of a character", f"page {number}")


def _shows_box(operands) -> bool:  # type: ignore[no-untyped-def]
    import pikepdf

    pieces = operands[0] if isinstance(operands[0], pikepdf.Array) else operands
    for piece in pieces:
        if isinstance(piece, pikepdf.String):
            codes = bytes(piece)
            if any(codes[at : at + 2] == b"\0\0" for at in range(0, len(codes) - 1, 2)):
                return True
    return False


def _blank_pages(document) -> Iterator[Issue]:  # type: ignore[no-untyped-def]
    for number in range(len(document)):
        page = document[number]
        if not any(True for _ in page.get_objects(max_depth=2)):
            yield Issue("nothing is drawn", f"page {number + 1}")
    first = document[0].render(scale=0.3).to_pil().convert("L") if len(document) else None
    if first is None or first.getextrema()[0] > 250:
        yield Issue("it renders as white paper", "page 1")


def _outside_page(document) -> Iterator[Issue]:  # type: ignore[no-untyped-def]
    from pypdfium2 import raw

    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
            left, bottom, right, top = each.get_bounds()
            if left < -2 or bottom < -2 or right > width + 2 or top > height + 2:
                yield Issue(f"something reaches to {right:.0f}, {bottom:.0f}", f"page {number + 1}")
                break


_CHECKS: Mapping[str, Callable[[_Seen], Iterator[Issue]]] = {
    "pdf.syntax": _syntax,
    "pdf.claims": _claims,
    "pdf.colours": _colours,
    "pdf.safe": _safety,
    "pdf.fonts": _fonts,
    "pdf.glyphs": _glyphs,
    "pdf.tagged": _tags,
    "pdf.language": _language,
    "pdf.title": _title,
    "pdf.alternatives": _alternatives,
    "pdf.header_cells": _header_cells,
    "pdf.heading_levels": _heading_levels,
    "pdf.links": _links,
    "pdf.bookmarks": _bookmarks,
    "pdf.page_size": _page_size,
}

_RULES = {
    "pdf.opens": Rule("formatting", "basic", "The file opens.", "Write the document again."),
    "pdf.not_blank": Rule("content", "basic", "No page is blank.", "Take out the empty part."),
    "pdf.syntax": Rule(
        "formatting",
        "standard",
        "The syntax of the file has no errors or warnings.",
        "Write the document again.",
    ),
    "pdf.safe": Rule(
        "professional",
        "basic",
        "The file is not encrypted and carries no scripts, actions or other files.",
        "Write the document again from its text.",
    ),
    "pdf.within_page": Rule(
        "formatting",
        "standard",
        "Nothing reaches beyond the page.",
        "Shorten the part or choose a wider page.",
    ),
    "pdf.page_size": Rule(
        "formatting", "standard", "Pages are as large as the design says.", "Write the document again."
    ),
    "pdf.glyphs": Rule(
        "content",
        "basic",
        "Each character is drawn by a font.",
        "Install a font that has the missing characters.",
    ),
    "pdf.fonts": Rule(
        "professional",
        "professional",
        "All fonts are embedded and tell their characters.",
        "Choose a font that may be embedded.",
    ),
    "pdf.tagged": Rule(
        "accessibility", "standard", "The file is tagged with its structure.", "Write the document again."
    ),
    "pdf.language": Rule(
        "accessibility", "standard", "The file says its language.", "Set the language of the document."
    ),
    "pdf.title": Rule(
        "accessibility", "standard", "Windows show the title of the document.", "Give the document a title."
    ),
    "pdf.alternatives": Rule(
        "accessibility",
        "standard",
        "Each picture and chart has words or is marked as decoration.",
        "Describe the picture, or mark it as decoration.",
    ),
    "pdf.header_cells": Rule(
        "accessibility",
        "professional",
        "Tables with header rows have header cells.",
        "Mark the first row of the table as its header.",
    ),
    "pdf.heading_levels": Rule(
        "accessibility", "professional", "Levels of headings do not skip.", "Raise the heading by one level."
    ),
    "pdf.links": Rule(
        "accessibility",
        "professional",
        "Links lead somewhere and are part of the structure.",
        "Correct the address of the link.",
    ),
    "pdf.bookmarks": Rule(
        "professional", "professional", "The bookmarks are the headings.", "Write the document again."
    ),
    "pdf.colours": Rule(
        "professional", "premium", "The file says how its colours are meant.", "Write the document again."
    ),
    "pdf.claims": Rule(
        "professional",
        "enterprise",
        "The file states that it is PDF/A-2a and PDF/UA-1.",
        "Write the document again.",
    ),
}
