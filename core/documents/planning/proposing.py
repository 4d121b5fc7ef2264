"""From the line that a person types to a proposal: type, area, language, readers, tone, length and haste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from core.documents.plan import Complexity
from core.documents.planning.proposal import Choice, Proposal
from core.documents.planning.reasons import Reason, reason
from core.documents.planning.routing import route_brief
from core.documents.planning.subject import subject_of, title_of
from core.documents.planning.wishes import (
    said_audience,
    unwritten_language,
    wished_extent,
    wished_haste,
    wished_language,
)
from core.documents.template import DocumentTemplate
from core.errors import Invalid
from core.language.keywords import find_keywords
from core.language.stop_words import LANGUAGES, Language
from core.priority import Priority

MOST_CHARACTERS = 6_000
"""Of a longer brief the beginning is read."""

_AREAS_FIRST = ("marketing", "sales", "finance", "strategy")
_AREAS_LAST = ("hr", "content", "customer_service")
_MANY_SECTIONS, _FEW_SECTIONS = 9, 4


def propose(
    brief: str,
    types: Mapping[str, DocumentTemplate],
    *,
    page_language: Language = "en",
    source_languages: Sequence[str] = (),
    company_tone: str = "",
    today: date,
) -> Proposal:
    """Ranks all `types` and all areas. The only error is Invalid, for a brief without letters or figures."""
    read = brief.strip()[:MOST_CHARACTERS]
    if not any(letter.isalnum() for letter in read):
        raise Invalid("The brief is empty.", remedy="Say in a line what you need, for whom and about what.")
    routing = route_brief(read, types)
    template = types[routing.types[0].key]
    language = _language(read, page_language, source_languages)
    subject = subject_of(read, language.value, types)
    return Proposal(
        brief=read,
        areas=routing.areas,
        types=routing.types,
        is_sure=routing.is_sure,
        title=title_of(template, subject, language.value),
        subject=subject,
        language=language,
        audience=_audience(read),
        tone=_tone(company_tone, template),
        complexity=_complexity(read, template),
        priority=_priority(read, routing.areas[0].key),
        keywords=tuple(term.text for term in find_keywords(read, language.value)),
        warnings=tuple(_warnings(brief.strip(), read, routing.has_sign)),
    )


def _language(brief: str, page_language: Language, source_languages: Sequence[str]) -> Choice[Language]:
    from core.ingestion.language import identify

    if wished := wished_language(brief):
        return Choice(wished[0], reason("language_wished", words=wished[1].value))
    written = identify(brief)
    for language in LANGUAGES:
        if written == language:
            return Choice(language, reason("language_of_brief"))
        if set(source_languages) == {language}:
            return Choice(language, reason("language_of_sources"))
    return Choice(page_language, reason("language_of_page"))


def _audience(brief: str) -> Choice[str]:
    if said := said_audience(brief):
        return Choice(said.value, reason("audience_said", words=said.value))
    return Choice("", reason("audience_of_area"))


def _tone(company_tone: str, template: DocumentTemplate) -> Choice[str]:
    if company_tone:
        return Choice(company_tone, reason("tone_of_company"))
    return Choice(template.tone, reason("tone_of_type"))


def _complexity(brief: str, template: DocumentTemplate) -> Choice[Complexity]:
    if wished := wished_extent(brief):
        return Choice(wished[0], reason("extent_wished", words=wished[1].value))
    required = sum(slot.is_required for slot in template.slots)
    usual: Complexity = "moderate"
    if required >= _MANY_SECTIONS:
        usual = "complex"
    elif required < _FEW_SECTIONS:
        usual = "simple"
    return Choice(usual, reason("extent_of_type", count=required))


def _priority(brief: str, area: str) -> Choice[Priority]:
    if wished := wished_haste(brief):
        return Choice(wished[0], reason("priority_said", words=wished[1].value))
    usual = Priority.NORMAL
    if area in _AREAS_FIRST:
        usual = Priority.HIGH
    elif area in _AREAS_LAST:
        usual = Priority.LOW
    return Choice(usual, reason("priority_of_area"))


def _warnings(brief: str, read: str, has_sign: bool) -> list[Reason]:
    warnings = []
    if len(read) < len(brief):
        warnings.append(reason("brief_cut", read=len(read), total=len(brief)))
    if not has_sign:
        warnings.append(reason("no_sign"))
    if unwritten := unwritten_language(read):
        warnings.append(reason("language_not_written", words=unwritten.value))
    return warnings
