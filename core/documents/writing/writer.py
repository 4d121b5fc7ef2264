"""Writes a document with a language model, and holds every sentence of it against the sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.documents.draft import Draft, DraftSection, Gap, Statement
from core.documents.drafting import ExtractiveWriter, SourceShelf
from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.fact_search import FoundFact, disagreements, search_fact
from core.documents.drafting.forms.facts import fact_lines
from core.documents.drafting.passages import Passage
from core.documents.drafting.query import QueryDesk, SlotQuery
from core.documents.drafting.used_sentences import UsedSentences
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.writing import prompts, schemas
from core.documents.writing.briefing import MODEL_FORMS, Briefing, brief, extra_passages
from core.documents.writing.checking import (
    Repetitions,
    Sentence,
    check,
    is_echo,
    reads_well,
    sentences_of,
    told_by,
)
from core.documents.writing.evidence import nearest
from core.documents.writing.metering import MeteredEngine, Spent, TokenBudget
from core.documents.writing.page import Page, Part, states
from core.documents.writing.reasons import WRITING_REASONS, WritingReason, reason_of
from core.documents.writing.telling import Telling
from core.inference.constrained import fill
from core.inference.engine import GenerateText, InferenceEngine, never
from core.inference.errors import Cancelled, EngineError
from core.inference.output_schema import Json, OutputSchema
from core.priority import Priority

BEGIN_SECONDS, SECTION_SECONDS = 120.0, 300.0
"""In which an answer must begin, and in which all calls for a section must be done."""

MOST_FAILURES = 2
"""Sections in a row that the engine failed at, after which it is not asked any more."""

_MOST_REPAIRS = 4  # of a part
_LASTING: tuple[WritingReason, ...] = ("budget", "missing", "refused_key")
_HARMLESS: tuple[WritingReason, ...] = ("too_small",)


def ignore(section: DraftSection) -> None:
    """Nobody watches."""


class ModelWriter:
    """The same face as ExtractiveWriter: `write` never fails for what the model does, but for Cancelled.

    Every sentence is looked for in all sources. It is quoted or supported, with the places; or the model is
    asked for it once more beside its nearest passage; or it stays, marked as unsupported. A section of which
    more than half is unsupported, or that is no readable text, is the extractive writer's, and its reason
    says why. Facts, tables and timelines are always the extractive writer's.

    Equal input gives an equal draft wherever the engine repeats greedy answers and answers in time; that goes
    for the rest of a document too, whose first sections were taken over. `tell` gets a section now and then
    while it comes: what is not checked yet stands in it as unsupported. Nothing of a prompt is logged.
    """

    def __init__(
        self,
        shelf: SourceShelf,
        plan: DocumentPlan,
        engine: InferenceEngine,
        *,
        tenant: str,
        priority: Priority,
        label: str,
        is_cancelled: Callable[[], bool] = never,
        budget: TokenBudget | None = None,
        tell: Callable[[DraftSection], None] = ignore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._plan = plan
        self._task = GenerateText(
            prompt=" ", tenant=tenant, priority=priority, label=label, deadline_seconds=BEGIN_SECONDS
        )
        self._telling = Telling(tell, clock)
        self._engine = MeteredEngine(engine, budget, hear=self._telling.hear, clock=clock)
        self._is_cancelled = is_cancelled
        self._extractive = ExtractiveWriter(shelf, plan)
        self._used = UsedSentences()
        self._told: list[Statement] = []
        self._queries = QueryDesk(shelf, plan.sections, plan.brief, plan.language)
        self._order = _trusted_order(shelf, plan)
        self._facts: dict[PlannedSection, tuple[FoundFact, ...]] = {}
        self._announced: dict[str, GenerateText] = {}
        self._briefing: Briefing | None = None
        self._num_failures = 0
        self._given_up: WritingReason | None = None

    @property
    def spent(self) -> Spent:
        return self._engine.spent

    def announce(self, sections: Sequence[PlannedSection]) -> None:
        """Tell the engine what comes, so that its cache keeps what these sections share. Raises nothing but
        Cancelled.
        """
        try:
            briefing = self._brief()
            if briefing.has_room:
                asked = {
                    section.key: briefing.request(section, self._extra(section, briefing))
                    for section in sections
                    if section.form in MODEL_FORMS and section.key in briefing.telling
                }
                self._announced |= asked
                self._engine.announce(list(asked.values()))
        except Cancelled:
            raise
        except EngineError:
            return

    def withdraw(self) -> None:
        """What was announced and is not written yet will not come. Raises nothing."""
        asked, self._announced = list(self._announced.values()), {}
        self._withdraw(asked)

    def write(self, section: PlannedSection) -> DraftSection:
        """The section, by the model or by the extractive writer. Raises Cancelled."""
        self._check_cancelled()
        try:
            return self._write(section) if section.form in MODEL_FORMS else self._extract(section)
        finally:
            if section.key in self._announced:
                self._withdraw([self._announced.pop(section.key)])

    def take_over(self, section: DraftSection) -> None:
        """A section that was written before: what it says is not said again."""
        self._extractive.take_over(section)
        self._mark(section)

    def finish(self, sections: Sequence[DraftSection]) -> Draft:
        """The whole draft; its summary is the best of its statements that sources support."""
        self.withdraw()
        return self._extractive.finish(sections)

    def _write(self, section: PlannedSection) -> DraftSection:
        if self._given_up is not None:
            return self._extract(section, self._given_up)
        try:
            written = self._ask(section)
        except Cancelled:
            raise
        except EngineError as error:
            return self._fail(section, reason_of(error))
        finally:
            self._telling.stop_listening()
        if isinstance(written, DraftSection):
            self.take_over(written)
            return written
        return self._extract(section, written)

    def _ask(self, section: PlannedSection) -> DraftSection | WritingReason | None:
        """What the model makes of the section, or why that cannot stand; None without sources for it. May
        raise an EngineError.
        """
        briefing = self._brief()
        extra = self._extra(section, briefing)
        if not briefing.numbers(section) and not extra:
            return None
        if not briefing.has_room:
            return "too_small"
        page = Page(section, self._plan.language, Repetitions(self._shelf, self._used, self._plan.language))
        self._engine.begin(SECTION_SECONDS)
        self._fill_page(page, briefing, extra)
        self._num_failures = 0
        return page.fault or self._finished(page)

    def _fail(self, section: PlannedSection, reason: WritingReason) -> DraftSection:
        """The extractive section; after some failures the engine is left alone."""
        self._num_failures += reason not in _HARMLESS
        if reason in _LASTING:
            self._given_up = reason
        elif self._num_failures >= MOST_FAILURES:
            self._given_up = "gave_up"
        return self._extract(section, reason)

    def _extract(self, section: PlannedSection, reason: WritingReason | None = None) -> DraftSection:
        """What the extractive writer makes of it. Where no source says anything the model is not to blame."""
        written = self._extractive.write(section)
        if reason is not None and written.blocks:
            written = replace(written, reason=WRITING_REASONS[reason])
        self._mark(written)
        return written

    def _mark(self, section: DraftSection) -> None:
        self._told += section.statements
        for statement in section.statements:
            self._used.add(told_by(statement, self._shelf, self._plan.language), statement.origins)

    def _brief(self) -> Briefing:
        """Made once, and equal whatever was written before: what is shared stays shared."""
        if self._briefing is None:
            self._briefing = brief(
                self._plan, self._task, self._engine, lambda section: self._desk(section, UsedSentences())
            )
        return self._briefing

    def _extra(self, section: PlannedSection, briefing: Briefing) -> tuple[Passage, ...]:
        return extra_passages(section, self._plan, briefing, lambda one: self._desk(one, self._used))

    def _desk(self, section: PlannedSection, used: UsedSentences) -> SectionDesk:
        query = self._queries.section_query(section)
        if section not in self._facts:
            self._facts[section] = self._search_facts(section, query)
        return SectionDesk(
            shelf=self._shelf,
            section=section,
            query=query,
            language=self._plan.language,
            used=used,
            is_kept_for_another=lambda passage: False,
            facts=self._facts[section],
        )

    def _search_facts(self, section: PlannedSection, query: SlotQuery) -> tuple[FoundFact, ...]:
        language = self._plan.language
        found = (
            search_fact(self._shelf, query, self._queries.fact_query(fact), fact, self._order, language)
            for fact in section.facts
        )
        return tuple(one for one in found if one is not None)

    def _fill_page(self, page: Page, briefing: Briefing, extra: Sequence[Passage]) -> None:
        """Part after part while they bring something, and one more if the section is short."""
        parts = schemas.parts_of(page.section, briefing.extent.most_sentences)
        schema = schemas.part_schema(page.section, parts, len(briefing.evidence.passages) + len(extra))
        for number in range(parts.num_parts + 1):
            if number == parts.num_parts and not page.is_short:
                return
            written = briefing.written([each.text for each in page.statements])
            self._telling.listen(page)
            value = self._fill(briefing.request(page.section, extra, written), schema, briefing)
            self._telling.stop_listening()
            part = self._checked(page, schemas.read_part(value), briefing, extra)
            if not page.add(part) or page.fault is not None:
                return
            self._telling.tell(page)
            if page.is_full:
                return

    def _checked(
        self, page: Page, listed: Sequence[schemas.Said], briefing: Briefing, extra: Sequence[Passage]
    ) -> Part:
        """Every sentence checked, and those repaired that no source says."""
        part = Part()
        orders = briefing.lines(page.section)
        num_repairs = 0
        for sentence in (one for said in listed for one in sentences_of(said)):
            part.num_said += 1
            if not reads_well(sentence, page.section.form):
                part.num_unreadable += 1
                continue
            statement = check(sentence, self._shelf)
            if statement.support == "unsupported" and is_echo(sentence.text, orders):
                part.num_echoes += 1
                continue
            if statement.support == "unsupported" and num_repairs < _MOST_REPAIRS:
                num_repairs += 1
                statement = self._repaired(sentence, page.section, briefing, extra) or statement
            page.take(part, statement, sentence)
        return part

    def _repaired(
        self, sentence: Sentence, section: PlannedSection, briefing: Briefing, extra: Sequence[Passage]
    ) -> Statement | None:
        """What the model makes of it beside its nearest passage; None where that is no better."""
        terms = self._shelf.vocabulary.read(sentence.text, self._plan.language)
        near = nearest(self._shelf, terms) or briefing.evidence.passage(sentence.source)
        if near is None:
            return None
        asked = briefing.request(section, extra, prompts.repair_prompt(sentence.text, near))
        value = self._fill(asked, schemas.sentence_schema(), briefing)
        for again in sentences_of(schemas.Said(schemas.read_sentence(value), sentence.source))[:1]:
            anew = replace(again, is_question=sentence.is_question)
            statement = check(anew, self._shelf)
            if statement.support != "unsupported" and reads_well(anew, section.form):
                return statement
        return None

    def _fill(self, request: GenerateText, schema: OutputSchema, briefing: Briefing) -> Json:
        """A value of the schema. Raises the EngineError that left a part of it empty."""
        limits = briefing.extent.limits
        filled = fill(self._engine, schema, request, limits=limits, is_cancelled=self._is_cancelled)
        if filled.failure is not None:
            raise filled.failure
        return filled.value

    def _finished(self, page: Page) -> DraftSection:
        """The page with the facts that it must state and did not, the open ones and the disputed ones."""
        section = page.section
        desk = self._desk(section, self._used)
        found = {one.fact.key for one in desk.facts}
        told = [*self._told, *page.statements]
        unsaid = [one for one in desk.facts if not states(told, one, self._plan.language)]
        return replace(
            page.as_section(),
            blocks=(*page.blocks(), *fact_lines(desk, unsaid)),
            gaps=tuple(
                Gap(section.key, fact.question, fact.key) for fact in section.facts if fact.key not in found
            ),
            disagreements=disagreements(section.key, desk.facts),
            reason=WRITING_REASONS["short"] if page.is_short else "",
        )

    def _check_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled("The document is not wanted any more.")

    def _withdraw(self, asked: Sequence[GenerateText]) -> None:
        try:
            self._engine.withdraw(asked)
        except EngineError:
            return


def _trusted_order(shelf: SourceShelf, plan: DocumentPlan) -> list[int]:
    """The numbers of the sources as the plan orders them; what it does not name comes last."""
    place = {id: at for at, id in enumerate(plan.sources)}
    return sorted(
        range(1, len(shelf.sources) + 1), key=lambda at: place.get(shelf.sources[at - 1].id, len(place))
    )
