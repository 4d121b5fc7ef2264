"""Whether a sentence can stand alone, asks, orders, or is no sentence."""

from __future__ import annotations

import pytest

from core.documents.drafting.sentence_signs import (
    is_imperative,
    is_item,
    is_question,
    is_sentence,
    is_standing,
    leans_on_previous,
)


@pytest.mark.parametrize(
    "text",
    [
        "However, the fee is paid in advance.",
        "This is why the alarm climbs.",
        "It applies to all staff.",
        "They name the risk and the owner.",
        "After this, the door is locked.",
        "Dicho plazo puede extenderse una vez.",
        "Esta obligación subsiste durante cinco años.",
        "Sin embargo, no se cobra la visita.",
        "Además, se entrega un plano.",
        "Por lo tanto, se suspende el envío.",
        "No obstante lo anterior, se aplica.",
        "Isso reduz a perda do produto.",
        "Esse prazo pode ser prorrogado.",
        "Entretanto, o alarme continua ativo.",
        "Nesse caso, a carga fica na doca.",
        "Também atendemos por telefone.",
        "and then the fee is paid.",
    ],
)
def test_a_sentence_that_leans_on_another(text: str) -> None:
    assert leans_on_previous(text)


@pytest.mark.parametrize(
    "text",
    [
        "This agreement is governed by the laws of Texas.",
        "This annual report covers 2026.",
        "The fee is paid in advance.",
        "Este contrato se rige por las leyes de México.",
        "Esta política explica cuántos días corresponden.",
        "El proveedor entrega los equipos.",
        "Después de la instalación se entrega un plano.",
        "Este relatório mostra os custos do semestre.",
        "O fornecedor agenda a entrega.",
        "A equipe confere a carga.",
        "Depois de dez minutos, o aviso sobe para a segunda pessoa.",
        "E-mail is answered within a day.",
    ],
)
def test_a_sentence_that_stands_alone(text: str) -> None:
    assert not leans_on_previous(text)


@pytest.mark.parametrize(
    "text",
    [
        "Total:",
        "Sensors",
        "12 %",
        "Is it due?",
        "¿Cuándo vence?",
        "a\tb\tc d e.",
        "Yes, it is.",
        "- - - - - - .",
    ],
)
def test_fragments_are_no_sentences(text: str) -> None:
    assert not is_sentence(text)


def test_a_phrase_can_be_a_point_of_a_list_and_a_question_cannot() -> None:
    assert is_item("Sensors with a certificate of calibration")
    assert not is_item("Which sensors?")
    assert not is_item("We need:")
    assert is_question("¿Cuánto dura?")


@pytest.mark.parametrize(
    "text",
    [
        "Page 3 of 9",
        "Página 12 de 40",
        "pág. 7",
        "Introduction ........ 4",
        "© 2026 Valdenieve",
        "Todos los derechos reservados.",
        "CONFIDENTIAL",
        "Click here to unsubscribe from this list.",
    ],
)
def test_what_stands_on_every_page(text: str) -> None:
    assert is_standing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Open the valve.",
        "3. Press the button.",
        "Please check it.",
        "Cierre la llave.",
        "No abra la puerta.",
        "Verifique o selo.",
    ],
)
def test_orders(text: str) -> None:
    assert is_imperative(text)


@pytest.mark.parametrize("text", ["The valve opens.", "La llave cierra bien.", "O selo está rompido.", ""])
def test_no_orders(text: str) -> None:
    assert not is_imperative(text)
