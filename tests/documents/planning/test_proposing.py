"""What is proposed for a brief."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.agents import AREAS, load_agents
from core.documents.catalogue import TONES, load_catalogue
from core.documents.planning import REASONS, Proposal, propose
from core.documents.template import DocumentTemplate
from core.errors import Invalid
from core.language.stop_words import LANGUAGES
from core.priority import Priority

TODAY = date(2025, 3, 3)  # a Monday
TYPES = load_catalogue()


def proposed(brief: str, **others: object) -> Proposal:
    types: Mapping[str, DocumentTemplate] = TYPES
    return propose(brief, types, today=TODAY, **others)  # type: ignore[arg-type]


def own_type(key: str, *names: str) -> dict[str, DocumentTemplate]:
    """The types with one more, named in Spanish as a person would."""
    return {**TYPES, key: replace(TYPES["report"], key=key, names=dict.fromkeys(LANGUAGES, names))}


@pytest.mark.parametrize(
    ("brief", "key", "language"),
    [
        ("ata da reunião de ontem com a diretoria", "meeting_minutes", "pt"),
        ("necesito convencer al hotel de que nos compre el sistema de reservas", "sales_proposal", "es"),
        ("Quote for 40 office chairs delivered to Bristol", "quote", "en"),
        ("NDA with a freelance designer", "nda", "en"),
        ("Cotizacion de 200 camisetas para el colegio", "quote", "es"),
    ],
)
def test_a_brief_is_proposed_as_the_type_that_it_asks_for(brief: str, key: str, language: str) -> None:
    proposal = proposed(brief)

    assert proposal.types[0].key == key
    assert proposal.types[0].words
    assert proposal.language.value == language


def test_a_typing_error_in_a_long_word_does_no_harm() -> None:
    assert proposed("Propsal for a chain of clinics").types[0].key == "sales_proposal"


def test_the_words_that_voted_stand_in_the_brief() -> None:
    brief = "carta de disculpas a una clienta por el retraso de su pedido"
    proposal = proposed(brief)

    assert set(proposal.types[0].words) <= set(brief.split())
    assert "carta" in proposal.types[0].words
    assert proposal.areas[0].key == "customer_service"


def test_all_types_and_areas_are_ranked() -> None:
    proposal = proposed("a quote for 40 chairs")

    assert {each.key for each in proposal.types} == set(TYPES)
    assert {each.key for each in proposal.areas} == set(AREAS)


def test_a_brief_without_any_sign_is_a_report_that_a_person_should_check() -> None:
    proposal = proposed("xyz")

    assert (proposal.types[0].key, proposal.areas[0].key) == ("report", "content")
    assert proposal.types[0].score == 0
    assert not proposal.is_sure
    assert [warning.sentence for warning in proposal.warnings] == [REASONS["no_sign"]]


def test_a_type_of_ones_own_takes_part_by_its_name() -> None:
    types = own_type("visit_sheet", "Ficha de visita", "ficha de visita técnica")
    proposal = propose("ficha de visita de la finca El Roble", types, today=TODAY)

    assert proposal.types[0].key == "visit_sheet"
    assert {"ficha", "visita"} <= set(proposal.types[0].words)


def test_an_empty_brief_is_invalid() -> None:
    for brief in ("", " \n ", "?!", "—"):
        with pytest.raises(Invalid, match="empty"):
            proposed(brief)


def test_a_language_that_is_asked_for_wins_over_that_of_the_brief() -> None:
    proposal = proposed("Proposal for a hotel chain, based on our price list, in Spanish")

    assert proposal.language.value == "es"
    assert proposal.language.reason.parameters == {"words": "in Spanish"}
    assert proposal.title == "Propuesta comercial: hotel chain"


def test_without_a_hold_the_language_is_that_of_the_sources_and_then_of_the_page() -> None:
    assert proposed("FAQ Lumo 3", page_language="pt").language.value == "pt"
    assert proposed("FAQ Lumo 3", page_language="pt", source_languages=("es", "es")).language.value == "es"
    assert proposed("FAQ Lumo 3", page_language="pt", source_languages=("es", "en")).language.value == "pt"


def test_a_language_that_is_not_written_is_said() -> None:
    proposal = proposed("a letter to our supplier in French")

    assert proposal.language.value == "en"
    assert REASONS["language_not_written"] in [warning.sentence for warning in proposal.warnings]


def test_the_tone_is_the_wish_then_the_company_s_then_the_type_s() -> None:
    assert proposed("a letter in a friendly tone", company_tone="casual").tone.value == "friendly"
    assert proposed("a letter to our supplier", company_tone="casual").tone.value == "casual"
    assert proposed("a letter to our supplier").tone.value == TYPES["letter"].tone


def test_the_reader_is_said_or_the_usual_one() -> None:
    assert proposed("informe de ventas para la junta directiva").audience.value == "la junta directiva"
    assert proposed("Letter to Mrs. Alder apologising").audience.value == "Mrs. Alder"
    usual = load_agents()["legal"].audience["pt"]
    assert proposed("contrato de compra e venda do trator").audience.value == usual


def test_urgency_and_days_set_the_priority() -> None:
    assert proposed("memo on the new parking rules, urgent").priority.value is Priority.HIGH
    assert proposed("sales proposal for a school, no rush").priority.value is Priority.LOW
    soon = proposed("boletín mensual para mañana")
    assert (soon.priority.value, soon.due) == (Priority.HIGH, date(2025, 3, 4))
    near = proposed("boletín mensual para el viernes")
    assert (near.priority.value, near.due) == (Priority.NORMAL, date(2025, 3, 7))
    assert proposed("boletín mensual de la cooperativa").priority.value is Priority.LOW


def test_the_extent_follows_the_wish_the_number_of_asks_or_the_type() -> None:
    assert proposed("resumen del contrato en una página").complexity.value == "simple"
    assert proposed("a detailed test plan").complexity.value == "complex"
    many = proposed("report with costs, sales, stock, staff, energy, water, waste, and plans")
    assert many.complexity.value == "complex"
    assert proposed("memo about the lift").complexity.value == "simple"
    assert proposed("business plan for a bakery").complexity.value == "complex"


def test_a_very_long_brief_is_read_in_part_and_that_is_said() -> None:
    filler = "The weather was mild and the streets were quiet. " * 2_100
    brief = f"Sales proposal for a school. {filler} Please write the document in Portuguese."
    proposal = proposed(brief)

    assert len(proposal.brief) <= 4_000 < len(brief)
    assert proposal.types[0].key == "sales_proposal"
    assert proposal.language.value == "pt"
    cut = proposal.warnings[0]
    assert cut.sentence == REASONS["brief_cut"]
    assert cut.parameters == {"read": len(proposal.brief), "total": len(brief)}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_whatever_is_typed_gives_a_proposal_or_is_empty(brief: str) -> None:
    if not any(letter.isalnum() for letter in brief.strip()):
        with pytest.raises(Invalid):
            proposed(brief)
        return
    proposal = proposed(brief)
    for ranked in (proposal.types, proposal.areas):
        scores = [each.score for each in ranked]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert sum(scores) == 0 or abs(sum(scores) - 1) < 0.01
    assert proposal.tone.value in TONES
    choices = (proposal.language, proposal.audience, proposal.tone, proposal.complexity, proposal.priority)
    for said in (*(choice.reason for choice in choices), *proposal.warnings):
        assert said.sentence in REASONS.values()
        assert said.sentence.format(**said.parameters)


WORDS = st.sampled_from(
    [
        "informe",
        "propuesta",
        "para",
        "by",
        "for",
        "until",
        "antes de",
        "the",
        "in spanish",
        "em",
        "pages",
        "3",
        "2025-02-30",
        "29 february",
        "mañana",
        "hoy",
        "31 abril",
        "urgente",
        "no rush",
        "dirigido a",
        "Hotel Sol",
        "tono formal",
        "Dr.",
        ",",
        ".",
        ";",
        ":",
        "-",
        "in 14 days",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=25))
def test_any_mixture_of_telling_words_gives_a_proposal(words: list[str]) -> None:
    brief = " ".join(words)
    if any(letter.isalnum() for letter in brief):
        proposal = proposed(brief)
        assert proposal.due is None or proposal.due >= TODAY
