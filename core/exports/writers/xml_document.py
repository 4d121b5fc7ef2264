"""The whole manuscript as XML, with its media, after schemas/manuscript.xsd."""

from __future__ import annotations

import base64

from lxml import etree

from core.content import Block, BlockKind, Chart, Picture
from core.exports.design import Design
from core.exports.manuscript import Branding, Manuscript
from core.exports.schemas import SCHEMA_ID, VERSION


class XmlDocument:
    name = "xml"
    extension = ".xml"
    media_type = "application/xml"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        root = etree.Element(_name("manuscript"), nsmap={None: SCHEMA_ID})  # type: ignore[dict-item]
        _set(root, version=VERSION, language=manuscript.language, design=design.name)
        _set(root, written=manuscript.written.isoformat() if manuscript.written else None)
        _set(root, document_version=manuscript.version)
        _add(root, "title", manuscript.title)
        _add(root, "subtitle", manuscript.subtitle)
        _add(root, "author", manuscript.author)
        for word in manuscript.keywords:
            _add(root, "keyword", word)
        for label, value in manuscript.fields:
            _set(_add(root, "field", value), label=label)
        _branding(root, manuscript.branding)
        blocks = _add(root, "blocks")
        for block in manuscript.content.blocks:
            _block(blocks, block)
        media = _add(root, "media")
        for key in sorted(manuscript.content.media):
            _set(_add(media, "file", _base64(manuscript.content.media[key])), sha256=key)
        _indent(root)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _name(tag: str) -> str:
    return f"{{{SCHEMA_ID}}}{tag}"


def _add(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _name(tag))
    element.text = text
    return element


def _set(element: etree._Element, **values: str | int | bool | None) -> None:
    """Attributes that are not None, false or empty; 0 counts as a value."""
    for name, value in values.items():
        if value is True or (value is not False and value not in (None, "")):
            element.set(name.replace("_", "-"), "true" if value is True else str(value))


def _branding(root: etree._Element, branding: Branding) -> None:
    element = _add(root, "branding")
    element.set("name", branding.name)
    _set(element, primary=branding.primary, accent=branding.accent)
    _set(element, body_font=branding.body_font, heading_font=branding.heading_font)
    _set(element, header=branding.header, footer=branding.footer)
    if branding.logo:
        _add(element, "logo", _base64(branding.logo))


def _block(parent: etree._Element, block: Block) -> None:
    element = _add(parent, "block")
    _set(element, kind=block.kind, level=block.level or None, page=block.page)
    _set(element, header_rows=block.header_rows or None, is_ordered=block.is_ordered)
    _set(element, key=block.key, language=block.language)
    if block.text and not block.rows:
        _add(element, "text", block.text)
    for mark in block.marks:
        _set(_add(element, "mark"), kind=mark.kind, start=mark.start, end=mark.end, target=mark.target)
    for row in block.rows:
        line = _add(element, "row")
        for cell in row:
            _add(line, "cell", cell)
    for span in block.merged:
        size = {"num_rows": span.num_rows, "num_columns": span.num_columns}
        _set(_add(element, "merged"), row=span.row, column=span.column, **size)
    if block.picture:
        _picture(element, block.picture)
    if block.chart:
        _chart(element, block.chart)


def _picture(parent: etree._Element, picture: Picture) -> None:
    element = _add(parent, "picture")
    _set(element, sha256=picture.sha256, media_type=picture.media_type)
    _set(element, width=picture.width, height=picture.height)
    element.set("alt", picture.alt)
    element.set("is-decorative", "true" if picture.is_decorative else "false")


def _chart(parent: etree._Element, chart: Chart) -> None:
    element = _add(parent, "chart")
    _set(element, kind=chart.kind, category_title=chart.category_title, value_title=chart.value_title)
    _set(element, alt=chart.alt)
    for category in chart.categories:
        _add(element, "category", category)
    for series in chart.series:
        inner = _add(element, "series")
        inner.set("name", series.name)
        for value in series.values:
            _add(inner, "value", "" if value is None else repr(float(value)))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _indent(root: etree._Element) -> None:
    """Line ends between elements, never inside one that holds text."""
    etree.indent(root, space=" ")
