"""PDF: PDF/A-2a and PDF/UA-1 in one file, typeset by typst."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from itertools import chain

from core.content import BlockKind
from core.errors import ExportFailed
from core.exports import fonts, typesetter
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import words_of
from core.exports.writers.typesetting.source import long_date, source

_UNDATED = date(1980, 1, 1)  # for what a PDF must say of its making where the manuscript has no date
_FAMILIES = {
    "CJK": "Noto Sans CJK",
    "HIRAGANA": "Noto Sans CJK",
    "KATAKANA": "Noto Sans CJK",
    "HANGUL": "Noto Sans CJK",
}
_PAGES = "\n#context [#metadata(query(heading).map(each => each.location().page()))<pages>]\n"


class PortableDocument:
    name = "pdf"
    extension = ".pdf"
    media_type = "application/pdf"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        _check_characters(manuscript)
        written = datetime.combine(manuscript.written or _UNDATED, time(), UTC)
        return typesetter.pdf(source(manuscript, design), written)


def heading_pages(manuscript: Manuscript, design: Design) -> dict[int, int]:
    """The page, from 1, on which each heading comes to stand in the PDF, by its place in `content.blocks`."""
    found = json.loads(typesetter.query(source(manuscript, design) + _PAGES, "<pages>"))
    places = [at for at, block in enumerate(manuscript.content.blocks) if block.kind == "heading"]
    return dict(zip(places, found[0]["value"], strict=True))


def num_pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def _check_characters(manuscript: Manuscript) -> None:
    missing = fonts.missing("".join(_texts(manuscript)))
    if not missing:
        return
    scripts = fonts.scripts(missing)
    families = sorted({_FAMILIES.get(script, f"Noto Sans {script.title()}") for script in scripts})
    shown = ", ".join(f"{each} (U+{ord(each):04X})" for each in missing[:8])
    raise ExportFailed(
        f"No font here draws {len(missing)} characters of the document: {shown}.",
        remedy=f"Install a font for them ({', '.join(families)}), or choose a format that carries no fonts.",
    )


def _texts(manuscript: Manuscript) -> chain[str]:
    branding, words = manuscript.branding, words_of(manuscript.language)
    around = (
        manuscript.title,
        manuscript.subtitle,
        manuscript.author,
        manuscript.version,
        long_date(manuscript.written, manuscript.language),
        branding.name,
        branding.header,
        branding.footer,
        words.contents,
    )
    charts = (
        text
        for block in manuscript.content.blocks
        if block.chart
        for text in (*block.chart.categories, *(series.name for series in block.chart.series))
    )
    fields = chain.from_iterable(manuscript.fields)
    return chain(around, fields, charts, (block.text for block in manuscript.content.blocks))
