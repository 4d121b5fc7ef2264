"""Our own PDF, read back by our reader: all of the text, in its order, as what it was."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from PIL import Image

from core.content import Block, Content
from core.exports import fonts
from core.exports.charts.description import describe
from core.exports.design import DESIGN_NAMES, designs
from core.exports.manuscript import Manuscript
from core.exports.preparation.structure import ordered
from core.exports.writers.portable_document import PortableDocument
from core.ingestion.limits import IngestionLimits
from core.ingestion.reader import Extract, Source
from core.ingestion.readers.portable_document import PortableDocument as Reader
from tests.exports.manuscripts import full_manuscript, manuscripts, picture_block, picture_bytes


def read_back(manuscript: Manuscript, name: str = "report") -> Extract:
    data = PortableDocument().write(manuscript, designs()[name])
    return next(iter(Reader().read(Source(name="a.pdf", data=data, limits=IngestionLimits()))))


def shown(block: Block) -> tuple[object, ...]:
    links = tuple((mark.start, mark.end, mark.target) for mark in block.marks if mark.kind == "link")
    level = block.level if block.kind in ("heading", "list_item") else 0
    table = (block.rows, block.header_rows, block.merged)
    alt = block.picture and block.picture.alt
    return (block.kind, level, block.is_ordered, block.text, table, links, alt)


def wanted(manuscript: Manuscript) -> list[tuple[object, ...]]:
    """What a reader should find: the title above the sections, charts as pictures of them."""
    found: list[tuple[object, ...]] = [("heading", 1, False, manuscript.title, ((), 0, ()), (), None)]
    for block in manuscript.content.blocks:
        if block.picture and block.picture.is_decorative:
            continue
        if block.chart:
            words = describe(block.chart, block.text, block.language or manuscript.language)
            found.append(("picture", 0, False, "", ((), 0, ()), (), words))
            continue
        kind, level, *rest = shown(block)
        found.append((kind, level + (kind == "heading"), *rest))
    return found


def without_notes(found: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Notes stand where they are cited and captions on either side, so both are looked at apart."""
    return [each for each in found if each[0] not in ("footnote", "caption")]


@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_all_that_was_written_is_read_back(name, language):
    manuscript = full_manuscript(language, sections=2)
    found, asked = list(map(shown, read_back(manuscript, name).blocks)), wanted(manuscript)
    assert without_notes(found) == without_notes(asked)
    for kind in ("footnote", "caption"):
        assert [each for each in found if each[0] == kind] == [each for each in asked if each[0] == kind]


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_manuscript_is_read_back(manuscript):
    assume(not fonts.missing(manuscript.content.text + manuscript.title))
    assume("\u00ad" not in manuscript.content.text + manuscript.title)  # nobody sees where a word may part
    assume(not set("¨¯´¸") & set(manuscript.content.text + manuscript.title))  # accents that stand alone
    levelled = tuple(ordered(manuscript.content.blocks, Counter()))
    manuscript = replace(manuscript, content=Content(levelled))
    found = list(map(shown, read_back(manuscript, "memo").blocks))
    # NOTE: a link is found again by its words: where they stand twice, the first is taken.
    assert [each[:5] for each in found] == [each[:5] for each in wanted(manuscript)]


@pytest.mark.parametrize("name", ["report", "newsletter"])
def test_long_paragraphs_keep_their_blanks_over_lines_columns_and_pages(name):
    texts = [f"{number}: " + "A well-known thing, and/or – not. " * (7 * number) for number in range(1, 20)]
    blocks = tuple(Block("paragraph", text.strip()) for text in texts)
    found = read_back(Manuscript(title="T", content=Content(blocks)), name).blocks[1:]
    assert [block.text for block in found] == [block.text for block in blocks]


def test_a_jpeg_comes_back_byte_by_byte_and_a_png_pixel_by_pixel():
    jpeg, png = picture_bytes(200, 120, "JPEG"), picture_bytes()
    blocks = (picture_block(jpeg), picture_block(png), picture_block(png, ""))
    media = {hashlib.sha256(data).hexdigest(): data for data in (jpeg, png)}
    read = read_back(Manuscript(title="T", content=Content(blocks, media)))
    pictures = [block.picture for block in read.blocks if block.picture]
    assert len(pictures) == 2
    assert read.media[pictures[0].sha256] == jpeg
    with Image.open(io.BytesIO(png)) as one, Image.open(io.BytesIO(read.media[pictures[1].sha256])) as other:
        assert one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


def test_a_chart_comes_back_as_the_picture_of_itself():
    read = read_back(full_manuscript())
    drawn = [block.picture for block in read.blocks if block.picture and "chart" in block.picture.alt]
    assert len(drawn) == 3
    for picture in drawn:
        with Image.open(io.BytesIO(read.media[picture.sha256])) as opened:
            assert opened.size == (picture.width, picture.height)
            assert len(opened.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_what_stands_around_the_text_stays_out(name):
    manuscript = Manuscript(
        title="Title", subtitle="Sub", author="Ana", content=Content((Block("paragraph", "Text"),))
    )
    assert [block.text for block in read_back(manuscript, name).blocks] == ["Title", "Text"]
