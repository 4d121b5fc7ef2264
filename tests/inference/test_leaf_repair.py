"""From what a model said to a value: the rules, one by one."""

from __future__ import annotations

import pytest

from core.inference.leaf_repair import clean, read_choice, read_number, read_text, until_quote
from core.inference.output_schema import ChoiceLeaf, NumberLeaf, TextLeaf


@pytest.mark.parametrize(
    ("said", "value"),
    [("7", 7), ("-3.5", -3.5), ("−4", -4), ("about 12 or 13", 12), ("1,234.5", 1234.5), ("1.234,5", 1234.5),
     ("1,234", 1234), ("1.234", 1.234), ("3,5", 3.5), ("1.234.567", 1234567), ("1,234,567.25", 1234567.25),
     ("2e3", 2000), ("1.5E-2", 0.015), ("€ 40.-", 40)],
)  # fmt: skip
def test_numbers_are_found_as_people_write_them(said: str, value: float) -> None:
    read = read_number(said, NumberLeaf())
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize("said", ["", "none", "-", "9" * 50, "1e400", "1e-400", "٣"])
def test_what_is_no_number_or_too_long_is_none(said: str) -> None:
    assert read_number(said, NumberLeaf()) is None


@pytest.mark.parametrize(("said", "value"), [("7.6", 8), ("99", 10), ("-99", 2), ("2.5", 2)])
def test_an_integer_is_rounded_and_moved_into_its_bounds(said: str, value: int) -> None:
    read = read_number(said, NumberLeaf(is_integer=True, lowest=2, highest=10))
    assert read is not None
    assert (read.value, type(read.value), read.is_repaired) == (value, int, True)


@pytest.mark.parametrize(
    ("said", "value"),
    [("plain", "plain"), (' "quoted" ', "quoted"), ("«citado»", "citado"), ("a\x00b\ud800c", "abc"),
     ("one two three", "one two"), ("unbreakablelongword", "unbreakabl")],
)  # fmt: skip
def test_texts_lose_what_does_not_belong(said: str, value: str) -> None:
    read = read_text(said, TextLeaf(max_length=10))
    assert read is not None
    assert read.value == value


def test_a_text_that_cannot_be_made_to_fit_is_none() -> None:
    assert read_text("ab", TextLeaf(min_length=3)) is None
    assert read_text("", TextLeaf()) is None
    assert read_text("abc", TextLeaf(pattern="^x")) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("2024-02-29", "2024-02-29"),
        ("on 2023/05/06.", "2023-05-06"),
        ("2023-02-29 or 2023-03-01", "2023-03-01"),
    ],
)
def test_dates_are_found(said: str, value: str) -> None:
    read = read_text(said, TextLeaf(is_date=True))
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize("said", ["", "29 February", "12024-01-01", "2024-1-1", "0000-01-01"])
def test_what_is_no_date_is_none(said: str) -> None:
    assert read_text(said, TextLeaf(is_date=True)) is None


COLOURS = ChoiceLeaf(values=("red", "dark red", "blue"), labels=("red", "dark red", "blue"), fallback="red")
TRUTH = ChoiceLeaf(values=(False, True), labels=("no", "yes"), fallback=False)


@pytest.mark.parametrize(
    ("said", "value"),
    [("blue", "blue"), ("  BLUE\n", "blue"), ('"red"', "red"), ("dark  red, I think", "dark red"),
     ("It is dark red", "dark red"), ("blue, not red", "blue")],
)  # fmt: skip
def test_a_choice_is_found_in_what_was_said(said: str, value: str) -> None:
    read = read_choice(said, COLOURS)
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize("said", ["", "green", "reddish", "bluered"])
def test_what_is_no_choice_is_none(said: str) -> None:
    assert read_choice(said, COLOURS) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [("yes", True), ("Sí.", True), ("sim, claro", True), ("Oui", True), ("TRUE", True), ("não", False),
     ("No, never", False), ("falso", False), ("0", False)],
)  # fmt: skip
def test_yes_and_no_are_understood_in_four_languages(said: str, value: bool) -> None:
    read = read_choice(said, TRUTH)
    assert read is not None
    assert read.value is value


@pytest.mark.parametrize(
    ("said", "text", "is_ended"),
    [('Hello" , "b": 3', "Hello", True), ('a \\"b\\" c" x', 'a "b" c', True), ("no end", "no end", False),
     ("back\\\\", "back\\", False), ("bad \\q escape\"", "bad \\q escape", True), ('"', "", True)],
)  # fmt: skip
def test_a_string_ends_at_its_quote(said: str, text: str, is_ended: bool) -> None:
    assert until_quote(said) == (text, is_ended)


def test_control_characters_go_and_line_ends_stay() -> None:
    assert clean("a\tb\nc\x1bd\u200be") == "a\tb\ncd\u200be"
