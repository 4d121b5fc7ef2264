from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.number_words import read_number
from core.language.stop_words import Language
from core.redundancy.contradictions.quantity import quantities, say_the_same


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("within ten working days", "en", ["10 working day"]),
        ("dentro de los diez días hábiles", "es", ["10 working day"]),
        ("em até dez dias úteis", "pt", ["10 working day"]),
        ("treinta y seis meses", "es", ["36 month"]),
        ("cento e vinte dias", "pt", ["120 day"]),
        ("two hundred and fifty units", "en", ["250"]),
        ("um quarto de hora", "pt", ["15 minute"]),
        ("half an hour", "en", ["30 minute"]),
        ("R$ 6.292,00", "pt", ["6292 BRL"]),
        ("US$ 1,000.50", "en", ["1000.5 USD"]),
        ("multa de dois por cento", "pt", ["2 %"]),
        ("300 to 2,000 dollars", "en", ["300 USD", "2000 USD"]),
        ("-40 to +60 °C", "en", ["-40 °C", "60 °C"]),
        ("from the second week on", "en", ["2 week"]),
        ("one of them", "en", []),
    ],
)
def test_quantities_are_read_with_their_units(text: str, language: Language, written: list[str]) -> None:
    assert [found.written for found in quantities(text, language)] == written


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2 weeks", "14 days", True),
        ("10 %", "0.1", True),
        ("1 year", "12 months", True),
        ("90 days", "3 months", True),
        ("5 working days", "1 week", True),
        ("10 working days", "10 days", False),
        ("5 °C", "41 °F", True),
        ("2 tonnes", "2,000 kg", True),
        ("10 euros", "10 dollars", False),
        ("30 days", "31 days", False),
    ],
)
def test_units_are_converted_and_working_days_kept_apart(one: str, other: str, is_same: bool) -> None:
    (a,), (b,) = quantities(one, "en"), quantities(other, "en")
    assert say_the_same(a, b) == say_the_same(b, a) == is_same


@given(
    st.lists(
        st.sampled_from(
            ["a", "y", "e", "and", "two", "cien", "mil", "vinte", "hundred", "million", "três", "7"]
        ),
        max_size=9,
    )
)
def test_reading_a_number_never_takes_more_words_than_there_are(words: list[str]) -> None:
    for language in ("en", "es", "pt"):
        for at in range(len(words)):
            value, length = read_number(words, at, language)
            assert value >= 0
            assert 0 <= length <= len(words) - at
