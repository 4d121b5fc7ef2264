"""Identifiers are found by form, check digits and the words around them, and shown masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.policy.generate import VALUES, labelled_set
from core.quality.policy import IDENTIFIERS, find_identifiers
from core.quality.policy.identifiers import DETECTORS


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in find_identifiers(text)]


def test_every_kind_has_a_detector_and_a_generator() -> None:
    assert {detector.kind for detector in DETECTORS} == set(IDENTIFIERS) == set(VALUES)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DNI 12.345.678-Z", "es_dni"),
        ("NIE X-1234567-L", "es_nie"),
        ("CIF: A58818501", "es_cif"),
        ("Seguridad Social 28/12345678/40", "es_nss"),
        ("CURP HEGG560427MVZRRL04", "mx_curp"),
        ("RFC GODE561231GR8", "mx_rfc"),
        ("CLABE 032180000118359719", "mx_clabe"),
        ("DNI 23.456.789", "ar_dni"),
        ("CUIT 20-12345678-6", "ar_cuit"),
        ("SSN 536-22-1234", "us_ssn"),
        ("EIN 12-3456789", "us_ein"),
        ("routing number 021000021", "us_routing"),
        ("CPF 111.444.777-35", "br_cpf"),
        ("CNPJ 11.222.333/0001-81", "br_cnpj"),
        ("CNPJ 12.ABC.345/01DE-35", "br_cnpj"),
        ("PIS 120.56874.10-7", "br_pis"),
        ("RG MG-12.345.678", "br_rg"),
        ("IBAN ES91 2100 0418 4502 0005 1332", "iban"),
        ("IBAN GB82WEST12345698765432", "iban"),
        ("card 4111 1111 1111 1111", "card"),
        ("3782 822463 10005", "card"),
        ("+34 612 345 678", "phone"),
        ("(11) 91234-5678", "phone"),
        ("born on March 3, 1985", "birth_date"),
        ("nacido el 3 de marzo de 1985", "birth_date"),
        ("Passport No. AAB123456", "passport"),
        ("IP 8.8.8.8", "ip_address"),
    ],
)
def test_an_identifier_as_its_country_writes_it_is_found(text: str, kind: str) -> None:
    assert [each for each, _written in found(f"Please note: {text}, as agreed.")] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "DNI 12345678A",
        "CPF 111.444.777-36",
        "CNPJ 11.222.333/0001-82",
        "IBAN ES91 2100 0418 4502 0005 1333",
        "card 4111 1111 1111 1112",
        "CPF 111.111.111-11",
        "SSN 000-12-3456",
        "Invoice 12345678Z",
        "Pedido n.º 20-12345678-6",
        "Order 4111111111111111",
        "Part number 536-22-1234",
        "CEP 01310-100",
        "Version 8.8.8.8",
        "born on 31/02/1985",
        "icon@2x.png",
        "Total 612 345 678 EUR",
        "ISBN 978-84-376-0494-7",
    ],
)
def test_a_number_that_only_looks_like_one_is_left_alone(text: str) -> None:
    assert found(f"Please note: {text}, as agreed.") == []


def test_a_column_is_named_by_its_head() -> None:
    rows = "Nombre\tDNI\tPedido\nAna\t23456789\t23456780\nLuis\t12345678Z\t34567891"
    assert found(rows) == [("ar_dni", "23456789"), ("es_dni", "12345678Z")]


def test_a_label_may_stand_above_or_behind() -> None:
    assert found("CLABE:\n032180000118359719") == [("mx_clabe", "032180000118359719")]
    assert found("Use 021000021 (routing number).") == [("us_routing", "021000021")]


def test_the_nearer_label_wins() -> None:
    assert found("Factura a nombre de Ana, DNI 12345678Z.") == [("es_dni", "12345678Z")]
    assert found("El DNI no figura en la factura 12345678Z.") == []


def test_a_number_is_taken_for_one_identifier_only() -> None:
    assert found("IBAN: ES91 2100 0418 4502 0005 1332") == [("iban", "ES91 2100 0418 4502 0005 1332")]


def test_no_more_than_two_signs_of_an_identifier_are_shown() -> None:
    for example in labelled_set(480, 0, seed=3):
        for each in find_identifiers(example.text):
            written = example.text[each.start : each.end]
            shown = [sign for sign in each.masked if sign.isalnum()]
            assert len(each.masked) == len(written)
            if each.kind != "email":
                assert len(shown) <= 2
            assert each.masked != written


def test_the_goals_are_met_on_a_small_set_of_its_own() -> None:
    right = wrong = missed = 0
    for example in labelled_set(960, 960, seed=5):
        kinds = [each.kind for each in find_identifiers(example.text)]
        right += example.kind in kinds
        missed += example.kind is not None and example.kind not in kinds
        wrong += len(kinds) - (example.kind in kinds)
    assert right / (right + wrong) >= 0.98
    assert right / (right + missed) >= 0.95


@given(st.text(alphabet=st.sampled_from("0123456789.-/ ()+@:\t\nABCXYZxñÑſK٣DNIcpf"), max_size=120))
def test_any_text_can_be_looked_through(text: str) -> None:
    last = 0
    for each in find_identifiers(text):
        assert last <= each.start < each.end <= len(text)
        last = each.end


@given(st.text(max_size=80))
def test_any_writing_can_be_looked_through(text: str) -> None:
    find_identifiers(f"DNI {text}, CPF: {text}")
