"""Facts that rules find in a sentence of any of the three languages."""

from __future__ import annotations

import pytest

from core.documents.facts import FINDERS, agree, find_facts
from core.documents.template import FACT_KINDS, FactKind
from core.language.stop_words import Language


def test_every_kind_of_fact_is_found() -> None:
    assert set(FINDERS) == set(FACT_KINDS)


@pytest.mark.parametrize(
    ("kind", "language", "text", "found", "value"),
    [
        ("money", "en", "The fee is USD 1,200.50 a month.", "USD 1,200.50", "USD 1200.5"),
        ("money", "es", "La renta es de 1.200,50 euros.", "1.200,50 euros", "EUR 1200.5"),
        ("money", "pt", "O valor é de R$ 8.400,00.", "R$ 8.400,00", "BRL 8400"),
        ("money", "en", "We sold 5.88 million dollars.", "5.88 million dollars", "USD 5880000"),
        ("money", "es", "Cuesta doscientos mil pesos.", "doscientos mil pesos", "peso 200000"),
        (
            "duration",
            "en",
            "Within thirty (30) business days.",
            "thirty (30) business days",
            "30 working day",
        ),
        ("duration", "es", "Dura treinta y seis meses.", "treinta y seis meses", "36 month"),
        ("duration", "es", "Por tres años.", "tres años", "36 month"),
        ("duration", "pt", "No prazo de dez dias úteis.", "dez dias úteis", "10 working day"),
        ("percentage", "en", "It rose by 17 %.", "17 %", "17%"),
        ("percentage", "es", "Es el doce por ciento.", "doce por ciento", "12%"),
        ("percentage", "pt", "Multa de 2,5% ao mês.", "2,5%", "2.5%"),
        ("date", "en", "Signed on March 3, 2026.", "March 3, 2026", "2026-03-03"),
        ("date", "es", "Firmado el 3 de marzo de 2026.", "3 de marzo de 2026", "2026-03-03"),
        ("date", "pt", "Até 03/04/2026.", "03/04/2026", "2026-04-03"),
        ("date", "en", "Due 03/04/2026.", "03/04/2026", "2026-03-04"),
        ("date", "en", "Due 2026-04-03.", "2026-04-03", "2026-04-03"),
        ("quantity", "es", "Se instalan 88 sensores.", "88 sensores", "88"),
        ("quantity", "pt", "Em doze parcelas.", "doze parcelas", "12"),
        ("identifier", "en", "See contract no. VM-2026/14.", "VM-2026/14", "VM-2026/14"),
        ("identifier", "pt", "Fatura n.º 4711.", "4711", "4711"),
        ("person", "es", "Lo aprobó Ana Ruiz.", "Ana Ruiz", "ana ruiz"),
        ("place", "en", "The office in Austin is closed.", "Austin", "austin"),
        ("party", "en", "Acme Inc. delivers.", "Acme Inc.", "acme inc."),
        ("party", "es", "El Proveedor entrega los equipos.", "El Proveedor", "el proveedor"),
        ("party", "pt", "A Contratada presta o serviço.", "A Contratada", "a contratada"),
    ],
)
def test_a_value_is_found_where_it_stands(
    kind: FactKind, language: Language, text: str, found: str, value: str
) -> None:
    facts = find_facts(text, language, [kind])
    assert [(fact.text, fact.value) for fact in facts] == [(found, value)]
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)


@pytest.mark.parametrize(
    ("kind", "language", "text"),
    [
        ("obligation", "en", "The tenant shall pay the rent in advance."),
        ("obligation", "es", "El arrendatario deberá pagar la renta."),
        ("obligation", "pt", "O locatário deve pagar o aluguel."),
        ("action", "en", "Ana Ruiz will send the report by 3 March."),
        ("action", "es", "Gabriel enviará el informe a más tardar el 3 de marzo."),
        ("action", "pt", "Ana Ruiz vai enviar o relatório."),
        ("decision", "en", "It was agreed to hire two technicians."),
        ("decision", "es", "Se acordó contratar a dos técnicos."),
        ("decision", "pt", "Ficou decidido contratar dois técnicos."),
        ("risk", "en", "A late delivery could delay the launch."),
        ("risk", "es", "El riesgo principal es la falta de sondas."),
        ("risk", "pt", "O atraso pode causar multas."),
    ],
)
def test_a_sentence_of_a_kind_is_found_whole(kind: FactKind, language: Language, text: str) -> None:
    assert [fact.text for fact in find_facts(text, language, [kind])] == [text]


@pytest.mark.parametrize("kind", ["obligation", "action", "decision", "risk"])
def test_a_plain_statement_is_none_of_them(kind: FactKind) -> None:
    assert not find_facts("The room is four metres long.", "en", [kind])


def test_both_sides_of_an_agreement_are_parties() -> None:
    text = 'This agreement is made between Valdenieve Inc. and Hollin & Vane Grocers ("Recipient").'
    assert [fact.text for fact in find_facts(text, "en", ["party"])] == [
        "Valdenieve Inc.",
        "Hollin & Vane Grocers",
    ]


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("money", "USD 1200", "USD 1200", True),
        ("money", "USD 1200", "$ 1200", True),
        ("money", "USD 1200", "EUR 1200", False),
        ("money", "USD 1200", "USD 1300", False),
        ("date", "2026-03-03", "2026-03-00", True),
        ("date", "0000-03-03", "2026-03-03", True),
        ("date", "2026-03-03", "2026-03-04", False),
        ("duration", "36 month", "36 month", True),
        ("duration", "30 day", "30 working day", False),
    ],
)
def test_values_agree_as_far_as_both_are_said(kind: FactKind, one: str, other: str, same: bool) -> None:
    assert agree(kind, one, other) is same
    assert agree(kind, other, one) is same


def test_finding_facts_takes_linear_time_on_hostile_text() -> None:
    for part in ("1,", "a ", "12 de ", "between A ", "will ", "$ 1."):
        assert isinstance(find_facts(part * 4_000, "en"), tuple)
