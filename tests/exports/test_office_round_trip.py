"""What our readers read back of what the writers of Word documents and OpenDocument texts wrote."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from core.content import Block, CellSpan, Content, Mark
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.writers.open_document import OpenDocument
from core.exports.writers.word_document import WordDocument
from core.ingestion import READERS, IngestionLimits
from core.ingestion.reader import Extract, Source
from tests.exports.manuscripts import full_manuscript, manuscripts

WRITERS = {writer.name: writer for writer in (WordDocument(), OpenDocument())}
KINDS = ("heading", "paragraph", "list_item", "quote", "code", "table", "caption", "footnote", "reference")
every_format = pytest.mark.parametrize("name", WRITERS)


def read_back(name: str, manuscript: Manuscript, design: str = "report") -> Extract:
    data = WRITERS[name].write(manuscript, designs()[design])
    (extract,) = READERS[name].read(Source(name=f"a.{name}", data=data, limits=IngestionLimits()))
    assert isinstance(extract, Extract)
    return extract


def told(content: Content | Extract, kind: str) -> list[tuple[object, ...]]:
    """What must come back of the blocks of this kind."""
    return [
        (
            block.text,
            block.level,
            block.rows,
            block.is_ordered,
            block.merged,
            block.header_rows,
            block.language,
        )
        for block in content.blocks
        if block.kind == kind
    ]


def pictures(content: Content | Extract, known: Content) -> list[object]:
    """Of an OpenDocument text charts come back as pictures, which the manuscript does not have."""
    found = [block.picture for block in content.blocks if block.picture]
    return [picture for picture in found if picture.sha256 in known.media]


def marks(content: Content | Extract) -> Counter[tuple[str, str, str]]:
    return Counter(
        (mark.kind, block.text[mark.start : mark.end] if mark.kind not in ("citation", "footnote") else "",
         mark.target)
        for block in content.blocks
        for mark in block.marks
    )  # fmt: skip


@every_format
@pytest.mark.parametrize("design", ["report", "contract", "newsletter"])
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_everything_of_the_full_manuscript_comes_back(name, language, design):
    manuscript = full_manuscript(language, 2)
    extract = read_back(name, manuscript, design)
    content = manuscript.content
    if language == "ar":  # there a paragraph in Arabic is in the document's language
        content = Content(
            tuple(replace(b, language=b.language.replace("ar", "")) for b in content.blocks), content.media
        )
    for kind in KINDS:
        assert told(extract, kind) == told(content, kind), kind
    assert marks(extract) == marks(content)
    assert pictures(extract, content) == pictures(content, content)
    assert extract.media.items() >= dict(content.media).items()
    assert (extract.title, extract.author) == (manuscript.title, manuscript.author)


def test_charts_of_word_documents_come_back_with_their_values():
    manuscript = full_manuscript("en", 1)
    written = [block for block in manuscript.content.blocks if block.chart]
    read = [block for block in read_back("docx", manuscript).blocks if block.chart]
    assert [(b.text, b.chart and replace(b.chart, alt="")) for b in read] == [
        (b.text, b.chart) for b in written
    ]
    assert all(b.chart and b.chart.alt for b in read)


@every_format
def test_the_blocks_stand_in_their_order(name):
    manuscript = full_manuscript("en", 2)
    wanted = [b.text for b in manuscript.content.blocks if b.kind not in ("footnote", "picture", "chart")]
    read = [
        b.text for b in read_back(name, manuscript).blocks if b.kind not in ("footnote", "picture", "chart")
    ]
    assert read == wanted


@every_format
def test_links_inside_the_document_lead_to_where_they_led(name):
    text = "See the start, the source and the note."
    linked = Block("paragraph", text, marks=(
        Mark("link", 8, 13, "#start"), Mark("link", 19, 25, "#s1"), Mark("footnote", 39, 39, "n1"),
        Mark("link", 34, 38, "#n1"), Mark("citation", 39, 39, "s1"),
    ))  # fmt: skip
    blocks = (
        Block("heading", "The start", level=1, key="start"),
        linked,
        Block("footnote", "Below.", key="n1"),
        Block("footnote", "Nobody points here.", key="n2"),
        Block("reference", "A book", key="s1"),
    )
    read = read_back(name, Manuscript(title="Links", content=Content(blocks)), "memo").blocks
    assert {(b.kind, b.text, b.key) for b in read if b.key} == {
        (b.kind, b.text, b.key) for b in blocks if b.key
    }
    assert sorted((m.kind, m.target) for b in read for m in b.marks) == sorted(
        (m.kind, m.target) for m in linked.marks
    )


@every_format
def test_cells_that_cover_rows_and_columns_come_back(name):
    spans = (CellSpan(0, 1, 1, 2), CellSpan(1, 0, 2, 1), CellSpan(2, 1, 2, 2))
    rows = [["a", "b", ""], ["c", "d", "e"], ["", "f", ""], ["g", "", ""], ["", "", ""], ["h", "", ""]]
    table = Block.table(rows, header_rows=2, merged=spans)
    marked = replace(table, marks=(Mark("strong", 0, 1), Mark("link", 2, 3, "https://example.com/")))
    (read,) = read_back(name, Manuscript(title="Table", content=Content((marked,)))).blocks
    assert (read.rows, read.header_rows, read.merged, read.marks) == (
        marked.rows, marked.header_rows, marked.merged, marked.marks,
    )  # fmt: skip


@every_format
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_text_comes_back_as_it_was(name, manuscript):
    extract = read_back(name, manuscript)
    assert [(b.kind, b.text, b.level, b.rows, b.is_ordered, b.marks) for b in extract.blocks] == [
        (b.kind, b.text, b.level, b.rows, b.is_ordered, b.marks) for b in manuscript.content.blocks
    ]
