"""Terms of a text."""

from __future__ import annotations

import pytest

from core.language.keywords import find_keywords
from core.language.stop_words import Language

TEXTS: dict[Language, str] = {
    "en": "The service level agreement names four hours. The service level agreement is signed by both. "
    "If the service level agreement is broken, a discount is due. The discount is five per cent.",
    "es": "El plan de continuidad se prueba en mayo. El plan de continuidad nombra a dos suplentes. "
    "Sin plan de continuidad no hay contrato. Los suplentes reciben el teléfono.",
    "pt": "A nota fiscal acompanha a carga. Sem nota fiscal a carga não entra. A nota fiscal traz o lote. "
    "O lote fica na etiqueta.",
}


@pytest.mark.parametrize(
    ("language", "first"),
    [("en", "service level agreement"), ("es", "plan de continuidad"), ("pt", "nota fiscal")],
)
def test_the_term_that_comes_again_is_first(language: Language, first: str) -> None:
    text = TEXTS[language]
    keyword = find_keywords(text, language)[0]
    assert (keyword.text, keyword.count) == (first, 3)
    assert {text[slice(*place)].lower() for place in keyword.places} == {first}


def test_no_keyword_lies_within_another() -> None:
    terms = [keyword.text for keyword in find_keywords(TEXTS["en"], "en")]
    assert "agreement" not in terms
    assert "discount" in terms


def test_inflected_forms_count_together() -> None:
    counts = {one.text: one.count for one in find_keywords("One invoice came. Two invoices went.", "en")}
    assert counts["invoice"] == 2


def test_an_empty_text_and_one_of_stop_words_have_none() -> None:
    assert find_keywords("", "en") == ()
    assert find_keywords("It is what it is, and that is all.", "en") == ()
