from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redundancy import Subject
from core.redundancy.contradictions import KINDS, contradictions, find_contradictions
from tests.redundancy.contradictions.labelled import Part, counted


def kinds(a: str, b: str, language_a: str = "", language_b: str = "") -> list[str]:
    found = contradictions(Subject.of("a", a, "", None, language_a), Subject.of("b", b, "", None, language_b))
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("kind", "a", "b"),
    [
        ("number", "Invoices are paid within 30 days.", "Las facturas se pagan en 45 días."),
        (
            "unit",
            "Complaints are answered within 10 working days.",
            "Complaints are answered within 10 days.",
        ),
        ("unit", "The fee for the course is 20 euros.", "La cuota del curso es de 20 dólares."),
        (
            "date",
            "The annual audit starts on 3 May 2026.",
            "La auditoría anual empieza el 9 de mayo de 2026.",
        ),
        (
            "name",
            "The project manager of the new warehouse is Carla Benítez.",
            "The project manager of the new warehouse is Tomás Iriarte.",
        ),
        ("obligation", "Visitors must wear a badge indoors.", "Visitors need not wear a badge indoors."),
        ("negation", "The price includes freight and tax.", "The price does not include freight and tax."),
    ],
)
def test_each_kind_of_difference_is_named(kind: str, a: str, b: str) -> None:
    assert kind in KINDS
    assert kinds(a, b) == [kind]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The discount on orders is 10 %.", "El descuento en los pedidos es del diez por ciento."),
        ("The discount on orders is 10 %.", "O desconto nos pedidos é de 0,1."),
        ("The contract is renewed after two weeks.", "El contrato se renueva a los 14 días."),
        ("The warranty of the sensor is 2 years.", "A garantia do sensor é de vinte e quatro meses."),
        ("The vaccine is stored at 5 °C.", "The vaccine is stored at 41 °F."),
        ("The audit starts on 3 May 2026.", "La auditoría empieza el 03/05/2026."),
        ("Severity 1 is answered within 15 minutes.", "Severity 2 is answered within 60 minutes."),
        ("Hotels in Austin cost up to 165 dollars.", "Hotéis em São Paulo custam até 115 dólares."),
    ],
)
def test_other_ways_to_write_a_fact_and_facts_about_other_things_do_not_contradict(a: str, b: str) -> None:
    assert kinds(a, b) == []


def test_an_answer_is_read_with_its_question_and_a_cell_with_its_row_and_column() -> None:
    policy = "Gastos\n\nCiudad\tHotel, por noche\tAlimentos, por día\nMonterrey\t110 USD\t45 USD"
    answers = "Meals\n\nHow much may I spend on food in Monterrey? Up to 55 dollars a day."
    found = contradictions(
        Subject.of("policy", policy, "Gastos", None, "es"), Subject.of("faq", answers, "FAQ", None, "en")
    )
    assert [(each.a.text, each.b.text) for each in found] == [("45 USD", "55 dollars")]
    assert {"food", "daily"} <= set(found[0].shared)


def test_spans_point_at_the_statement_and_the_fact() -> None:
    a = Subject.of("a", "Scope\n\nThis is about files. Backups are kept for six months. Nobody minds.")
    b = Subject.of("b", "Backups are kept for a year, that is for 12 months.")
    found = contradictions(a, b)[0]
    assert a.text[slice(*found.a.statement)] == "Backups are kept for six months."
    assert a.text[slice(*found.a.fact)] == found.a.text == "six months"
    assert found.a.value == "6 month"


POLICY = (
    "This policy says how long people wait for their laptop and who pays for it. It holds in every office.\n"
    "A new laptop is delivered within {} days of the request. The old one goes back to the store room.\n"
    "Nobody takes a device home without a signature. Questions go to the desk on the second floor."
)


def test_what_differs_between_versions_has_changed_and_the_older_comes_first() -> None:
    newer = Subject.of("newer", POLICY.format(5), "Laptop policy", datetime(2026, 1, 1, tzinfo=UTC))
    older = Subject.of("older", POLICY.format(9), "Laptop policy 2024", datetime(2024, 1, 1, tzinfo=UTC))
    (found,) = find_contradictions([newer, older])
    assert (found.relation, found.a.document_id, found.a.value, found.b.value) == (
        "changed",
        "older",
        "9 day",
        "5 day",
    )


def test_copies_of_one_template_are_left_out() -> None:
    one = Subject.of("one", POLICY.format(5), "Laptop policy of Tallow Ltd")
    other = Subject.of("other", POLICY.format(9), "Laptop policy of Corvane Inc")
    assert find_contradictions([one, other]) == ()


def test_reports_on_two_months_are_left_out() -> None:
    may = Subject.of("may", "In the north 12 sensors failed.", "Status report May 2026")
    june = Subject.of("june", "In the north 19 sensors failed.", "Status report June 2026")
    assert find_contradictions([may, june]) == ()


@pytest.mark.parametrize(("part", "least"), [("tuned", 18), ("kept", 12)])
def test_of_the_labelled_pairs_most_contradictions_and_no_other_pairs_are_flagged(
    part: Part, least: int
) -> None:
    numbers = counted(part)
    assert numbers["contradicts", True] >= least
    assert numbers["agrees", True] == numbers["unrelated", True] == 0


SENTENCES = (
    "Invoices are paid within {} days.",
    "Las facturas se pagan en {} días.",
    "As faturas são pagas em {} dias.",
)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.sampled_from(SENTENCES), st.sampled_from(SENTENCES))
def test_two_sentences_contradict_each_other_exactly_if_their_numbers_differ(
    one: int, other: int, first: str, second: str
) -> None:
    a, b = Subject.of("a", first.format(one)), Subject.of("b", second.format(other))
    assert bool(contradictions(a, b)) == (one != other)
    assert [each.strength for each in contradictions(a, b)] == [
        each.strength for each in contradictions(b, a)
    ]
