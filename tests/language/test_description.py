"""All facts of a text at once."""

from __future__ import annotations

from core.language.description import MOST_CHARACTERS, describe


def test_a_description_has_every_fact() -> None:
    facts = describe(
        "Ana Ruiz firmó el contrato en Monterrey. El contrato de renta es excelente y vale un año."
    )
    assert facts.language == "es"
    assert facts.keywords[0].text == "contrato"
    assert [one.kind for one in facts.entities] == ["person", "place"]
    assert facts.sentiment.label == "positive"
    assert 0.5 < facts.accuracy.accuracy < 1
    assert facts.summary


def test_a_very_long_text_is_read_to_its_bound_and_says_so() -> None:
    facts = describe("The pump is old and it leaks. " * (MOST_CHARACTERS // 25), "en")
    assert facts.is_cut
    assert all(entity.end <= MOST_CHARACTERS for entity in facts.entities)
    assert not describe("Short.", "en").is_cut
