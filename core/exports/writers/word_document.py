"""Word documents (.docx): styles, real lists, notes and charts, a table of contents that is filled.

ECMA-376, part 1, chapter 17. The package is written directly, so equal manuscripts give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from core.content import Block, BlockKind, Run, runs
from core.exports.charts.office_chart import chart_workbook, chart_xml
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.pagination import page_numbers
from core.exports.reproducible_zip import pack
from core.exports.words import Words, words_of
from core.exports.writers.office.colours import palette
from core.exports.writers.office.measures import logo_size
from core.exports.writers.office.numbering import note_numbers, reference_labels
from core.exports.writers.office.theme import theme
from core.exports.writers.office.typefaces import CODE_FONT, typefaces
from core.exports.writers.word import edges
from core.exports.writers.word.body import Body, note, places
from core.exports.writers.word.front import contents, front, signatures
from core.exports.writers.word.numbering import numbering
from core.exports.writers.word.package import MAIN, NAMESPACES, PACKAGE, Relations, content_types
from core.exports.writers.word.story import Notes, Story
from core.exports.writers.word.styles import Look, styles
from core.exports.xml_text import document, escaped

Pagination = Callable[[Manuscript, Design], Mapping[int, int]]
_EDGES = (("header", "header1"), ("header", "header2"), ("footer", "footer1"), ("footer", "footer2"))


class WordDocument:
    """`pagination` gives the pages that the table of contents shows until Word counts its own."""

    name = "docx"
    extension = ".docx"
    media_type = f"{MAIN}.document"
    leaves_out: frozenset[BlockKind] = frozenset()

    def __init__(self, pagination: Pagination = page_numbers) -> None:
        self._pagination = pagination

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        fonts = typefaces(manuscript.branding, design, manuscript.language)
        look = Look(manuscript, design, palette(manuscript.branding), fonts)
        words = words_of(manuscript.language)
        pages = self._pagination(manuscript, design) if design.has_contents else {}
        return pack(_parts(look, words, pages))


def _parts(look: Look, words: Words, pages: Mapping[int, int]) -> Iterator[tuple[str, bytes]]:
    manuscript = look.manuscript
    body = Body(look, words, _story(look))
    _fixed_relations(body.story.relations)
    written = _document(look, words, body, pages)
    notes = _story(look, body.story.notes, holds_notes=True)
    footnotes = _footnotes(manuscript, notes)
    first = Relations()
    parts = [
        ("word/document.xml", written),
        ("word/styles.xml", styles(look)),
        ("word/numbering.xml", numbering(look, body.ordered_lists)),
        ("word/settings.xml", _settings(look)),
        ("word/fontTable.xml", _font_table(look)),
        ("word/footnotes.xml", footnotes),
        ("word/header1.xml", edges.header(look, _story(look))),
        ("word/header2.xml", edges.first_header(look, _story(look), first)),
        ("word/footer1.xml", edges.footer(look, _story(look), words)),
        ("word/footer2.xml", edges.empty_footer()),
        ("word/theme/theme1.xml", theme(look.palette, look.fonts.headings, look.fonts.body)),
        ("docProps/core.xml", _core_properties(manuscript)),
        ("docProps/app.xml", _app_properties(manuscript)),
    ]
    charts = [f"word/charts/chart{at}.xml" for at in range(1, len(body.charts) + 1)]
    yield "[Content_Types].xml", content_types(_types([name for name, _ in parts] + charts))
    yield "_rels/.rels", _package_relations()
    yield from parts
    for part, relations in (
        ("document", body.story.relations),
        ("footnotes", notes.relations),
        ("header2", first),
    ):
        if len(relations):
            yield f"word/_rels/{part}.xml.rels", relations.xml()
    for at, (title, chart) in enumerate(body.charts, start=1):
        yield charts[at - 1], chart_xml(chart, title, manuscript.branding, "rId1")
        workbook = Relations()
        workbook.add("package", f"../embeddings/workbook{at}.xlsx")
        yield f"word/charts/_rels/chart{at}.xml.rels", workbook.xml()
        yield f"word/embeddings/workbook{at}.xlsx", chart_workbook(chart)
    for sha256, name in body.pictures.items():
        yield f"word/media/{name}", manuscript.content.media[sha256]
    if len(first) and logo_size(manuscript.branding.logo, 1.0, 1.0):
        yield "word/media/logo.png", manuscript.branding.logo


def _story(look: Look, notes: Notes | None = None, *, holds_notes: bool = False) -> Story:
    manuscript = look.manuscript
    return Story(
        manuscript.language,
        places(manuscript.content.blocks),
        reference_labels(manuscript),
        notes or Notes(),
        holds_notes=holds_notes,
        num_bookmarks=1_000_000 if holds_notes else 0,
    )


def _fixed_relations(relations: Relations) -> None:
    """Those that the sections name by number come first, in this order."""
    for kind in ("styles", "numbering", "settings", "footnotes"):
        relations.add(kind, f"{kind}.xml")
    relations.add("theme", "theme/theme1.xml")
    for kind, name in _EDGES:
        relations.add(kind, f"{name}.xml")
    relations.add("fontTable", "fontTable.xml")


def _document(look: Look, words: Words, body: Body, pages: Mapping[int, int]) -> bytes:
    design = look.design
    head = front(look, words, body.story)
    if design.front == "cover":
        head += edges.cover_section(look)
    elif design.front == "nameplate":
        head += edges.nameplate_section(look)
    if design.has_contents:
        head += contents(look, words, body.story, pages)
    blocks = body.xml()
    uncited = "".join(
        body.story.paragraph("FootnoteText", _named_note(body.story, block, cut), language=block.language)
        for block, cut in _uncited(look.manuscript)
    )
    tail = signatures(look, words, body.story) + edges.last_section(look)
    return document(f"<w:document {NAMESPACES}><w:body>{head}{blocks}{uncited}{tail}</w:body></w:document>")


def _uncited(manuscript: Manuscript) -> Iterator[tuple[Block, tuple[Run, ...]]]:
    """Footnotes that no sign points to: they stand at the end."""
    cited = note_numbers(manuscript.content.blocks)
    for block in manuscript.content.blocks:
        if block.kind == "footnote" and block.key not in cited:
            yield block, runs(block)


def _named_note(story: Story, block: Block, cut: tuple[Run, ...]) -> str:
    written = story.runs(cut, block.language)
    return story.marked(story.places[block.key], written) if block.key else written


def _footnotes(manuscript: Manuscript, story: Story) -> bytes:
    found = []
    for key, number in story.notes.numbers.items():
        block = manuscript.note(key)
        found.append(note(block or Block("footnote", ""), number, story))
    rules = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
        f'w:lineRule="auto"/></w:pPr>'
        f"<w:r><w:{element}/></w:r></w:p></w:footnote>"
        for kind, number, element in (
            ("separator", -1, "separator"),
            ("continuationSeparator", 0, "continuationSeparator"),
        )
    )
    return document(f"<w:footnotes {NAMESPACES}>{rules}{''.join(found)}</w:footnotes>")


def _settings(look: Look) -> bytes:
    language = escaped(look.manuscript.language)
    compatibility = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (
            ("compatibilityMode", 15),
            ("overrideTableStyleFontSizeAndJustification", 1),
            ("enableOpenTypeFeatures", 1),
            ("doNotFlipMirrorIndents", 1),
        )
    )
    return document(
        f'<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:removePersonalInformation/>'
        '<w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/>'
        '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
        f'<w:compat>{compatibility}</w:compat><w:themeFontLang w:val="{language}"/>'
        '<w:clrSchemeMapping w:bg1="light1" w:t1="dark1" w:bg2="light2" w:t2="dark2" w:accent1="accent1" '
        'w:accent2="accent2" w:accent3="accent3" w:accent4="accent4" w:accent5="accent5" '
        'w:accent6="accent6" '
        'w:hyperlink="hyperlink" w:followedHyperlink="followedHyperlink"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def _font_table(look: Look) -> bytes:
    names = dict.fromkeys((look.fonts.body, look.fonts.headings, look.fonts.complex_script, CODE_FONT))
    lines = "".join(f'<w:font w:name="{escaped(name)}"/>' for name in names)
    return document(f"<w:fonts {NAMESPACES}>{lines}</w:fonts>")


def _package_relations() -> bytes:
    relations = Relations()
    relations.add("officeDocument", "word/document.xml")
    relations.add(f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
    relations.add("extended-properties", "docProps/app.xml")
    return relations.xml()


def _types(names: list[str]) -> Iterator[tuple[str, str]]:
    known = {
        "theme1": "application/vnd.openxmlformats-officedocument.theme+xml",
        "core": "application/vnd.openxmlformats-package.core-properties+xml",
        "app": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "document": f"{MAIN}.document.main+xml",
    }
    for name in names:
        stem = name.rpartition("/")[2].removesuffix(".xml")
        if stem.startswith("chart"):
            yield name, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
        else:
            yield name, known.get(stem, f"{MAIN}.{stem.rstrip('0123456789')}+xml")


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
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'{lines}<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>'
    )


def _app_properties(manuscript: Manuscript) -> bytes:
    company = f"<Company>{escaped(manuscript.branding.name)}</Company>" if manuscript.branding.name else ""
    return document(
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>Microsoft Office Word</Application>{company}<AppVersion>16.0000</AppVersion>"
        f"</Properties>"
    )
