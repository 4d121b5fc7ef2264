"""The plan that a proposal comes to."""

from datetime import date

from core.documents.catalogue import load_catalogue
from core.documents.plan import Company, DocumentPlan
from core.documents.planning import LENGTHS, plan_of, propose

TYPES = load_catalogue()
PROPOSAL = propose("una cotización de 40 sillas para el Hotel Sol", TYPES, today=date(2025, 3, 3))


def test_without_changes_the_plan_is_what_was_proposed() -> None:
    template = TYPES["quote"]
    plan = plan_of(PROPOSAL, template, sources=("one",), company=Company(name="Lumen"), engine="extractive")

    assert plan.title == PROPOSAL.title
    assert (plan.type, plan.language, plan.tone) == ("quote", "es", PROPOSAL.tone.value)
    assert plan.areas == ("sales", "finance")
    assert plan.sources == ("one",)
    assert plan.company.name == "Lumen"
    assert [section.key for section in plan.sections] == [slot.key for slot in template.slots]
    assert DocumentPlan.from_json(plan.to_json()) == plan


def test_what_a_person_chooses_overrides_the_proposal() -> None:
    plan = plan_of(
        PROPOSAL,
        TYPES["invoice"],
        sources=(),
        company=Company(),
        engine="model",
        area="legal",
        language="pt",
        audience="",
        tone="casual",
        complexity="simple",
    )

    assert (plan.type, plan.language, plan.tone, plan.complexity) == ("invoice", "pt", "casual", "simple")
    assert plan.areas[0] == "legal"
    assert plan.audience == ""
    assert plan.engine == "model"
    assert plan.title == f"{TYPES['invoice'].name('pt')}: {PROPOSAL.subject}"


def test_the_words_of_sections_scale_with_the_extent() -> None:
    template = TYPES["quote"]
    for extent, factor in LENGTHS.items():
        plan = plan_of(
            PROPOSAL, template, sources=(), company=Company(), engine="extractive", complexity=extent
        )
        for section, slot in zip(plan.sections, template.slots, strict=True):
            assert section.max_words == round(slot.max_words * factor)
            assert 0 <= section.min_words <= section.max_words
