"""The required facts as label and value."""

from __future__ import annotations

from collections.abc import Iterable

from core.documents.draft import DraftBlock, Statement
from core.documents.drafting.desk import SectionDesk, Written, num_words
from core.documents.drafting.fact_search import FoundFact, quoted
from core.documents.drafting.paragraphs import as_items, in_reading_order
from core.documents.drafting.selection import choose
from core.documents.drafting.sentence_signs import leans_on_previous
from core.documents.template import FactKind

_MOST_SENTENCE_WORDS = 30
_BY_VALUE: frozenset[FactKind] = frozenset(("party", "person", "place", "identifier"))


def write_facts(desk: SectionDesk) -> Written:
    """A line for each fact that a source states. What else is on the subject follows where the facts are
    few: they say less than the section is to say.
    """
    lines = fact_lines(desk, desk.facts)
    missing = desk.section.min_words - sum(len(line.text.split()) for line in lines)
    if missing <= 0 and lines:
        return Written(lines)
    told = {found.reading.passage.number for found in desk.facts}
    others = [passage for passage in choose(desk) if passage.number not in told]
    room = desk.section.max_words - sum(len(line.text.split()) for line in lines)
    while others and num_words(others) > max(room, 0):
        others.pop()
    return Written((*lines, *as_items(desk.shelf, in_reading_order(others))))


def fact_lines(desk: SectionDesk, facts: Iterable[FoundFact]) -> tuple[DraftBlock, ...]:
    told: set[int] = set()
    return tuple(DraftBlock("list_item", (_statement(desk, found, told),)) for found in facts)


def _statement(desk: SectionDesk, found: FoundFact, told: set[int]) -> Statement:
    """The sentence that states it if it is short and stands alone, and no other fact stands in it already;
    else the value.
    """
    passage = found.reading.passage
    is_short = len(passage.text.split()) <= _MOST_SENTENCE_WORDS
    whole = found.fact.kind not in _BY_VALUE and is_short and not leans_on_previous(passage.text)
    if whole and passage.number not in told and desk.can_stand(passage) and not desk.is_said(passage):
        told.add(passage.number)
        return desk.shelf.statement(passage, found.fact.label)
    return quoted(found.reading, found.fact.label)
