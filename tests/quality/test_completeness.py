"""What is missing is named at its place; what only looks so is left alone."""

from __future__ import annotations

import pytest

from core.content import Block, Content
from core.ingestion.reading import Repair
from core.quality import AssessedDocument
from core.quality.completeness import judge_completeness
from tests.quality.conftest import written


@pytest.mark.parametrize(
    "line",
    [
        "The owner is TBD.",
        "Responsable: [COMPLETAR AQUÍ]",
        "Prezada senhora [NOME]:",
        "XXX revisar con Tomás",
        "TODO: add the prices",
        "Contact <insert name> before noon.",
        "Hello {{customer_name}},",
        "The limit is ??? euros.",
        "Launch date: to be confirmed",
        "Fecha: por definir",
        "Dear [your name here],",
    ],
)
def test_a_placeholder_is_found(line: str) -> None:
    assert codes(line) == ["placeholder"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Lorem ipsum dolor sit amet.", "filler_text"),
        ("Amount due: ________", "blank_field"),
        ("Owner: ...", "blank_field"),
        ("Closed (as agreed.", "unbalanced_bracket"),
        ("PolÃ­tica de vacaciones", "mojibake"),
        ("The price\ufffds are fixed.", "mojibake"),
        ("As described, see section 9.", "broken_reference"),
        ("El detalle está aparte, ver anexo B.", "broken_reference"),
        ("Veja a figura 4.", "broken_reference"),
    ],
)
def test_something_missing_is_found(line: str, code: str) -> None:
    assert codes(line) == [code]


@pytest.mark.parametrize(
    "line",
    [
        "Hay que revisar TODO EL EQUIPO antes de salir.",
        "El XXX Congreso Nacional se celebra en mayo.",
        "Chapter XXX tells of the harbour.",
        "The rule [ISO] and the note [1] are cited, see [the guide](guide.md).",
        "Firma: ____________",
        "Name: ________  Date: ________",
        "Wait... then press the button (twice).",
        "Steps: a) open, b) close, 3) lock.",
        "MANHÃ DE SOL e AÇÃO RÁPIDA",
        "Orders are to be confirmed by the buyer within two days.",
        "O gerente ajuda a definir metas com a equipe.",
        "As section 9 of the Commercial Code says, both sign.",
        "We comply with clause 8.4 on measuring devices.",
        "Todos reciben el reporte.",
        "I am happy :) and you are not :(",
    ],
)
def test_what_only_looks_unfinished_is_left_alone(line: str) -> None:
    assert codes(line) == ["nothing_missing"]


def test_a_section_without_text_is_empty_and_a_chapter_with_subsections_is_not() -> None:
    document = written("# Plan", "Why.", "## Risks", "## Costs", "### Rent", "Ten.", "## Signatures")
    found = judge_completeness(document).evidence
    assert [(one.code, one.parameters["heading"]) for one in found] == [("empty_section", "Risks")]


def test_the_last_section_can_be_empty_too() -> None:
    assert codes("# Plan", "Why.", "## Security") == ["empty_section"]


def test_a_title_page_is_no_empty_section() -> None:
    assert codes("# The company", "# Annual report", "# 2026", "It was a good year.") == ["nothing_missing"]


def test_references_to_what_exists_are_whole() -> None:
    lines = (
        "# Rules",
        "## 1. Scope",
        "See section 2 and annex A.",
        "## 2. Duties",
        "See table 1.",
        "## Annex A",
        "x",
    )
    document = written(*lines)
    table = Block.table([["a", "b"], ["1", "2"]])
    whole = AssessedDocument(id="one", content=Content((*document.content.blocks, table)), language="en")
    assert [one.code for one in judge_completeness(whole).evidence] == ["nothing_missing"]
    assert "broken_reference" in [one.code for one in judge_completeness(document).evidence]


def test_sections_without_numbers_are_counted() -> None:
    lines = ("# Rules", "## Scope", "See section 2.", "## Duties", "See section 7.")
    found = judge_completeness(written(*lines)).evidence
    assert [one.parameters["reference"] for one in found] == ["section 7"]


def test_evidence_stands_where_it_says() -> None:
    document = written("# Plan", "The owner is TBD.", "And [NOMBRE].")
    text = document.content.text
    spans = [one.span for one in judge_completeness(document).evidence]
    assert [text[slice(*span)] for span in spans if span] == ["TBD", "[NOMBRE]"]


def test_what_the_reader_repaired_is_told_and_what_it_could_not_costs_more() -> None:
    repaired = Repair(0, 0, "PolÃ­tica", "Política", "mojibake", True)
    doubtful = Repair(0, 9, "TecnologÃa", "TecnologÃa", "lost_byte", False, ("Tecnología", "x"))
    content = Content((Block("paragraph", "Política TecnologÃa"),))
    mended = AssessedDocument(id="one", content=content, language="es", repairs=(repaired,))
    part = judge_completeness(mended)
    assert [one.code for one in part.evidence] == ["repaired_text"]
    assert part.score == 90
    both = AssessedDocument(id="one", content=content, language="es", repairs=(repaired, doubtful))
    assert judge_completeness(both).score == 85


def codes(*lines: str) -> list[str]:
    return [evidence.code for evidence in judge_completeness(written(*lines)).evidence]
