from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.language.sentences import split_paragraphs, split_sentences

PIECES = st.sampled_from(
    [
        "Dr.",
        "S.A.",
        "etc.",
        "3.5",
        "1.",
        "- ",
        "\n",
        "\n\n",
        " ",
        "El",
        "pago",
        "¿Por qué?",
        "«Sí.»",
        "\t",
        "fim…",
        "No",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_every_character_but_space_stands_in_exactly_one_sentence(text: str):
    covered = [place for start, end in split_sentences(text) for place in range(start, end)]
    assert len(covered) == len(set(covered))
    assert [place for place in covered if not text[place].isspace()] == [
        place for place, character in enumerate(text) if not character.isspace()
    ]
    assert all(sentence == sentence.strip() and sentence for sentence in sentences(text))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_sentence_crosses_a_paragraph(text: str):
    paragraphs = split_paragraphs(text)
    for start, end in split_sentences(text):
        assert any(outer_start <= start and end <= outer_end for outer_start, outer_end in paragraphs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We paid. They did not. Why?", ["We paid.", "They did not.", "Why?"]),
        ("El Sr. Gómez pagó. Nadie más.", ["El Sr. Gómez pagó.", "Nadie más."]),
        ("A Sra. Lima e o Dr. Sá vieram. Fim.", ["A Sra. Lima e o Dr. Sá vieram.", "Fim."]),
        ("It costs 1,234.50 or 3.5 % more. Pay.", ["It costs 1,234.50 or 3.5 % more.", "Pay."]),
        ("Vence el 3 de ene. de 2025. Pague.", ["Vence el 3 de ene. de 2025.", "Pague."]),
        ("See art. 5 and no. 7 of the law. He said no. Then he left.",
         ["See art. 5 and no. 7 of the law.", "He said no.", "Then he left."]),
        ("Firma Norte S.A. de C.V. hoy. La otra, Sur S.A. La fecha falta.",
         ["Firma Norte S.A. de C.V. hoy.", "La otra, Sur S.A.", "La fecha falta."]),
        ("J. R. Ortiz came at 5 p.m. on Monday, etc. The end.",
         ["J. R. Ortiz came at 5 p.m. on Monday, etc.", "The end."]),
        ("¿Quién paga? «El cliente.» ¡Bien!", ["¿Quién paga?", "«El cliente.»", "¡Bien!"]),
        ("Ele disse… e saiu. Wait... What?", ["Ele disse… e saiu.", "Wait...", "What?"]),
        ("The total of version 2.0. Next comes 3.", ["The total of version 2.0.", "Next comes 3."]),
    ],
)  # fmt: skip
def test_a_full_stop_ends_a_sentence_unless_it_shortens_a_word(text: str, expected: list[str]):
    assert sentences(text) == expected


def test_headings_list_items_and_rows_are_sentences_of_their_own():
    text = "Leave\nAsk in writing\n- one week before\n2. Then wait. It takes a day.\nName\tDays\nAna\t12"
    assert sentences(text) == [
        "Leave", "Ask in writing", "- one week before", "2. Then wait.", "It takes a day.",
        "Name\tDays", "Ana\t12",
    ]  # fmt: skip


def test_a_line_cut_to_the_page_width_goes_on_in_the_next():
    text = (
        "The depot keeps returned devices in the yellow area until\n"
        "Triage has looked at each of them, which takes at most five\n"
        "Working days. Nothing leaves the yellow area without a\n"
        "label.\n\nA new paragraph"
    )
    assert [sentence.replace("\n", " ") for sentence in sentences(text)] == [
        "The depot keeps returned devices in the yellow area until Triage has looked at each of them, "
        "which takes at most five Working days.",
        "Nothing leaves the yellow area without a label.",
        "A new paragraph",
    ]


def test_a_heading_over_wrapped_lines_is_not_drawn_into_them():
    text = "Returns\nThe depot keeps returned devices in the yellow area until\nthey have been looked at."
    assert sentences(text)[0] == "Returns"
