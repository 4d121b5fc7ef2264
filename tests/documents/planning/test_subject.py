"""What the title of a document names."""

from datetime import date

import pytest

from core.documents.catalogue import load_catalogue
from core.documents.planning import propose


@pytest.mark.parametrize(
    ("brief", "title"),
    [
        (
            "necesito una propuesta comercial para la cadena hotelera Miralunas, urgente",
            "Propuesta comercial: cadena hotelera Miralunas",
        ),
        (
            "Informe de ventas del tercer trimestre para la junta directiva, breve, para el viernes",
            "Informe: ventas del tercer trimestre",
        ),
        ("White paper on passwordless authentication", "White paper: passwordless authentication"),
        ("Plano de testes do portal do aluno", "Plano de testes: portal do aluno"),
        (
            "Strategic plan 2026-2029 for the hospital group",
            "Strategic plan: 2026-2029 for the hospital group",
        ),
        ("Letter to Mrs. Alder", "Letter: Mrs. Alder"),
        ("a letter, please", "Letter"),
    ],
)
def test_the_title_is_the_type_and_the_subject(brief: str, title: str) -> None:
    assert propose(brief, load_catalogue(), today=date(2025, 3, 3)).title == title
