from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redundancy import differing_facts, facts
from core.redundancy.facts import are_facts_reordered


def values(text: str, kind: str) -> list[str]:
    return [fact.value for fact in facts(text) if fact.kind == kind]


def differing(a: str, b: str) -> list[tuple[str, str]]:
    return [(found.side, found.fact.value) for found in differing_facts(a, b)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The total is 1,234.56.", "The total is 1.234,56."),
        ("El total es 1.234.567,5", "El total es 1,234,567.50"),
        ("un 10 % de descuento", "un 10% de descuento"),
        ("10 percent off", "10 % off"),
        ("pays €10", "pays 10 EUR"),
        ("pays US$ 1,000.50", "pays USD 1,000.50"),
        ("custa R$ 1.234,50", "custa 1.234,50 reais"),
        ("vence el 3 de marzo de 2025", "vence el 2025-03-03"),
        ("vence em 3 de março de 2025", "vence em 3 março 2025"),
        ("due on March 3, 2025", "due on 3rd March 2025"),
        ("due on 25/12/2025", "due on 2025-12-25"),
        ("in marzo de 2025", "in March 2025"),
        ("a fine of 5 million", "a fine of 5 mln"),
        ("certified to ISO 9001", "certified to ISO-9001"),
        ("dura 30 días", "dura 30 dias"),
        ("sums 1,234.56 and 7,890", "sums 1.234,56 and 7.890"),
    ],
)
def test_ways_to_write_the_same_fact_do_not_differ(one: str, other: str):
    assert differing(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The total is 1,234.56.", "The total is 1,234.57."),
        ("The total is 1.234", "The total is 1,234"),
        ("a margin of 0.5", "a margin of 5"),
        ("a result of -5", "a result of 5"),
        ("a result of 12.50", "a result of (12.50)"),
        ("within 10 days", "within 10 weeks"),
        ("10 million", "10 billion"),
        ("un billón de pesos: 1 billón", "un billón de pesos: 1 billion"),
        ("pays $10", "pays €10"),
        ("due on 03/04/2025", "due on 04/03/2025"),
        ("due on 03/04/2025", "due on 2025-04-03"),
        ("due on 3 de marzo de 2025", "due on 3 de mayo de 2025"),
        ("invoice INV-2024-001", "invoice INV-2024-007"),
        ("see ISO 9001", "see ISO 9002"),
        ("write to ana@example.com", "write to eva@example.com"),
        ("see https://example.com/a", "see https://example.com/b"),
        ("model X200 fits", "model X300 fits"),
        ("agreed by Ana Ruiz in Lima", "agreed by Ana Ruiz in Quito"),
        ("firmado por Juan de la Cruz", "firmado por Juan de la Torre"),
        ("Acme sold the plant.", "Globex sold the plant."),
        ("we meet on Monday", "we meet on Tuesday"),
        ("se entrega en marzo", "se entrega en abril"),
        ("The lease is renewable.", "The lease is not renewable."),
        ("El contrato es válido sin firma.", "El contrato es válido con firma."),
        ("it starts at 10:30", "it starts at 11:30"),
        ("10 and 10", "10"),
    ],
)
def test_other_facts_differ(one: str, other: str):
    assert differing(one, other) != []
    assert differing(other, one) != []
    assert differing(one, one) == []


@given(
    st.integers(0, 10**9),
    st.integers(0, 8),
    st.sampled_from(["{} units", "€{}", "code A-{}", "N. {} of the list"]),
)
def test_one_changed_digit_is_a_differing_fact(number: int, place: int, form: str):
    digits = list(str(number))
    place %= len(digits)
    digits[place] = str((int(digits[place]) + 1) % 10)
    one, other = form.format(number), form.format("".join(digits))
    assert {found.side for found in differing_facts(one, other)} == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("1,234.56 and 1.234 and 0,5", "number", ["1234.56", "1.234", "0.5"]),
        ("Rates: 12,50 y 1.234", "number", ["12.5", "1234"]),
        ("1.234 or 1,234 alone", "number", ["1.234", "1,234"]),
        ("1\u00a0234\u00a0567 units", "number", ["1234567"]),
        ("On 2025-03-04, 25/12/2025 and May 5", "date", ["2025-03-04", "2025-12-25", "--05-05"]),
        ("You may march on.", "date", []),
        ("INV-2024-001, ISO 9001 and user@x.org", "identifier", ["INV-2024-001", "ISO-9001", "user@x.org"]),
        ("USD 10 and EUR 20", "identifier", []),
        ("Revenue grew. Profit fell. The Bank of Spain agreed.", "name", ["bank of spain"]),
        ("the firm of Ana Ruiz in São Paulo in May", "name", ["ana ruiz", "são paulo"]),
        ("según la Comisión del Mercado de Valores y otros", "name", ["comisión del mercado de valores"]),
        ("o Banco do Brasil informou", "name", ["banco do brasil"]),
        ("we don't and can’t", "negation", ["don't", "can’t"]),
    ],
)  # fmt: skip
def test_facts_are_read_by_their_form(text: str, kind: str, expected: list[str]):
    assert values(text, kind) == expected


@given(st.text("aB1.,-/€% \nñ:'()@", max_size=60))
def test_spans_are_in_order_and_hold_the_text(text: str):
    end = 0
    for fact in facts(text):
        assert text[fact.start : fact.end] == fact.text
        assert end <= fact.start < fact.end
        end = fact.end


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_differs_from_itself_and_sides_mirror(a: str, b: str):
    assert differing_facts(a, a) == ()
    there = {(found.side, found.fact) for found in differing_facts(a, b)}
    back = {("b" if found.side == "a" else "a", found.fact) for found in differing_facts(b, a)}
    assert there == back


def test_figures_that_change_places_are_seen():
    one, other = "Ana pays 10 and Eva pays 20", "Ana pays 20 and Eva pays 10"
    assert differing(one, other) == []
    assert are_facts_reordered(one, other)
    assert not are_facts_reordered(one, one)


def test_a_text_without_a_decimal_sign_is_read_like_the_other():
    assert differing("sums 1,234.56 and 7,890", "only 7,890") == [("a", "1234.56")]
    assert differing("solo 7.890", "suma 1.234,56 y 7.890") == [("b", "1234.56")]


def test_the_portuguese_contraction_no_is_no_negation():
    assert values("O produto fica no armazém e não no carro.", "negation") == ["não"]
    assert values("No se vende y no se alquila.", "negation") == ["no", "no"]


def test_wrapped_lines_do_not_cut_names():
    flowing = "This agreement is made in writing with the Bank of New York and others."
    wrapped = flowing.replace("Bank of New", "Bank of\nNew")
    assert differing(flowing, wrapped) == []


@pytest.mark.parametrize(
    "unit", ["a", "1", "1,", ".", "a.", "A ", "1 de ", "www.", "a@", "-", "1.1-", "May ", "$ "]
)
def test_long_monotonous_texts_are_read_in_linear_time(unit: str):
    text = unit * (40_000 // len(unit)) + random.Random(1).choice("ab")
    assert len(facts(text)) <= len(text)
