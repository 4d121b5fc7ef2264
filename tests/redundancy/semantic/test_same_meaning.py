"""A text told in other words is found in each language; one on the same subject is not."""

from __future__ import annotations

import pytest

from core.inference.embedding import SentenceEmbedder
from core.redundancy import similarity
from core.redundancy.semantic import SemanticIndex, make_profiles

TEXTS = {
    "en": (
        "Lost access cards\nAn employee who loses the access card reports it to security at once. Security "
        "blocks the card within ten minutes and writes down the time.\n\nA new card is handed out the next "
        "morning. The first replacement is free; each further one costs eight dollars.",
        "If an access card is lost\nTell security immediately when you have lost your access card. The card "
        "is then disabled in no more than ten minutes, and the time is noted.\n\nThe following morning you "
        "get a replacement card. Nothing is charged for the first, later ones are eight dollars each.",
        "Ordering paper\nThe office orders paper from the printing house every quarter. The order names the "
        "size, the colour and the building.\n\nPaper that arrives wet is sent back. Finance pays the invoice "
        "at the end of the month.",
    ),
    "es": (
        "Equipos prestados\nQuien recibe una computadora prestada firma un recibo del almacén y devuelve "
        "la computadora y sus accesorios al terminar el proyecto.\n\nSi la computadora se daña, avisa a "
        "sistemas el mismo día y no intenta repararla. Sistemas entrega otra en dos días hábiles.",
        "Computadoras prestadas\nLa persona que recibe una computadora en préstamo firma un recibo en el "
        "almacén y la regresa con sus accesorios al acabar el proyecto.\n\nCuando se daña la computadora, "
        "informa ese mismo día a sistemas y no trata de repararla. En dos días hábiles recibe otra.",
        "Compra de computadoras\nEl área de sistemas pide cada año tres cotizaciones de computadoras y elige "
        "la mejor.\n\nEl proveedor entrega las computadoras con garantía y las instala en cada oficina.",
    ),
    "pt": (
        "Entrega de uniformes\nCada funcionário recebe dois uniformes no primeiro dia e assina um recibo.\n\n"
        "O uniforme gasto é trocado pelo armazém sem custo, uma vez por ano.",
        "Uniformes\nNo primeiro dia cada funcionário ganha dois uniformes e assina o recibo deles.\n\nUma "
        "vez por ano o armazém troca sem custo o uniforme que estiver gasto.",
        "Compra de uniformes\nO fornecedor de uniformes é escolhido por licitação a cada três anos.\n\nA "
        "área de compras confere a qualidade do tecido e paga a fatura em trinta dias.",
    ),
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_reworded_text_is_found_and_another_on_the_subject_is_not(
    model: SentenceEmbedder, language: str
) -> None:
    texts = TEXTS[language]
    index = SemanticIndex()
    for id, made in zip("abc", make_profiles(texts, [language] * 3, model), strict=True):
        index.put(id, made)
    found = index.find_pairs("abc").same_meaning
    assert similarity(texts[0], texts[1]) < 0.25
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(0, 1)]
    assert index.explain("a", "b").share_b > 0.5
