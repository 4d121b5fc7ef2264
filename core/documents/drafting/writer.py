"""Writes a document from quotations alone: every sentence stands word for word in a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from core.documents.draft import Draft, DraftBlock, DraftSection, Gap, Statement
from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.fact_search import disagreements, search_fact
from core.documents.drafting.forms import FORMS
from core.documents.drafting.forms.facts import fact_lines
from core.documents.drafting.passages import Passage
from core.documents.drafting.query import QueryDesk, SlotQuery
from core.documents.drafting.relevance import CLEARLY_BETTER, Allocation
from core.documents.drafting.shelf import SourceShelf
from core.documents.drafting.summary import best_statements
from core.documents.drafting.used_sentences import Said, UsedSentences
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.template import SlotForm

NO_SOURCE = "No source says anything about this."
SHORTER = "The sources say less about this than was planned."

_MOST_WISHED = 2_000  # characters of the brief

RESERVING: tuple[SlotForm, ...] = ("prose", "list", "steps", "questions")
"""Forms for which earlier sections leave sentences that fit them better."""


class ExtractiveWriter:
    """Writes the sections of one plan. What it has written or taken over is not said again.

    Where the sources have none of the words of the section with most room, it is filled by the words of the
    brief: a text on the subject that nobody divided into such sections belongs there.

    `write` gives each sentence to the section that it fits best, whatever the order of the calls. A section
    that is written anew is written by a new writer that took over all the others. Nothing is raised for
    poor sources: what they do not say is a gap.
    """

    def __init__(self, shelf: SourceShelf, plan: DocumentPlan) -> None:
        self._shelf = shelf
        self._plan = plan
        self._used = UsedSentences()
        self._queries = QueryDesk(shelf, plan.sections, plan.brief, plan.language)
        self._query_of = {section: self._queries.section_query(section) for section in plan.sections}
        self._number_of = {section.key: number for number, section in enumerate(plan.sections)}
        self._allocation = Allocation.over(
            shelf,
            {
                number: self._query_of[section]
                for number, section in enumerate(plan.sections)
                if section.form in RESERVING
            },
        )
        self._body = _body(plan)
        self._order = self._trusted_order()
        self._done: set[int] = set()

    def write(self, section: PlannedSection) -> DraftSection:
        """The section by the plan, or as it is now wished. Marks its sentences as used."""
        desk = self._desk(section)
        written = FORMS[section.form](desk)
        if not written.blocks and section.key == self._body and not section.wish:
            desk = self._desk(replace(section, wish=self._plan.brief[:_MOST_WISHED]))
            written = FORMS[section.form](desk)
        blocks = (*written.blocks, *self._unsaid_facts(desk, written.blocks))
        found = {one.fact.key for one in desk.facts}
        draft = DraftSection(
            key=section.key,
            title=section.title,
            blocks=blocks,
            gaps=tuple(self._gaps(section, blocks, found)),
            disagreements=disagreements(section.key, desk.facts),
            reason=written.reason or self._reason(section, blocks),
            question=section.question,
        )
        self.take_over(draft)
        return draft

    def take_over(self, section: DraftSection) -> None:
        """A section that was written before: what it says is not said again."""
        self._done.add(self._number_of.get(section.key, -1))
        for statement in section.statements:
            self._used.add(self._said(statement), statement.origins)

    def finish(self, sections: Iterable[DraftSection]) -> Draft:
        """The whole draft; its summary is the best of its own statements."""
        written = tuple(sections)
        return Draft(
            title=self._plan.title,
            language=self._plan.language,
            sections=written,
            sources=self._shelf.sources,
            summary=best_statements(self._shelf, written),
        )

    def _said(self, statement: Statement) -> Said:
        source = statement.origins[0].source if statement.support == "quoted" and statement.origins else 0
        known = 0 < source <= len(self._shelf.languages)
        language = self._shelf.languages[source - 1] if known else self._plan.language
        return self._shelf.say(statement.text, source, language)

    def _desk(self, section: PlannedSection) -> SectionDesk:
        query = self._query(section)
        facts = (
            search_fact(
                self._shelf, query, self._queries.fact_query(fact), fact, self._order, self._plan.language
            )
            for fact in section.facts
        )
        return SectionDesk(
            shelf=self._shelf,
            section=section,
            query=query,
            language=self._plan.language,
            used=self._used,
            is_kept_for_another=self._better_elsewhere(section, query),
            facts=[found for found in facts if found is not None],
        )

    def _trusted_order(self) -> list[int]:
        """The numbers of the sources as the plan orders them; what it does not name comes last."""
        place = {id: at for at, id in enumerate(self._plan.sources)}
        numbers = range(1, len(self._shelf.sources) + 1)
        return sorted(numbers, key=lambda at: place.get(self._shelf.sources[at - 1].id, len(place)))

    def _query(self, section: PlannedSection) -> SlotQuery:
        return self._query_of.get(section) or self._queries.section_query(section)

    def _better_elsewhere(self, section: PlannedSection, query: SlotQuery) -> Callable[[Passage], bool]:
        """Whether a section that is still to be written fits a passage clearly better than this one."""
        own = self._shelf.postings.scores(query.weights)
        waiting = set(self._number_of.values()) - self._done - {self._number_of.get(section.key, -1)}
        allocation = self._allocation

        def is_better_elsewhere(passage: Passage) -> bool:
            at = passage.number
            return int(allocation.best[at]) in waiting and bool(
                allocation.score[at] >= CLEARLY_BETTER * own[at]
            )

        return is_better_elsewhere

    def _unsaid_facts(self, desk: SectionDesk, blocks: tuple[DraftBlock, ...]) -> tuple[DraftBlock, ...]:
        """Facts that the sources state where no sentence can be quoted, as in a table or a letterhead."""
        here = UsedSentences()
        for block in blocks:
            for statement in block.statements:
                here.add_places(statement.origins)
        unsaid = []
        for found in desk.facts:
            place = found.reading.passage.source, found.reading.start, found.reading.end
            if not here.has_place(*place) and not self._used.has_place(*place):
                unsaid.append(found)
        return fact_lines(desk, unsaid)

    def _gaps(
        self, section: PlannedSection, blocks: tuple[DraftBlock, ...], found: set[str]
    ) -> Iterator[Gap]:
        """One question where nothing is known, else one for each fact that no source states."""
        if blocks:
            for fact in section.facts:
                if fact.key not in found:
                    yield Gap(section.key, fact.question, fact.key)
        elif section.is_required:
            yield Gap(section.key, section.question or section.title)

    def _reason(self, section: PlannedSection, blocks: tuple[DraftBlock, ...]) -> str:
        if not blocks:
            return NO_SOURCE
        return SHORTER if sum(len(block.text.split()) for block in blocks) < section.min_words else ""


def _body(plan: DocumentPlan) -> str:
    """The key of the required section with most room for sentences; nothing where there is none."""
    open_ones = [each for each in plan.sections if each.is_required and each.form in RESERVING]
    return max(open_ones, key=lambda each: each.max_words).key if open_ones else ""
