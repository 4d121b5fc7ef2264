"""Numbers in words state what numbers in digits state, in three languages."""

from __future__ import annotations

import pytest

from core.redundancy import differing_facts, facts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Book at least ten days before the trip.", ["10 day"]),
        ("Twenty-five thousand euros are due in two weeks.", ["25000 EUR", "2 week"]),
        ("Debe pedirse con treinta y seis meses de antelación.", ["36 month"]),
        ("Os dados são guardados por quarenta e dois dias, e os dos clientes também.", ["42 day"]),
        ("Solo una vez, y once meses después otra.", ["11 month"]),
        ("You may do it once, or one day later.", []),
        ("Um dos clientes pediu uma cópia dos dados que não recebeu.", ["não"]),
    ],
)
def test_a_number_in_words_is_a_fact_with_its_unit(text: str, values: list[str]) -> None:
    assert [fact.value for fact in facts(text)] == values


def test_words_and_digits_state_the_same() -> None:
    assert differing_facts("It takes ten days.", "It takes 10 days.") == ()
    one, other = differing_facts("It takes ten days.", "It takes twelve days.")
    assert (one.fact.text, other.fact.text) == ("ten days", "twelve days")


def test_the_places_are_those_of_the_words() -> None:
    text = "Las dos partes firman en treinta y seis meses."
    assert [text[fact.start : fact.end] for fact in facts(text)] == ["dos", "treinta y seis meses"]
