"""PowerPoint decks: the same bytes twice, text that fits, no fault found, all of it read back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from core.content import Block, Content
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.writers.slide_deck import SlideDeck
from core.ingestion import READERS, IngestionLimits
from core.ingestion.reader import Extract, Source
from tests.exports.manuscripts import full_manuscript, manuscripts

KINDS = (
    "heading",
    "paragraph",
    "list_item",
    "quote",
    "code",
    "table",
    "caption",
    "footnote",
    "picture",
    "reference",
)


def read_back(manuscript: Manuscript, design: str = "report") -> Extract:
    data = SlideDeck().write(manuscript, designs()[design])
    (extract,) = READERS["pptx"].read(Source(name="a.pptx", data=data, limits=IngestionLimits()))
    assert isinstance(extract, Extract)
    return extract


def told(content: Content | Extract, kind: str) -> list[tuple[object, ...]]:
    return [
        (
            block.text,
            block.level,
            block.rows,
            block.is_ordered,
            block.picture,
            block.header_rows,
            block.merged,
        )
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


@pytest.mark.parametrize("design", ["report", "contract", "presentation"])
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_everything_of_the_full_manuscript_comes_back(language: str, design: str) -> None:
    manuscript = full_manuscript(language, 2)
    extract = read_back(manuscript, design)
    for kind in KINDS:
        assert told(extract, kind) == told(manuscript.content, kind), kind
    assert links(extract) == links(manuscript.content)
    assert dict(extract.media) == dict(manuscript.content.media)
    charts = [block.chart for block in extract.blocks if block.chart]
    assert charts == [block.chart for block in manuscript.content.blocks if block.chart]
    assert (extract.title, extract.author) == (manuscript.title, manuscript.author)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_text_comes_back_as_it_was(manuscript: Manuscript) -> None:
    extract = read_back(manuscript)
    assert [(b.kind, b.text, b.level, b.rows) for b in extract.blocks] == [
        (b.kind, b.text, b.level, b.rows) for b in manuscript.content.blocks
    ]


def test_long_texts_and_tables_are_joined_again() -> None:
    words = " ".join(f"word{number}" for number in range(900))
    rows = [["Number", "Name"], *([str(number), f"Name {number}"] for number in range(60))]
    blocks = (
        Block("paragraph", words),
        Block("list_item", words),
        Block("quote", words),
        Block("code", "\n".join(f"line {number}" for number in range(80))),
        Block.table(rows, header_rows=1),
        Block("heading", words[:600], level=2),
        Block("paragraph", "x" * 300),
    )
    manuscript = Manuscript(title="Long", content=Content(blocks))
    assert [(b.kind, b.text) for b in read_back(manuscript).blocks] == [(b.kind, b.text) for b in blocks]
