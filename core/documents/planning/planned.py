"""The plan that a proposal and the changes of a person come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.documents.plan import Company, Complexity, DocumentPlan, Engine, PlannedSection, sections_of
from core.documents.planning.proposal import Proposal
from core.documents.planning.reasons import REASONS
from core.documents.planning.subject import title_of
from core.documents.template import DocumentTemplate
from core.language.stop_words import Language

LENGTHS: Mapping[Complexity, float] = MappingProxyType({"simple": 0.6, "moderate": 1.0, "complex": 1.5})
"""What the words of a section are multiplied with."""


def plan_of(
    proposal: Proposal,
    template: DocumentTemplate,
    *,
    sources: Sequence[str],
    company: Company,
    engine: Engine,
    area: str = "",
    language: Language | None = None,
    audience: str | None = None,
    tone: str = "",
    complexity: Complexity | None = None,
) -> DocumentPlan:
    """What is given overrides the proposal: "" and None do not, except that an audience of "" is nobody.

    `areas` begin with the one that writes it, then the others of the template.
    """
    spoken = language or proposal.language.value
    extent = complexity or proposal.complexity.value
    return DocumentPlan(
        brief=proposal.brief,
        title=title_of(template, proposal.subject, spoken),
        type=template.key,
        template_version=template.version,
        areas=tuple(dict.fromkeys((area or _area(proposal, template), *template.areas))),
        language=spoken,
        audience=proposal.audience.value if audience is None else audience.strip(),
        tone=tone or _tone(proposal, template),
        complexity=extent,
        engine=engine,
        sections=tuple(_sized(section, LENGTHS[extent]) for section in sections_of(template, spoken)),
        sources=tuple(sources),
        company=company,
    )


def _sized(section: PlannedSection, factor: float) -> PlannedSection:
    most = max(1, round(section.max_words * factor))
    return replace(section, min_words=min(most, round(section.min_words * factor)), max_words=most)


def _area(proposal: Proposal, template: DocumentTemplate) -> str:
    """The likeliest area; of another type than the likeliest, the likeliest that writes it."""
    ranked = [each.key for each in proposal.areas]
    if template.key == proposal.types[0].key:
        return ranked[0]
    return next((key for key in ranked if key in template.areas), template.areas[0])


def _tone(proposal: Proposal, template: DocumentTemplate) -> str:
    """The proposed one, unless it was only that of the likeliest type."""
    is_of_type = proposal.tone.reason.sentence == REASONS["tone_of_type"]
    return template.tone if is_of_type else proposal.tone.value
