"""Marks and figures are the same in every language that writes them alike."""

from __future__ import annotations

import pytest

from core.redundancy.semantic.cognates import figures, marks


@pytest.mark.parametrize(
    ("english", "spanish", "portuguese"),
    [
        ("quality", "calidad", "qualidade"),
        ("commercial", "comercial", "comercial"),
        ("strategy", "estrategia", "estratégia"),
        ("system", "sistema", "sistema"),
        ("immediate", "inmediato", "imediato"),
    ],
)
def test_words_of_one_origin_share_a_mark(english: str, spanish: str, portuguese: str) -> None:
    assert marks(english) & marks(spanish) & marks(portuguese)


def test_words_of_different_origin_share_the_concept_that_the_glossary_has() -> None:
    assert marks("password", "en") & marks("contraseña", "es") & marks("senha", "pt")


def test_short_words_leave_no_mark_but_names_and_figures_do() -> None:
    assert not marks("xyz qwe", "en")
    assert len(marks("Valdenieve 42", "en")) == 2


def test_figures_are_equal_however_they_are_written() -> None:
    assert figures("2,500 by 03 in fourteen days", "en") == figures("2.500 para 3 en catorce días", "es")
    assert figures("fourteen of 5", "en") == figures("quatorze de 5", "pt")
    assert figures("12 then 7", "en") != figures("7 then 12", "en")


def test_a_number_word_counts_only_in_its_language() -> None:
    assert figures("once only", "en") == ()
    assert figures("once", "es") == figures("11", "es")
