"""What a brief says of the document itself."""

from datetime import date

import pytest

from core.documents.planning.wishes import (
    find_haste,
    find_language,
    find_length,
    find_readers,
    find_recipients,
    find_tone,
    level,
)

MONDAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("brief", "language"),
    [
        ("a memo in English", "en"),
        ("escríbelo en portugués, por favor", "pt"),
        ("relatório em espanhol", "es"),
        ("in Spanish, no, better in Portuguese", "pt"),
        ("carta al profesor de inglés", None),
        ("auf Spanisch", None),
    ],
)
def test_a_language_is_asked_for_with_a_preposition(brief: str, language: str | None) -> None:
    found = find_language(brief)
    assert (found.value if found else None) == language


@pytest.mark.parametrize(
    ("brief", "due"),
    [
        ("by Friday", date(2025, 3, 7)),
        ("needed for Monday", date(2025, 3, 10)),
        ("para mañana", date(2025, 3, 4)),
        ("até quinta", date(2025, 3, 6)),
        ("antes del 12 de abril", date(2025, 4, 12)),
        ("before 14 June", date(2025, 6, 14)),
        ("before January 2", date(2026, 1, 2)),
        ("by 2025-03-20", date(2025, 3, 20)),
        ("by 2025-02-20", None),
        ("by 2025-02-30", None),
        ("en 3 días", date(2025, 3, 6)),
        ("a quote valid until Friday", None),
        ("factura pagadera antes del viernes", None),
        ("the accident on Tuesday", None),
    ],
)
def test_the_day_by_which_it_is_wanted(brief: str, due: date | None) -> None:
    found = find_haste(brief, MONDAY)
    assert (found.value.due if found else None) == due


@pytest.mark.parametrize(
    ("brief", "extent"),
    [
        ("in one page", "simple"),
        ("about 15 pages", "complex"),
        ("unas 5 páginas", "moderate"),
        ("máximo 400 palabras", "simple"),
        ("a one-pager", "simple"),
        ("short and formal", "simple"),
        ("detallado", "complex"),
        ("plan a corto plazo", None),
        ("executive summary of the 80 page report", None),
        ("resumen del estudio de 120 páginas", None),
    ],
)
def test_the_length_that_is_asked_for(brief: str, extent: str | None) -> None:
    found = find_length(brief)
    assert (found.value if found else None) == extent


@pytest.mark.parametrize(
    ("brief", "tone"),
    [
        ("in a friendly tone", "friendly"),
        ("tono cercano", "friendly"),
        ("em tom formal e claro", "formal"),
        ("something persuasive for a client", "persuasive"),
        ("muy amable y formal", "friendly"),
        ("technical specification of the door", None),
        ("formal education programme", None),
    ],
)
def test_the_tone_that_is_asked_for(brief: str, tone: str | None) -> None:
    found = find_tone(brief)
    assert (found.value if found else None) == tone


@pytest.mark.parametrize(
    ("brief", "readers"),
    [
        ("report for the board, by Friday", "the board"),
        ("guía dirigida a padres de familia", "padres de familia"),
        ("relatório para os sócios e investidores", "os sócios e investidores"),
        ("propuesta para una cadena hotelera con sede en Quito", "una cadena hotelera"),
        ("plan for the warehouse", None),
        ("un contrato para el edificio", None),
    ],
)
def test_readers_are_people(brief: str, readers: str | None) -> None:
    found = find_readers(brief)
    assert (found.value if found else None) == readers


def test_recipients_are_names_behind_to_or_for() -> None:
    found = find_recipients("letter to Mrs. Alder and a quote for Bexley Dental in May")
    assert [each.value for each in found] == ["Mrs. Alder", "Bexley Dental"]


def test_a_wish_says_where_it_stands() -> None:
    brief = "Acta, con TONO formal, para el equipo"
    found = find_tone(brief)
    assert found is not None
    assert brief[found.start : found.end] == found.words == "TONO formal"


def test_levelled_text_keeps_the_places_of_its_letters() -> None:
    for text in ("Ação ﬁnal İstanbul ß", "e\u0301a", "①½ﷺ"):
        assert len(level(text)) == len(text)
