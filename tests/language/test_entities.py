"""Who, where, how much and when."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.entities import find_entities


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Ask Beatriz Salgado Lemos for it.", "person", "Beatriz Salgado Lemos"),
        ("Firmó la Dra. Noruega Zubizarreta.", "person", "Noruega Zubizarreta"),
        ("Elaborado por João da Silva Neto.", "person", "João da Silva Neto"),
        ("a contract with Lumen Sur, S.A. de C.V. for ice", "organisation", "Lumen Sur, S.A. de C.V."),
        ("o Frigorífico Boa Serra S.A. pagou", "organisation", "Frigorífico Boa Serra S.A."),
        ("El Banco de Alimentos abrió.", "organisation", "Banco de Alimentos"),
        ("Lakeside Freight LLC signed.", "organisation", "Lakeside Freight LLC"),
        ("Our office in São Paulo is closed.", "place", "São Paulo"),
        ("Viven en Ciudad de México desde mayo.", "place", "Ciudad de México"),
        ("It costs US$ 1,250.50 a month.", "money", "US$ 1,250.50"),
        ("o valor de R$ 1.250,00 ao mês", "money", "R$ 1.250,00"),
        ("cuesta 5.2 millones de dólares", "money", "5.2 millones de dólares"),
        ("due on 3 May 2026.", "date", "3 May 2026"),
        ("el 3 de mayo de 2026", "date", "3 de mayo de 2026"),
        ("em 03/05/2026", "date", "03/05/2026"),
        ("write to ana@lumen.example today", "email", "ana@lumen.example"),
        ("see https://lumen.example/a?b=1.", "url", "https://lumen.example/a?b=1"),
        ("invoice VB-2026-0412 is open", "identifier", "VB-2026-0412"),
    ],
)
def test_an_entity_is_found_as_it_is_written(text: str, kind: str, found: str) -> None:
    assert [(one.kind, one.text) for one in find_entities(text)] == [(kind, found)]


@pytest.mark.parametrize(
    "text",
    [
        "The Plan is ready. Each Team votes.",
        "SECURITY POLICY FOR VISITORS",
        "Our Head of Sales left.",
        "La Dirección General decide.",
        "Room 12 has 3 doors and 4.5 m of wall.",
    ],
)
def test_capitals_alone_make_no_entity(text: str) -> None:
    assert find_entities(text) == ()


def test_a_company_and_a_person_are_known_by_their_short_names_later() -> None:
    found = find_entities("Lumen Inc. hired Dana Whitlock. Whitlock knows Lumen well.")
    assert [(one.kind, one.text) for one in found] == [
        ("organisation", "Lumen Inc."),
        ("person", "Dana Whitlock"),
        ("person", "Whitlock"),
        ("organisation", "Lumen"),
    ]


@given(text=st.text(alphabet="Ana Ruiz.S-A,12$€/@\n&de", max_size=80))
def test_entities_stand_where_they_say_and_never_overlap(text: str) -> None:
    found = find_entities(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
