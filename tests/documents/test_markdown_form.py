"""A section goes to Markdown and back without losing a word or a source."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.documents.draft import DraftBlock, DraftSection, Gap, Origin, Statement
from core.documents.markdown_form import read_section, section_markdown

MARKUP = "The *fee* is 1_000 | [net] <b>now</b> & #1 ~ \\ `x`"
_WORD = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
_TEXT = st.lists(_WORD, min_size=1, max_size=6).map(lambda words: "Z" + " ".join(words) + " end.")
_NUMBERS = st.integers(1, 9)


def asked(text: str) -> Statement:
    return Statement(text, "own")


def never_asked(text: str) -> Statement:
    raise AssertionError(f"asked for {text!r}")


def quoted(text: str, source: int = 1) -> Statement:
    return Statement(text, "quoted", (Origin(source, 0, len(text)),))


def section(*blocks: DraftBlock) -> DraftSection:
    return DraftSection("fees", "Fees", blocks)


@given(st.lists(st.lists(st.tuples(_TEXT, _NUMBERS), min_size=1, max_size=3), min_size=1, max_size=4))
def test_paragraphs_and_items_come_back_with_their_origins(paragraphs: list[list[tuple[str, int]]]) -> None:
    told: set[str] = set()
    blocks = []
    for number, sentences in enumerate(paragraphs):
        new = [quoted(text, source) for text, source in sentences if text not in told]
        told |= {each.text for each in new}
        if new:
            blocks.append(DraftBlock("list_item" if number % 2 else "paragraph", tuple(new)))
    before = section(*blocks)
    assert read_section(section_markdown(before), before, never_asked) == before


def test_every_kind_of_block_survives() -> None:
    header = Statement("Item\tPrice", "quoted", (Origin(2, 0, 10, 3),), cells=("Item", "Price"))
    row = Statement("A|B\t1,200", "quoted", (Origin(2, 11, 20, 3),), cells=("A|B", "1,200"))
    before = section(
        DraftBlock("heading", (Statement("Terms of *payment*", "own"),), level=3),
        DraftBlock("paragraph", (quoted(MARKUP), quoted("1. Not a list.", 2))),
        DraftBlock("list_item", (quoted("- A dash at the front."),)),
        DraftBlock("list_item", (quoted("Deeper."),), level=1),
        DraftBlock("quote", (quoted("So they said."),)),
        DraftBlock("paragraph", (replace(quoted("30 days"), label="Term"),)),
        DraftBlock("paragraph", (Statement("Profits will double.", "unsupported"),)),
        DraftBlock("code", (Statement("a = 1\nb = 2", "own"),)),
        DraftBlock("table", (header, row), has_header=True),
    )
    assert read_section(section_markdown(before), before, never_asked) == before


def test_a_changed_sentence_is_asked_for_and_its_neighbour_keeps_its_source() -> None:
    before = section(DraftBlock("paragraph", (quoted("The fee is 100."), quoted("It is due in May.", 2))))
    edited = section_markdown(before).replace("100", "120")
    after = read_section(edited, before, asked)
    assert [each.support for each in after.statements] == ["own", "quoted"]
    assert [each.text for each in after.statements] == ["The fee is 120.", "It is due in May."]


def test_a_mark_that_a_person_wrote_is_no_proof() -> None:
    after = read_section("Trust me. [^1]", section(), asked)
    assert [(each.text, each.support) for each in after.statements] == [("Trust me.", "own")]


def test_markup_of_web_pages_stays_text() -> None:
    after = read_section("<script>alert(1)</script> is text.", section(), asked)
    assert next(after.statements).text == "<script>alert(1)</script> is text."


def test_a_changed_cell_keeps_the_other_rows() -> None:
    rows = tuple(
        Statement(f"{a}\t{b}", "quoted", (Origin(1, 0, 3),), cells=(a, b))
        for a, b in (("a", "1"), ("b", "2"))
    )
    before = section(DraftBlock("table", rows))
    after = read_section(section_markdown(before).replace("2", "3"), before, never_asked)
    assert [each.support for each in after.statements] == ["quoted", "own"]
    assert after.blocks[0].has_header is False


def test_writing_closes_the_gap_of_the_section_and_not_that_of_a_fact() -> None:
    gaps = (Gap("fees", "What does it cost?"), Gap("fees", "When is it due?", fact="due"))
    before = replace(section(), gaps=gaps)
    assert read_section("It costs 100.", before, asked).gaps == gaps[1:]
    assert read_section("  \n", before, asked).gaps == gaps
