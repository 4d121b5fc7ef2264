from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.content import Block, Content, Mark, Run, cut, marked, moved, runs


def test_a_mark_stays_on_its_words_when_a_letter_before_them_is_repaired() -> None:
    found = moved((Mark("strong", 8, 13),), "cafÃ© y leche fría", "café y leche fría")
    assert ["café y leche fría"[each.start : each.end] for each in found] == ["leche"]


def test_a_mark_whose_words_are_gone_goes_too_but_a_footnote_stays() -> None:
    marks = (Mark("strong", 0, 3), Mark("footnote", 3, 3, "n1"))
    assert moved(marks, "\x01\x02\x03 text", "text") == (Mark("footnote", 0, 0, "n1"),)


def test_runs_of_overlapping_marks_say_all_that_holds() -> None:
    block = Block(
        "paragraph", "one two three", marks=(Mark("strong", 0, 7), Mark("link", 4, 13, "https://a.b"))
    )
    assert [(run.text, sorted(run.styles), run.link) for run in runs(block)] == [
        ("one ", ["strong"], ""),
        ("two", ["strong"], "https://a.b"),
        (" three", [], "https://a.b"),
    ]


_marks = st.builds(
    lambda kind, start, size, target: Mark(kind, start, start + size, target if kind == "link" else ""),
    st.sampled_from(["strong", "emphasis", "link"]),
    st.integers(0, 30),
    st.integers(1, 10),
    st.sampled_from(["https://a.b", "https://c.d"]),
)


@given(st.text(max_size=40), st.lists(_marks, max_size=6))
def test_runs_hold_the_whole_text_and_give_their_marks_back(text: str, marks: list[Mark]) -> None:
    pieces = cut(text, marks)
    assert "".join(run.text for run in pieces) == text
    again, found = marked(pieces)
    assert again == text
    assert _letters(cut(text, found)) == _letters(pieces)


def _letters(pieces: Sequence[Run]) -> list[tuple[str, frozenset[str], str]]:
    """Each letter with what holds for it."""
    return [(letter, run.styles, run.link) for run in pieces for letter in run.text]


@given(st.text(max_size=60), st.text(max_size=60), st.lists(_marks, max_size=4))
def test_moved_marks_lie_within_the_new_text(old: str, new: str, marks: list[Mark]) -> None:
    inside = [mark for mark in marks if mark.end <= len(old)]
    assert all(0 <= mark.start < mark.end <= len(new) for mark in moved(inside, old, new))


def test_content_gives_every_field_back_from_plain_values() -> None:
    from tests.exports.manuscripts import full_manuscript

    content = full_manuscript().content
    assert Content.from_json(content.to_json()) == content
