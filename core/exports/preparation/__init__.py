"""Content as it was read or drafted becomes a manuscript that every writer can take: clean and orderly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from core.content import Block, Content
from core.errors import ExportFailed
from core.exports.manuscript import Branding, Manuscript
from core.exports.preparation import notes, pictures, structure, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around the content. `alts` describes pictures by SHA-256; empty marks a decorative one.

    `language` is the content's (BCP 47, "und" where it is not known).
    """

    title: str
    language: str = "und"
    subtitle: str = ""
    author: str = ""
    written: date | None = None
    keywords: tuple[str, ...] = ()
    version: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    branding: Branding = field(default_factory=Branding)
    alts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """`changes` counts what had to be changed, by a key of CHANGES; nothing of the text is lost by it."""

    manuscript: Manuscript
    changes: Mapping[str, int]


CHANGES = {
    "control_characters": "Characters that no file may hold were left out.",
    "heading_levels": "Headings that skipped a level were raised.",
    "header_rows": "The first row of tables was taken for their headings.",
    "table_cells": "Rows of tables were filled up to the same width.",
    "merged_cells": "Merged cells that overlap or leave the table were parted.",
    "links": "Links to places that are not there, or of an unsafe kind, became text.",
    "notes": "Notes that nothing points to became paragraphs.",
    "pictures_converted": "Pictures were made smaller, cleaned or turned into PNG.",
    "pictures_missing": "Pictures whose file is not there or cannot be read are told in words.",
    "captions": "Captions without a table, picture or chart became paragraphs.",
    "charts": "Charts without a value were left out.",
}


def prepare(content: Content, around: Around) -> Prepared:
    """The manuscript. Raises ExportFailed where there is nothing to write."""
    changes: Counter[str] = Counter()
    blocks = text.cleaned(content.blocks, changes)
    title = text.line(around.title) or next((each.text for each in blocks if each.kind == "heading"), "")
    blocks = structure.without_title(blocks, title)
    blocks, media = pictures.settled(blocks, content.media, around.alts, changes)
    blocks = structure.ordered(blocks, changes)
    blocks = notes.settled(blocks, changes)
    if not any(_says_something(block) for block in blocks):
        raise ExportFailed("There is nothing in this document to write.", remedy="Choose one that has text.")
    manuscript = Manuscript(
        title=title or "—",
        content=Content(tuple(blocks), media),
        language=around.language if around.language not in ("", "und") else "en",
        subtitle=text.line(around.subtitle),
        author=text.line(around.author),
        written=around.written,
        keywords=tuple(filter(None, map(text.line, around.keywords))),
        version=text.line(around.version),
        fields=tuple((text.line(label), text.line(value)) for label, value in around.fields),
        branding=_clean_branding(around.branding),
    )
    return Prepared(manuscript, {key: count for key, count in changes.items() if count})


def _says_something(block: Block) -> bool:
    return bool(block.text.strip() or block.picture or block.chart)


def _clean_branding(branding: Branding) -> Branding:
    return replace(
        branding,
        name=text.line(branding.name),
        header=text.line(branding.header),
        footer=text.line(branding.footer),
    )
