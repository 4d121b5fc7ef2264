"""From the line that a person types to a proposal: type, area, language, readers, tone, length and haste."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.agents import load_agents
from core.agents.routing import Routing
from core.documents.plan import Complexity
from core.documents.planning.long_briefs import read_part
from core.documents.planning.proposal import Choice, Proposal
from core.documents.planning.reasons import Reason, reason
from core.documents.planning.routing import route_brief
from core.documents.planning.subject import find_subject, title_of
from core.documents.planning.wishes import (
    Haste,
    Said,
    count_asks,
    find_haste,
    find_language,
    find_length,
    find_readers,
    find_recipients,
    find_tone,
    find_unwritten_language,
)
from core.documents.template import DocumentTemplate
from core.errors import Invalid
from core.language.stop_words import LANGUAGES, Language
from core.priority import Priority

MANY_SECTIONS, FEW_SECTIONS = 9, 3
"""Required sections from which a type is complex, and up to which it is simple."""
MANY_ASKS = 7

_WEEK = 7  # days
_SENT_OUT = frozenset({"sales_proposal", "quote", "rfp_answer", "letter", "invoice", "offer_letter"})
"""Types whose reader is whom they are sent to."""


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the brief says of the document itself."""

    language: Said[Language] | None
    unwritten: Said[str] | None
    tone: Said[str] | None
    length: Said[Complexity] | None
    haste: Said[Haste] | None
    readers: Said[str] | None
    recipients: tuple[Said[str], ...]
    num_asks: int

    def said(self) -> Iterator[Said[object]]:
        """Those that are no part of the subject."""
        for wish in (self.language, self.unwritten, self.tone, self.length, self.haste):
            if wish is not None:
                yield Said(wish.value, wish.start, wish.end, wish.words)


def propose(
    brief: str,
    types: Mapping[str, DocumentTemplate],
    *,
    page_language: Language = "en",
    source_languages: Sequence[str] = (),
    company_tone: str = "",
    today: date,
) -> Proposal:
    """Ranks all `types`, of which there is at least one, and all areas. Whatever the text, the only error is
    Invalid, for a brief without letters or figures. Of a very long brief a part is read, which is said.
    """
    whole = brief.strip()
    read = read_part(whole)
    if not any(letter.isalnum() for letter in read):
        raise Invalid("The brief is empty.", remedy="Say in a line what you need, for whom and about what.")
    routing = route_brief(read, types)
    wishes = _read_wishes(read, today)
    template = types[routing.types[0].key]
    area = routing.areas[0].key
    language = _language(read, wishes, page_language, source_languages)
    subject = find_subject(read, language.value, template, wishes.said(), wishes.readers)
    return Proposal(
        brief=read,
        areas=routing.areas,
        types=routing.types,
        is_sure=routing.is_sure,
        title=title_of(template, subject.title, language.value),
        subject=subject.title,
        language=language,
        audience=_audience(wishes, template, area, language.value),
        tone=_tone(wishes, company_tone, template),
        complexity=_complexity(wishes, template),
        priority=_priority(wishes, area, today),
        due=wishes.haste.value.due if wishes.haste else None,
        recipients=tuple(dict.fromkeys(each.value for each in wishes.recipients)),
        keywords=subject.keywords,
        warnings=tuple(_warnings(whole, read, routing, wishes)),
    )


def _read_wishes(brief: str, today: date) -> _Wishes:
    return _Wishes(
        language=find_language(brief),
        unwritten=find_unwritten_language(brief),
        tone=find_tone(brief),
        length=find_length(brief),
        haste=find_haste(brief, today),
        readers=find_readers(brief),
        recipients=find_recipients(brief),
        num_asks=count_asks(brief),
    )


def _language(
    brief: str, wishes: _Wishes, page_language: Language, source_languages: Sequence[str]
) -> Choice[Language]:
    from core.ingestion.language import identify

    if wishes.language:
        return Choice(wishes.language.value, reason("language_wished", words=wishes.language.words))
    written = identify(brief)
    for language in LANGUAGES:
        if written == language:
            return Choice(language, reason("language_of_brief"))
    for language in LANGUAGES:
        if set(source_languages) == {language}:
            return Choice(language, reason("language_of_sources"))
    return Choice(page_language, reason("language_of_page"))


def _audience(wishes: _Wishes, template: DocumentTemplate, area: str, language: Language) -> Choice[str]:
    if wishes.recipients and template.key in _SENT_OUT:
        named = wishes.recipients[0]
        return Choice(named.value, reason("audience_named", words=named.words))
    if wishes.readers:
        return Choice(wishes.readers.value, reason("audience_said", words=wishes.readers.words))
    return Choice(load_agents()[area].audience[language], reason("audience_of_area"))


def _tone(wishes: _Wishes, company_tone: str, template: DocumentTemplate) -> Choice[str]:
    if wishes.tone:
        return Choice(wishes.tone.value, reason("tone_wished", words=wishes.tone.words))
    if company_tone:
        return Choice(company_tone, reason("tone_of_company"))
    return Choice(template.tone, reason("tone_of_type"))


def _complexity(wishes: _Wishes, template: DocumentTemplate) -> Choice[Complexity]:
    if wishes.length:
        return Choice(wishes.length.value, reason("extent_wished", words=wishes.length.words))
    required = sum(slot.is_required for slot in template.slots)
    if wishes.num_asks >= MANY_ASKS:
        return Choice("complex", reason("extent_of_asks", count=wishes.num_asks))
    usual: Complexity = "moderate"
    if required >= MANY_SECTIONS:
        usual = "complex"
    elif required <= FEW_SECTIONS:
        usual = "simple"
    return Choice(usual, reason("extent_of_type", count=required))


def _priority(wishes: _Wishes, area: str, today: date) -> Choice[Priority]:
    """What the words say; else a day within the week makes what could wait normal."""
    usual = load_agents()[area].priority
    if wishes.haste is None:
        return Choice(usual, reason("priority_of_area"))
    said = wishes.haste.value
    if said.priority is not None:
        key = reason("priority_said", words=wishes.haste.words)
        return Choice(said.priority, key)
    is_near = said.due is not None and (said.due - today).days <= _WEEK
    return Choice(
        min(usual, Priority.NORMAL) if is_near else usual, reason("priority_due", words=wishes.haste.words)
    )


def _warnings(whole: str, read: str, routing: Routing, wishes: _Wishes) -> Iterator[Reason]:
    if len(read) < len(whole):
        yield reason("brief_cut", read=len(read), total=len(whole))
    if not routing.has_sign:
        yield reason("no_sign")
    if wishes.unwritten and not wishes.language:
        yield reason("language_not_written", words=wishes.unwritten.words)
