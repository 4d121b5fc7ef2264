"""OpenDocument text (.odt): OASIS OpenDocument 1.3. Charts are pictures with their values in words."""

from __future__ import annotations

from collections.abc import Mapping

from core.content import BlockKind
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.pagination import page_numbers
from core.exports.reproducible_zip import pack
from core.exports.words import words_of
from core.exports.writers.office.colours import palette
from core.exports.writers.office.measures import GUTTER_MM
from core.exports.writers.office.typefaces import typefaces
from core.exports.writers.open_text.body import Body
from core.exports.writers.open_text.styles import NAMESPACES, styles
from core.exports.writers.word.styles import Look
from core.exports.xml_text import document, escaped

TYPE = "application/vnd.oasis.opendocument.text"


class OpenDocument:
    name = "odt"
    extension = ".odt"
    media_type = TYPE
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        fonts = typefaces(manuscript.branding, design, manuscript.language)
        look = Look(manuscript, design, palette(manuscript.branding), fonts)
        words = words_of(manuscript.language)
        body = Body(look, words)
        pages = page_numbers(manuscript, design) if design.has_contents else {}
        parts = [
            ("content.xml", _content(look, body, pages)),
            ("styles.xml", styles(look, words)),
            ("meta.xml", _meta(manuscript)),
        ]
        parts += sorted(body.pictures.items())
        manifest = ("META-INF/manifest.xml", _manifest([name for name, _ in parts]))
        return pack([("mimetype", TYPE.encode()), *parts, manifest], stored=frozenset({"mimetype"}))


def _content(look: Look, body: Body, pages: Mapping[int, int]) -> bytes:
    design = look.design
    head = body.front()
    turn = ""
    if design.front == "cover":
        head = f'<text:p text:style-name="OnCover"/>{head}<text:p text:style-name="AfterCover"/>'
        turn = (
            '<style:style style:name="OnCover" style:family="paragraph" style:parent-style-name="Gap" '
            'style:master-page-name="Cover"/>'
            '<style:style style:name="AfterCover" style:family="paragraph" style:parent-style-name="Gap" '
            'style:master-page-name="Standard"><style:paragraph-properties style:page-number="auto"/>'
            "</style:style>"
        )
    if design.has_contents:
        head += body.contents(pages)
        if not design.breaks_before_sections:
            head += '<text:p text:style-name="NewPage"/>'
            turn += (
                '<style:style style:name="NewPage" style:family="paragraph" style:parent-style-name="Gap">'
                '<style:paragraph-properties fo:break-before="page"/></style:style>'
            )
    blocks = body.blocks()
    if design.page.columns > 1:
        blocks = f'<text:section text:style-name="Columns" text:name="Columns">{blocks}</text:section>'
        turn += (
            '<style:style style:name="Columns" style:family="section"><style:section-properties>'
            f'<style:columns fo:column-count="{design.page.columns}" fo:column-gap="{GUTTER_MM}mm"/>'
            "</style:section-properties></style:style>"
        )
    return document(
        f'<office:document-content {NAMESPACES} office:version="1.3"><office:automatic-styles>'
        f"{turn}{body.automatic_styles()}</office:automatic-styles><office:body><office:text>"
        f"{head}{blocks}</office:text></office:body></office:document-content>"
    )


def _meta(manuscript: Manuscript) -> bytes:
    moment = f"{manuscript.written:%Y-%m-%d}T00:00:00" if manuscript.written else ""
    texts = [
        ("dc:title", manuscript.title),
        ("dc:subject", manuscript.subtitle),
        ("meta:initial-creator", manuscript.author),
        ("dc:creator", manuscript.author),
        ("meta:creation-date", moment),
        ("dc:date", moment),
        ("dc:language", manuscript.language),
        *(("meta:keyword", keyword) for keyword in manuscript.keywords),
    ]
    lines = "".join(f"<{tag}>{escaped(text)}</{tag}>" for tag, text in texts if text)
    return document(
        f'<office:document-meta {NAMESPACES} office:version="1.3"><office:meta>{lines}</office:meta>'
        "</office:document-meta>"
    )


def _manifest(names: list[str]) -> bytes:
    kinds = {"xml": "text/xml", "png": "image/png", "jpeg": "image/jpeg"}
    lines = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" '
        f'manifest:media-type="{kinds[name.rpartition(".")[2]]}"/>'
        for name in names
    )
    return document(
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
        f'manifest:media-type="{TYPE}"/>{lines}</manifest:manifest>'
    )
