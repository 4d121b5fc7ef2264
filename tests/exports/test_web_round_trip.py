"""What our readers read back of what the writers of web and text formats wrote."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from core.content import Block, Content
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.words import words_of
from core.exports.writers.delimited import values
from core.exports.writers.ebook import Ebook
from core.exports.writers.json_document import JsonDocument, read_manuscript
from core.exports.writers.markdown_text import MarkdownText
from core.exports.writers.web_page import WebPage
from core.ingestion import READERS, IngestionLimits
from core.ingestion.reader import Extract, Source
from tests.exports.manuscripts import full_manuscript, manuscripts

WRITERS = {writer.name: writer for writer in (WebPage(), MarkdownText(), Ebook(), JsonDocument())}
KINDS = ("heading", "paragraph", "list_item", "quote", "code", "table", "caption", "footnote", "picture")
every_format = pytest.mark.parametrize("name", WRITERS)


def read_back(name: str, manuscript: Manuscript, design: str = "report") -> Extract:
    data = WRITERS[name].write(manuscript, designs()[design])
    source = Source(name=f"a.{name}", data=data, limits=IngestionLimits())
    (extract,) = READERS[name].read(source)
    assert isinstance(extract, Extract)
    return extract


def told(content: Content | Extract, kind: str) -> list[tuple[object, ...]]:
    """What must come back of the blocks of this kind."""
    return [
        (block.text, block.level, block.rows, block.is_ordered, block.picture and block.picture.sha256)
        for block in content.blocks
        if block.kind == kind
    ]


def links(content: Content | Extract) -> list[tuple[str, str]]:
    return [
        (block.text[mark.start : mark.end], mark.target)
        for block in content.blocks
        for mark in block.marks
        if mark.kind == "link"
    ]


def as_text(content: Content) -> Content:
    """Where charts are tables of their values, and sources a list."""
    words, blocks = words_of("en"), []
    for block in content.blocks:
        if block.chart:
            blocks += [Block("caption", block.text), Block.table(values(block.chart, words), header_rows=1)]
        elif block.kind == "reference":
            blocks.append(Block("list_item", f"[{block.key}] {block.text}"))
        else:
            blocks.append(block)
    return Content(tuple(blocks))


@every_format
@pytest.mark.parametrize("design", ["report", "contract", "newsletter"])
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_everything_of_the_full_manuscript_comes_back(name, language, design):
    manuscript = full_manuscript(language, 2)
    extract = read_back(name, manuscript, design)
    expected = as_text(manuscript.content) if name == "md" else manuscript.content
    for kind in KINDS:
        assert told(extract, kind) == told(expected, kind), kind
    assert links(extract) == links(manuscript.content)
    assert dict(extract.media) == dict(manuscript.content.media)
    assert (extract.title, extract.author) == (manuscript.title, manuscript.author)


@pytest.mark.parametrize("name", ["html", "epub", "json"])
def test_merged_cells_header_rows_charts_notes_and_languages_come_back(name):
    manuscript = full_manuscript("en", 1)
    extract = read_back(name, manuscript)
    for written, read in zip(
        *([b for b in c.blocks if b.kind == "table"] for c in (manuscript.content, extract)), strict=True
    ):
        assert (read.merged, read.header_rows) == (written.merged, written.header_rows)
    for kind in ("chart", "reference"):
        assert [(b.chart, b.text) for b in extract.blocks if b.kind == kind] == [
            (b.chart, b.text) for b in manuscript.content.blocks if b.kind == kind
        ]
    marks = Counter((m.kind, m.target) for b in extract.blocks for m in b.marks)
    assert marks == Counter((m.kind, m.target) for b in manuscript.content.blocks for m in b.marks)
    assert {b.language for b in extract.blocks} == {"", "fr", "ar", "he"}


@every_format
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_text_comes_back_as_it_was(name, manuscript):
    extract = read_back(name, manuscript)
    assert [(b.kind, b.text, b.level, b.rows) for b in extract.blocks] == [
        (b.kind, b.text, b.level, b.rows) for b in manuscript.content.blocks
    ]
    assert (
        "".join(text for text, _ in links(extract)).split()
        == "".join(text for text, _ in links(manuscript.content)).split()
    )


def test_a_manuscript_read_from_json_equals_the_one_written():
    manuscript = full_manuscript("es", 2, fields=(("Para", "Ana"),))
    again = read_manuscript(JsonDocument().write(manuscript, designs()["memo"]))
    assert again == manuscript
    assert again.content.media == manuscript.content.media
