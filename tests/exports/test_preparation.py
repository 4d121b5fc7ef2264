from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.content import Block, CellSpan, Chart, Content, Mark, Series
from core.errors import ExportFailed
from core.exports.manuscript import Manuscript
from core.exports.preparation import CHANGES, Around, Prepared, prepare
from tests.exports.manuscripts import full_manuscript, picture_block, picture_bytes


def prepared(*blocks: Block, title: str = "Title", media: dict[str, bytes] | None = None) -> Prepared:
    return prepare(Content(blocks, media or {}), Around(title=title))


def blocks_of(found: Prepared) -> tuple[Block, ...]:
    return found.manuscript.content.blocks


def test_a_manuscript_that_is_in_order_stays_as_it_is() -> None:
    ready = full_manuscript()
    found = prepare(ready.content, Around(title=ready.title, language="en"))
    assert [sorted_marks(each) for each in blocks_of(found)] == [
        sorted_marks(each) for each in ready.content.blocks
    ]
    assert found.manuscript.content.media == ready.content.media
    assert not found.changes


def sorted_marks(block: Block) -> Block:
    return replace(
        block, marks=tuple(sorted(block.marks, key=lambda mark: (mark.start, mark.end, mark.kind)))
    )


def test_the_first_heading_is_the_title_once() -> None:
    found = prepared(
        Block("heading", "TITLE", level=1), Block("heading", "Part", level=2), Block("paragraph", "x")
    )
    assert [(each.kind, each.text, each.level) for each in blocks_of(found)] == [
        ("heading", "Part", 1),
        ("paragraph", "x", 0),
    ]


def test_headings_that_skip_a_level_are_raised_and_it_is_told() -> None:
    found = prepared(
        *(Block("heading", str(level), level=level) for level in (1, 4, 6, 2)), Block("paragraph", "x")
    )
    assert [each.level for each in blocks_of(found)][:4] == [1, 2, 3, 2]
    assert found.changes["heading_levels"] == 2


def test_bidi_overrides_and_controls_are_left_out_and_marks_stay_on_their_words() -> None:
    text = "a\x00b \u202eevil\u202c word"
    found = prepared(Block("paragraph", text, marks=(Mark("strong", text.index("word"), len(text)),)))
    block = blocks_of(found)[0]
    assert block.text == "ab evil word"
    assert block.text[block.marks[0].start : block.marks[0].end] == "word"


def test_a_paragraph_of_two_lines_becomes_two_with_their_own_marks() -> None:
    found = prepared(Block("paragraph", "one\ntwo words", marks=(Mark("emphasis", 2, 7),)))
    assert [(each.text, [(m.start, m.end) for m in each.marks]) for each in blocks_of(found)] == [
        ("one", [(2, 3)]),
        ("two words", [(0, 3)]),
    ]


def test_rows_are_filled_up_and_a_first_row_of_names_becomes_the_heading() -> None:
    found = prepared(Block("table", "", rows=(("Name", "Sum"), ("A",))))
    assert blocks_of(found)[0].rows == (("Name", "Sum"), ("A", ""))
    assert blocks_of(found)[0].header_rows == 1


def test_merged_cells_that_would_hide_text_or_leave_the_table_are_parted() -> None:
    table = Block.table(
        [["a", ""], ["b", "c"]], merged=(CellSpan(0, 0, 1, 2), CellSpan(1, 0, 1, 2), CellSpan(1, 1, 3, 1))
    )
    found = prepared(table)
    assert blocks_of(found)[0].merged == (CellSpan(0, 0, 1, 2),)
    assert found.changes["merged_cells"] == 2


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "#nowhere", "http://", "data:text/html,x"]
)
def test_links_that_lead_nowhere_safe_become_text(address: str) -> None:
    found = prepared(Block("paragraph", "click", marks=(Mark("link", 0, 5, address),)))
    assert blocks_of(found)[0].marks == ()
    assert found.changes == {"links": 1}


def test_a_note_that_nothing_points_to_becomes_a_paragraph() -> None:
    found = prepared(Block("paragraph", "x"), Block("footnote", "lost", key="n"))
    assert blocks_of(found)[1] == Block("paragraph", "lost", key="n")


def test_a_large_picture_with_a_place_and_a_date_in_it_is_drawn_anew() -> None:
    taken = Image.new("RGB", (8000, 5000), "navy")
    exif = Image.Exif()
    exif[0x0132] = "2026:01:01 00:00:00"
    out = io.BytesIO()
    taken.save(out, "JPEG", exif=exif)
    data = out.getvalue()
    found = prepared(picture_block(data), media={hashlib.sha256(data).hexdigest(): data})
    picture = blocks_of(found)[0].picture
    assert picture is not None
    assert max(picture.width, picture.height) == 2400
    assert b"2026:01:01" not in found.manuscript.content.media[picture.sha256]


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"not a picture", lambda data: b""]
)
def test_a_damaged_picture_is_told_in_words(damage: object) -> None:
    data = picture_bytes()
    broken = damage(data)  # type: ignore[operator]
    block = picture_block(data, "A map")
    assert block.picture is not None
    found = prepared(block, media={block.picture.sha256: broken})
    assert blocks_of(found)[0].text == "[A map]"
    assert found.changes == {"pictures_missing": 1}


def test_an_answer_about_a_picture_describes_it_or_makes_it_decoration() -> None:
    data = picture_bytes()
    key = hashlib.sha256(data).hexdigest()
    content = Content((picture_block(data, ""),), {key: data})
    described = (
        prepare(content, Around(title="T", alts={key: "A chart"})).manuscript.content.blocks[0].picture
    )
    decoration = prepare(content, Around(title="T", alts={key: ""})).manuscript.content.blocks[0].picture
    assert described is not None
    assert (described.alt, described.is_decorative) == ("A chart", False)
    assert decoration is not None
    assert decoration.is_decorative


def test_a_chart_without_a_finite_value_is_left_out() -> None:
    chart = Chart("line", ("a",), (Series("s", (float("nan"),)),))
    found = prepared(Block("chart", "t", chart=chart), Block("paragraph", "x"))
    assert found.changes == {"charts": 1}


def test_a_document_without_anything_is_refused_with_a_remedy() -> None:
    with pytest.raises(ExportFailed, match="nothing"):
        prepared(Block("heading", "Title", level=1))


_any_block = st.builds(
    Block,
    st.sampled_from(
        ["heading", "paragraph", "list_item", "quote", "code", "caption", "footnote", "reference"]
    ),
    st.text(max_size=30),
    level=st.integers(-2, 12),
    marks=st.lists(
        st.builds(
            Mark,
            st.sampled_from(["strong", "link", "citation", "footnote", "language"]),
            st.integers(-5, 40),
            st.integers(-5, 40),
            st.sampled_from(["", "k", "#k", "https://a.b", "javascript:x"]),
        ),
        max_size=3,
    ).map(tuple),
    key=st.sampled_from(["", "k", "l"]),
)
_any_table = st.builds(
    lambda rows, header, merged: Block(
        "table", "", rows=tuple(map(tuple, rows)), header_rows=header, merged=tuple(merged)
    ),
    st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=4),
    st.integers(0, 6),
    st.lists(st.builds(CellSpan, *(st.integers(-1, 5),) * 4), max_size=3),
)


@settings(max_examples=200)
@given(st.lists(st.one_of(_any_block, _any_table), max_size=8))
def test_whatever_comes_in_a_manuscript_keeps_its_promises(blocks: list[Block]) -> None:
    try:
        found = prepare(Content(tuple(blocks)), Around(title="T"))
    except ExportFailed:
        return
    check_promises(found.manuscript)
    assert set(found.changes) <= set(CHANGES)
    again = prepare(found.manuscript.content, Around(title="T"))
    assert again.manuscript == found.manuscript


def check_promises(manuscript: Manuscript) -> None:
    last, keys = 0, {each.key: each.kind for each in manuscript.content.blocks if each.key}
    for block in manuscript.content.blocks:
        if block.kind == "heading":
            assert 1 <= block.level <= min(5, last + 1)
            last = block.level
        assert len({len(row) for row in block.rows}) <= 1
        for mark in block.marks:
            assert 0 <= mark.start <= mark.end <= len(block.text)
            if mark.kind in ("citation", "footnote"):
                assert keys[mark.target] == {"citation": "reference", "footnote": "footnote"}[mark.kind]
            if mark.kind == "link":
                assert mark.target == "https://a.b" or mark.target[1:] in keys
        assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in block.text)
