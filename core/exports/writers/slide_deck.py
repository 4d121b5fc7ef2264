"""PowerPoint decks (.pptx): real placeholders, native tables and charts, text that fits its slides.

ECMA-376, part 1, chapter 19. The package is written directly, so equal manuscripts give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.content import Block, BlockKind, runs
from core.exports.charts.office_chart import chart_workbook, chart_xml
from core.exports.charts.palette import visible
from core.exports.design import Design
from core.exports.manuscript import Branding, Manuscript
from core.exports.reproducible_zip import pack
from core.exports.words import Words, words_of
from core.exports.writers.office.colours import Palette, palette
from core.exports.writers.office.front_matter import front_matter
from core.exports.writers.office.measures import logo_size
from core.exports.writers.office.numbering import note_numbers, reference_labels
from core.exports.writers.office.theme import theme
from core.exports.writers.office.typefaces import typefaces
from core.exports.writers.slides import master
from core.exports.writers.slides.boxes import Paragraph, Slide, TextBox
from core.exports.writers.slides.composition import compose
from core.exports.writers.slides.lettering import Pen
from core.exports.writers.slides.master import EMPTY_TREE, LAYOUTS, NAMESPACES
from core.exports.writers.slides.measuring import line_height, line_starts
from core.exports.writers.slides.shapes import TABLE_STYLE, Brush, logo_place
from core.exports.writers.word.package import PACKAGE, Relations, content_types
from core.exports.xml_text import document, escaped

_MAIN = "application/vnd.openxmlformats-officedocument.presentationml"
_LAYOUT_NUMBERS = {name: at for at, name in enumerate(LAYOUTS, start=1)}
_READABLE = 5.0  # on white; 4.6 on the grounds
_TITLE_SIZES = (44.0, 38.0, 32.0, 28.0, 24.0, 20.0, 16.0, 14.0)
OWN_DECK = "manuscript"
"""How the names of slides begin, by which our reader knows a deck of ours."""


class SlideDeck:
    name = "pptx"
    extension = ".pptx"
    media_type = f"{_MAIN}.presentation"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        words = words_of(manuscript.language)
        deck = _Deck(manuscript, design, words, compose(manuscript, design, words))
        parts = list(deck.parts())
        types = content_types(_types([name for name, _ in parts]))
        return pack([("[Content_Types].xml", types), ("_rels/.rels", _package_relations()), *parts])


class _Deck:
    def __init__(self, manuscript: Manuscript, design: Design, words: Words, slides: Sequence[Slide]) -> None:
        self.manuscript, self.design, self.words, self.slides = manuscript, design, words, slides
        self.language = manuscript.language
        self.labels = reference_labels(manuscript)
        self.note_numbers = note_numbers(manuscript.content.blocks)
        self.media: dict[str, str] = {}
        self.charts: list[Block] = []
        self.footer = manuscript.branding.footer or manuscript.branding.name
        self._places = dict(self._find_places())

    def parts(self) -> Iterator[tuple[str, bytes]]:
        fonts = typefaces(self.manuscript.branding, self.design, self.language)
        made_theme = theme(_colours(self.manuscript.branding), fonts.headings, fonts.body)
        yield "ppt/theme/theme1.xml", made_theme
        yield "ppt/theme/theme2.xml", made_theme
        yield from self._masters()
        notes = self._notes()
        for number, (xml, relations) in enumerate(self._slides(), start=1):
            if number in notes:
                relations.add("notesSlide", f"../notesSlides/notesSlide{number}.xml")
                yield from _notes_slide(number, notes[number], self.language)
            yield f"ppt/slides/slide{number}.xml", xml
            yield f"ppt/slides/_rels/slide{number}.xml.rels", relations.xml()
        for at, block in enumerate(self.charts, start=1):
            if block.chart:
                drawn = chart_xml(block.chart, block.text, self.manuscript.branding, "rId1")
                yield f"ppt/charts/chart{at}.xml", _enlarged(drawn)
                workbook = Relations()
                workbook.add("package", f"../embeddings/workbook{at}.xlsx")
                yield f"ppt/charts/_rels/chart{at}.xml.rels", workbook.xml()
                yield f"ppt/embeddings/workbook{at}.xlsx", chart_workbook(block.chart)
        for sha256, name in self.media.items():
            yield f"ppt/media/{name}", self.manuscript.content.media[sha256]
        if self._logo():
            yield "ppt/media/logo.png", self.manuscript.branding.logo
        yield from self._presentation(len(self.slides) + 1)
        yield "docProps/core.xml", _core_properties(self.manuscript)
        yield "docProps/app.xml", _app_properties(self.manuscript, len(self.slides) + 1)

    def _masters(self) -> Iterator[tuple[str, bytes]]:
        relations = Relations()
        for name, number in _LAYOUT_NUMBERS.items():
            relations.add("slideLayout", f"../slideLayouts/slideLayout{number}.xml")
            yield f"ppt/slideLayouts/slideLayout{number}.xml", master.layout(name, self.language, self.footer)
            back = Relations()
            back.add("slideMaster", "../slideMasters/slideMaster1.xml")
            yield f"ppt/slideLayouts/_rels/slideLayout{number}.xml.rels", back.xml()
        relations.add("theme", "../theme/theme1.xml")
        yield "ppt/slideMasters/slideMaster1.xml", master.master(self.language)
        yield "ppt/slideMasters/_rels/slideMaster1.xml.rels", relations.xml()
        themed = Relations()
        themed.add("theme", "../theme/theme2.xml")
        yield "ppt/notesMasters/notesMaster1.xml", master.notes_master()
        yield "ppt/notesMasters/_rels/notesMaster1.xml.rels", themed.xml()

    def _slides(self) -> Iterator[tuple[bytes, Relations]]:
        yield self._first()
        for number, slide in enumerate(self.slides, start=2):
            pen = self._pen()
            pen.relations.add(
                "slideLayout", f"../slideLayouts/slideLayout{_LAYOUT_NUMBERS[slide.layout]}.xml"
            )
            brush = Brush(pen, self.design.tables, self.media, self.charts)
            brush.title(slide)
            for box in slide.boxes:
                brush.box(slide, box)
            colour = LAYOUTS[slide.layout].edge_colour
            edges = master.edges(brush.number + 1, self.footer, self.language, colour, str(number))
            yield _slide(number, "".join(brush.drawn) + edges), pen.relations

    def _first(self) -> tuple[bytes, Relations]:
        matter = front_matter(self.manuscript, self.design, self.words)
        pen = self._pen()
        pen.relations.add("slideLayout", "../slideLayouts/slideLayout1.xml")
        brush = Brush(pen, self.design.tables, self.media, self.charts)
        if matter.kicker:
            brush.lines("Document kicker", "body", 10, self._line(matter.kicker, 16.0, "bg1"))
        brush.lines("Document title", "ctrTitle", 0, self._fitted(matter.title, "Title", _TITLE_SIZES, "bg1"))
        if matter.subtitle:
            brush.lines(
                "Document subtitle",
                "subTitle",
                1,
                self._fitted(matter.subtitle, "Subtitle", (22, 18, 14), "tx1"),
            )
        fields = [f"{label}: {value}" for label, value in matter.fields]
        lines = [self.manuscript.branding.name, "   ·   ".join(matter.byline), *fields]
        byline = "   ·   ".join(filter(None, lines))
        if byline:
            brush.lines("Document by-line", "body", 11, self._fitted(byline, "By-line", (16, 14, 12), "tx2"))
        size = self._logo()
        if size:
            relation = pen.relations.add("image", "../media/logo.png")
            place = logo_place(size, is_turned=self.manuscript.is_right_to_left)
            brush.logo(relation, place, self.manuscript.branding.name or self.words.name)
        return _slide(1, "".join(brush.drawn)), pen.relations

    def _logo(self) -> tuple[float, float] | None:
        return logo_size(self.manuscript.branding.logo, 52.0, 180.0)

    def _line(self, text: str, size: float, colour: str) -> str:
        return Pen(self.language, {}, {}, lambda _: None).paragraph(
            Paragraph("paragraph", runs(Block("paragraph", text)), size), colour=colour
        )

    def _fitted(self, text: str, name: str, sizes: Sequence[float], colour: str) -> str:
        """In the largest size that its place has room for; cut where none does: the properties have all."""
        place = next(holder.place for holder in LAYOUTS["title"].holders if holder.name == name)
        is_bold = name == "Title"
        for size in sizes:
            num_lines = int(place.height // line_height(text, size))
            starts = line_starts(text, size, place.width, is_bold=is_bold)
            if len(starts) <= num_lines:
                break
        else:
            text = text[: starts[max(1, num_lines)] - 2].rstrip() + "…"
        return self._line(text, size, colour)

    def _pen(self) -> Pen:
        return Pen(self.language, self.labels, self.note_numbers, self._places.get)

    def _find_places(self) -> Iterator[tuple[str, int]]:
        """The slide that each key of a heading or source, and each entry of the contents, stands on."""
        keyed = {
            block.text: block.key
            for block in self.manuscript.content.blocks
            if block.kind == "heading" and block.key
        }
        sources = [each.key for each in self.manuscript.content.blocks if each.kind == "reference"]
        listed = [at for at, slide in enumerate(self.slides) if slide.name != "Contents title"]
        for at, place in enumerate(listed):
            yield f"slide-{at}", place + 2
        seen = 0
        for number, slide in enumerate(self.slides, start=2):
            if slide.name.startswith("Heading") and slide.title in keyed:
                yield keyed[slide.title], number
            for box in slide.boxes:
                if isinstance(box, TextBox) and box.kind == "reference":
                    fresh = [each for each in box.paragraphs if not each.is_continued]
                    for key in sources[seen : seen + len(fresh)]:
                        yield key, number
                    seen += len(fresh)

    def _notes(self) -> dict[int, list[str]]:
        """The paragraphs for the notes of each slide: its footnotes; at the end those without a sign."""
        found: dict[int, list[str]] = {}
        told: set[str] = set()
        for number, slide in enumerate(self.slides, start=2):
            for key in slide.notes:
                if key not in told:
                    told.add(key)
                    found.setdefault(number, []).append(self._note(key))
        for block in self.manuscript.content.blocks:
            if block.kind == "footnote" and block.key not in told:
                found.setdefault(max(1, len(self.slides) + 1), []).append(self._note(block.key, block))
        return found

    def _note(self, key: str, given: Block | None = None) -> str:
        block = given or self.manuscript.note(key) or Block("footnote", "")
        pen = Pen(self.language, self.labels, self.note_numbers, lambda _: None)
        made = tuple(replace(run, link="") for run in runs(block))
        number = self.note_numbers.get(key)
        label = f"{number}." if number else ""
        return pen.paragraph(Paragraph("footnote", made, 12.0, label=label, language=block.language))

    def _presentation(self, num_slides: int) -> Iterator[tuple[str, bytes]]:
        relations = Relations()
        relations.add("slideMaster", "slideMasters/slideMaster1.xml")
        relations.add("notesMaster", "notesMasters/notesMaster1.xml")
        ids = "".join(
            f'<p:sldId id="{255 + number}" r:id="{relations.add("slide", f"slides/slide{number}.xml")}"/>'
            for number in range(1, num_slides + 1)
        )
        relations.add("presProps", "presProps.xml")
        relations.add("viewProps", "viewProps.xml")
        relations.add("theme", "theme/theme1.xml")
        relations.add("tableStyles", "tableStyles.xml")
        rtl = ' rtl="1"' if self.manuscript.is_right_to_left else ""
        levels = "".join(
            f'<a:lvl{level}pPr marL="{(level - 1) * 457200}"><a:defRPr sz="1800"/></a:lvl{level}pPr>'
            for level in range(1, 10)
        )
        yield (
            "ppt/presentation.xml",
            document(
                f'<p:presentation {NAMESPACES}{rtl} saveSubsetFonts="1"><p:sldMasterIdLst>'
                '<p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
                '<p:notesMasterIdLst><p:notesMasterId r:id="rId2"/></p:notesMasterIdLst>'
                f"<p:sldIdLst>{ids}</p:sldIdLst>{master.slide_size()}"
                f'<p:defaultTextStyle><a:defPPr><a:defRPr lang="{escaped(self.language)}"/>'
                f"</a:defPPr>{levels}"
                "</p:defaultTextStyle></p:presentation>"
            ),
        )
        yield "ppt/_rels/presentation.xml.rels", relations.xml()
        yield "ppt/presProps.xml", document(f"<p:presentationPr {NAMESPACES}/>")
        yield "ppt/viewProps.xml", document(f"<p:viewPr {NAMESPACES}/>")
        yield (
            "ppt/tableStyles.xml",
            document(
                '<a:tblStyleLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
                f'def="{TABLE_STYLE}"/>'
            ),
        )


def _colours(branding: Branding) -> Palette:
    """The colours of the company, dark enough to be read on the grounds of quotes and rows too."""
    found = palette(branding)
    primary, accent = (visible(f"#{each}", _READABLE)[1:].upper() for each in (found.primary, found.accent))
    return replace(found, primary=primary, accent=accent)


def _enlarged(chart: bytes) -> bytes:
    """The chart with letters that can be read from the back of a room."""
    return re.sub(rb' sz="(\d+)"', lambda found: b' sz="%d"' % (int(found[1]) * 14 // 9), chart)


def _slide(number: int, shapes: str) -> bytes:
    return document(
        f'<p:sld {NAMESPACES}><p:cSld name="{OWN_DECK} {number}"><p:spTree>{EMPTY_TREE}{shapes}</p:spTree>'
        f"</p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
    )


def _notes_slide(number: int, paragraphs: Sequence[str], language: str) -> Iterator[tuple[str, bytes]]:
    shapes = (
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Slide"/><p:cNvSpPr><a:spLocks noGrp="1" noRot="1" '
        'noChangeAspect="1"/></p:cNvSpPr><p:nvPr><p:ph type="sldImg" idx="1"/></p:nvPr></p:nvSpPr><p:spPr/>'
        "</p:sp>"
        '<p:sp><p:nvSpPr><p:cNvPr id="3" name="Footnotes"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        '<p:nvPr><p:ph type="body" idx="2"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>'
        f"{''.join(paragraphs)}</p:txBody></p:sp>"
    )
    relations = Relations()
    relations.add("notesMaster", "../notesMasters/notesMaster1.xml")
    relations.add("slide", f"../slides/slide{number}.xml")
    yield (
        f"ppt/notesSlides/notesSlide{number}.xml",
        document(
            f"<p:notes {NAMESPACES}><p:cSld><p:spTree>{EMPTY_TREE}{shapes}</p:spTree></p:cSld>"
            "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>"
        ),
    )
    yield f"ppt/notesSlides/_rels/notesSlide{number}.xml.rels", relations.xml()


_KINDS: Mapping[str, str] = {
    "ppt/theme/": "application/vnd.openxmlformats-officedocument.theme+xml",
    "ppt/slideMasters/": f"{_MAIN}.slideMaster+xml",
    "ppt/slideLayouts/": f"{_MAIN}.slideLayout+xml",
    "ppt/slides/": f"{_MAIN}.slide+xml",
    "ppt/notesMasters/": f"{_MAIN}.notesMaster+xml",
    "ppt/notesSlides/": f"{_MAIN}.notesSlide+xml",
    "ppt/charts/": "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    "ppt/presentation.xml": f"{_MAIN}.presentation.main+xml",
    "ppt/presProps.xml": f"{_MAIN}.presProps+xml",
    "ppt/viewProps.xml": f"{_MAIN}.viewProps+xml",
    "ppt/tableStyles.xml": f"{_MAIN}.tableStyles+xml",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}


def _types(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name.endswith(".xml"):
            yield name, next(kind for start, kind in _KINDS.items() if name.startswith(start))


def _package_relations() -> bytes:
    relations = Relations()
    relations.add("officeDocument", "ppt/presentation.xml")
    relations.add(f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
    relations.add("extended-properties", "docProps/app.xml")
    return relations.xml()


def _core_properties(manuscript: Manuscript) -> bytes:
    moment = f"{manuscript.written or date(1980, 1, 1):%Y-%m-%d}T00:00:00Z"
    texts = (
        ("dc:title", manuscript.title),
        ("dc:subject", manuscript.subtitle),
        ("dc:creator", manuscript.author),
        ("cp:keywords", ", ".join(manuscript.keywords)),
        ("dc:language", manuscript.language),
        ("cp:version", manuscript.version),
    )
    lines = "".join(f"<{tag}>{escaped(text)}</{tag}>" for tag, text in texts if text)
    return document(
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{lines}'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>'
    )


def _app_properties(manuscript: Manuscript, num_slides: int) -> bytes:
    company = f"<Company>{escaped(manuscript.branding.name)}</Company>" if manuscript.branding.name else ""
    return document(
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>Microsoft Office PowerPoint</Application><Slides>{num_slides}</Slides>{company}"
        "<AppVersion>16.0000</AppVersion></Properties>"
    )
