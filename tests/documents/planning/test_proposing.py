"""What is proposed for a brief."""

from datetime import date

import pytest

from core.documents.catalogue import load_catalogue
from core.documents.plan import Company
from core.documents.planning import Proposal, plan_of, propose
from core.errors import Invalid

TODAY = date(2025, 3, 3)


def proposed(brief: str) -> Proposal:
    return propose(brief, load_catalogue(), today=TODAY)


def test_a_type_that_is_named_comes_first_with_the_words_that_named_it() -> None:
    proposal = proposed("ata da reunião de ontem com a diretoria")

    assert proposal.types[0].key == "meeting_minutes"
    assert "ata" in proposal.types[0].words
    assert proposal.language.value == "pt"


def test_all_types_and_areas_are_ranked() -> None:
    proposal = proposed("a quote for 40 chairs")

    assert {each.key for each in proposal.types} == set(load_catalogue())
    assert len(proposal.areas) == 12


def test_an_empty_brief_is_invalid() -> None:
    with pytest.raises(Invalid, match="empty"):
        proposed(" \n ")


def test_what_a_person_chooses_overrides_the_proposal() -> None:
    types = load_catalogue()
    plan = plan_of(
        proposed("a quote for 40 chairs"),
        types["invoice"],
        sources=("one",),
        company=Company(name="Lumen"),
        engine="extractive",
        area="legal",
        language="pt",
        audience="",
        tone="casual",
        complexity="simple",
    )

    assert (plan.type, plan.language, plan.tone, plan.complexity) == ("invoice", "pt", "casual", "simple")
    assert plan.areas[0] == "legal"
    assert plan.audience == ""
    assert plan.title.startswith("Fatura") or plan.title.startswith(types["invoice"].name("pt"))
