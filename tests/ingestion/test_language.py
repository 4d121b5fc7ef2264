from __future__ import annotations

import pytest

from core.content import Block, Content
from core.ingestion.language import identify, identify_language

TEXTS = {
    "es": (
        "Política de vacaciones",
        "Guía",
        "Hola, qué tal",
        "Manual de procedimientos",
        "Código Nombre Importe",
    ),
    "en": (
        "Leave policy",
        "Ask in writing.",
        "The quick",
        "Annual sales report",
        "Staff ask for leave in time.",
    ),
    "pt": ("Política de férias", "Manual de procedimentos", "Relatório anual de vendas", "Não há exceções"),
    "fr": ("Politique de congés", "Rapport annuel des ventes", "Les salariés posent leurs congés par écrit."),
    "und": (
        "Urlaub und Krankheit regeln",
        "Buongiorno a tutti, come state?",
        "Это русский текст",
        "日本語の文章",
    ),
}
WITHOUT_HOLD = ("12345 --- 88", "", "A1", "Xyzzy qwrt plugh")
CASES = [(language, text) for language, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("language", "text"), [*CASES, *(("und", text) for text in WITHOUT_HOLD)])
def test_short_texts_are_told_apart(language, text):
    assert identify(text) == language


def test_the_prose_decides_and_not_a_table_or_a_code_in_another_language():
    blocks = (
        Block("heading", "Product"),
        Block.table([["name", "price", "the quick brown fox"]] * 50),
        Block("paragraph", "Cada empleado pide sus vacaciones por escrito con un mes de antelación. " * 4),
        Block("code", "for each of the items in this list return the one that is not there"),
    )
    assert identify_language(Content(blocks)) == "es"
